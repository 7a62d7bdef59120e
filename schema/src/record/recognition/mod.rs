//! Invoices that a service outside reads. A job is created, queued, processing, then completed or failed, and a failed
//! one may be queued again; pages go the same way. The service is asked out of the outbox; without one, jobs wait until
//! somebody hands in what was read. It must not know how deliveries are repeated.

mod group;
mod reading;
mod send;

use futures_util::future::BoxFuture;
use groupgraph_entities::delivery;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait,
    QueryFilter,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use self::{
    group::jobs,
    send::{failed, send, waits},
};
use super::{
    actions::{locked, resource, shown, text},
    store::{self, Row},
};
use crate::{
    delivery::{Kind, PENDING, TYPE, parcel},
    engine::{coerce::Arguments, compare::stamp, request::Request},
    error::{Code, Error},
    events::ChangeKind,
    verb::{Call, Outcome, Payload, fault},
};

const JOB: &str = "OcrInvoiceJob";
const PAGE: &str = "OcrInvoiceJobPage";
const GROUP: &str = "OcrInvoiceJobGroup";
/// Whom it goes to, in the outbox.
const TARGET: &str = "recognition";
/// How often a job without a group is tried again; the default of groups.
const RETRIES: usize = 2;

/// What a delivery carries: a row to be read, and how often that is tried again.
#[derive(Debug, Serialize, Deserialize)]
struct Work {
    of: String,
    id: String,
    retries: usize,
}

/// `processOcrInvoiceJob`
pub fn process_job<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(queue(call, JOB))
}

/// `processOcrInvoiceJobPage`
pub fn process_page<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(queue(call, PAGE))
}

/// The word for waiting: pages have none of their own.
fn waiting(of: &str) -> &'static str {
    if of == JOB { "queued" } else { "processing" }
}

/// Puts a job or a page into the queue, again if it failed before.
async fn queue(call: &Call<'_>, of: &'static str) -> Outcome {
    let tx = call.begin().await?;
    let mut row = locked(call, &tx, of, "recordId").await?;
    match row.text("status") {
        Some("queued" | "processing") => {}
        Some("completed") => return Err(fault(Code::WrongState, "recordId", "It has been read already.")),
        Some("cancelled" | "skipped") => return Err(fault(Code::WrongState, "recordId", "It is not to be read.")),
        _ => {
            row.set("status", waiting(of));
            row.set("startedAt", stamp(call.now()));
            reading::progress(&mut row, 0, waiting(of));
            row.body.remove("errorLog");
            row.body.remove("completedAt");
            store::save(call, &tx, resource(of), &mut row).await?;
            call.changed(ChangeKind::Updated, of, row.number);
        }
    }
    enqueue(call, &tx, of, &row).await?;
    if let Some(group) = group::count(&tx, &row, call.now()).await? {
        call.changed(ChangeKind::Updated, GROUP, group);
    }
    let shown = json!({ "recordId": row.object_id, "status": row.text("status") });
    call.commit(tx).await?;
    Ok(Payload::new().plain("work", shown))
}

/// Writes a row of the outbox, unless there is one already, or nobody to read.
async fn enqueue(call: &Call<'_>, tx: &DatabaseTransaction, of: &str, row: &Row) -> Result<(), DbErr> {
    let lane = format!("{of} {}", row.object_id);
    let standing = delivery::Entity::find()
        .filter(delivery::Column::Lane.eq(lane.as_str()))
        .filter(delivery::Column::Status.eq(PENDING));
    if call.hub.outside.recognition.is_none() || standing.count(tx).await? > 0 {
        return Ok(());
    }
    let work = Work { of: of.to_owned(), id: row.object_id.clone(), retries: group::retries(tx, row).await? };
    let parcel = delivery::ActiveModel {
        tenant_id: Set(Some(row.tenant)),
        lane: Set(Some(lane)),
        created_by_id: Set(call.viewer.staff),
        ..parcel::parcel(call.hub, Kind::Recognition, TARGET.to_owned(), &work)
    };
    let id = parcel.insert(tx).await?.id;
    call.changed(ChangeKind::Created, TYPE, id);
    Ok(())
}

/// `recordOcrInvoiceResult`: what somebody has read of a queued job, or why that was not possible.
pub fn record_result<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let tx = call.begin().await?;
        let mut row = locked(call, &tx, JOB, "recordId").await?;
        if !matches!(row.text("status"), Some("queued" | "processing")) {
            return Err(fault(Code::WrongState, "recordId", "The job is not in the queue."));
        }
        if let Some(error) = call.text("error") {
            reading::fail(&mut row, error, call.now());
        } else {
            let answer = call.input.clone().into_json().map_err(Error::internal)?;
            reading::complete(&tx, JOB, &mut row, answer, call.now()).await?;
        }
        store::save(call, &tx, resource(JOB), &mut row).await?;
        call.changed(ChangeKind::Updated, JOB, row.number);
        if let Some(group) = group::count(&tx, &row, call.now()).await? {
            call.changed(ChangeKind::Updated, GROUP, group);
        }
        call.commit(tx).await?;
        Ok(Payload::new().row("ocrInvoiceJob", row.number))
    })
}

/// `ocrInvoiceResults`: what was read of a job; null if there is no such job.
#[must_use]
pub fn results<'a>(request: &'a Request<'a>, arguments: &'a Arguments) -> BoxFuture<'a, Result<Value, Error>> {
    Box::pin(async move {
        let id = text(arguments, "recordId").unwrap_or_default();
        let Some(row) = shown(request, JOB, id).await? else { return Ok(Value::Null) };
        let member = |name: &str| row.body.get(name).cloned().unwrap_or_else(|| json!({}));
        Ok(json!({
            "extractedData": member("extractedData"),
            "confidence": member("confidence"),
            "validationResults": member("validationResults"),
            "processingTime": row.amount("processingTime"),
        }))
    })
}
