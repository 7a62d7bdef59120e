//! `importStatistics`: counted from the attempts, prospects and deals of a period; nothing is kept ready.

use async_graphql::Value;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeZone, Utc};
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::settings::own;
use crate::{
    engine::{collect::Selected, mutate::value, request::Request, sql::Piece},
    error::Error,
};

/// Days of a period that names none.
const USUAL: u64 = 30;

/// A period of a company, and the provider that is looked at.
struct Period {
    tenant: i64,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    provider: Option<String>,
}

/// The figures of a period.
///
/// # Errors
/// A bad argument, or the database failed.
pub async fn statistics(request: &Request<'_>, selected: &Selected<'_>) -> Result<String, Error> {
    let tenant = own(request)?;
    let today = request.hub.directory.today(request.hub.clock.now(), Some(tenant));
    let end = day(selected, "endOn")?.unwrap_or(today);
    let start = day(selected, "startOn")?.unwrap_or(end - Days::new(USUAL));
    if end < start {
        return Err(Error::bad_input("The end date must not be before the start date."));
    }
    let zone = request.hub.directory.time_zone(Some(tenant));
    let instant = |day: NaiveDate| {
        let local = zone.from_local_datetime(&day.and_time(NaiveTime::MIN)).earliest();
        local.map_or_else(|| day.and_time(NaiveTime::MIN).and_utc(), |local| local.with_timezone(&Utc))
    };
    let provider = match selected.arguments.get("provider") {
        Some(Value::String(provider)) => Some(provider.clone()),
        _ => None,
    };
    let period = Period { tenant, from: instant(start), until: instant(end + Days::new(1)), provider };
    let attempts = attempts(request, &period).await?;
    let by_provider: Vec<_> = attempts
        .iter()
        .map(|(provider, all, successes)| {
            let [all, good] = [*all, *successes].map(|count| f64::from(i32::try_from(count).unwrap_or(i32::MAX)));
            json!({ "provider": provider, "leadCount": successes, "successRate": good / all.max(1.0) })
        })
        .collect();
    let figures = json!({
        "startOn": start.to_string(),
        "endOn": end.to_string(),
        "importedLeadCount": attempts.iter().map(|(_, _, successes)| successes).sum::<i64>(),
        "createdProspectCount": count(request, &period, PROSPECTS).await?,
        "wonDealCount": count(request, &period, DEALS).await?,
        "byProvider": by_provider,
    });
    value(request, selected, &figures).await
}

fn day(selected: &Selected<'_>, name: &str) -> Result<Option<NaiveDate>, Error> {
    match selected.arguments.get(name) {
        Some(Value::String(text)) => {
            text.parse().map(Some).map_err(|_| Error::bad_input(format!("{name} must be a day such as 2026-05-19.")))
        }
        _ => Ok(None),
    }
}

/// Provider, attempts and successes.
async fn attempts(request: &Request<'_>, period: &Period) -> Result<Vec<(String, i64, i64)>, Error> {
    let mut piece = Piece::with(
        "SELECT provider, CAST(COUNT(*) AS bigint), \
         CAST(SUM(CASE WHEN is_success THEN 1 ELSE 0 END) AS bigint) FROM import_attempt \
         WHERE tenant_id = ? AND occurred_at >= ? AND occurred_at < ?",
        [period.tenant.into(), period.from.into(), period.until.into()],
    );
    if let Some(provider) = &period.provider {
        piece.append(Piece::with(" AND provider = ?", [provider.clone().into()]));
    }
    piece.push(" GROUP BY provider ORDER BY provider");
    let rows = request.hub.database.read.query_all_raw(piece.statement(request.backend())).await?;
    let read = |row: &sea_orm::QueryResult| {
        Ok::<_, sea_orm::DbErr>((row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?))
    };
    Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
}

/// Prospects that were leads, by the day on which they were made.
const PROSPECTS: &str = "SELECT CAST(COUNT(*) AS bigint) FROM prospect row JOIN lead ON lead.id = row.lead_id \
    LEFT JOIN lead_source source ON source.id = lead.source_id \
    WHERE row.deleted_at IS NULL AND row.tenant_id = ? AND row.created_at >= ? AND row.created_at < ?";
/// Deals, by the day on which they were won.
const DEALS: &str = "SELECT CAST(COUNT(*) AS bigint) FROM deal row LEFT JOIN prospect ON prospect.id = row.prospect_id \
    LEFT JOIN lead ON lead.id = prospect.lead_id LEFT JOIN lead_source source ON source.id = lead.source_id \
    WHERE row.status = 'WON' AND row.tenant_id = ? AND row.closed_at >= ? AND row.closed_at < ?";

async fn count(request: &Request<'_>, period: &Period, sql: &str) -> Result<i64, Error> {
    let mut piece = Piece::with(sql, [period.tenant.into(), period.from.into(), period.until.into()]);
    if let Some(provider) = &period.provider {
        piece.append(Piece::with(" AND lower(source.name) = lower(?)", [provider.clone().into()]));
    }
    let row = request.hub.database.read.query_one_raw(piece.statement(request.backend())).await?;
    Ok(row.map_or(Ok(0), |row| row.try_get_by_index(0))?)
}
