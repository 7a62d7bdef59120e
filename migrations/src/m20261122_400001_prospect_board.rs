//! The board of prospects at a million rows: indexes on what prospects are filtered and ordered by and, on PostgreSQL,
//! a tally: how many prospects there are, and of what value, by who works them, by category and by what they are
//! filtered by. Triggers keep it, so that nothing has to be counted row by row. They only add rows, because rows that
//! are changed in place would make all writers wait for each other; `fold_prospect_tally` sums them up, and
//! `fill_prospect_tally` counts all anew.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let is_postgres = manager.get_database_backend() == DbBackend::Postgres;
        for (name, on) in INDEXES {
            // SQLite has nulls last when it goes down, and no word for it.
            let on = if is_postgres { (*on).to_owned() } else { on.replace(" NULLS LAST", "") };
            connection.execute_unprepared(&format!("CREATE INDEX ix_{name} ON {on}")).await?;
        }
        if is_postgres {
            connection.execute_unprepared(SEARCH).await?;
            for sql in tally() {
                connection.execute_unprepared(&sql).await?;
            }
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        if manager.get_database_backend() == DbBackend::Postgres {
            for sql in [
                "DROP FUNCTION tally_follow_ups() CASCADE",
                "DROP FUNCTION tally_prospects() CASCADE",
                "DROP FUNCTION fill_prospect_tally()",
                "DROP FUNCTION fold_prospect_tally()",
                "DROP TABLE prospect_tally",
                "DROP INDEX IF EXISTS ix_prospect_search",
            ] {
                connection.execute_unprepared(sql).await?;
            }
        }
        for (name, _) in INDEXES {
            connection.execute_unprepared(&format!("DROP INDEX ix_{name}")).await?;
        }
        Ok(())
    }
}

const INDEXES: &[(&str, &str)] = &[
    ("follow_up_board", "follow_up (category_id, last_contact_at DESC NULLS LAST, prospect_id)"),
    ("follow_up_last_contact_at", "follow_up (last_contact_at DESC NULLS LAST, prospect_id)"),
    ("follow_up_next_contact_on", "follow_up (next_contact_on)"),
    ("follow_up_estimated_close_on", "follow_up (estimated_close_on)"),
    ("follow_up_commercial_offer_on", "follow_up (commercial_offer_on)"),
    ("follow_up_lead_status", "follow_up (lower(lead_status))"),
    ("follow_up_role_holder_holder", "follow_up_role_holder (staff_id, role_id, follow_up_id)"),
    ("prospect_owner_created", "prospect (owner_id, created_at)"),
];

/// Fragments of texts are found by trigrams, where the database has them. The extension is the whole database's, so it
/// stays when this migration goes.
const SEARCH: &str = "DO $$ DECLARE home text; BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm') THEN RETURN; END IF;
    PERFORM pg_advisory_xact_lock(hashtext('groupgraph pg_trgm'));
    BEGIN
        CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
    EXCEPTION WHEN insufficient_privilege THEN
        RAISE NOTICE 'pg_trgm cannot be installed: searching prospects reads all of them';
        RETURN;
    END;
    SELECT n.nspname INTO home FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_trgm';
    EXECUTE format('CREATE INDEX ix_prospect_search ON prospect USING gin (lower(name) %1$I.gin_trgm_ops,
        lower(contact_name) %1$I.gin_trgm_ops, lower(company_name) %1$I.gin_trgm_ops, lower(email) %1$I.gin_trgm_ops)', home);
END $$";

/// Columns that tell rows of the tally apart. A row is of one facet: it counts by the column of the facet and by these
/// four: company, kind, who works it (not beside the time of creation), category and currency.
const COMMON: [&str; 5] = ["tenant_id", "kind", "owner_id", "category_id", "account_value_currency"];

/// Facets, by the name that filters have for them, with their columns.
const FACETS: [(&str, &str); 13] = [
    ("createdAt", "created_at"),
    ("accountType", "account_type"),
    ("monthlyShipments", "monthly_shipments"),
    ("ecommerceType", "ecommerce_type_id"),
    ("weightRange", "weight_range_id"),
    ("contentType", "content_type_id"),
    ("planType", "plan_type_id"),
    ("campaign", "campaign_id"),
    ("leadStatus", "lead_status"),
    ("hasRecharge", "has_recharge"),
    ("nextContactOn", "next_contact_on"),
    ("estimatedCloseOn", "estimated_close_on"),
    ("commercialOfferOn", "commercial_offer_on"),
];

