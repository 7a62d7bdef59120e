//! Patches many records at once: what meets the conditions gets the patches, in one transaction. What went wrong is
//! kept with the execution.

use futures_util::future::BoxFuture;
use sea_orm::DatabaseTransaction;
use serde_json::{Map, Value, json};

use super::{locked, resource};
use crate::{
    catalog::{Access, Resource, catalog},
    engine::{compare::stamp, plan::ROOT, sql::Piece},
    error::Code,
    record::store,
    verb::{Call, Failure, Outcome, Payload, fault},
};

/// Records that one execution patches.
const MOST: usize = 10_000;

/// `executePatchAction`
pub fn execute<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let tx = call.begin().await?;
        let mut row = locked(call, &tx, "PatchAction", "recordId").await?;
        if row.text("status") == Some("cancelled") {
            return Err(fault(Code::WrongState, "recordId", "The action is cancelled."));
        }
        let started = stamp(call.now());
        let patches = row.body.get("patches").and_then(Value::as_array).cloned().unwrap_or_default();
        let conditions = row.body.get("conditions").and_then(Value::as_object).cloned().unwrap_or_default();
        let target = row.text("targetEntity").and_then(target);
        let errors = match target {
            None => vec!["There is no such entity.".to_owned()],
            Some(target) if !call.viewer.may(target.rights().1) => {
                vec![format!("Whoever patches {} needs the permission {}.", target.plural, target.rights().1)]
            }
            Some(target) => faults(target, &patches),
        };
        let (mut processed, mut status) = (0, "failed");
        if let (Some(target), true) = (target, errors.is_empty()) {
            processed = apply(call, &tx, (target, &conditions), &patches).await?;
            status = "completed";
        }
        let id = format!("{:024x}", rand::random::<u128>() >> 32);
        let entry = json!({
            "executionId": id, "startTime": started, "endTime": stamp(call.now()), "status": status,
            "processedCount": processed, "errorCount": errors.len(), "errors": errors,
        });
        let mut history = row.body.get("executionHistory").and_then(Value::as_array).cloned().unwrap_or_default();
        history.push(entry);
        row.set("executionHistory", history);
        row.set("status", status);
        store::save(call, &tx, resource("PatchAction"), &mut row).await?;
        call.commit(tx).await?;
        Ok(Payload::new().plain("execution", json!({ "executionId": id, "status": status })))
    })
}

/// The resource that a name means: `product`, `asset-unit`, `AssetUnit`.
fn target(name: &str) -> Option<&'static Resource> {
    let plain = |text: &str| text.to_lowercase().replace(['-', '_', ' ', '/'], "");
    let wanted = plain(name);
    catalog().resources.iter().find(|resource| plain(&resource.name) == wanted || plain(&resource.path) == wanted)
}

/// What cannot be patched so.
fn faults(target: &Resource, patches: &[Value]) -> Vec<String> {
    let fault = |patch: &Value| {
        let name = patch.get("field").and_then(Value::as_str).unwrap_or_default();
        match target.fields.get(name) {
            None => Some(format!("{name} is no field of {}.", target.plural)),
            Some(field) if field.on == Access::Server || field.hidden || field.target.is_some() || field.is_shape() => {
                Some(format!("{name} cannot be patched."))
            }
            Some(field) => {
                let value = patch.get("value").and_then(Value::as_str);
                let is_wrong = value
                    .is_some_and(|value| !field.one_of.is_empty() && !field.one_of.iter().any(|word| word == value));
                is_wrong.then(|| format!("{name} must be one of {}.", field.one_of.join(", ")))
            }
        }
    };
    patches.iter().filter_map(fault).collect()
}

async fn apply(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    (target, conditions): (&'static Resource, &Map<String, Value>),
    patches: &[Value],
) -> Result<usize, Failure> {
    let own = Piece::with(&format!("{ROOT}.\"tenant_id\" = ?"), [call.viewer.tenant.into()]);
    let rows = store::some(&call.request(), tx, target, vec![own], MOST).await?;
    let fits = |body: &Map<String, Value>| conditions.iter().all(|(name, wanted)| body.get(name) == Some(wanted));
    let mut processed = 0;
    for mut row in rows.into_iter().filter(|row| fits(&row.body)) {
        for patch in patches {
            let name = patch.get("field").and_then(Value::as_str).unwrap_or_default();
            let operation = patch.get("operation").and_then(Value::as_str).unwrap_or("set");
            change(&mut row.body, name, operation, patch.get("value"));
        }
        store::save(call, tx, target, &mut row).await?;
        processed += 1;
    }
    Ok(processed)
}

/// One patch of one member.
fn change(body: &mut Map<String, Value>, name: &str, operation: &str, value: Option<&Value>) {
    let now = body.get(name).and_then(Value::as_f64).unwrap_or_default();
    let by = value.and_then(Value::as_f64).unwrap_or_default();
    let changed = match (operation, value) {
        ("unset", _) => None,
        ("multiply", _) => Some(json!(now * by)),
        ("divide", _) if by != 0.0 => Some(json!(now / by)),
        ("divide", _) => body.get(name).cloned(),
        ("add", Some(Value::Number(_))) => Some(json!(now + by)),
        ("remove", Some(Value::Number(_))) => Some(json!(now - by)),
        ("add", Some(value)) => {
            let mut list = body.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
            list.push(value.clone());
            Some(list.into())
        }
        ("remove", Some(value)) => {
            let list = body.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
            Some(list.into_iter().filter(|item| item != value).collect())
        }
        (_, value) => value.cloned(),
    };
    match changed {
        Some(value) => drop(body.insert(name.to_owned(), value)),
        None => drop(body.remove(name)),
    }
}
