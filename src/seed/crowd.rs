//! Many more prospects than a profile has, made by the database itself out of those of the profile: who is asked for
//! from one, the company from another, numbers and days moved. The same numbers give the same rows.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, Statement};

use super::book::renumber;

/// Prospects in one statement.
const BATCH: usize = 50_000;

/// Tables that get rows, in this order, with the rows of one batch. `{k}` is the number of the new prospect, `{f}` that
/// of its follow-up; `p` and `f` are a prospect of the profile and its follow-up, `q` and `g` another one's.
const ROWS: [(&str, &str); 4] = [
    (
        "prospect",
        "INSERT INTO prospect (id, tenant_id, kind, name, contact_name, company_name, email, phone, phone_raw, locale_id, \
         is_active, is_verified, tier, owner_id, lifecycle, next_action, next_action_on, created_at, updated_at) \
         SELECT {k}, p.tenant_id, p.kind, p.company_name || ' ' || {k}, q.contact_name, p.company_name || ' ' || {k}, \
         replace(q.email, '@', '.' || {k} || '@'), {phone}, {phone}, p.locale_id, p.is_active, p.is_verified, p.tier, \
         q.owner_id, p.lifecycle, q.next_action, q.next_action_on, {earlier q.created_at}, {earlier q.updated_at} \
         FROM crowd JOIN prospect p ON p.id = {p} JOIN prospect q ON q.id = {q}",
    ),
    (
        "follow_up",
        "INSERT INTO follow_up (id, tenant_id, prospect_id, category_id, category_changed_at, channel, account_type, \
         account_value_minor, account_value_currency, monthly_shipments, ecommerce_type_id, weight_range_id, \
         content_type_id, plan_type_id, campaign_id, locale_id, lead_status, annotations, has_recharge, first_contact_at, \
         last_contact_at, next_contact_on, estimated_close_on, commercial_offer_on) \
         SELECT {f}, f.tenant_id, {k}, f.category_id, {earlier g.category_changed_at}, f.channel, g.account_type, \
         f.account_value_minor / 100 * (50 + {k} % 101), f.account_value_currency, 10 * (1 + {k} * 7 % 60), \
         g.ecommerce_type_id, g.weight_range_id, f.content_type_id, f.plan_type_id, g.campaign_id, f.locale_id, \
         CASE {k} % 4 WHEN 0 THEN 'hot' WHEN 1 THEN 'warm' WHEN 2 THEN 'cold' END, f.annotations, {k} % 5 = 0, \
         {earlier g.first_contact_at}, {earlier g.last_contact_at}, f.next_contact_on, g.estimated_close_on, \
         CASE WHEN {k} % 3 = 0 THEN f.next_contact_on END \
         FROM crowd JOIN follow_up f ON f.prospect_id = {p} JOIN follow_up g ON g.prospect_id = {q}",
    ),
    (
        "follow_up_role_holder",
        "INSERT INTO follow_up_role_holder (follow_up_id, role_id, staff_id) \
         SELECT {f}, h.role_id, h.staff_id FROM crowd JOIN follow_up f ON f.prospect_id = {q} \
         JOIN follow_up_role_holder h ON h.follow_up_id = f.id",
    ),
    (
        "partner_profile",
        "INSERT INTO partner_profile (prospect_id, url, partner_type_id, partner_origin_id, locale_id, rating, social_network) \
         SELECT {k}, a.url, a.partner_type_id, a.partner_origin_id, a.locale_id, a.rating, a.social_network \
         FROM crowd JOIN partner_profile a ON a.prospect_id = {p}",
    ),
];

/// What PostgreSQL does once for all of them instead of for each one: the tally and the index of trigrams.
const PUT_OFF: [&str; 3] = [
    "ALTER TABLE prospect DISABLE TRIGGER USER",
    "ALTER TABLE follow_up DISABLE TRIGGER USER",
    "DROP INDEX IF EXISTS ix_prospect_search",
];
const MADE_UP: [&str; 3] = [
    "ALTER TABLE prospect ENABLE TRIGGER USER",
    "ALTER TABLE follow_up ENABLE TRIGGER USER",
    "SELECT fill_prospect_tally()",
];

/// Fills up to so many prospects. Returns how many rows each table got.
///
/// # Errors
/// The database refused.
pub async fn gather(transaction: &DatabaseTransaction, wanted: usize) -> Result<Vec<(&'static str, usize)>, DbErr> {
    if transaction.get_database_backend() != DbBackend::Postgres {
        return insert(transaction, wanted).await;
    }
    let definition = "SELECT pg_get_indexdef(to_regclass('ix_prospect_search'))";
    let definition = Statement::from_string(DbBackend::Postgres, definition);
    let row = transaction.query_one_raw(definition).await?;
    let search: Option<String> = row.map_or(Ok(None), |row| row.try_get_by_index(0))?;
    for sql in PUT_OFF {
        transaction.execute_unprepared(sql).await?;
    }
    let written = insert(transaction, wanted).await?;
    for sql in MADE_UP.into_iter().chain(search.as_deref()) {
        transaction.execute_unprepared(sql).await?;
    }
    Ok(written)
}

async fn insert(transaction: &DatabaseTransaction, wanted: usize) -> Result<Vec<(&'static str, usize)>, DbErr> {
    let there = number(transaction, "SELECT COUNT(*) FROM prospect").await?;
    let follow_ups = number(transaction, "SELECT MAX(id) FROM follow_up").await?;
    let mut written = ROWS.map(|(table, _)| (table, 0));
    for first in (there + 1..=wanted).step_by(BATCH) {
        let last = wanted.min(first + BATCH - 1);
        for ((_, sql), (_, count)) in ROWS.iter().zip(&mut written) {
            let sql = filled(sql, transaction.get_database_backend(), there, follow_ups);
            let numbers = format!(
                "WITH RECURSIVE crowd(k) AS (SELECT {first} UNION ALL SELECT k + 1 FROM crowd WHERE k < {last}) {sql}"
            );
            *count += usize::try_from(transaction.execute_unprepared(&numbers).await?.rows_affected()).unwrap_or(0);
        }
    }
    renumber(transaction, "prospect").await?;
    renumber(transaction, "follow_up").await?;
    Ok(written.into())
}

fn filled(sql: &str, backend: DbBackend, there: usize, follow_ups: usize) -> String {
    let mut sql = sql
        .replace("{phone}", "substr(q.phone, 1, length(q.phone) - 7) || substr(CAST(10000000 + {k} AS text), 2)")
        .replace("{f}", &format!("({follow_ups} + crowd.k - {there})"))
        .replace("{p}", &format!("(1 + (crowd.k - 1) % {there})"))
        .replace("{q}", &format!("(1 + (crowd.k / {there} + crowd.k * 7) % {there})"))
        .replace("{k}", "crowd.k");
    while let Some((before, rest)) = sql.split_once("{earlier ") {
        let (instant, after) = rest.split_once('}').expect("a column is named");
        let earlier = match backend {
            DbBackend::Postgres => format!("{instant} - make_interval(secs => crowd.k % 86400)"),
            _ => format!("strftime('%Y-%m-%dT%H:%M:%S+00:00', {instant}, '-' || (crowd.k % 86400) || ' seconds')"),
        };
        sql = format!("{before}{earlier}{after}");
    }
    sql
}

async fn number(transaction: &DatabaseTransaction, sql: &str) -> Result<usize, DbErr> {
    let statement = Statement::from_string(transaction.get_database_backend(), sql);
    let row = transaction.query_one_raw(statement).await?;
    let number: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
    Ok(usize::try_from(number).unwrap_or(0))
}