const TABLE: &str = "CREATE TABLE prospect_tally (
    facet text NOT NULL, tenant_id bigint NOT NULL, kind text NOT NULL, owner_id bigint, category_id bigint,
    account_value_currency text, created_at timestamptz, account_type text, monthly_shipments integer,
    ecommerce_type_id bigint, weight_range_id bigint, content_type_id bigint, plan_type_id bigint, campaign_id bigint,
    lead_status text, has_recharge boolean, next_contact_on date, estimated_close_on date, commercial_offer_on date,
    prospects bigint NOT NULL, account_value_minor bigint NOT NULL, is_folded boolean NOT NULL DEFAULT FALSE)";

fn tally() -> Vec<String> {
    let columns = columns();
    let fold = format!(
        "CREATE FUNCTION fold_prospect_tally() RETURNS void LANGUAGE sql AS $$
            WITH gone AS (DELETE FROM prospect_tally RETURNING *)
            INSERT INTO prospect_tally ({columns}, prospects, account_value_minor, is_folded)
            SELECT {columns}, CAST(sum(prospects) AS bigint), CAST(sum(account_value_minor) AS bigint), TRUE
            FROM gone GROUP BY {columns} HAVING sum(prospects) <> 0 OR sum(account_value_minor) <> 0
            ORDER BY facet
        $$"
    );
    let fill = format!(
        "CREATE FUNCTION fill_prospect_tally() RETURNS void LANGUAGE sql AS $$ DELETE FROM prospect_tally; {} $$",
        add(&counted("prospect", "follow_up", 1))
    );
    let mut statements = vec![
        TABLE.to_owned(),
        "CREATE INDEX ix_prospect_tally_facet ON prospect_tally (facet)".to_owned(),
        "CREATE INDEX ix_prospect_tally_unfolded ON prospect_tally (facet) WHERE NOT is_folded".to_owned(),
        fold,
        fill,
        prospects(),
        follow_ups(),
    ];
    for (table, function, at_delete) in [
        ("prospect", "tally_prospects", "BEFORE DELETE ON prospect FOR EACH ROW"),
        (
            "follow_up",
            "tally_follow_ups",
            "AFTER DELETE ON follow_up REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT",
        ),
    ] {
        for (event, when) in [
            ("insert", format!("AFTER INSERT ON {table} REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT")),
            (
                "update",
                format!(
                    "AFTER UPDATE ON {table} REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT"
                ),
            ),
            ("delete", at_delete.to_owned()),
        ] {
            statements.push(format!("CREATE TRIGGER {function}_{event} {when} EXECUTE FUNCTION {function}()"));
        }
    }
    // Those that are there already.
    statements.push("SELECT fill_prospect_tally()".to_owned());
    statements
}

fn columns() -> String {
    let own = FACETS.iter().map(|(_, column)| *column);
    std::iter::once("facet").chain(COMMON).chain(own).collect::<Vec<_>>().join(", ")
}

/// Each prospect once for each facet, counted with the sign, from what stands for the two tables.
fn counted(prospect: &str, follow_up: &str, sign: i8) -> String {
    let names: Vec<String> = FACETS.iter().map(|(name, _)| format!("('{name}')")).collect();
    let values: Vec<String> = FACETS
        .iter()
        .map(|(name, column)| match *column {
            // Filters by days; in no time zone in use does one begin within an hour, or it is counted row by row.
            "created_at" => format!(
                "CASE WHEN facet.name = '{name}' \
                 THEN date_trunc('hour', p.created_at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' END AS created_at"
            ),
            column => format!("CASE WHEN facet.name = '{name}' THEN f.{column} END AS {column}"),
        })
        .collect();
    format!(
        "SELECT facet.name AS facet, p.tenant_id, p.kind, \
         CASE WHEN facet.name <> 'createdAt' THEN p.owner_id END AS owner_id, f.category_id, f.account_value_currency, \
         {}, {sign} AS one, {sign} * COALESCE(f.account_value_minor, 0) AS minor \
         FROM {prospect} p LEFT JOIN {follow_up} f ON f.prospect_id = p.id \
         CROSS JOIN (VALUES (''), {}) facet(name) \
         WHERE p.deleted_at IS NULL AND (f.id IS NOT NULL OR facet.name IN ('', 'createdAt'))",
        values.join(", "),
        names.join(", "),
    )
}

