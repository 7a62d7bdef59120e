//! Applies metadata to integrations, and keeps what it replaced.

use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};

use super::{locked, resource};
use crate::{
    engine::compare::stamp,
    error::Code,
    record::store,
    verb::{Call, Outcome, Payload, fault},
};

/// `applyIntegrationMetaUpdate`: puts the members of the update into `integration_meta` of each integration.
pub fn apply<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let tx = call.begin().await?;
        let mut row = locked(call, &tx, "UpdateIntegrationMeta", "recordId").await?;
        if matches!(row.text("status"), Some("applied" | "cancelled")) {
            return Err(fault(Code::WrongState, "recordId", "The update is applied or cancelled already."));
        }
        let updates = row.body.get("metaUpdates").and_then(Value::as_object).cloned().unwrap_or_default();
        let conditions = row.body.get("conditions").and_then(Value::as_object).cloned().unwrap_or_default();
        let targets = row.body.get("targetIntegrations").and_then(Value::as_array).cloned().unwrap_or_default();
        let (apps, mut replaced) = (resource("IntegrationApp"), Map::new());
        for id in targets.iter().filter_map(Value::as_str) {
            let Some(mut app) = store::find(call, &tx, apps, id).await? else { continue };
            if !conditions.iter().all(|(name, wanted)| app.body.get(name) == Some(wanted)) {
                continue;
            }
            let before = app.body.get("integration_meta").and_then(Value::as_object).cloned().unwrap_or_default();
            let mut after = before.clone();
            after.extend(updates.clone());
            app.set("integration_meta", after);
            store::save(call, &tx, apps, &mut app).await?;
            replaced.insert(id.to_owned(), before.into());
        }
        let (now, affected) = (stamp(call.now()), replaced.len());
        row.set("status", "applied");
        row.set("appliedAt", now.clone());
        row.set("affectedCount", affected);
        row.set("rollbackData", replaced);
        let own = resource("UpdateIntegrationMeta");
        store::save(call, &tx, own, &mut row).await?;
        call.commit(tx).await?;
        Ok(Payload::new().plain("application", json!({ "appliedAt": now, "affectedIntegrations": affected })))
    })
}
