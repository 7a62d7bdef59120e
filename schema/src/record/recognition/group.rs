//! Groups of jobs: how their jobs stand, and how often they are tried.

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};
use serde_json::{Value, json};

use super::{GROUP, JOB, RETRIES};
use crate::{
    engine::{coerce::Arguments, compare::stamp, plan::ROOT, request::Request, sql::Piece},
    error::Error,
    record::{
        actions::{each, shown, text},
        store::{self, Row},
    },
};

/// Counts the jobs of the group of a job by status, and says how the group stands; its number, if there is one.
///
/// # Errors
/// The database failed.
pub(super) async fn count(tx: &DatabaseTransaction, job: &Row, now: DateTime<Utc>) -> Result<Option<i64>, DbErr> {
    let Some(id) = job.text("group") else { return Ok(None) };
    let Some(mut group) = store::load(tx, GROUP, job.tenant, id).await? else { return Ok(None) };
    let standing = standing(tx, job.tenant, id).await?;
    let sum = |words: &[&str]| -> i64 {
        standing.iter().filter(|(word, _)| words.contains(&word.as_str())).map(|(_, count)| count).sum()
    };
    let total: i64 = standing.iter().map(|(_, count)| count).sum();
    let (completed, failed) = (sum(&["completed"]), sum(&["failed", "cancelled"]));
    let is_over = completed + failed == total;
    group.set("totalJobs", total);
    group.set("completedJobs", completed);
    group.set("failedJobs", failed);
    group.set("pendingJobs", total - completed - failed);
    group.set(
        "status",
        if !is_over {
            "processing"
        } else if completed == 0 {
            "failed"
        } else {
            "completed"
        },
    );
    if is_over {
        group.set("completedAt", stamp(now));
    } else {
        group.body.remove("completedAt");
        group.body.entry("startedAt").or_insert_with(|| stamp(now).into());
    }
    store::update(tx, &mut group, now).await?;
    Ok(Some(group.number))
}

/// How many jobs of a group have each status.
async fn standing(tx: &DatabaseTransaction, tenant: i64, group: &str) -> Result<Vec<(String, i64)>, DbErr> {
    let sql = "SELECT COALESCE(body ->> 'status', ''), count(*) FROM record WHERE kind = ? AND tenant_id = ? \
               AND (body ->> 'group') = ? AND deleted_at IS NULL GROUP BY 1";
    let piece = Piece::with(sql, [JOB.into(), tenant.into(), group.into()]);
    let rows = tx.query_all_raw(piece.statement(tx.get_database_backend())).await?;
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
}

/// How often a job, or the job of a page, is tried again.
///
/// # Errors
/// The database failed.
pub(super) async fn retries(tx: &DatabaseTransaction, row: &Row) -> Result<usize, DbErr> {
    let job = match row.text("job") {
        Some(id) => store::load(tx, JOB, row.tenant, id).await?,
        None => None,
    };
    let group = match job.as_ref().unwrap_or(row).text("group") {
        Some(id) => store::load(tx, GROUP, row.tenant, id).await?,
        None => None,
    };
    let own = group.and_then(|group| group.body.get("processingSettings")?.get("retryCount")?.as_u64());
    Ok(own.and_then(|count| usize::try_from(count).ok()).unwrap_or(RETRIES))
}

/// `ocrInvoiceGroupJobs`: the jobs of a group; null if there is no such group.
#[must_use]
pub fn jobs<'a>(request: &'a Request<'a>, arguments: &'a Arguments) -> BoxFuture<'a, Result<Value, Error>> {
    Box::pin(async move {
        let id = text(arguments, "recordId").unwrap_or_default();
        if shown(request, GROUP, id).await?.is_none() {
            return Ok(Value::Null);
        }
        let of_group = Piece::with(&format!("({ROOT}.\"body\" ->> 'group') = ?"), [id.into()]);
        let mut jobs = Vec::new();
        each(request, JOB, Some(of_group), |row| {
            let (status, name) = (row.text("status"), row.text("documentName"));
            jobs.push(json!({ "jobId": row.object_id, "status": status, "documentName": name }));
        })
        .await?;
        Ok(json!({ "jobs": jobs }))
    })
}
