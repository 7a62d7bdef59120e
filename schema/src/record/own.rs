//! Records that are rows of the hub's own tables: fields with a column stand in it, all others in the row's
//! `attributes`. What one API writes so, every other reads. Where a column holds less than an app says (a day of an
//! instant, a word of the hub's), the app's own value stays in `attributes` for as long as it means the same.

use chrono::{DateTime, NaiveDate};
use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryResult, Value as Bound};
use serde_json::{Map, Value};

use super::store::Row;
use crate::{
    catalog::{Conversion, Resource},
    engine::{
        MODEL,
        model::{Leaf, column_leaf},
        mutate::of_write,
        plan::ROOT,
        record_id,
        sql::{Piece, column},
    },
    error::{Code, Error},
    invoice,
    verb::{Call, Failure, fault},
};

/// Member of `attributes` that counts changes.
const REVISION: &str = "__v";

/// What is selected of a row, in the order in which `row` reads it.
#[must_use]
pub fn columns(resource: &Resource) -> String {
    let mut columns =
        vec![column(ROOT, "id"), column(ROOT, "tenant_id"), format!("CAST({ROOT}.\"attributes\" AS TEXT)")];
    for name in ["created_at", "updated_at"] {
        columns.push(if has(resource, name) { column(ROOT, name) } else { "NULL".to_owned() });
    }
    columns.push(if let Some(name) = currency(resource) { column(ROOT, &name) } else { "NULL".to_owned() });
    for (name, _) in mapped(resource) {
        let leaf = column_leaf(resource.storage().0, name);
        columns.push(format!("CAST({} AS TEXT)", leaf.selected(column(ROOT, name), sea_orm::DbBackend::Sqlite)));
    }
    columns.join(", ")
}

fn has(resource: &Resource, name: &str) -> bool {
    MODEL.column(resource.storage().0, name).is_some()
}

fn is_nullable(resource: &Resource, name: &str) -> bool {
    MODEL.column(resource.storage().0, name).is_some_and(|found| found.is_nullable)
}

/// The column of the currency of a row's amounts.
fn currency(resource: &Resource) -> Option<String> {
    let minor = mapped(resource).find_map(|(name, _)| name.strip_suffix("_minor"));
    let own = minor.map(|name| format!("{name}_currency")).filter(|name| has(resource, name));
    own.or_else(|| has(resource, "currency").then(|| "currency".to_owned()))
}

/// Columns with the fields that they hold, by field.
fn mapped(resource: &Resource) -> impl Iterator<Item = (&String, &String)> {
    resource.fields.iter().filter_map(|(name, field)| Some((field.column.as_ref()?, name)))
}

/// A row as a record.
///
/// # Errors
/// A column has not the type that the model says.
pub fn row(resource: &Resource, found: &QueryResult) -> Result<Row, Error> {
    let attributes: Option<String> = found.try_get_by_index(2)?;
    let attributes = attributes.as_deref().map(serde_json::from_str).transpose().map_err(Error::internal)?;
    let mut body: Map<String, Value> = attributes.unwrap_or_default();
    let revision = body.remove(REVISION).and_then(|value| i32::try_from(value.as_i64()?).ok()).unwrap_or_default();
    let currency: Option<String> = found.try_get_by_index(5)?;
    for (place, (name, field)) in mapped(resource).enumerate() {
        let text: Option<String> = found.try_get_by_index(6 + place)?;
        let conversion = Conversion::of(resource, name, &resource.fields[field]);
        let currency = currency.as_deref().unwrap_or_default();
        let said = body.remove(field);
        // A word that the hub does not have says nothing that its column could contradict.
        let is_same = said.as_ref().is_some_and(|said| {
            let column = conversion.column(said, currency);
            column.is_none() || column.as_deref() == text.as_deref()
        });
        match (said, text) {
            (Some(said), _) if is_same => drop(body.insert(field.clone(), said)),
            (_, Some(text)) => drop(body.insert(field.clone(), conversion.value(&text, currency))),
            _ => {}
        }
    }
    let number = found.try_get_by_index(0)?;
    let mark = record_id::mark(resource.storage().0).unwrap_or_default();
    Ok(Row {
        number,
        tenant: found.try_get_by_index(1)?,
        object_id: record_id::of_number(mark, number),
        body,
        revision,
        created_at: found.try_get_by_index(3)?,
        updated_at: found.try_get_by_index(4)?,
    })
}

