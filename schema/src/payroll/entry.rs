//! A payroll entry: read from an input, compared with what is stored, and written with its lines.

use async_graphql::Value;
use groupgraph_entities::{pay_line, payroll_entry};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, sea_query::OnConflict,
};
use serde_json::json;

use super::month::PayMonth;
use crate::{
    amount::{self, Amount},
    error::{Code, Error},
    events::ChangeKind,
    members,
    verb::{Call, Failure, fault},
};

/// Type of the rows.
pub(super) const TYPE: &str = "PayrollEntry";

const MOST_LINES: usize = 100;
const LONGEST_TITLE: usize = 200;
const LONGEST_DETAILS: usize = 10_000;

/// What a person is paid.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pay {
    net: Amount,
    /// Bonuses first, each kind in its order.
    lines: Vec<Line>,
}

#[derive(Clone, Debug, PartialEq)]
struct Line {
    kind: &'static str,
    position: i32,
    title: String,
    amount: Amount,
    details: Option<serde_json::Value>,
}

/// What storing pay came to.
pub(super) struct Stored {
    pub number: i64,
    /// Whether anything is new.
    pub is_changed: bool,
}

impl Pay {
    /// Reads `netSalary`, `bonuses` and `deductions`; `currency` counts where an amount names none.
    ///
    /// # Errors
    /// Faults of amounts and lines, naming the member.
    pub fn read(input: &Value, currency: &str) -> Result<Self, Failure> {
        let missing = || fault(Code::Required, "netSalary", "Say what is paid out.");
        let net = members::present(input, "netSalary").ok_or_else(missing)?;
        let net = positive(amount::read(net, "netSalary", currency)?, "netSalary")?;
        let mut lines = read_lines(input, ("bonuses", BONUS), currency)?;
        lines.extend(read_lines(input, ("deductions", DEDUCTION), currency)?);
        Ok(Self { net, lines })
    }

    /// The same three as an input of the receiving side.
    pub fn json(&self) -> serde_json::Map<String, serde_json::Value> {
        let lines = |kind: &str| {
            let lines = self.lines.iter().filter(|line| line.kind == kind);
            let lines = lines
                .map(|line| json!({ "title": line.title, "amount": money(&line.amount), "details": line.details }));
            lines.collect::<Vec<_>>()
        };
        let json = json!({ "netSalary": money(&self.net), "bonuses": lines(BONUS), "deductions": lines(DEDUCTION) });
        json.as_object().cloned().unwrap_or_default()
    }
}

const BONUS: &str = "BONUS";
const DEDUCTION: &str = "DEDUCTION";

fn money(amount: &Amount) -> serde_json::Value {
    json!({ "amountMinor": amount.minor, "currency": amount.currency })
}

fn positive(amount: Amount, path: &str) -> Result<Amount, Failure> {
    if amount.minor < 0 {
        return Err(fault(Code::Invalid, path, "An amount is not negative."));
    }
    Ok(amount)
}

