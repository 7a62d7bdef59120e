//! `importLeads`: many leads of a provider, a transaction for each chunk. How far it is stands in the row of the
//! import: a call that is cut, or a process that dies, loses nothing, and a repetition with the same key goes on.

use std::time::Instant;

use async_graphql::Value;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::future::BoxFuture;
use groupgraph_entities::{import_attempt, import_batch};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    apply::Import,
    attempt::{self, Attempt},
    row::Row,
};
use crate::{
    error::{Code, Error},
    error_log::{self, Entry},
    events::ChangeKind,
    members,
    verb::{Call, Failure, Outcome, Payload, fault},
};

/// Rows of one call.
const MOST: usize = 10_000;
const MOST_AT_ONCE: i64 = 1_000;
const LONGEST_KEY: usize = 255;

const RUNNING: &str = "RUNNING";
const DONE: &str = "DONE";
const STOPPED: &str = "STOPPED";

/// How the rows are taken.
struct Pace {
    chunk: usize,
    calls_per_second: f64,
    goes_on: bool,
}

/// Imports many leads.
pub(super) fn import_leads<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let rows = members::list(call.input, "rows").unwrap_or_default();
        let pace = pace(call, rows.len())?;
        let mut import = Import::begin(call).await?;
        let batch = batch(call, &import, rows).await?;
        while chunk(call, &mut import, (batch, rows), &pace).await? {}
        answer(call, batch).await
    })
}

fn pace(call: &Call<'_>, count: usize) -> Result<Pace, Failure> {
    if count == 0 || count > MOST {
        return Err(fault(Code::TooLarge, "rows", format!("An import has 1 to {MOST} rows.")));
    }
    let chunk = members::integer(call.input, "batchSize").unwrap_or(100);
    if !(1..=MOST_AT_ONCE).contains(&chunk) {
        let message = format!("A chunk has 1 to {MOST_AT_ONCE} rows.");
        return Err(fault(Code::OutOfRange, "batchSize", message));
    }
    let calls = members::integer(call.input, "callsPerSecond").and_then(|calls| i32::try_from(calls).ok());
    let calls = calls.unwrap_or(10);
    if calls < 1 {
        return Err(fault(Code::OutOfRange, "callsPerSecond", "There is at least one call a second."));
    }
    if call.text("key").is_some_and(|key| key.is_empty() || key.len() > LONGEST_KEY) {
        return Err(fault(Code::Invalid, "key", format!("A key has 1 to {LONGEST_KEY} characters.")));
    }
    Ok(Pace {
        chunk: usize::try_from(chunk).map_err(Error::internal)?,
        calls_per_second: f64::from(calls),
        goes_on: members::flag(call.input, "isContinuedOnError").unwrap_or(true),
    })
}

/// The import that this call begins, or that an earlier one with its key has begun.
async fn batch(call: &Call<'_>, import: &Import<'_>, rows: &[Value]) -> Result<i64, Failure> {
    let tx = call.begin().await?;
    crate::company::lock(&tx, import.tenant).await?;
    let fingerprint = fingerprint(call);
    // Keys of one caller do not meet those of another.
    let key = call.text("key").map(|key| format!("{:?} {:?} {key}", call.viewer.staff, call.viewer.token));
    if let Some(key) = &key {
        let known = import_batch::Entity::find()
            .filter(import_batch::Column::TenantId.eq(import.tenant))
            .filter(import_batch::Column::Key.eq(key.as_str()));
        match known.one(&tx).await? {
            Some(known) if known.fingerprint == fingerprint => return Ok(known.id),
            Some(_) => return Err(fault(Code::Conflict, "key", "The key was used for another import.")),
            None => {}
        }
    }
    let row = import_batch::ActiveModel {
        tenant_id: Set(import.tenant),
        key: Set(key),
        fingerprint: Set(fingerprint),
        provider: Set(import.provider.to_owned()),
        status: Set(RUNNING.to_owned()),
        total_count: Set(i32::try_from(rows.len()).map_err(Error::internal)?),
        created_by_id: Set(call.viewer.staff),
        created_at: Set(call.now()),
        ..Default::default()
    };
    let number = row.insert(&tx).await?.id;
    call.changed(ChangeKind::Created, "ImportBatch", number);
    call.commit(tx).await?;
    Ok(number)
}

