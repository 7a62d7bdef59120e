//! Records that are rows of the hub's own tables: fields with a column stand in it, all others in the row's
//! `attributes`. They are written as the hub's own mutations write them, with the noun's rules, so that what one API
//! writes every other reads. Where a column holds less than an app says (a day of an instant, a word of the hub's), the
//! app's own value stays in `attributes` for as long as it means the same. It must not know any noun's rules.

use std::collections::BTreeMap;

use async_graphql::{Value as Graphql, indexmap::IndexMap};
use chrono::{DateTime, NaiveDate};
use sea_orm::{DatabaseTransaction, QueryResult, Value as Bound};
use serde_json::{Map, Value};

use super::store::{self, Row};
use crate::{
    catalog::{Conversion, Resource},
    engine::{
        MODEL,
        model::{Leaf, column_leaf, snake},
        mutate,
        plan::ROOT,
        record_id,
        sql::{Piece, column},
    },
    error::{Code, Error},
    rule::Draft,
    verb::{Call, Failure, fault},
};

/// A type of the hub's own, and the mutations that create, change and delete its rows.
struct Noun {
    of: &'static str,
    create: &'static str,
    update: &'static str,
    delete: &'static str,
}

/// The nouns behind tables.
const NOUNS: [(&str, [&str; 4]); 8] = [
    ("client", ["Client", "createClient", "updateClient", "deleteClient"]),
    ("invoice", ["Invoice", "createInvoice", "updateInvoice", "deleteInvoice"]),
    ("payment", ["Payment", "recordPayment", "updatePayment", "deletePayment"]),
    ("product", ["Product", "createProduct", "updateProduct", "deleteProduct"]),
    ("product_category", ["ProductCategory", "saveProductCategory", "saveProductCategory", "deleteProductCategory"]),
    ("staff", ["Staff", "createStaff", "updateStaff", "deleteStaff"]),
    ("team", ["Team", "saveTeam", "saveTeam", "deleteTeam"]),
    ("ticket", ["Ticket", "createTicket", "updateTicket", "deleteTicket"]),
];

/// Columns that a noun sets on creation, whatever is said: what an app says is a change right after.
const BEGUN: [(&str, &str); 1] = [("ticket", "status")];
/// What must be there, and what it is where an app says nothing.
const USUAL: [(&str, &str, &str); 1] = [("ticket", "subject", "Work order")];

fn noun(resource: &Resource) -> Noun {
    let (_, [of, create, update, delete]) =
        NOUNS.iter().find(|(table, _)| *table == resource.storage().0).expect("each table of the catalogue has a noun");
    Noun { of, create, update, delete }
}

/// What is selected of a row, in the order in which `row` reads it.
#[must_use]
pub fn columns(resource: &Resource) -> String {
    let attributes = format!("CAST({ROOT}.\"attributes\" AS TEXT)");
    let mut columns = vec![column(ROOT, "id"), column(ROOT, "tenant_id"), attributes, column(ROOT, "revision")];
    for name in ["created_at", "updated_at"] {
        columns.push(if has(resource, name) { column(ROOT, name) } else { "NULL".to_owned() });
    }
    columns.push(currency(resource).map_or_else(|| "NULL".to_owned(), |name| column(ROOT, &name)));
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
    let currency: Option<String> = found.try_get_by_index(6)?;
    for (place, (name, field)) in mapped(resource).enumerate() {
        let text: Option<String> = found.try_get_by_index(7 + place)?;
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
        revision: found.try_get_by_index(3)?,
        created_at: found.try_get_by_index(4)?,
        updated_at: found.try_get_by_index(5)?,
    })
}

/// Columns and values of a record, `attributes` included.
fn values(call: &Call<'_>, resource: &Resource, row: &Row) -> BTreeMap<String, Bound> {
    let mut attributes = row.body.clone();
    let base = call.hub.directory.base_currency(Some(row.tenant));
    let mut values = BTreeMap::new();
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
            _ => drop(values.insert(name.clone(), bound(&leaf, text.as_deref()))),
        }
        if let (Conversion::Phone, Some(said)) = (conversion, row.body.get(field)) {
            values.insert(format!("{name}_raw"), said.as_str().map(str::to_owned).into());
        }
    }
    // An amount and its currency are there or not there together.
    let minor = values.iter().find(|(name, _)| name.ends_with("_minor"));
    if let (Some(name), Some((_, amount))) = (currency(resource), minor) {
        let own = (*amount != Bound::BigInt(None)).then_some(base);
        values.insert(name, own.into());
    }
    values.insert("attributes".to_owned(), Bound::Json(Some(Box::new(attributes.into()))));
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

