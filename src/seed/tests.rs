//! Seeds fresh databases and looks at what is there.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use groupgraph_entities as entities;
use groupgraph_migrations::Migrator;
use groupgraph_schema::{
    database::Database,
    directory::Directory,
    events::Events,
    federation::Federation,
    files::Files,
    hub::{Clock, Hub, Parts},
    identity::Identity,
    mail::Mailer,
    phone,
    sealing::Sealing,
    settings::Settings,
};
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, JsonValue, Statement};
use sea_orm_migration::MigratorTrait;
use uuid::Uuid;

use super::*;

/// Two days of the week and of the quarter, early and late in the day.
const MOMENTS: [&str; 2] = ["2026-05-19T09:30:00Z", "2027-01-02T23:50:00Z"];

async fn hub(url: &str, now: &str) -> Hub {
    let database = Database::connect(url, 2).await.unwrap();
    Migrator::up(&database.write, None).await.unwrap();
    let now: DateTime<Utc> = now.parse().unwrap();
    let clock = Clock::from_fn(move || now);
    let settings = Settings::default();
    let sealing = Sealing::new(b"a secret of tests");
    Hub::new(Parts {
        instance: Uuid::from_u128(7),
        events: Events::default(),
        files: Files::new(&settings.files, sealing.clone()).unwrap(),
        directory: Directory::default(),
        identity: Identity::default(),
        mailer: Mailer::new(&settings.mail).unwrap(),
        federation: Federation::new(&settings.sources, clock.clone()),
        outside: groupgraph_schema::outside::Outside::new(&settings.outside),
        database,
        settings,
        clock,
        sealing,
    })
}

async fn seeded(name: &str, now: &str) -> (Hub, Summary) {
    let hub = hub("sqlite::memory:", now).await;
    let profile = Profile::named(name).unwrap();
    let plan = Plan { profile: &profile, scale: 1, prospects: 0, password: None };
    let summary = company(&hub, &plan).await.unwrap();
    (hub, summary)
}

fn counts(summary: &Summary) -> HashMap<&'static str, usize> {
    match summary {
        Summary::Written(tables) => tables.iter().copied().collect(),
        Summary::Untouched => HashMap::new(),
    }
}

/// Everything in a table as text.
async fn rows<E: EntityTrait>(hub: &Hub) -> String
where
    E::Model: std::fmt::Debug,
{
    format!("{:?}", E::find().all(&hub.database.read).await.unwrap())
}

/// All rows of all tables but those of the instance itself.
async fn everything(hub: &Hub) -> Vec<(&'static str, Vec<serde_json::Value>)> {
    let mut tables = Vec::new();
    for table in entities::tables().into_iter().filter(|table| table.name != "instance") {
        let sql = format!("SELECT * FROM \"{}\" ORDER BY 1, 2", table.name);
        let query = Statement::from_string(hub.database.backend(), sql);
        let rows = JsonValue::find_by_statement(query).all(&hub.database.read).await.unwrap();
        tables.push((table.name, rows));
    }
    tables
}