/// Columns and values of a record, `attributes` included.
fn values(call: &Call<'_>, resource: &Resource, row: &Row, revision: i32) -> Vec<(String, Bound)> {
    let mut attributes = row.body.clone();
    attributes.insert(REVISION.to_owned(), revision.into());
    let base = call.hub.directory.base_currency(Some(row.tenant));
    let mut values = Vec::new();
    for (name, field) in mapped(resource) {
        let conversion = Conversion::of(resource, name, &resource.fields[field]);
        let text = row.body.get(field).and_then(|value| conversion.column(value, &base));
        if conversion.is_exact() {
            attributes.remove(field);
        }
        let leaf = column_leaf(resource.storage().0, name);
        match (&text, row.body.get(field)) {
            // What the hub has no word for stays with the app, and leaves the column as it is.
            (None, Some(_)) if !conversion.is_exact() => continue,
            (None, None) if !is_nullable(resource, name) => continue,
            _ => values.push((name.clone(), bound(&leaf, text.as_deref()))),
        }
        if let (Conversion::Phone, Some(said)) = (conversion, row.body.get(field)) {
            values.push((format!("{name}_raw"), said.as_str().map(str::to_owned).into()));
        }
    }
    // An amount and its currency are there or not there together.
    let minor = values.iter().find(|(name, _)| name.ends_with("_minor"));
    if let (Some(name), Some((_, amount))) = (currency(resource), minor) {
        let own = (*amount != Bound::BigInt(None)).then_some(base);
        values.push((name, own.into()));
    }
    values.push(("attributes".to_owned(), Bound::Json(Some(Box::new(attributes.into())))));
    if has(resource, "updated_at") {
        values.push(("updated_at".to_owned(), call.now().into()));
    }
    values
}

/// The text of a column as the database wants it.
fn bound(leaf: &Leaf, text: Option<&str>) -> Bound {
    let Some(text) = text else { return leaf.null() };
    match leaf {
        Leaf::Integer | Leaf::Millionths => text.parse::<i64>().ok().into(),
        Leaf::SmallInteger | Leaf::Ordinal(_) => text.parse::<i32>().ok().into(),
        Leaf::Float => text.parse::<f64>().ok().into(),
        Leaf::Boolean => (text == "true" || text == "1").into(),
        Leaf::Instant => DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc()).into(),
        Leaf::Day => text.parse::<NaiveDate>().ok().into(),
        _ => text.to_owned().into(),
    }
}

/// Writes a new row; its number and id are set.
///
/// # Errors
/// A value that must be unique is taken, or the database failed.
pub async fn insert(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    resource: &'static Resource,
    row: &mut Row,
) -> Result<(), Failure> {
    let table = resource.storage().0;
    secrets(call, resource, row).await?;
    let mut values = values(call, resource, row, 0);
    for (name, value) in needed(call, tx, table, row).await? {
        if !values.iter().any(|(known, _)| *known == name) {
            values.push((name, value));
        }
    }
    if let Some(kind) = &resource.rows {
        values.push(("kind".to_owned(), kind.clone().into()));
    }
    values.push(("tenant_id".to_owned(), row.tenant.into()));
    let names: Vec<String> = values.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let mut piece = Piece::text(format!("INSERT INTO \"{table}\" ({}) VALUES (", names.join(", ")));
    for (place, (_, value)) in values.into_iter().enumerate() {
        if place > 0 {
            piece.push(", ");
        }
        piece.push_value(value);
    }
    piece.push(") RETURNING id");
    let written = tx.query_one_raw(piece.statement(call.hub.database.backend())).await;
    let written = written.map_err(|error| of_write(table, error))?;
    row.number = written.ok_or_else(|| Error::internal("nothing was written"))?.try_get_by_index(0)?;
    row.object_id = record_id::of_number(record_id::mark(table).unwrap_or_default(), row.number);
    settle(call, tx, table, row.number).await
}

