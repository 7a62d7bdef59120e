//! Completes a transfer of asset parts: its units stand where it went.

use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::{locked, resource};
use crate::{
    engine::compare::stamp,
    error::Code,
    record::store,
    verb::{Call, Outcome, Payload, fault},
};

/// `completeAssetPartTransfer`: moves every unit of its items to where the transfer went.
pub fn complete<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let tx = call.begin().await?;
        let mut row = locked(call, &tx, "AssetPartTransfer", "recordId").await?;
        if matches!(row.text("status"), Some("completed" | "cancelled")) {
            return Err(fault(Code::WrongState, "recordId", "The transfer is completed or cancelled already."));
        }
        let there = row.body.get("toLocation").cloned().unwrap_or_else(|| json!({}));
        let units = resource("AssetPartUnit");
        for item in row.body.get("items").and_then(Value::as_array).cloned().unwrap_or_default() {
            let Some(id) = item.get("assetPartUnit").and_then(Value::as_str) else { continue };
            let Some(mut unit) = store::find(call, &tx, units, id).await? else { continue };
            unit.set("location", there.clone());
            if let Some(condition) = item.get("condition") {
                unit.set("condition", condition.clone());
            }
            store::save(call, &tx, units, &mut unit).await?;
        }
        let now = stamp(call.now());
        row.set("status", "completed");
        row.set("transferDate", now.clone());
        row.set("actualArrival", now);
        store::save(call, &tx, resource("AssetPartTransfer"), &mut row).await?;
        call.commit(tx).await?;
        Ok(Payload::new().row("assetPartTransfer", row.number))
    })
}