/// The one number that a query answers with.
async fn number(hub: &Hub, sql: &str) -> i64 {
    let statement = Statement::from_string(hub.database.backend(), sql);
    let row = hub.database.read.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

#[tokio::test]
async fn the_same_profile_gives_the_same_rows() {
    let (one, _) = seeded("palmline", MOMENTS[0]).await;
    let (other, _) = seeded("palmline", MOMENTS[0]).await;
    let (one, other) = (everything(&one).await, everything(&other).await);
    assert!(one.iter().map(|(_, rows)| rows.len()).sum::<usize>() > 3_500);
    assert_eq!(one, other);
}

#[tokio::test]
async fn every_profile_holds_what_is_promised_on_any_day() {
    for now in MOMENTS {
        for name in Profile::names() {
            let (hub, summary) = seeded(name, now).await;
            let (profile, found) = (Profile::named(name).unwrap(), counts(&summary));
            let Counts { staff, leads, deals, tickets, clients, prospects, products, invoices, .. } = profile.counts;
            let promised = [
                ("staff", staff),
                ("lead", leads),
                ("deal", deals),
                ("ticket", tickets),
                ("client", clients),
                ("prospect", prospects),
                ("product", products),
                ("invoice", invoices),
                ("country", 249),
                ("role", 7),
                ("tenant", 1 + profile.companies.len()),
            ];
            for (table, count) in promised {
                assert_eq!(found[table], count, "{name} {table}");
            }
            for (table, count) in found {
                let is_optional = ["staff_mapping", "partner_profile"].contains(&table);
                assert!(is_optional || count > 0, "{name}: {table} is empty");
            }
            sums(&hub, name).await;
            past(&hub, name).await;
        }
    }
}

async fn sums(hub: &Hub, name: &str) {
    let none = [
        "SELECT COUNT(*) FROM invoice i WHERE subtotal_minor <> \
         (SELECT SUM(total_minor) FROM invoice_line l WHERE l.invoice_id = i.id)",
        "SELECT COUNT(*) FROM invoice i WHERE tax_total_minor <> \
         (SELECT SUM(tax_minor) FROM invoice_line l WHERE l.invoice_id = i.id)",
        "SELECT COUNT(*) FROM invoice WHERE total_minor <> subtotal_minor + tax_total_minor",
        "SELECT COUNT(*) FROM invoice i WHERE paid_total_minor <> \
         COALESCE((SELECT SUM(amount_minor) FROM payment_allocation a WHERE a.invoice_id = i.id), 0)",
        "SELECT COUNT(*) FROM invoice WHERE balance_minor <> \
         CASE WHEN status = 'CANCELLED' THEN 0 ELSE total_minor - paid_total_minor END",
        "SELECT COUNT(*) FROM invoice WHERE status = 'PAID' AND balance_minor <> 0",
        "SELECT COUNT(*) FROM invoice WHERE status = 'PARTIALLY_PAID' AND (balance_minor <= 0 OR paid_total_minor <= 0)",
        "SELECT COUNT(*) FROM invoice WHERE status IN ('UNPAID', 'OVERDUE', 'DRAFT', 'CANCELLED') AND paid_total_minor <> 0",
        "SELECT COUNT(*) FROM client c WHERE balance_minor <> \
         COALESCE((SELECT SUM(i.total_minor) FROM invoice i WHERE i.client_id = c.id AND i.status NOT IN ('DRAFT', 'CANCELLED')), 0) \
         - COALESCE((SELECT SUM(p.amount_minor) FROM payment p WHERE p.client_id = c.id AND p.status = 'SETTLED'), 0)",
        "SELECT COUNT(*) FROM product p WHERE price_minor <> (SELECT r.amount_minor FROM price r \
         JOIN variant v ON v.id = r.variant_id JOIN price_list l ON l.id = r.price_list_id \
         WHERE v.product_id = p.id AND v.is_default AND l.is_default)",
        "SELECT COUNT(*) FROM deal WHERE (status = 'OPEN') <> (closed_at IS NULL)",
        "SELECT COUNT(*) FROM ticket WHERE (status = 'CLOSED') <> (closed_at IS NOT NULL)",
        "SELECT COUNT(*) FROM staff s WHERE NOT EXISTS (SELECT 1 FROM task_assignee a JOIN task t ON t.id = a.task_id \
         WHERE a.staff_id = s.id AND t.status <> 'COMPLETE')",
    ];
    for sql in none {
        assert_eq!(number(hub, sql).await, 0, "{name}: {sql}");
    }
    for status in ["PAID", "PARTIALLY_PAID", "UNPAID", "OVERDUE"] {
        let found = number(hub, &format!("SELECT COUNT(*) FROM invoice WHERE status = '{status}'")).await;
        assert!(name == "harmattan" || found > 0, "{name} {status}");
    }
}

/// Nothing has happened that is still to come.
async fn past(hub: &Hub, name: &str) {
    let now = hub.clock.now();
    let leads = entities::lead::Entity::find().all(&hub.database.read).await.unwrap();
    assert!(leads.iter().all(|lead| lead.created_at <= lead.updated_at && lead.updated_at < now), "{name}");
    assert!(leads.iter().any(|lead| lead.client_id.is_some()) && leads.iter().any(|lead| lead.prospect_id.is_some()));
    let invoices = entities::invoice::Entity::find().all(&hub.database.read).await.unwrap();
    assert!(invoices.iter().all(|invoice| invoice.issued_on < now.date_naive()), "{name}");
    let announcements = entities::announcement::Entity::find().all(&hub.database.read).await.unwrap();
    assert!(announcements.iter().any(|row| row.published_at.is_some_and(|at| (now - at).num_days() < 90)), "{name}");
}

#[tokio::test]
async fn all_phone_numbers_are_numbers() {
    for name in Profile::names() {
        let (hub, _) = seeded(name, MOMENTS[0]).await;
        let read = &hub.database.read;
        let country = Profile::named(name).unwrap().region().country;
        let staff = entities::staff::Entity::find().all(read).await.unwrap();
        let leads = entities::lead::Entity::find().all(read).await.unwrap();
        let contacts = entities::contact::Entity::find().all(read).await.unwrap();
        let numbers = staff.into_iter().map(|row| (row.phone, row.phone_raw));
        let numbers = numbers.chain(leads.into_iter().map(|row| (row.phone, row.phone_raw)));
        for (e164, raw) in numbers.chain(contacts.into_iter().map(|row| (row.phone, row.phone_raw))) {
            assert_eq!(phone::parse(&raw.unwrap(), None, Some(&country)).ok(), e164, "{name}");
        }
    }
}

#[tokio::test]
async fn a_database_with_a_company_is_left_alone() {
    let (hub, first) = seeded("savanna", MOMENTS[0]).await;
    assert!(first.rows() > 2_000);
    let profile = Profile::named("veldtel").unwrap();
    let plan = Plan { profile: &profile, scale: 1, prospects: 0, password: None };
    assert_eq!(company(&hub, &plan).await.unwrap(), Summary::Untouched);
    assert_eq!(base(&hub).await.unwrap(), Summary::Untouched);
}

#[tokio::test]
async fn a_large_scale_fits_too() {
    let hub = hub("sqlite::memory:", MOMENTS[0]).await;
    let profile = Profile::named("veldtel").unwrap();
    let plan = Plan { profile: &profile, scale: 25, prospects: 0, password: None };
    let found = counts(&company(&hub, &plan).await.unwrap());
    assert_eq!((found["lead"], found["client"]), (5_000, 1_500));
}

#[tokio::test]
async fn a_crowd_of_prospects_is_made_by_the_database() {
    let hub = hub("sqlite::memory:", MOMENTS[0]).await;
    let profile = Profile::named("palmline").unwrap();
    let plan = Plan { profile: &profile, scale: 1, prospects: 5_000, password: None };
    let found = counts(&company(&hub, &plan).await.unwrap());
    assert_eq!(found["prospect"], 5_000);
    crowded(&hub).await;
}

async fn crowded(hub: &Hub) {
    for (sql, expected) in [
        (
            "SELECT COUNT(*) FROM prospect p JOIN follow_up f ON f.prospect_id = p.id AND f.tenant_id = p.tenant_id",
            5_000,
        ),
        ("SELECT COUNT(DISTINCT email) FROM prospect", 5_000),
        ("SELECT COUNT(*) FROM follow_up WHERE last_contact_at < first_contact_at", 0),
        ("SELECT COUNT(*) FROM partner_profile a JOIN prospect p ON p.id = a.prospect_id WHERE p.kind <> 'PARTNER'", 0),
    ] {
        assert_eq!(number(hub, sql).await, expected, "{sql}");
    }
    assert!(number(hub, "SELECT COUNT(DISTINCT owner_id) FROM prospect").await > 5);
}

#[tokio::test]
async fn the_base_is_enough_to_begin() {
    let hub = hub("sqlite::memory:", MOMENTS[0]).await;
    let found = counts(&base(&hub).await.unwrap());
    assert_eq!((found["country"], found["role"], found["tenant"], found["staff"]), (249, 7, 1, 0));
    assert_eq!(hub.directory.head_office(), Some(1));
}

#[tokio::test]
async fn lists_are_those_that_applications_ask_for() {
    let (hub, _) = seeded("harmattan", MOMENTS[0]).await;
    let some = [
        "SELECT COUNT(*) FROM lookup_value v JOIN lookup_category c ON c.id = v.category_id \
         WHERE c.name = 'Payment Methods' AND v.name = 'Cash'",
        "SELECT COUNT(*) FROM lookup_value v JOIN lookup_category c ON c.id = v.category_id \
         WHERE c.name = 'Banks' AND v.name LIKE '%Standard%' AND v.details LIKE '%\"051001\"%'",
        "SELECT COUNT(*) FROM lookup_value v JOIN lookup_category c ON c.id = v.category_id \
         WHERE c.name = 'Bank Account Types' AND lower(v.name) LIKE '%current%'",
        "SELECT COUNT(*) FROM follow_up_category WHERE id = 1 AND key = 'new_lead'",
        "SELECT COUNT(*) FROM staff_mapping",
        "SELECT COUNT(*) FROM custom_field WHERE subject = 'CLIENT'",
    ];
    for sql in some {
        assert!(number(&hub, sql).await > 0, "{sql}");
    }
}

/// An instance in a schema of its own, and the connection that makes and drops it; none without PostgreSQL.
async fn on_postgres() -> Option<(Hub, Database, String)> {
    let url = std::env::var("TEST_DATABASE_URL").ok()?;
    let server = Database::connect(&url, 1).await.unwrap();
    let schema = format!("seed_{}", Uuid::new_v4().simple());
    server.write.execute_unprepared(&format!("CREATE SCHEMA {schema}")).await.unwrap();
    let sign = if url.contains('?') { '&' } else { '?' };
    let hub = hub(&format!("{url}{sign}options=-csearch_path%3D{schema}"), MOMENTS[0]).await;
    assert_eq!(hub.database.backend(), DbBackend::Postgres);
    Some((hub, server, format!("DROP SCHEMA {schema} CASCADE")))
}

/// The same rows go into PostgreSQL, whose next numbers follow on.
#[tokio::test]
async fn postgres_takes_the_rows() {
    let Some((hub, server, drop)) = on_postgres().await else { return };
    let profile = Profile::named("palmline").unwrap();
    let plan = Plan { profile: &profile, scale: 1, prospects: 0, password: None };
    let written = company(&hub, &plan).await.unwrap();
    let (reference, expected) = seeded("palmline", MOMENTS[0]).await;
    assert_eq!(written, expected);
    sums(&hub, "palmline").await;
    assert_eq!(rows::<entities::invoice::Entity>(&hub).await, rows::<entities::invoice::Entity>(&reference).await);
    let next = "INSERT INTO lead_source (tenant_id, name) VALUES (1, 'Radio') RETURNING id";
    assert_eq!(number(&hub, next).await, 8);
    server.write.execute_unprepared(&drop).await.unwrap();
}

#[tokio::test]
async fn postgres_makes_the_same_crowd() {
    let Some((hub, server, drop)) = on_postgres().await else { return };
    let profile = Profile::named("palmline").unwrap();
    let plan = Plan { profile: &profile, scale: 1, prospects: 5_000, password: None };
    company(&hub, &plan).await.unwrap();
    crowded(&hub).await;
    let reference = self::hub("sqlite::memory:", MOMENTS[0]).await;
    company(&reference, &plan).await.unwrap();
    for (sum, table) in
        [("account_value_minor", "follow_up"), ("monthly_shipments", "follow_up"), ("owner_id", "prospect")]
    {
        let sql = &format!("SELECT CAST(SUM({sum}) AS bigint) FROM {table}");
        assert_eq!(number(&hub, sql).await, number(&reference, sql).await, "{sql}");
    }
    let next = "INSERT INTO prospect (tenant_id, name, created_at, updated_at) SELECT 1, 'Next', created_at, created_at FROM tenant WHERE id = 1 RETURNING id";
    assert_eq!(number(&hub, next).await, 5_001);
    server.write.execute_unprepared(&drop).await.unwrap();
}
