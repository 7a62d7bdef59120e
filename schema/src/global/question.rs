//! The arguments and selection of a global field as a question to the federation.

use std::{collections::HashMap, time::Duration};

use async_graphql::{Name, Value, indexmap::IndexMap};
use groupgraph_entities::staff_mapping;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{
    conditions,
    members::{self, Tenants},
};
use crate::{
    engine::{
        collect::{Item, Selected, collect},
        filter, id,
        model::{Binding, Leaf, Object, camel},
        plan::ROOT,
        request::Request,
        sql::Piece,
    },
    error::Error,
    federation::{
        collection::Collection,
        cursor::{self, Cursor},
        key::{KeyKind, OrderKey},
        question::{Member, Question, SourceErrorMode},
        relay::RemoteChange,
    },
    viewer::Reach,
};

/// Longest wait that a client may ask for.
const MOST_WAIT_MS: i64 = 30_000;
/// Rows of a page if none are asked for.
const DEFAULT: usize = 25;

/// The question, and which selections of rows the connection writes.
pub struct Asked {
    pub question: Question,
}

/// What a global field asks.
///
/// # Errors
/// A bad argument, named; or a fault.
pub async fn of(request: &Request<'_>, selected: &Selected<'_>, object: &'static Object) -> Result<Asked, Error> {
    let collection = Collection::all().find(|collection| collection.type_name() == object.name);
    let collection = collection.ok_or_else(|| Error::internal(format!("{} is no collection", object.name)))?;
    let order = order(request, selected, object)?;
    let first =
        number(selected, "first").map_or(Ok(DEFAULT), |first| usize::try_from(first).map_err(|_| too_many(request)))?;
    if first > request.max_page {
        return Err(too_many(request));
    }
    let after = match selected.arguments.get("after") {
        Some(Value::String(after)) => Some(
            Cursor::read(after, &order).map_err(|_| Error::bad_input("after is no cursor of a list in this order."))?,
        ),
        _ => None,
    };
    let (filter, tenants) = narrowed(request, selected).await?;
    let condition = filter.as_ref().map(|filter| conditions::of(request, object, filter));
    let mut slots = Tenants::default();
    let shape = shape(request, selected, object, &mut slots)?;
    let mut question = Question {
        collection,
        filter: filter.map(|filter| Value::Object(filter).to_string()),
        condition,
        search: text(selected, "search"),
        order,
        members: shape.members,
        first,
        after,
        places: text(selected, "after").map(|after| cursor::places(&after)).unwrap_or_default(),
        wants_total: shape.wants_total,
        visible: visible(request),
        tenants,
        viewer_numbers: None,
        tenant_json: HashMap::new(),
        deadline: deadline(request, selected),
        mode: mode(selected),
    };
    if collection.type_name() == "Task" {
        question.viewer_numbers = Some(own_numbers(request).await?);
    }
    question.tenant_json = tenant_json(request, &slots).await?;
    Ok(Asked { question })
}

/// Companies that the client named.
pub(super) fn tenants(request: &Request<'_>, selected: &Selected<'_>) -> Option<Vec<i64>> {
    match selected.arguments.get("tenants") {
        Some(Value::List(ids)) => Some(ids.iter().filter_map(|id| id::number_of(request.hub, "Tenant", id)).collect()),
        _ => None,
    }
}

