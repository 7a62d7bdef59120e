//! Serial numbers of documents: each is drawn once, however many draw at the same time.

use futures_util::future::BoxFuture;
use serde_json::json;

use super::{allowed, resource};
use crate::{
    company,
    engine::{compare::stamp, plan::ROOT, sql::Piece},
    error::Code,
    record::store,
    verb::{Call, Outcome, Payload, fault},
};

/// `nextInvoiceSerial`: the next number of the counter of a rep, a warehouse and a kind of document.
pub fn next<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let kind = allowed(call, "SafeInvoiceSerialCounter", "invoice_type")?;
        let [rep, warehouse] = ["rep", "warehouse"].map(|member| call.text(member).unwrap_or_default().to_owned());
        let tx = call.begin().await?;
        if let Some(tenant) = call.viewer.tenant.or_else(|| call.hub.directory.head_office()) {
            company::lock(&tx, tenant).await?;
        }
        let member =
            |name: &str, value: String| Piece::with(&format!("{ROOT}.\"body\" ->> '{name}' = ?"), [value.into()]);
        let conditions = vec![member("rep", rep), member("warehouse", warehouse), member("invoice_type", kind)];
        let counters = resource("SafeInvoiceSerialCounter");
        let found = store::all(&call.request(), &tx, counters, conditions).await?.into_iter().next();
        let mut row = found.ok_or_else(|| {
            fault(Code::NotFound, "invoice_type", "There is no counter of this rep, warehouse and kind of document.")
        })?;
        let next = row.body.get("current_serial").and_then(serde_json::Value::as_i64).unwrap_or_default() + 1;
        let width = row.body.get("pad_length").and_then(serde_json::Value::as_u64).unwrap_or(6).min(30);
        let width = usize::try_from(width).unwrap_or(6);
        let (before, after) = (row.text("prefix").unwrap_or_default(), row.text("suffix").unwrap_or_default());
        let formatted = format!("{before}{next:0width$}{after}");
        row.set("current_serial", next);
        row.set("last_used_date", stamp(call.now()));
        store::save(call, &tx, counters, &mut row).await?;
        call.commit(tx).await?;
        Ok(Payload::new().plain("serial", json!({ "next_serial": next, "formatted_serial": formatted })))
    })
}