fn read_lines(input: &Value, (member, kind): (&str, &'static str), currency: &str) -> Result<Vec<Line>, Failure> {
    let given = members::list(input, member).unwrap_or_default();
    if given.len() > MOST_LINES {
        return Err(fault(Code::TooLarge, member, format!("There are at most {MOST_LINES}.")));
    }
    let lines = given
        .iter()
        .enumerate()
        .map(|(index, line)| read_line(line, &format!("{member}.{index}"), (kind, index), currency));
    lines.collect()
}

fn read_line(line: &Value, path: &str, (kind, index): (&'static str, usize), currency: &str) -> Result<Line, Failure> {
    let title = members::words(line, "title").filter(|title| title.chars().count() <= LONGEST_TITLE);
    let title = title.filter(|title| !title.contains('\0'));
    let wrong =
        || fault(Code::Invalid, &format!("{path}.title"), format!("A title has 1 to {LONGEST_TITLE} characters."));
    let amount_path = format!("{path}.amount");
    let amount = members::present(line, "amount");
    let amount = amount.ok_or_else(|| fault(Code::Required, &amount_path, "Say how much."))?;
    let details = members::json(line, "details");
    if details.as_ref().is_some_and(|details| details.to_string().len() > LONGEST_DETAILS) {
        return Err(fault(Code::TooLarge, &format!("{path}.details"), "Details have at most 10,000 bytes."));
    }
    Ok(Line {
        kind,
        position: i32::try_from(index + 1).map_err(Error::internal)?,
        title: title.ok_or_else(wrong)?.to_owned(),
        amount: positive(amount::read(amount, &amount_path, currency)?, &amount_path)?,
        details,
    })
}

/// Writes the pay of a person for a month; the same pay again changes nothing.
///
/// # Errors
/// The database is out of reach.
pub(super) async fn store(
    call: &Call<'_>,
    transaction: &DatabaseTransaction,
    (tenant, month): (i64, PayMonth),
    pay: &Pay,
) -> Result<Stored, Failure> {
    let is_new = insert(call, transaction, (tenant, month), pay).await?;
    let found = payroll_entry::Entity::find()
        .filter(payroll_entry::Column::TenantId.eq(tenant))
        .filter(payroll_entry::Column::RemoteStaffNumber.eq(month.staff))
        .filter(payroll_entry::Column::Year.eq(month.year))
        .filter(payroll_entry::Column::Month.eq(month.month))
        .lock_exclusive()
        .one(transaction)
        .await?;
    let row = found.ok_or_else(|| Error::internal("a payroll entry is gone at once"))?;
    let number = row.id;
    if !is_new && stored(transaction, row).await? == *pay {
        return Ok(Stored { number, is_changed: false });
    }
    if !is_new {
        let changed = payroll_entry::ActiveModel {
            id: Set(number),
            net_salary_minor: Set(pay.net.minor),
            net_salary_currency: Set(pay.net.currency.clone()),
            pushed_by_id: Set(call.viewer.staff),
            pushed_at: Set(call.now()),
            ..Default::default()
        };
        changed.update(transaction).await?;
    }
    write_lines(transaction, number, &pay.lines).await?;
    call.changed(if is_new { ChangeKind::Created } else { ChangeKind::Updated }, TYPE, number);
    Ok(Stored { number, is_changed: true })
}

/// Whether there was none yet. Of two that come at once, one waits here for the other.
async fn insert(
    call: &Call<'_>,
    transaction: &DatabaseTransaction,
    (tenant, month): (i64, PayMonth),
    pay: &Pay,
) -> Result<bool, Failure> {
    let row = payroll_entry::ActiveModel {
        tenant_id: Set(tenant),
        remote_staff_number: Set(month.staff),
        month: Set(month.month),
        year: Set(month.year),
        net_salary_minor: Set(pay.net.minor),
        net_salary_currency: Set(pay.net.currency.clone()),
        pushed_by_id: Set(call.viewer.staff),
        pushed_at: Set(call.now()),
        ..Default::default()
    };
    let key = [
        payroll_entry::Column::TenantId,
        payroll_entry::Column::RemoteStaffNumber,
        payroll_entry::Column::Year,
        payroll_entry::Column::Month,
    ];
    let unless_there = OnConflict::columns(key).do_nothing().to_owned();
    let written =
        payroll_entry::Entity::insert(row).on_conflict(unless_there).exec_without_returning(transaction).await?;
    Ok(written == 1)
}

async fn stored(transaction: &DatabaseTransaction, row: payroll_entry::Model) -> Result<Pay, Failure> {
    let lines = pay_line::Entity::find()
        .filter(pay_line::Column::PayrollEntryId.eq(row.id))
        .order_by_asc(pay_line::Column::Kind)
        .order_by_asc(pay_line::Column::Position)
        .all(transaction)
        .await?;
    let lines = lines.into_iter().map(|line| Line {
        kind: if line.kind == BONUS { BONUS } else { DEDUCTION },
        position: line.position,
        title: line.title,
        amount: Amount { minor: line.amount_minor, currency: line.amount_currency },
        details: line.details,
    });
    let net = Amount { minor: row.net_salary_minor, currency: row.net_salary_currency };
    Ok(Pay { net, lines: lines.collect() })
}

async fn write_lines(transaction: &DatabaseTransaction, entry: i64, lines: &[Line]) -> Result<(), Failure> {
    pay_line::Entity::delete_many().filter(pay_line::Column::PayrollEntryId.eq(entry)).exec(transaction).await?;
    if lines.is_empty() {
        return Ok(());
    }
    let rows = lines.iter().map(|line| pay_line::ActiveModel {
        payroll_entry_id: Set(entry),
        kind: Set(line.kind.to_owned()),
        position: Set(line.position),
        title: Set(line.title.clone()),
        amount_minor: Set(line.amount.minor),
        amount_currency: Set(line.amount.currency.clone()),
        details: Set(line.details.clone()),
        ..Default::default()
    });
    pay_line::Entity::insert_many(rows).exec_without_returning(transaction).await?;
    Ok(())
}