/// The question for one row of one company.
pub(super) fn one(
    request: &Request<'_>,
    (collection, object): (Collection, &'static Object),
    members: Vec<Member>,
    change: &RemoteChange,
) -> Result<Question, Error> {
    let order = vec![key(request, object, "NUMBER", false)?];
    let deadline = Duration::from_millis(request.hub.settings.sources.deadline_ms);
    Ok(Question {
        filter: Some(format!("{{number: {{eq: {}}}}}", change.number)),
        visible: visible(request),
        tenants: Some(vec![change.tenant]),
        ..Question::new(collection, order, members, 1, deadline)
    })
}

/// Companies within the viewer's reach; none is all.
pub(super) fn visible(request: &Request<'_>) -> Option<Vec<i64>> {
    match &request.viewer.tenants {
        Reach::All => None,
        Reach::Some(tenants) => Some(tenants.clone()),
    }
}

/// How long the client waits.
pub(super) fn deadline(request: &Request<'_>, selected: &Selected<'_>) -> Duration {
    let usual = || i64::try_from(request.hub.settings.sources.deadline_ms).unwrap_or(MOST_WAIT_MS);
    let wait = number(selected, "deadlineMs").unwrap_or_else(usual);
    Duration::from_millis(u64::try_from(wait.clamp(1, MOST_WAIT_MS)).unwrap_or_default())
}

/// What the failure of a source does.
pub(super) fn mode(selected: &Selected<'_>) -> SourceErrorMode {
    match selected.arguments.get("onSourceError") {
        Some(Value::Enum(word)) if word == "FAIL" => SourceErrorMode::Fail,
        _ => SourceErrorMode::Partial,
    }
}

fn too_many(request: &Request<'_>) -> Error {
    Error::bad_input(format!("first is between 0 and {}.", request.max_page))
}

fn number(selected: &Selected<'_>, name: &str) -> Option<i64> {
    match selected.arguments.get(name) {
        Some(Value::Number(number)) => number.as_i64(),
        _ => None,
    }
}

fn text(selected: &Selected<'_>, name: &str) -> Option<String> {
    match selected.arguments.get(name) {
        Some(Value::String(text)) => Some(text.clone()),
        _ => None,
    }
}

/// Conditions for sources, and the companies that are asked.
type Narrowed = (Option<IndexMap<Name, Value>>, Option<Vec<i64>>);

/// The condition that sources apply, and the companies that are asked: conditions on the company stay here, for
/// sources do not know their own number at the hub.
pub(super) async fn narrowed(request: &Request<'_>, selected: &Selected<'_>) -> Result<Narrowed, Error> {
    let mut tenants = tenants(request, selected);
    let Some(Value::Object(filter)) = selected.arguments.get("filter") else { return Ok((None, tenants)) };
    let mut filter: IndexMap<Name, Value> = filter.clone();
    if let Some(condition) = filter.shift_remove("tenant") {
        let matching = matching_tenants(request, &condition).await?;
        tenants = Some(match tenants {
            Some(tenants) => tenants.into_iter().filter(|tenant| matching.contains(tenant)).collect(),
            None => matching,
        });
    }
    Ok(((!filter.is_empty()).then_some(filter), tenants))
}

async fn matching_tenants(request: &Request<'_>, condition: &Value) -> Result<Vec<i64>, Error> {
    let mut piece = Piece::text(format!("SELECT {ROOT}.id FROM tenant {ROOT}"));
    if let Some(condition) = filter::on_key(request, &format!("{ROOT}.id"), "Tenant", condition, "filter.tenant")? {
        piece.push(" WHERE ");
        piece.append(condition);
    }
    let rows = crate::engine::fetch::all(request, piece).await?;
    Ok(rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?)
}

fn order(request: &Request<'_>, selected: &Selected<'_>, object: &'static Object) -> Result<Vec<OrderKey>, Error> {
    let mut keys = Vec::new();
    if let Some(Value::List(items)) = selected.arguments.get("orderBy") {
        for item in items {
            let Value::Object(members) = item else { continue };
            let Some(Value::Enum(word)) = members.get("field") else { continue };
            let is_descending = matches!(members.get("direction"), Some(Value::Enum(word)) if word == "DESC");
            keys.push(key(request, object, word, is_descending)?);
        }
    }
    if keys.is_empty() {
        let table = object.table.as_ref().expect("collections are rows");
        let words = &request.model().enums[&format!("{}OrderField", object.name)];
        for column in &table.order {
            let word = column.column.to_ascii_uppercase();
            if words.iter().any(|found| found.name == word) {
                keys.push(key(request, object, &word, column.is_descending)?);
            }
        }
    }
    if keys.is_empty() {
        keys.push(key(request, object, "NUMBER", false)?);
    }
    Ok(keys)
}

fn key(request: &Request<'_>, object: &'static Object, word: &str, is_descending: bool) -> Result<OrderKey, Error> {
    let values = &request.model().enums[&format!("{}OrderField", object.name)];
    let own = values.iter().find(|value| value.name == word).and_then(|value| value.path.clone());
    let path = own.unwrap_or_else(|| camel(word));
    let (mut at, mut selection, mut depth) = (object, String::new(), 0);
    for name in path.split('.') {
        let field = at.fields.get(name);
        let field = field.ok_or_else(|| Error::bad_input(format!("Global lists cannot be ordered by {word}.")))?;
        selection.push_str(name);
        let kind = match &field.binding {
            Binding::Money { .. } => {
                selection.push_str(" { amountMinor }");
                KeyKind::Number
            }
            Binding::Leaf { leaf: Leaf::Ordinal(of), .. } => {
                let words = request.model().enums[of].iter().map(|value| value.name.clone());
                KeyKind::Words(words.collect::<Vec<_>>().into())
            }
            Binding::Leaf { leaf, .. } | Binding::Expression { leaf, .. } => match leaf {
                Leaf::Text | Leaf::Json => KeyKind::Text,
                Leaf::Instant => KeyKind::Instant,
                Leaf::Day => KeyKind::Day,
                Leaf::Boolean => KeyKind::Flag,
                _ => KeyKind::Number,
            },
            Binding::DaysSince { .. } => KeyKind::Number,
            _ => {
                at = request.model().object(&field.of.name);
                selection.push_str(" { ");
                depth += 1;
                continue;
            }
        };
        selection.push_str(&" }".repeat(depth));
        return Ok(OrderKey { field: word.to_owned(), is_descending, path: selection, kind });
    }
    Err(Error::bad_input(format!("Global lists cannot be ordered by {word}.")))
}

struct Shape {
    members: Vec<Member>,
    wants_total: bool,
}

/// What is asked of each row: the selections of `nodes` and of `edges { node }`, which must be the same.
fn shape<'a>(
    request: &Request<'a>,
    selected: &Selected<'a>,
    object: &'static Object,
    tenants: &mut Tenants<'a>,
) -> Result<Shape, Error> {
    let connection = request.model().object(&selected.field.of.name);
    let mut shape = Shape { members: Vec::new(), wants_total: false };
    let mut sets = Vec::new();
    for item in collect(request, connection, &selected.sets) {
        let Item::Field(inner) = item else { continue };
        match inner.field.name.as_str() {
            "nodes" => sets.push(inner.sets),
            "edges" => {
                let edge = request.model().object(&inner.field.of.name);
                for item in collect(request, edge, &inner.sets) {
                    match item {
                        Item::Field(inner) if inner.field.name != "cursor" => sets.push(inner.sets),
                        Item::Field(_) | Item::Typename { .. } => {}
                    }
                }
            }
            "totalCount" => shape.wants_total = true,
            _ => {}
        }
    }
    if let Some(first) = sets.first() {
        shape.members = members::of(request, object, first, tenants);
    }
    for other in sets.iter().skip(1) {
        if members::of(request, object, other, &mut Tenants::default()) != shape.members {
            return Err(Error::bad_input(format!(
                "{}: nodes and edges {{ node }} must select the same of a row.",
                selected.field.name
            )));
        }
    }
    Ok(shape)
}

