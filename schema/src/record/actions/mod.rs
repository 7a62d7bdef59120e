//! What single resources can do beyond being created, read, changed and removed: verbs and queries, a noun a file.

mod asset_part_transfer;
mod balance;
pub mod category;
mod feedback;
mod installment;
mod integration_meta;
mod patch_action;
mod pdf;
pub mod portal;
mod recommend;
mod serial;
pub mod stock;
mod unsubscribe;

use futures_util::future::BoxFuture;
use sea_orm::DatabaseTransaction;
use serde_json::Value;

use super::{
    recognition,
    store::{self, Row},
};
use crate::{
    catalog::{Resource, catalog},
    engine::{
        coerce::Arguments,
        compare::stamp,
        plan::ROOT,
        request::Request,
        sql::{Piece, column},
    },
    error::{Code, Error},
    verb::{Call, Failure, Outcome, Payload, Verb, fault},
};

/// Hand-written mutations.
pub const VERBS: &[(&str, Verb)] = &[
    ("setAssetUnitStatus", set_asset_unit_status),
    ("completeAssetPartTransfer", asset_part_transfer::complete),
    ("payContractInstallment", installment::pay),
    ("applyIntegrationMetaUpdate", integration_meta::apply),
    ("processOcrInvoiceJob", recognition::process_job),
    ("processOcrInvoiceJobPage", recognition::process_page),
    ("recordOcrInvoiceResult", recognition::record_result),
    ("executePatchAction", patch_action::execute),
    ("convertToPdf", pdf::convert),
    ("setWorkorderPortalStatus", portal::set_status),
    ("regenerateWorkorderPortalLink", portal::regenerate),
    ("activateWorkorderPortalLink", portal::activate),
    ("deactivateWorkorderPortalLink", portal::deactivate),
    ("openWorkorderPortalLink", portal::open_link),
    ("generateSalesOrderRecommendations", recommend::generate),
    ("nextInvoiceSerial", serial::next),
];

/// A root field that is worked out.
pub type Query = for<'a> fn(&'a Request<'a>, &'a Arguments) -> BoxFuture<'a, Result<Value, Error>>;

/// Root fields that are no rows.
const QUERIES: &[(&str, Query)] = &[
    ("repBalanceSummaries", balance::summaries),
    ("workorderCategoryHierarchy", category::hierarchy),
    ("feedbackAnalytics", feedback::analytics),
    ("detailedFeedbackAnalytics", feedback::detailed),
    ("feedbackTemplates", feedback::templates),
    ("feedbackPreview", feedback::preview),
    ("overdueContractInstallments", installment::overdue),
    ("ocrInvoiceGroupJobs", recognition::jobs),
    ("ocrInvoiceResults", recognition::results),
    ("mailUnsubscription", unsubscribe::check),
];

/// What works a root field out; none if it is of rows.
#[must_use]
pub fn query(name: &str) -> Option<Query> {
    QUERIES.iter().find(|(own, _)| *own == name).map(|(_, query)| *query)
}

/// A resource that the catalogue has.
#[must_use]
pub fn resource(name: &str) -> &'static Resource {
    catalog().resource(name).expect("the catalogue has it")
}

/// The row that a member of the input names, locked.
///
/// # Errors
/// There is none, or it is hidden.
pub async fn locked(call: &Call<'_>, tx: &DatabaseTransaction, of: &str, member: &str) -> Result<Row, Failure> {
    let id = call.text(member).unwrap_or_default();
    let row = store::find(call, tx, resource(of), id).await?;
    row.ok_or_else(|| fault(Code::NotFound, member, "There is no such row, or you may not see it."))
}

/// Changes the row that `recordId` names, in a transaction of its own.
///
/// # Errors
/// There is no such row, or the change refuses.
pub async fn change(
    call: &Call<'_>,
    of: &'static str,
    member: &'static str,
    change: impl FnOnce(&mut Row) -> Result<(), Failure> + Send,
) -> Outcome {
    let tx = call.begin().await?;
    let mut row = locked(call, &tx, of, "recordId").await?;
    change(&mut row)?;
    store::save(call, &tx, resource(of), &mut row).await?;
    call.commit(tx).await?;
    Ok(Payload::new().row(member, row.number))
}

/// A text that must be one of those that the catalogue allows for a field.
///
/// # Errors
/// It is none of them.
pub fn allowed(call: &Call<'_>, of: &str, field: &str) -> Result<String, Failure> {
    let text = call.text(field).unwrap_or_default();
    let words = &resource(of).fields[field].one_of;
    if words.iter().any(|word| word == text) {
        return Ok(text.to_owned());
    }
    Err(fault(Code::Invalid, field, format!("{field} must be one of {}.", words.join(", "))))
}

/// Changes the status of an asset unit, and says why in its notes.
fn set_asset_unit_status<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let status = allowed(call, "AssetUnit", "status")?;
        change(call, "AssetUnit", "assetUnit", |row| {
            if status == "maintenance" && row.text("status") != Some("maintenance") {
                row.set("last_maintenance", stamp(call.now()));
            }
            row.set("status", status);
            note(row, call.text("reason"));
            note(row, call.text("notes"));
            Ok(())
        })
        .await
    })
}

/// Adds a line to the notes of a row.
pub fn note(row: &mut Row, line: Option<&str>) {
    let Some(line) = line.filter(|line| !line.is_empty()) else { return };
    let notes = row.text("notes").map_or_else(|| line.to_owned(), |notes| format!("{notes}\n{line}"));
    row.set("notes", notes);
}

/// Rows that one statement reads where all rows are looked at.
const CHUNK: usize = 1_000;

/// Looks at all rows that meet a condition and that the viewer may see, some at a time.
///
/// # Errors
/// The database failed.
pub async fn each(
    request: &Request<'_>,
    of: &str,
    condition: Option<Piece>,
    mut look: impl FnMut(Row) + Send,
) -> Result<(), Error> {
    let mut last = 0_i64;
    loop {
        let beyond = Piece::with(&format!("{} > ?", column(ROOT, "id")), [last.into()]);
        let conditions = std::iter::once(beyond).chain(condition.clone()).collect();
        let rows = store::some(request, &request.hub.database.read, resource(of), conditions, CHUNK).await?;
        let count = rows.len();
        last = rows.last().map_or(last, |row| row.number);
        rows.into_iter().for_each(&mut look);
        if count < CHUNK {
            return Ok(());
        }
    }
}

/// A text argument.
#[must_use]
pub fn text<'a>(arguments: &'a Arguments, name: &str) -> Option<&'a str> {
    match arguments.get(name) {
        Some(async_graphql::Value::String(text)) => Some(text),
        _ => None,
    }
}

/// A number argument that is not negative.
#[must_use]
pub fn count(arguments: &Arguments, name: &str) -> Option<usize> {
    match arguments.get(name) {
        Some(async_graphql::Value::Number(number)) => usize::try_from(number.as_u64()?).ok(),
        _ => None,
    }
}

/// The row of that id as it is shown; none if there is none.
///
/// # Errors
/// The database failed.
pub async fn shown(request: &Request<'_>, of: &str, id: &str) -> Result<Option<Row>, Error> {
    Ok(store::named(request, &request.hub.database.read, resource(of), &[id]).await?.into_iter().next())
}