/// Writes a draft as a mutation of the noun does, with its rules before and after.
async fn write(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    (resource, mutation): (&Resource, &str),
    draft: &mut Draft,
) -> Result<(), Failure> {
    // Rules read further members of the hub's own inputs; what an app sends under such a name means something else.
    let nothing = Graphql::Object(IndexMap::new());
    let own = call.with_input(&nothing);
    mutate::save(&own, tx, mutation, draft).await.map_err(|failure| named(resource, failure))?;
    call.join(own);
    Ok(())
}

/// A failure of a member of the hub's own inputs, by the app's name of the field.
fn named(resource: &Resource, failure: Failure) -> Failure {
    let Failure::User(mut errors) = failure else { return failure };
    for error in &mut errors {
        let column = error.field.first().map(|member| snake(member)).unwrap_or_default();
        let names = [column.clone(), format!("{column}_id"), format!("{column}_minor")];
        if let Some((_, field)) = mapped(resource).find(|(name, _)| names.contains(name)) {
            error.field = vec![field.clone()];
        }
    }
    Failure::User(errors)
}

/// Writes a new row; its number and id are set.
///
/// # Errors
/// A rule of the noun refuses it, a value that must be unique is taken, or the database failed.
pub async fn insert(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    resource: &'static Resource,
    row: &mut Row,
) -> Result<(), Failure> {
    let (noun, table) = (noun(resource), resource.storage().0);
    secrets(call, resource, row).await?;
    let mut draft = Draft::new(noun.of, None, Some(row.tenant));
    draft.values = values(call, resource, row);
    for (_, column, value) in USUAL.iter().filter(|(of, ..)| *of == table) {
        draft.default(column, *value);
    }
    if let Some(kind) = &resource.rows {
        draft.set("kind", kind.as_str());
    }
    let begun = BEGUN.iter().filter(|(of, _)| *of == table);
    let later: BTreeMap<String, Bound> = begun.filter_map(|(_, name)| draft.values.remove_entry(*name)).collect();
    write(call, tx, (resource, noun.create), &mut draft).await?;
    row.number = draft.written();
    row.object_id = record_id::of_number(record_id::mark(table).unwrap_or_default(), row.number);
    if later.is_empty() {
        return Ok(());
    }
    let mut draft = Draft { values: later, ..Draft::new(noun.of, Some(row.number), Some(row.tenant)) };
    write(call, tx, (resource, noun.update), &mut draft).await
}

/// Writes what has changed of a row that was found.
///
/// # Errors
/// Somebody else has changed it since, a rule refuses, a value is taken, or the database failed.
pub async fn save(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    resource: &'static Resource,
    row: &mut Row,
) -> Result<(), Failure> {
    let noun = noun(resource);
    secrets(call, resource, row).await?;
    let same = Piece::with(&format!("{} = ?", column(ROOT, "id")), [row.number.into()]);
    let stored = store::select(&call.request(), tx, resource, vec![same], "").await?.into_iter().next();
    let stored = stored.filter(|stored| stored.revision == row.revision);
    let stored = stored.ok_or_else(|| fault(Code::Conflict, "revision", "Somebody else has changed it since."))?;
    let before = values(call, resource, &stored);
    let mut draft = Draft::new(noun.of, Some(row.number), Some(row.tenant));
    draft.values = values(call, resource, row);
    draft.values.retain(|name, value| before.get(name) != Some(value));
    row.revision += i32::from(!draft.values.is_empty());
    write(call, tx, (resource, noun.update), &mut draft).await
}

/// Removes a row as the noun does.
///
/// # Errors
/// A rule refuses, other rows still need it, or the database failed.
pub async fn remove(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    resource: &'static Resource,
    row: &Row,
) -> Result<(), Failure> {
    let noun = noun(resource);
    let mut draft = Draft::new(noun.of, Some(row.number), Some(row.tenant));
    mutate::remove(call, tx, noun.delete, &mut draft).await
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