/// Adds what changes on balance.
fn add(counted: &str) -> String {
    let columns = columns();
    format!(
        "INSERT INTO prospect_tally ({columns}, prospects, account_value_minor) \
         SELECT {columns}, CAST(sum(one) AS bigint), CAST(sum(minor) AS bigint) FROM ({counted}) counted \
         GROUP BY {columns} HAVING sum(one) <> 0 OR sum(minor) <> 0"
    )
}

/// A statement of a trigger, planned anew each time: a plan for one row would take hours for a million, and the other
/// way round.
fn run(sql: &str) -> String {
    format!("EXECUTE $sql${sql}$sql$")
}

fn prospects() -> String {
    let changed = ["tenant_id", "kind", "owner_id", "created_at", "deleted_at"];
    format!(
        "CREATE FUNCTION tally_prospects() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE is_other boolean; BEGIN
            IF TG_OP = 'DELETE' THEN
                {} USING OLD.id;
                RETURN OLD;
            ELSIF TG_OP = 'INSERT' THEN
                {};
                RETURN NULL;
            END IF;
            {} INTO is_other;
            IF is_other THEN
                {};
            END IF;
            RETURN NULL;
        END $$",
        // Before its follow-up goes with it.
        run(&add(&counted("(SELECT * FROM prospect WHERE id = $1)", "follow_up", -1))),
        run(&add(&counted("new_rows", "follow_up", 1))),
        run(&differ(&changed)),
        run(&add(&format!(
            "{} UNION ALL {}",
            counted("old_rows", "follow_up", -1),
            counted("new_rows", "follow_up", 1)
        ))),
    )
}

/// A follow-up stays with its prospect. Whoever changes that one at the same time waits, or each would count what the other is about to change.
fn follow_ups() -> String {
    let of = |rows: &str| format!("SELECT prospect_id FROM {rows} WHERE prospect_id IS NOT NULL");
    let locked =
        |rows: &str| run(&format!("SELECT 1 FROM prospect WHERE id IN ({}) ORDER BY id FOR NO KEY UPDATE", of(rows)));
    let prospects = |rows: &str| format!("(SELECT * FROM prospect WHERE id IN ({}))", of(rows));
    let both = |rows: &str, before: &str, after: &str| {
        let prospects = prospects(rows);
        run(&add(&format!("{} UNION ALL {}", counted(&prospects, before, -1), counted(&prospects, after, 1))))
    };
    let nothing = "(SELECT * FROM follow_up WHERE FALSE)";
    let own = FACETS.iter().map(|(_, column)| *column).filter(|column| *column != "created_at");
    let changed: Vec<&str> =
        ["category_id", "account_value_currency", "account_value_minor"].into_iter().chain(own).collect();
    format!(
        "CREATE FUNCTION tally_follow_ups() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE is_other boolean; BEGIN
            IF TG_OP = 'DELETE' THEN
                {};
                {};
                RETURN NULL;
            ELSIF TG_OP = 'INSERT' THEN
                {};
                {};
                RETURN NULL;
            END IF;
            {} INTO is_other;
            IF is_other THEN
                {};
                {};
            END IF;
            RETURN NULL;
        END $$",
        locked("old_rows"),
        both("old_rows", "old_rows", nothing),
        locked("new_rows"),
        both("new_rows", nothing, "new_rows"),
        run(&differ(&changed)),
        locked("new_rows"),
        both("new_rows", "old_rows", "new_rows"),
    )
}

/// Whether an update changed one of the columns.
fn differ(columns: &[&str]) -> String {
    let row = |alias: &str| columns.iter().map(|column| format!("{alias}.{column}")).collect::<Vec<_>>().join(", ");
    format!(
        "SELECT EXISTS (SELECT 1 FROM old_rows o JOIN new_rows n USING (id) WHERE ({}) IS DISTINCT FROM ({}))",
        row("o"),
        row("n")
    )
}
