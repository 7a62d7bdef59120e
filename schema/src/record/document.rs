//! Records as whole documents, with the fields that the server adds by family, and with whole records in the place of
//! ids where that is asked for. A page costs one statement, and one for each resource that is written out.

use std::collections::{BTreeMap, HashMap};

use async_graphql::{Name, Value as Graphql, indexmap::IndexMap};
use serde_json::{Map, Value, json};

use super::store::{self, Row};
use crate::{
    catalog::{Family, Field, Namespace, Referred, Resource, catalog},
    engine::{
        compare::stamp,
        elements,
        model::Leaf,
        plan::ROOT,
        request::Request,
        sql::{any, column},
    },
    error::Error,
    hub::Hub,
};

/// The documents of rows that the caller has been shown, by number.
///
/// # Errors
/// The database failed.
pub async fn documents(
    request: &Request<'_>,
    of: &str,
    numbers: &[i64],
    populate: &[String],
) -> Result<Vec<(i64, Value)>, Error> {
    let Some(resource) = catalog().of_type(of) else { return Ok(Vec::new()) };
    let conditions = vec![any(request.backend(), &column(ROOT, "id"), numbers)];
    // What a mutation wrote is shown even if it is no longer there.
    let database = if request.operation.is_some() { &request.hub.database.write } else { &request.hub.database.read };
    let rows = store::select(request, database, resource, conditions, "").await?;
    let mut documents: Vec<(i64, Map<String, Value>)> =
        rows.iter().map(|row| (row.number, document(request.hub, resource, row))).collect();
    for name in populate {
        if let Some(Referred { by, field, shown: Some(shown), .. }) = resource.referred.get(name) {
            show_referring(request, (by, field, shown), &mut documents).await?;
        }
        // `product` stands for `product_id` as well.
        let fields = &resource.fields;
        let found = fields.get_key_value(name).or_else(|| fields.get_key_value(format!("{name}_id").as_str()));
        if let Some((name, Field { target: Some(target), .. })) = found {
            write_out(request, target, name, &mut documents).await?;
        }
    }
    Ok(documents.into_iter().map(|(number, document)| (number, document.into())).collect())
}

/// Puts whole records in the place of the ids of a member.
async fn write_out(
    request: &Request<'_>,
    target: &str,
    name: &str,
    documents: &mut [(i64, Map<String, Value>)],
) -> Result<(), Error> {
    let Some(target) = catalog().resource(target) else { return Ok(()) };
    let mut ids: Vec<&str> = documents.iter().filter_map(|(_, document)| document.get(name)).flat_map(ids_of).collect();
    ids.sort_unstable();
    ids.dedup();
    let known = by_id(request, target, &ids).await?;
    for (_, document) in documents {
        match document.get_mut(name) {
            Some(Value::Array(items)) => items.iter_mut().for_each(|item| replace(item, &known)),
            Some(value) => replace(value, &known),
            None => {}
        }
    }
    Ok(())
}

/// Adds to each document the records that refer to it.
async fn show_referring(
    request: &Request<'_>,
    (by, field, shown): (&str, &str, &str),
    documents: &mut [(i64, Map<String, Value>)],
) -> Result<(), Error> {
    let Some(by) = catalog().resource(by) else { return Ok(()) };
    let ids: Vec<Value> = documents.iter().filter_map(|(_, document)| document.get("_id").cloned()).collect();
    let list = format!("{} -> '{field}'", column(ROOT, by.storage().1));
    let among = IndexMap::from([(Name::new("in"), Graphql::from_json(ids.into()).unwrap_or_default())]);
    let conditions = elements::condition(request, &list, &Leaf::Key, &among, field)?.into_iter().collect();
    let rows = store::all(request, &request.hub.database.read, by, conditions).await?;
    for (_, document) in documents {
        let id = document.get("_id").and_then(Value::as_str).unwrap_or_default();
        let refers = |row: &&Row| row.body.get(field).is_some_and(|value| ids_of(value).contains(&id));
        let found: Vec<Value> =
            rows.iter().filter(refers).map(|row| self::document(request.hub, by, row).into()).collect();
        document.insert(shown.to_owned(), found.into());
    }
    Ok(())
}

fn ids_of(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        other => other.as_str().into_iter().collect(),
    }
}

fn replace(value: &mut Value, known: &HashMap<String, Value>) {
    if let Some(whole) = value.as_str().and_then(|id| known.get(id)) {
        *value = whole.clone();
    }
}

async fn by_id(
    request: &Request<'_>,
    target: &'static Resource,
    ids: &[&str],
) -> Result<HashMap<String, Value>, Error> {
    let rows = store::named(request, &request.hub.database.read, target, ids).await?;
    let document = |row: &Row| (row.object_id.clone(), document(request.hub, target, row).into());
    Ok(rows.iter().map(document).collect())
}

/// A record under the names that the apps know.
#[must_use]
pub fn document(hub: &Hub, resource: &Resource, row: &Row) -> Map<String, Value> {
    let mut document = Map::new();
    document.insert("_id".into(), row.object_id.clone().into());
    let hidden: Vec<&String> = resource.fields.iter().filter(|(_, field)| field.hidden).map(|(name, _)| name).collect();
    document.extend(row.body.clone().into_iter().filter(|(name, _)| !hidden.contains(&name)));
    let (created, changed, counts) = match resource.family {
        Family::A | Family::E | Family::F => ("createdAt", "updatedAt", true),
        Family::C => ("createdAt", "modifiedAt", true),
        Family::B | Family::D | Family::H => ("createdAt", "updatedAt", false),
        Family::G => ("created_at", "updated_at", false),
    };
    let times = BTreeMap::from([(created, row.created_at), (changed, row.updated_at)]);
    for (name, time) in times {
        if let Some(time) = time {
            document.insert(name.into(), stamp(time).into());
        }
    }
    let company = hub.directory.company(Some(row.tenant));
    if counts {
        document.insert("__v".into(), row.revision.into());
        let name = company.map(|company| company.namespace);
        let shown = if resource.namespace == Some(Namespace::Text) { json!(name) } else { json!([name]) };
        document.insert("company_namespace".into(), shown);
    } else if resource.family == Family::G {
        document.insert("company_id".into(), company.map(|company| company.namespace).into());
    }
    document
}