/// What makes two imports the same: everything that was sent but the key.
fn fingerprint(call: &Call<'_>) -> String {
    let mut input = call.input.clone();
    if let Value::Object(members) = &mut input {
        members.shift_remove("key");
    }
    URL_SAFE_NO_PAD.encode(Sha256::digest(input.to_string().as_bytes()))
}

/// Imports the next rows in one transaction; whether there are more. Two calls with the same key take turns.
async fn chunk(
    call: &Call<'_>,
    import: &mut Import<'_>,
    (number, rows): (i64, &[Value]),
    pace: &Pace,
) -> Result<bool, Failure> {
    let tx = call.begin().await?;
    import.prepare(&tx).await?;
    let found = import_batch::Entity::find_by_id(number).lock_exclusive().one(&tx).await?;
    let batch = found.ok_or_else(|| Error::internal("an import is gone"))?;
    let first = usize::try_from(batch.processed_count).map_err(Error::internal)?;
    if batch.status != RUNNING || first >= rows.len() {
        return Ok(false);
    }
    let (mut accepted, mut rejected, mut status) = (batch.accepted_count, batch.rejected_count, RUNNING);
    for (index, row) in rows.iter().enumerate().skip(first).take(pace.chunk) {
        let row_index = i32::try_from(index).map_err(Error::internal)?;
        let attempt = Attempt {
            tenant: import.tenant,
            provider: import.provider,
            of: Some((number, row_index)),
            started: Instant::now(),
        };
        let wait = f64::from(row_index) / pace.calls_per_second;
        match import.apply(call, &tx, (&Row::read(row), ""), wait).await {
            Ok(applied) => {
                attempt::record(call, &tx, attempt, Ok(applied.lead)).await?;
                accepted += 1;
            }
            Err(Failure::User(errors)) => {
                let Some(error) = errors.first() else { continue };
                attempt::record(call, &tx, attempt, Err(error)).await?;
                let message = format!("Failed to sync row {index}: {}", error.message);
                let entry = Entry {
                    tenant: import.tenant,
                    level: "ERROR",
                    message: &message,
                    source: Some(import.provider),
                    lead: error.conflicts_with.filter(|(of, _)| *of == "Lead").map(|(_, number)| number),
                    code: error.code.name(),
                };
                error_log::note(call.hub, &tx, entry).await?;
                rejected += 1;
                if !pace.goes_on {
                    status = STOPPED;
                    break;
                }
            }
            Err(failure) => return Err(failure),
        }
    }
    let processed = accepted + rejected;
    if status == RUNNING && processed >= batch.total_count {
        status = DONE;
    }
    let changed = import_batch::ActiveModel {
        id: Set(number),
        status: Set(status.to_owned()),
        processed_count: Set(processed),
        accepted_count: Set(accepted),
        rejected_count: Set(rejected),
        ..Default::default()
    };
    changed.update(&tx).await?;
    call.changed(ChangeKind::Updated, "ImportBatch", number);
    call.commit(tx).await?;
    Ok(status == RUNNING)
}

/// What became of the rows, whichever call imported them.
async fn answer(call: &Call<'_>, batch: i64) -> Outcome {
    let attempts = import_attempt::Entity::find()
        .filter(import_attempt::Column::BatchId.eq(batch))
        .order_by_asc(import_attempt::Column::RowIndex)
        .all(&call.hub.database.write)
        .await?;
    let (mut accepted, mut rejected) = (Vec::new(), Vec::new());
    for row in attempts {
        match row.lead_id {
            Some(lead) if row.is_success => accepted.push(json!({
                "index": row.row_index, "isImported": true, "leadNumber": lead, "lead": { "__row": lead },
            })),
            _ => rejected.push(json!({ "index": row.row_index, "code": row.error_code, "message": row.message })),
        }
    }
    Ok(Payload::new().row("batch", batch).plain("accepted", accepted).plain("rejected", rejected))
}
