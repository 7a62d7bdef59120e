//! Records: rows of the resources of the catalogue, whatever the resource. What is created, changed or removed is
//! checked against the catalogue first; what single resources do beyond that are rules and verbs in files of their
//! own. It must not know HTTP.

pub mod actions;
mod body;
mod document;
pub mod index;
mod own;
pub mod recognition;
mod references;
mod rules;
mod store;

use async_graphql::Value;
use serde_json::Map;

pub use self::document::documents;
use self::{body::Purpose, store::Row};
use crate::{
    catalog::{Resource, catalog},
    engine::{id, model::RecordAction, mutate::row_member},
    error::Code,
    verb::{Call, Failure, Outcome, Payload, fault},
};

/// Rows that one call removes.
const MOST_REMOVED: usize = 1_000;

/// A mutation of records of a resource.
///
/// # Errors
/// What the input breaks, or a fault.
pub async fn change(call: &Call<'_>, mutation: &str, action: RecordAction, of: &str) -> Outcome {
    let resource = catalog().resource(of).expect("the catalogue says so");
    match action {
        RecordAction::Create => create(call, mutation, resource).await,
        RecordAction::Update => update(call, mutation, resource).await,
        RecordAction::Remove => remove(call, mutation, resource).await,
        RecordAction::RemoveMany => remove_many(call, resource).await,
    }
}

async fn create(call: &Call<'_>, mutation: &str, resource: &'static Resource) -> Outcome {
    let tenant = tenant(call)?;
    let (mut body, references) = body::read(call, resource, Purpose::Create)?;
    body::fill(&resource.fields, &mut body);
    let tx = call.begin().await?;
    references::check(call, &tx, tenant, &references).await?;
    let mut row = Row::new(call, tenant, body);
    rules::before(call, &tx, resource, &mut row, None).await?;
    store::insert(call, &tx, resource, &mut row).await?;
    rules::after(call, &tx, resource, &row, None).await?;
    call.commit(tx).await?;
    Ok(Payload::new().row(row_member(mutation, resource.type_name()), row.number))
}

async fn update(call: &Call<'_>, mutation: &str, resource: &'static Resource) -> Outcome {
    let (changes, references) = body::read(call, resource, Purpose::Update)?;
    let tx = call.begin().await?;
    let mut row = found(call, &tx, resource).await?;
    if let Some(Value::Number(seen)) = call.member("revision")
        && seen.as_i64() != Some(i64::from(row.revision))
    {
        return Err(fault(Code::Conflict, "revision", "Somebody else has changed it since."));
    }
    references::check(call, &tx, row.tenant, &references).await?;
    let before = row.body.clone();
    merge(&mut row.body, changes);
    rules::before(call, &tx, resource, &mut row, Some(&before)).await?;
    store::save(call, &tx, resource, &mut row).await?;
    rules::after(call, &tx, resource, &row, Some(&before)).await?;
    call.commit(tx).await?;
    Ok(Payload::new().row(row_member(mutation, resource.type_name()), row.number))
}

async fn remove(call: &Call<'_>, mutation: &str, resource: &'static Resource) -> Outcome {
    let tx = call.begin().await?;
    let row = found(call, &tx, resource).await?;
    store::remove(call, &tx, resource, &row).await?;
    call.commit(tx).await?;
    // The row may be gone: what is shown of it is what was there.
    let shown = serde_json::json!({
        "id": id::encode(resource.type_name(), call.hub.instance, row.number),
        "number": row.number,
        "recordId": row.object_id,
        "document": document::document(call.hub, resource, &row),
    });
    Ok(Payload::new().plain(row_member(mutation, resource.type_name()), shown))
}

async fn remove_many(call: &Call<'_>, resource: &'static Resource) -> Outcome {
    let Some(Value::List(ids)) = call.member("ids") else {
        return Err(fault(Code::Required, "ids", "Say which rows."));
    };
    if ids.len() > MOST_REMOVED {
        return Err(fault(Code::Invalid, "ids", format!("At most {MOST_REMOVED} rows are removed at once.")));
    }
    let tx = call.begin().await?;
    let mut removed = 0;
    for id in ids {
        let Value::String(id) = id else { continue };
        if let Some(row) = store::find(call, &tx, resource, id).await? {
            store::remove(call, &tx, resource, &row).await?;
            removed += 1;
        }
    }
    call.commit(tx).await?;
    Ok(Payload::new().plain("removed", removed))
}

/// The row that the input names.
async fn found(
    call: &Call<'_>,
    tx: &sea_orm::DatabaseTransaction,
    resource: &'static Resource,
) -> Result<Row, Failure> {
    let id = call.text("recordId").unwrap_or_default();
    let row = store::find(call, tx, resource, id).await?;
    row.ok_or_else(|| fault(Code::NotFound, "recordId", "There is no such row, or you may not see it."))
}

/// Members that are null go, others come in the place of what was there.
fn merge(body: &mut Map<String, serde_json::Value>, changes: Map<String, serde_json::Value>) {
    for (name, value) in changes {
        if value.is_null() {
            body.remove(&name);
        } else {
            body.insert(name, value);
        }
    }
}

/// The company that a new row belongs to: the given one, the caller's own, or the head office.
fn tenant(call: &Call<'_>) -> Result<i64, Failure> {
    let wrong = |says: &str| fault(Code::UnknownValue, "company_namespace", says);
    let names = match call.member("company_namespace") {
        Some(Value::List(names)) => names.as_slice(),
        Some(name @ Value::String(_)) => std::slice::from_ref(name),
        _ => &[],
    };
    match names {
        [] => {
            let own = call.viewer.tenant.or_else(|| call.hub.directory.head_office());
            own.ok_or_else(|| fault(Code::Required, "company_namespace", "Say which company owns the row."))
        }
        [Value::String(name)] => {
            let found = call.hub.directory.by_namespace(name).filter(|tenant| call.viewer.sees_tenant(*tenant));
            found.ok_or_else(|| wrong("There is no such company, or it is not yours."))
        }
        _ => Err(wrong("A row belongs to exactly one company.")),
    }
}
