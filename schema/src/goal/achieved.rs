//! What was achieved in a time, counted from the rows themselves.

use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, DbErr, Statement, Value};

use crate::{hub::Hub, money, tenant::time};

/// A table to count in: what is counted, which rows, and whose they are.
struct Count {
    select: &'static str,
    rows: &'static str,
    when: &'static str,
    whose: &'static str,
}

const INCOME: Count = Count {
    select: "CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) FROM payment",
    rows: "status = 'SETTLED' AND deleted_at IS NULL",
    when: "paid_on",
    whose: "received_by_id",
};

const CONVERTED_LEADS: Count = Count {
    select: "COUNT(*) FROM lead",
    rows: "state = 'CONVERTED' AND deleted_at IS NULL",
    when: "converted_at",
    whose: "owner_id",
};

const NEW_CLIENTS: Count =
    Count { select: "COUNT(*) FROM client", rows: "deleted_at IS NULL", when: "created_at", whose: "created_by_id" };

const WON_DEALS: Count =
    Count { select: "COUNT(*) FROM deal", rows: "status = 'WON'", when: "closed_at", whose: "owner_id" };

/// Units of a measure (a value of `GoalMeasure`) from the first to the last day, in the time zone of the company; of
/// one person, or of all staff. Money counts in whole major units of the base currency; payments in other currencies
/// do not count.
///
/// # Errors
/// The database is out of reach, or the measure is unknown.
pub async fn achieved(
    hub: &Hub,
    tenant: i64,
    staff: Option<i64>,
    measure: &str,
    (start_on, end_on): (NaiveDate, NaiveDate),
) -> Result<i64, DbErr> {
    let count = match measure {
        "INCOME" => INCOME,
        "CONVERTED_LEADS" => CONVERTED_LEADS,
        "NEW_CLIENTS" => NEW_CLIENTS,
        "WON_DEALS" => WON_DEALS,
        other => return Err(DbErr::Custom(format!("no goal measures {other}"))),
    };
    let (zone, currency) = (hub.directory.time_zone(Some(tenant)), hub.directory.base_currency(Some(tenant)));
    let is_income = measure == "INCOME";
    let (from, until): (Value, Value) = if is_income {
        // Payments are of a day, not of an instant; the last day counts.
        (start_on.into(), end_on.succ_opt().unwrap_or(end_on).into())
    } else {
        (time::start(start_on, zone).into(), time::end(end_on, zone).into())
    };
    let Count { select, rows, when, whose } = count;
    let mut sql = format!("SELECT {select} WHERE tenant_id = $1 AND {rows} AND {when} >= $2 AND {when} < $3");
    let mut values = vec![tenant.into(), from, until];
    if let Some(staff) = staff {
        values.push(staff.into());
        sql = format!("{sql} AND {whose} = ${}", values.len());
    }
    if is_income {
        values.push(currency.as_str().into());
        sql = format!("{sql} AND currency = ${}", values.len());
    }
    let sum = number(hub, sql, values).await?;
    let exponent = if is_income { money::exponent(&currency).unwrap_or(2) } else { 0 };
    Ok(sum / 10_i64.pow(exponent))
}

async fn number(hub: &Hub, sql: String, values: Vec<Value>) -> Result<i64, DbErr> {
    let statement = Statement::from_sql_and_values(hub.database.backend(), sql, values);
    let row = hub.database.read.query_one_raw(statement).await?;
    row.map_or(Ok(0), |row| row.try_get_by_index(0))
}