/// What a table needs beyond what an app says.
async fn needed(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    table: &str,
    row: &Row,
) -> Result<Vec<(String, Bound)>, Failure> {
    let today = call.hub.directory.today(call.now(), Some(row.tenant));
    let uuid = || Bound::from(uuid::Uuid::new_v4().to_string());
    let currency = || Bound::from(call.hub.directory.base_currency(Some(row.tenant)));
    let own: Vec<(&str, Bound)> = match table {
        "client" => vec![("uuid", uuid())],
        "payment" => {
            vec![("uuid", uuid()), ("currency", currency()), ("amount_minor", 0_i64.into()), ("paid_on", today.into())]
        }
        "invoice" => vec![
            ("uuid", uuid()),
            ("currency", currency()),
            ("issued_on", today.into()),
            ("document_number", invoice::next_document_number(tx, row.tenant).await?.into()),
        ],
        "ticket" => vec![("key", format!("{:032x}", rand::random::<u128>()).into()), ("subject", "Work order".into())],
        _ => Vec::new(),
    };
    let mut own: Vec<(String, Bound)> = own.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    if MODEL.column(table, "created_at").is_some() {
        own.push(("created_at".to_owned(), call.now().into()));
    }
    Ok(own)
}

/// Secrets are hashed into their column and kept nowhere else.
async fn secrets(call: &Call<'_>, resource: &Resource, row: &mut Row) -> Result<(), Failure> {
    let hidden = resource.fields.iter().filter(|(_, field)| field.column.as_deref() == Some("password_hash"));
    for (name, _) in hidden {
        if let Some(Value::String(secret)) = row.body.get(name).filter(|secret| !is_hashed(secret)) {
            let hash = call.hub.identity.hash_password(secret).await?;
            row.set(name, hash);
        }
    }
    Ok(())
}

fn is_hashed(secret: &Value) -> bool {
    secret.as_str().is_some_and(|text| text.starts_with("$argon2"))
}

/// Writes a row that was found.
///
/// # Errors
/// A value that must be unique is taken, or the database failed.
pub async fn save(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    resource: &'static Resource,
    row: &mut Row,
) -> Result<(), Failure> {
    let table = resource.storage().0;
    secrets(call, resource, row).await?;
    row.revision += 1;
    let mut piece = Piece::text(format!("UPDATE \"{table}\" SET "));
    for (place, (name, value)) in values(call, resource, row, row.revision).into_iter().enumerate() {
        piece.push(if place > 0 { ", " } else { "" });
        piece.push(&format!("\"{name}\" = "));
        piece.push_value(value);
    }
    piece.push(" WHERE id = ");
    piece.push_value(row.number);
    let done = tx.execute_raw(piece.statement(call.hub.database.backend())).await;
    done.map(drop).map_err(|error| of_write(table, error))?;
    settle(call, tx, table, row.number).await
}

/// Sums that follow from others.
async fn settle(call: &Call<'_>, tx: &DatabaseTransaction, table: &str, number: i64) -> Result<(), Failure> {
    if table == "invoice" {
        let sql = "UPDATE invoice SET subtotal_minor = total_minor - tax_total_minor, \
                   balance_minor = total_minor - paid_total_minor WHERE id = ?";
        tx.execute_raw(Piece::with(sql, [number.into()]).statement(call.hub.database.backend())).await?;
    }
    Ok(())
}

/// Hides a row, or deletes it where its table hides none.
///
/// # Errors
/// Other rows still need it, or the database failed.
pub async fn remove(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    resource: &'static Resource,
    row: &Row,
) -> Result<(), Failure> {
    let table = resource.storage().0;
    let mut piece = if has(resource, "deleted_at") {
        Piece::with(&format!("UPDATE \"{table}\" SET deleted_at = ?"), [call.now().into()])
    } else {
        Piece::text(format!("DELETE FROM \"{table}\""))
    };
    piece.push(" WHERE id = ");
    piece.push_value(row.number);
    let done = tx.execute_raw(piece.statement(call.hub.database.backend())).await;
    let plural = &resource.plural;
    done.map(drop).map_err(|error| match error.sql_err() {
        Some(sea_orm::SqlErr::ForeignKeyConstraintViolation(_)) => {
            fault(Code::WrongState, "recordId", format!("Other rows still need it; such {plural} cannot be removed."))
        }
        _ => error.into(),
    })
}
