//! What a client is likely to order next, from what the client has ordered before: no guess of a machine, but how
//! often each product was ordered, and how much of it.

use std::collections::BTreeMap;

use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::{locked, resource};
use crate::{
    error::Code,
    record::store,
    verb::{Call, Outcome, Payload, fault},
};

/// Products that are recommended at most.
const MOST: usize = 20;

/// `generateSalesOrderRecommendations`
pub fn generate<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let tx = call.begin().await?;
        let started = call.now();
        let mut row = locked(call, &tx, "ActivityAiSalesOrder", "recordId").await?;
        if row.text("status") == Some("cancelled") {
            return Err(fault(Code::WrongState, "recordId", "The activity is cancelled."));
        }
        let orders = row.body.get("inputData").and_then(|input| input.get("historicalOrders")?.as_array().cloned());
        let recommendations = of(&orders.unwrap_or_default());
        row.set("recommendations", recommendations.clone());
        row.set("status", "completed");
        let took = (call.now() - started).num_milliseconds();
        row.set("processingTime", took);
        let own = resource("ActivityAiSalesOrder");
        store::save(call, &tx, own, &mut row).await?;
        call.commit(tx).await?;
        Ok(Payload::new().plain("recommendations", recommendations))
    })
}

/// Recommendations from earlier orders, the surest first.
fn of(orders: &[Value]) -> Vec<Value> {
    let mut products: BTreeMap<&str, (u32, f64)> = BTreeMap::new();
    for order in orders {
        for item in order.get("items").and_then(Value::as_array).into_iter().flatten() {
            let Some(product) = item.get("product").and_then(Value::as_str) else { continue };
            let entry = products.entry(product).or_default();
            entry.0 += 1;
            entry.1 += item.get("quantity").and_then(Value::as_f64).unwrap_or(1.0);
        }
    }
    let count = f64::from(u32::try_from(orders.len()).unwrap_or(u32::MAX)).max(1.0);
    let mut products: Vec<_> = products.into_iter().collect();
    products.sort_by_key(|(product, (times, _))| (std::cmp::Reverse(*times), *product));
    let one = |(product, (times, sum)): (&str, (u32, f64))| {
        #[expect(clippy::cast_possible_truncation, reason = "quantities of orders are small")]
        let quantity = ((sum / f64::from(times)).round() as i64).max(1);
        json!({
            "product": product,
            "quantity": quantity,
            "confidence": (f64::from(times) / count).min(1.0),
            "reason": format!("In {times} of {} earlier orders", orders.len()),
            "category": "frequent-buy",
        })
    };
    products.into_iter().take(MOST).map(one).collect()
}
