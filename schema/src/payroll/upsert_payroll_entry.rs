//! The mutation upsertPayrollEntry: the receiving side of pay.

use futures_util::future::BoxFuture;
use groupgraph_entities::payroll_entry;
use sea_orm::EntityTrait;

use super::{
    entry::{self, Pay},
    month::PayMonth,
    received::{self, Key},
};
use crate::{
    delivery::Kind,
    verb::{Call, Outcome, Payload},
};

/// Takes pay in: once by key, and once by person, month and year.
pub(super) fn upsert_payroll_entry<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let month = PayMonth::read(call.input)?;
        let transaction = call.begin().await?;
        let tenant = received::tenant_of(call, &transaction, month.staff).await?;
        let pay = Pay::read(call.input, &call.hub.directory.base_currency(Some(tenant)))?;
        let number = match received::take(call, &transaction, Kind::Payroll.word()).await? {
            Key::Fresh => {
                let number = entry::store(call, &transaction, (tenant, month), &pay).await?.number;
                received::settle(call, &transaction, number).await?;
                call.commit(transaction).await?;
                number
            }
            Key::Used(number) => {
                let row = payroll_entry::Entity::find_by_id(number).one(&transaction).await?;
                let acted_on =
                    row.map(|row| PayMonth { staff: row.remote_staff_number, month: row.month, year: row.year });
                received::check_month(month, acted_on)?;
                number
            }
        };
        Ok(Payload::new().row("payrollEntry", number))
    })
}
