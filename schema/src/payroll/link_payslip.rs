//! The mutation linkPayslip: the receiving side of payslips. The document stays where it is; the link is kept.

use futures_util::future::BoxFuture;
use groupgraph_entities::payslip;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, DatabaseTransaction, EntityTrait};

use super::{
    month::PayMonth,
    payslip::{TYPE, find},
    received::{self, Key},
};
use crate::{
    check, company,
    delivery::Kind,
    error::Code,
    events::ChangeKind,
    files::name,
    members,
    verb::{Call, Failure, Outcome, Payload, fault},
};

const LONGEST_URL: usize = 2_048;

/// Keeps a link: once by key, and the newest one by person, month and year.
pub(super) fn link_payslip<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let month = PayMonth::read(call.input)?;
        let link = link(call)?;
        let transaction = call.begin().await?;
        let tenant = received::tenant_of(call, &transaction, month.staff).await?;
        let number = match received::take(call, &transaction, Kind::Payslip.word()).await? {
            Key::Fresh => {
                let number = store(call, &transaction, (tenant, month), link).await?;
                received::settle(call, &transaction, number).await?;
                call.commit(transaction).await?;
                number
            }
            Key::Used(number) => {
                let row = payslip::Entity::find_by_id(number).one(&transaction).await?;
                let acted_on =
                    row.map(|row| PayMonth { staff: row.remote_staff_number, month: row.month, year: row.year });
                received::check_month(month, acted_on)?;
                number
            }
        };
        Ok(Payload::new().row("payslip", number))
    })
}

async fn store(
    call: &Call<'_>,
    transaction: &DatabaseTransaction,
    (tenant, month): (i64, PayMonth),
    link: String,
) -> Result<i64, Failure> {
    company::lock(transaction, tenant).await?;
    let before = find(transaction, tenant, month).await?;
    let mut row = payslip::ActiveModel {
        tenant_id: Set(tenant),
        remote_staff_number: Set(month.staff),
        month: Set(month.month),
        year: Set(month.year),
        file_name: Set(name::safe(call.text("fileName").unwrap_or_default())),
        link: Set(Some(link)),
        uploaded_by_id: Set(call.viewer.staff),
        uploaded_at: Set(call.now()),
        synced_at: Set(Some(call.now())),
        ..Default::default()
    };
    let (kind, number) = match before {
        Some(before) if before.file_id.is_some() => {
            let message = "A payslip of this person and month is stored here itself.";
            return Err(fault(Code::Conflict, "remoteStaffNumber", message));
        }
        Some(before) => {
            row.id = Set(before.id);
            (ChangeKind::Updated, row.update(transaction).await?.id)
        }
        None => (ChangeKind::Created, row.insert(transaction).await?.id),
    };
    call.changed(kind, TYPE, number);
    Ok(number)
}

fn link(call: &Call<'_>) -> Result<String, Failure> {
    let given = members::words(call.input, "url").unwrap_or_default();
    match check::web_address(given) {
        Some(url) if url.as_str().len() <= LONGEST_URL => Ok(url.into()),
        _ => Err(fault(Code::Invalid, "url", "This is no http or https address.")),
    }
}
