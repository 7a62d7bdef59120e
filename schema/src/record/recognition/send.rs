//! Asks the service for a row of the outbox: the job is processing while it waits, and completed, queued again or
//! failed afterwards, each in a transaction of its own, so that a process that ends at any point leaves nothing half
//! done.

use groupgraph_entities::delivery;
use sea_orm::{DatabaseTransaction, DbErr};
use serde_json::{Map, Value, json};

use super::{GROUP, Work, group, reading, resource, waiting};
use crate::{
    delivery::{Fault, parcel},
    error::Error,
    events::{Change, ChangeKind},
    hub::Hub,
    outside::Question,
    record::store::{self, Row},
    verb::Failure,
};

/// Codes of faults that another attempt cannot mend.
const FINAL: [&str; 4] = ["WRONG_STATUS", "MALFORMED", "TOO_LARGE", "ADDRESS_REFUSED"];
/// Members of a template that tell a service what to do.
const TOLD: [&str; 6] =
    ["ocrEngine", "documentType", "extractionRules", "preprocessingSettings", "postprocessingSettings", "languages"];

/// Reads a document once.
///
/// # Errors
/// The service does not answer as it should, or reads nothing.
pub async fn send(hub: &Hub, row: &delivery::Model) -> Result<Option<u16>, Fault> {
    let work: Work = parcel::open(hub, row)?;
    let Some(question) = begin(hub, row, &work).await.map_err(Error::from)? else { return Ok(None) };
    let gone = || Fault::new("NOT_CONFIGURED", "outside.recognition.url is not set.");
    let service = hub.outside.recognition.as_ref().ok_or_else(gone)?;
    let answer = service.consult(Question::LookUp(question)).await;
    let answer = answer.map_err(|fault| if FINAL.contains(&fault.code) { fault.for_good() } else { fault })?;
    let nothing = || Fault::new("UNREADABLE", "Nothing can be read of this document.").for_good();
    finish(hub, row, &work, answer.ok_or_else(nothing)?).await?;
    Ok(Some(200))
}

/// The row that is read, locked; none if it is gone, or if it is over with it.
async fn open(tx: &DatabaseTransaction, delivery: &delivery::Model, work: &Work) -> Result<Option<Row>, DbErr> {
    let found = store::load(tx, &work.of, delivery.tenant_id.unwrap_or_default(), &work.id).await?;
    // A failed one is open if somebody retries its delivery by hand.
    Ok(found.filter(|row| matches!(row.text("status"), Some("queued" | "processing" | "failed"))))
}

/// Notes that the row is processing; what is asked of it.
async fn begin(hub: &Hub, delivery: &delivery::Model, work: &Work) -> Result<Option<Value>, DbErr> {
    let tx = hub.database.begin().await?;
    let Some(mut row) = open(&tx, delivery, work).await? else { return Ok(None) };
    row.set("status", "processing");
    reading::progress(&mut row, 50, "processing");
    let question = question(&tx, &row, delivery).await?;
    keep(hub, tx, work, row).await?;
    Ok(Some(question))
}

/// The document, under a key that tells a repetition, and what the template of the job says of it.
async fn question(tx: &DatabaseTransaction, row: &Row, delivery: &delivery::Model) -> Result<Value, DbErr> {
    let job = match row.text("job") {
        Some(id) => store::load(tx, super::JOB, row.tenant, id).await?,
        None => None,
    };
    let job = job.as_ref().unwrap_or(row);
    let template = match job.text("template") {
        Some(id) => store::load(tx, "OcrInvoiceJobTemplate", row.tenant, id).await?,
        None => None,
    };
    let told: Map<String, Value> = template
        .map(|template| template.body.into_iter().filter(|(name, _)| TOLD.contains(&name.as_str())).collect())
        .unwrap_or_default();
    Ok(json!({
        "key": delivery.idempotency_key,
        "document": {
            "url": row.text("documentUrl").or(row.text("pageUrl")),
            "name": job.text("documentName"),
            "type": job.text("documentType"),
            "page": row.body.get("pageNumber"),
        },
        "template": told,
    }))
}

async fn finish(hub: &Hub, delivery: &delivery::Model, work: &Work, answer: Value) -> Result<(), Fault> {
    let tx = hub.database.begin().await.map_err(Error::from)?;
    let Some(mut row) = open(&tx, delivery, work).await.map_err(Error::from)? else { return Ok(()) };
    match reading::complete(&tx, &work.of, &mut row, answer, hub.clock.now()).await {
        Err(Failure::User(errors)) => {
            let says = errors.first().map_or("", |error| &error.message);
            return Err(Fault::new("MALFORMED", format!("The answer does not fit: {says}")).for_good());
        }
        other => other.map_err(Failure::into_error)?,
    }
    Ok(keep(hub, tx, work, row).await.map_err(Error::from)?)
}

/// Writes the row, counts its group, and tells the watchers.
async fn keep(hub: &Hub, tx: DatabaseTransaction, work: &Work, mut row: Row) -> Result<(), DbErr> {
    let changes = written(hub, &tx, work, &mut row).await?;
    hub.events.commit(tx, changes).await
}

async fn written(hub: &Hub, tx: &DatabaseTransaction, work: &Work, row: &mut Row) -> Result<Vec<Change>, DbErr> {
    let now = hub.clock.now();
    store::update(tx, row, now).await?;
    let group = group::count(tx, row, now).await?;
    let own = Change::of(ChangeKind::Updated, resource(&work.of).type_name(), row.number);
    Ok(std::iter::once(own).chain(group.map(|number| Change::of(ChangeKind::Updated, GROUP, number))).collect())
}

/// What follows for the row from an attempt that failed: it waits for the next one, or is given up.
///
/// # Errors
/// The database failed.
pub async fn failed(
    hub: &Hub,
    tx: &DatabaseTransaction,
    delivery: &delivery::Model,
    (fault, is_final): (&Fault, bool),
) -> Result<Vec<Change>, DbErr> {
    let Ok(work) = parcel::open::<Work>(hub, delivery) else { return Ok(Vec::new()) };
    let Some(mut row) = open(tx, delivery, &work).await? else { return Ok(Vec::new()) };
    let tried = row.body.get("retryCount").and_then(Value::as_u64).unwrap_or_default();
    row.set("retryCount", tried + 1);
    if is_final {
        reading::fail(&mut row, &fault.to_string(), hub.clock.now());
    } else {
        row.set("status", waiting(&work.of));
        row.set("errorLog", fault.to_string());
    }
    written(hub, tx, &work, &mut row).await
}

/// The waits between the attempts of a delivery, as many as the group of the job allows.
#[must_use]
pub fn waits(hub: &Hub, delivery: &delivery::Model) -> Option<Vec<u32>> {
    let work: Work = parcel::open(hub, delivery).ok()?;
    Some(hub.settings.deliveries.retry_after_seconds.iter().copied().take(work.retries).collect())
}
