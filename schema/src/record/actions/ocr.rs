//! Jobs that read invoices: created, queued, processing, and completed or failed. An engine outside takes queued jobs
//! from the list and hands in what it has read; nothing is sent to it.

use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::{each, locked, resource, shown, text};
use crate::{
    engine::{coerce::Arguments, compare::stamp, plan::ROOT, request::Request, sql::Piece},
    error::{Code, Error},
    events::ChangeKind,
    record::store::{self, Row},
    verb::{Call, Failure, Outcome, Payload, fault},
};

/// `processOcrInvoiceJob`
pub fn process_job<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(queue(call, "OcrInvoiceJob"))
}

/// `processOcrInvoiceJobPage`
pub fn process_page<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(queue(call, "OcrInvoiceJobPage"))
}

/// Puts a job or a page into the queue, again if it failed before.
async fn queue(call: &Call<'_>, of: &'static str) -> Outcome {
    let tx = call.begin().await?;
    let mut row = locked(call, &tx, of, "recordId").await?;
    match row.text("status") {
        Some("queued" | "processing") => {}
        Some("completed") => return Err(fault(Code::WrongState, "recordId", "It has been read already.")),
        before => {
            if before == Some("failed") {
                let count = row.body.get("retryCount").and_then(Value::as_u64).unwrap_or_default();
                row.set("retryCount", count + 1);
            }
            row.set("status", "queued");
            row.set("startedAt", stamp(call.now()));
            row.body.remove("errorLog");
            store::save(call, &tx, resource(of), &mut row).await?;
            call.changed(ChangeKind::Updated, of, row.number);
        }
    }
    count_group(call, &tx, &row).await?;
    let shown = json!({ "recordId": row.object_id, "status": row.text("status") });
    call.commit(tx).await?;
    Ok(Payload::new().plain("work", shown))
}

/// `recordOcrInvoiceResult`: what an engine has read of a queued job, or why it could not.
pub fn record_result<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let tx = call.begin().await?;
        let mut row = locked(call, &tx, "OcrInvoiceJob", "recordId").await?;
        if !matches!(row.text("status"), Some("queued" | "processing")) {
            return Err(fault(Code::WrongState, "recordId", "The job is not in the queue."));
        }
        let member = |name: &str| {
            let value = call.member(name).filter(|value| **value != async_graphql::Value::Null)?;
            value.clone().into_json().ok()
        };
        for name in ["extractedData", "confidence", "validationResults"] {
            if let Some(value) = member(name) {
                row.set(name, value);
            }
        }
        let now = call.now();
        match call.text("error") {
            Some(error) => {
                row.set("status", "failed");
                row.set("errorLog", error);
            }
            None => row.set("status", "completed"),
        }
        let since = row.text("startedAt").and_then(|text| chrono::DateTime::parse_from_rfc3339(text).ok());
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of a job are few")]
        let seconds = since.map_or(0.0, |since| (now - since.to_utc()).num_milliseconds() as f64 / 1_000.0);
        row.set("processingTime", seconds);
        row.set("completedAt", stamp(now));
        row.set("progress", json!({ "percentage": 100, "currentStep": row.text("status") }));
        store::save(call, &tx, resource("OcrInvoiceJob"), &mut row).await?;
        call.changed(ChangeKind::Updated, "OcrInvoiceJob", row.number);
        count_group(call, &tx, &row).await?;
        call.commit(tx).await?;
        Ok(Payload::new().row("ocrInvoiceJob", row.number))
    })
}

/// Counts the jobs of the group of a job, by status.
async fn count_group(call: &Call<'_>, tx: &sea_orm::DatabaseTransaction, job: &Row) -> Result<(), Failure> {
    let groups = resource("OcrInvoiceJobGroup");
    let Some(id) = job.text("group") else { return Ok(()) };
    let Some(mut group) = store::find(call, tx, groups, id).await? else { return Ok(()) };
    let jobs = store::all(&call.request(), tx, resource("OcrInvoiceJob"), vec![of_group(id)]).await?;
    let count =
        |words: &[&str]| jobs.iter().filter(|job| words.contains(&job.text("status").unwrap_or_default())).count();
    let (completed, failed) = (count(&["completed"]), count(&["failed", "cancelled"]));
    let status = match (completed + failed == jobs.len(), completed) {
        (false, _) => "processing",
        (true, 0) => "failed",
        (true, _) => "completed",
    };
    group.set("totalJobs", jobs.len());
    group.set("completedJobs", completed);
    group.set("failedJobs", failed);
    group.set("pendingJobs", jobs.len() - completed - failed);
    group.set("status", status);
    store::save(call, tx, groups, &mut group).await
}

fn of_group(id: &str) -> Piece {
    Piece::with(&format!("({ROOT}.\"body\" ->> 'group') = ?"), [id.into()])
}

/// `ocrInvoiceGroupJobs`: the jobs of a group; null if there is no such group.
pub fn group_jobs<'a>(request: &'a Request<'a>, arguments: &'a Arguments) -> BoxFuture<'a, Result<Value, Error>> {
    Box::pin(async move {
        let id = text(arguments, "recordId").unwrap_or_default();
        if shown(request, "OcrInvoiceJobGroup", id).await?.is_none() {
            return Ok(Value::Null);
        }
        let mut jobs = Vec::new();
        each(request, "OcrInvoiceJob", Some(of_group(id)), |row| {
            jobs.push(json!({
                "jobId": row.object_id,
                "status": row.text("status"),
                "documentName": row.text("documentName"),
            }));
        })
        .await?;
        Ok(json!({ "jobs": jobs }))
    })
}

/// `ocrInvoiceResults`: what was read of a job; null if there is no such job.
pub fn results<'a>(request: &'a Request<'a>, arguments: &'a Arguments) -> BoxFuture<'a, Result<Value, Error>> {
    Box::pin(async move {
        let id = text(arguments, "recordId").unwrap_or_default();
        let Some(row) = shown(request, "OcrInvoiceJob", id).await? else { return Ok(Value::Null) };
        let member = |name: &str| row.body.get(name).cloned().unwrap_or_else(|| json!({}));
        Ok(json!({
            "extractedData": member("extractedData"),
            "confidence": member("confidence"),
            "validationResults": member("validationResults"),
            "processingTime": row.amount("processingTime"),
        }))
    })
}
