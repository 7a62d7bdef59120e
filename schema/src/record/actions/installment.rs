//! Installments of contracts: what is paid, and what is late.

use chrono::{NaiveDate, TimeDelta};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::{allowed, change, count, each, note};
use crate::{
    engine::{coerce::Arguments, compare::stamp, plan::ROOT, request::Request, sql::Piece},
    error::{Code, Error},
    record::{document, store::Row},
    verb::{Call, Failure, Outcome, fault},
};

/// `payContractInstallment`: adds a payment to its history. It is paid as soon as all payments reach what is due on
/// the day of the last one: the amount less its discount, and the late fee if that day is past the days of grace.
pub fn pay<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let method = match call.text("payment_method") {
            Some(_) => Some(allowed(call, "ContractInstallment", "payment_method")?),
            None => None,
        };
        let day = day(call)?;
        let Some(async_graphql::Value::Number(amount)) = call.member("payment_amount") else {
            return Err(fault(Code::Required, "payment_amount", "Say how much was paid."));
        };
        let amount = amount.as_f64().filter(|amount| *amount > 0.0);
        let amount = amount.ok_or_else(|| fault(Code::Invalid, "payment_amount", "A payment is more than nothing."))?;
        change(call, "ContractInstallment", "contractInstallment", |row| {
            if matches!(row.text("status"), Some("paid" | "cancelled")) {
                return Err(fault(Code::WrongState, "recordId", "The installment is paid or cancelled already."));
            }
            add(row, (day, amount), (call, method));
            Ok(())
        })
        .await
    })
}

fn day(call: &Call<'_>) -> Result<NaiveDate, Failure> {
    let text = call.text("payment_date").unwrap_or_default();
    text.parse().map_err(|_| fault(Code::InvalidDate, "payment_date", "payment_date must be a day such as 2026-05-19."))
}

fn add(row: &mut Row, (day, amount): (NaiveDate, f64), (call, method): (&Call<'_>, Option<String>)) {
    let paid = row.amount("payment_amount") + amount;
    let entry = json!({
        "date": stamp(day.and_time(chrono::NaiveTime::MIN).and_utc()),
        "amount": amount,
        "method": method.clone().unwrap_or_else(|| "other".to_owned()),
        "reference": call.text("payment_reference").unwrap_or_default(),
        "notes": call.text("notes").unwrap_or_default(),
    });
    let mut history = row.body.get("payment_history").and_then(Value::as_array).cloned().unwrap_or_default();
    history.push(entry);
    row.set("payment_history", history);
    row.set("payment_date", day.to_string());
    row.set("payment_amount", paid);
    if let Some(method) = method {
        row.set("payment_method", method);
    }
    if let Some(reference) = call.text("payment_reference") {
        row.set("payment_reference", reference);
    }
    note(row, call.text("notes"));
    let is_late = days_late(row, day) > 0;
    let due =
        row.amount("amount") - row.amount("discount_applied") + if is_late { row.amount("late_fee") } else { 0.0 };
    // Half of the smallest unit of any currency: sums of decimals are never quite what they should be.
    let status = if paid + 0.0005 >= due {
        "paid"
    } else if is_late {
        "overdue"
    } else {
        "pending"
    };
    row.set("status", status);
}

/// Days since the last day of grace; none or less while there is time.
fn days_late(row: &Row, today: NaiveDate) -> i64 {
    let Some(due) = row.text("due_date").and_then(|text| text.parse::<NaiveDate>().ok()) else { return 0 };
    #[expect(clippy::cast_possible_truncation, reason = "days of grace are few")]
    let grace = TimeDelta::days((row.amount("grace_period_days") as i64).clamp(0, 36_500));
    (today - due - grace).num_days()
}

/// `overdueContractInstallments`: what is past its days of grace and neither paid nor cancelled, the longest first.
#[must_use]
pub fn overdue<'a>(request: &'a Request<'a>, arguments: &'a Arguments) -> BoxFuture<'a, Result<Value, Error>> {
    Box::pin(async move {
        let today = request.hub.directory.today(request.hub.clock.now(), request.viewer.tenant);
        let least = count(arguments, "minDays").and_then(|days| i64::try_from(days).ok()).unwrap_or(1).max(1);
        let due = format!("({ROOT}.\"body\" ->> 'due_date')");
        let condition = Piece::with(&format!("{due} < ?"), [today.to_string().into()]);
        let mut late = Vec::new();
        each(request, "ContractInstallment", Some(condition), |row| {
            let days = days_late(&row, today);
            if days >= least && !matches!(row.text("status"), Some("paid" | "cancelled")) {
                late.push((days, row));
            }
        })
        .await?;
        late.sort_by_key(|(days, row)| (std::cmp::Reverse(*days), row.number));
        let total = late.len();
        let (skip, first) = (count(arguments, "skip").unwrap_or(0), count(arguments, "first").unwrap_or(25));
        let rows = late.into_iter().skip(skip).take(first.min(1_000)).map(|(days, row)| {
            let mut shown = document::document(request.hub, super::resource("ContractInstallment"), &row);
            shown.insert("days_overdue".into(), days.into());
            shown.insert("status".into(), "overdue".into());
            json!({ "document": shown })
        });
        let rows: Vec<Value> = rows.collect();
        Ok(json!({ "nodes": rows, "totalCount": total }))
    })
}
