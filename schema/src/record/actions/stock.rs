//! Stock follows what happens to it: adjustments, receivals and transfers move the quantities of inventory items, in
//! the transaction that writes them. All movements of a company come one after the other, so that none is lost.

use futures_util::future::BoxFuture;
use sea_orm::DatabaseTransaction;
use serde_json::{Map, Value};

use super::resource;
use crate::{
    company,
    engine::{compare::stamp, plan::ROOT, sql::Piece},
    record::store::{self, Row},
    verb::{Call, Failure},
};

type Body = Map<String, Value>;
type Ruled<'a> = BoxFuture<'a, Result<(), Failure>>;

/// Adjusts.
pub fn adjust<'a>(call: &'a Call<'a>, tx: &'a DatabaseTransaction, row: &'a Row, _: Option<&'a Body>) -> Ruled<'a> {
    let warehouse = row.text("warehouse");
    Box::pin(async move { move_all(call, tx, row, &[(warehouse, "adjustmentQuantity", None, 1.0)]).await })
}

/// Sums a receival up.
pub fn sum_receival<'a>(
    _: &'a Call<'a>,
    _: &'a DatabaseTransaction,
    row: &'a mut Row,
    _: Option<&'a Body>,
) -> Ruled<'a> {
    Box::pin(async move {
        let total = sum(row, "receivedQuantity", "expectedQuantity");
        row.set("totalAmount", total);
        Ok(())
    })
}

/// Takes in what was received, as soon as it was.
pub fn receive<'a>(
    call: &'a Call<'a>,
    tx: &'a DatabaseTransaction,
    row: &'a Row,
    earlier: Option<&'a Body>,
) -> Ruled<'a> {
    Box::pin(async move {
        let (before, now) = (status(earlier) == "received", row.text("status") == Some("received"));
        let sign = f64::from(u8::from(now)) - f64::from(u8::from(before));
        let warehouse = row.text("warehouse");
        move_all(call, tx, row, &[(warehouse, "receivedQuantity", Some("expectedQuantity"), sign)]).await
    })
}

/// Gives a transfer a number, and sums it up.
pub fn sum_transfer<'a>(
    call: &'a Call<'a>,
    _: &'a DatabaseTransaction,
    row: &'a mut Row,
    earlier: Option<&'a Body>,
) -> Ruled<'a> {
    Box::pin(async move {
        if earlier.is_none() {
            row.set("transferNumber", format!("TRF-{:08x}", rand::random::<u32>()));
        }
        let total = sum(row, "sentQuantity", "requestedQuantity");
        row.set("totalValue", total);
        let now = stamp(call.now());
        match row.text("status") {
            Some("in_transit") if !row.body.contains_key("transferDate") => row.set("transferDate", now),
            Some("completed") if !row.body.contains_key("completedDate") => row.set("completedDate", now),
            _ => {}
        }
        Ok(())
    })
}

/// Takes out of one warehouse what is on its way, and puts into the other what has arrived.
pub fn transfer<'a>(
    call: &'a Call<'a>,
    tx: &'a DatabaseTransaction,
    row: &'a Row,
    earlier: Option<&'a Body>,
) -> Ruled<'a> {
    Box::pin(async move {
        let left = |status: &str| f64::from(u8::from(matches!(status, "in_transit" | "completed")));
        let arrived = |status: &str| f64::from(u8::from(status == "completed"));
        let (before, now) = (status(earlier), row.text("status").unwrap_or_default());
        let (from, to) = (row.text("fromWarehouse"), row.text("toWarehouse"));
        let moves = [
            (from, "sentQuantity", Some("requestedQuantity"), left(before) - left(now)),
            (to, "receivedQuantity", Some("requestedQuantity"), arrived(now) - arrived(before)),
        ];
        move_all(call, tx, row, &moves).await
    })
}

fn status(body: Option<&Body>) -> &str {
    body.and_then(|body| body.get("status")?.as_str()).unwrap_or_default()
}

fn items(row: &Row) -> Vec<Value> {
    row.body.get("items").and_then(Value::as_array).cloned().unwrap_or_default()
}

fn quantity(item: &Value, name: &str, instead: Option<&str>) -> f64 {
    let given = item.get(name).or_else(|| item.get(instead?));
    given.and_then(Value::as_f64).unwrap_or_default()
}

fn sum(row: &Row, name: &str, instead: &str) -> f64 {
    items(row).iter().map(|item| quantity(item, name, Some(instead)) * quantity(item, "unitCost", None)).sum()
}

/// A warehouse, the member of items that says how much, what counts where it is missing, and the direction.
type Movement<'a> = (Option<&'a str>, &'a str, Option<&'a str>, f64);

async fn move_all(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    row: &Row,
    movements: &[Movement<'_>],
) -> Result<(), Failure> {
    if movements.iter().all(|(_, _, _, sign)| *sign == 0.0) {
        return Ok(());
    }
    company::lock(tx, row.tenant).await?;
    for (warehouse, name, instead, sign) in movements {
        let Some(warehouse) = warehouse else { continue };
        for item in items(row) {
            let by = quantity(&item, name, *instead) * sign;
            if by != 0.0 {
                one(call, tx, (row.tenant, warehouse, &item), by).await?;
            }
        }
    }
    Ok(())
}

/// Changes the quantity of a product in a warehouse; an item that is not there begins at nothing.
async fn one(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    (tenant, warehouse, item): (i64, &str, &Value),
    by: f64,
) -> Result<(), Failure> {
    let stock = resource("InventoryItem");
    let mut conditions = vec![Piece::with(&format!("{ROOT}.\"tenant_id\" = ?"), [tenant.into()])];
    let mut body = Body::new();
    for (name, value) in
        [("warehouse", Some(warehouse)), ("product", text(item, "product")), ("variant", text(item, "variant"))]
    {
        let member = format!("({ROOT}.\"body\" ->> '{name}')");
        conditions.push(match value {
            Some(value) => Piece::with(&format!("{member} = ?"), [value.into()]),
            None => Piece::text(format!("{member} IS NULL")),
        });
        if let Some(value) = value {
            body.insert(name.to_owned(), value.into());
        }
    }
    let found = store::all(&call.request(), tx, stock, conditions).await?.into_iter().next();
    let mut row = found.unwrap_or_else(|| Row::new(call, tenant, body));
    let quantity = row.amount("quantity") + by;
    row.set("availableQuantity", quantity - row.amount("reservedQuantity"));
    row.set("quantity", quantity);
    row.set("lastUpdated", stamp(call.now()));
    if row.number == 0 {
        row.set("reservedQuantity", 0);
        store::insert(call, tx, stock, &mut row).await?;
    } else {
        store::save(call, tx, stock, &mut row).await?;
    }
    Ok(())
}

fn text<'a>(item: &'a Value, name: &str) -> Option<&'a str> {
    item.get(name)?.as_str()
}