/// The viewer's number at each company, by the mappings.
async fn own_numbers(request: &Request<'_>) -> Result<HashMap<i64, i64>, Error> {
    let Some(staff) = request.viewer.staff else { return Ok(HashMap::new()) };
    let mappings = staff_mapping::Entity::find()
        .filter(staff_mapping::Column::StaffId.eq(staff))
        .all(&request.hub.database.read)
        .await?;
    let mapped = mappings.into_iter().map(|row| (row.tenant_id, i64::from(row.remote_staff_number)));
    // At home one is who one is.
    let own = request.viewer.tenant.map(|tenant| (tenant, staff));
    Ok(own.into_iter().chain(mapped).collect())
}

/// Every selection of `tenant` for every company that has a source.
pub(super) async fn tenant_json(
    request: &Request<'_>,
    slots: &Tenants<'_>,
) -> Result<HashMap<(usize, i64), String>, Error> {
    let sources = request.hub.federation.registry.sources();
    let numbers: Vec<i64> = sources.iter().map(|source| source.tenant).collect();
    let mut out = HashMap::new();
    for (slot, sets) in slots.slots.iter().enumerate() {
        let rows = request.hub.companies().read(request, sets, &numbers).await?;
        for (number, row) in numbers.iter().zip(rows) {
            out.insert((slot, *number), row.unwrap_or_else(|| "null".to_owned()));
        }
    }
    Ok(out)
}
