//! The row that a `Reference` names, as far as the viewer may see it.

use async_graphql::{Name, Value, indexmap::IndexMap};
use sea_orm::ConnectionTrait;

use super::{
    filter::name_column,
    id,
    model::Object,
    plan::ROOT,
    request::Request,
    scope,
    sql::{Piece, column},
};
use crate::error::Error;

/// A row that was found.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    pub number: i64,
    /// The company that owns it; none for rows of the whole instance.
    pub tenant: Option<i64>,
}

/// A reference that is to be resolved.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    pub of: &'a str,
    pub reference: &'a Value,
    /// Narrows names to one company.
    pub tenant: Option<i64>,
}

/// The row; none if there is none or it is hidden.
///
/// # Errors
/// Not exactly one member is given, or the database failed.
pub async fn find<C: ConnectionTrait>(request: &Request<'_>, db: &C, asked: Asked<'_>) -> Result<Option<Found>, Error> {
    let Some(query) = query(request, asked)? else { return Ok(None) };
    let row = db.query_one_raw(query.statement(request.backend())).await?;
    row.map(|row| Ok(Found { number: row.try_get_by_index(0)?, tenant: row.try_get_by_index(1)? })).transpose()
}

/// The same for several at once; those that name nothing are not found.
///
/// # Errors
/// The database failed.
pub async fn find_all<C: ConnectionTrait>(
    request: &Request<'_>,
    db: &C,
    asked: &[Asked<'_>],
) -> Result<Vec<Option<Found>>, Error> {
    let mut found = vec![None; asked.len()];
    let mut all = Piece::text("");
    for (place, asked) in asked.iter().enumerate() {
        let Ok(Some(one)) = query(request, *asked) else { continue };
        all.push(if all.is_empty() { "" } else { " UNION ALL " });
        all.push(&format!("SELECT {place}, found.* FROM ("));
        all.append(one);
        all.push(") found");
    }
    if all.is_empty() {
        return Ok(found);
    }
    for row in db.query_all_raw(all.statement(request.backend())).await? {
        let place = usize::try_from(row.try_get_by_index::<i32>(0)?).unwrap_or_default();
        found[place] = Some(Found { number: row.try_get_by_index(1)?, tenant: row.try_get_by_index(2)? });
    }
    Ok(found)
}

fn query(request: &Request<'_>, Asked { of, reference, tenant }: Asked<'_>) -> Result<Option<Piece>, Error> {
    let (object, table) = request.model().rows(of).expect("references lead to tables");
    let Value::Object(members) = reference else { return Ok(None) };
    let Some(piece) = named(request, object, members)? else { return Ok(None) };
    let key = column(ROOT, "id");
    let owner = table.reach.as_ref().map_or_else(|| "NULL".to_owned(), |reach| column(ROOT, reach));
    let mut query = Piece::text(format!("SELECT {key}, CAST({owner} AS bigint) FROM \"{}\" {ROOT} WHERE ", table.name));
    query.append(piece);
    for condition in scope::visible(request, table, ROOT) {
        query.push(" AND ");
        query.append(condition);
    }
    if let (Some(tenant), Some("tenant_id"), true) = (tenant, table.reach.as_deref(), members.contains_key("name")) {
        query.push(&format!(" AND {} = {tenant}", column(ROOT, "tenant_id")));
    }
    query.push(&format!(" ORDER BY {key} LIMIT 1"));
    Ok(Some(query))
}

/// The condition that the one given member makes; none if it can name nothing.
///
/// # Errors
/// Not exactly one member is given.
pub fn named(
    request: &Request<'_>,
    object: &'static Object,
    members: &IndexMap<Name, Value>,
) -> Result<Option<Piece>, Error> {
    let given: Vec<_> = members.iter().filter(|(_, value)| **value != Value::Null).collect();
    let [(name, value)] = given.as_slice() else {
        return Err(Error::bad_input(format!(
            "A {} must be named by exactly one of id, number, uuid, name and external.",
            object.name
        )));
    };
    let key = column(ROOT, "id");
    let has = |column: &str| request.model().column(&object.table.as_ref().expect("a table").name, column).is_some();
    Ok(match (name.as_str(), value) {
        ("id", id) => id::number_of(request.hub, &object.name, id).map(|number| equal(&key, number)),
        ("number", Value::Number(number)) => number.as_i64().map(|number| equal(&key, number)),
        ("uuid", Value::String(uuid)) if has("uuid") => {
            Some(Piece::with(&format!("{} = ?", column(ROOT, "uuid")), [uuid.to_lowercase().into()]))
        }
        ("name", Value::String(name)) if has(name_column(object)) => {
            let by_name = if has("name_key") {
                let key = format!("COALESCE({}, lower({})) = ?", column(ROOT, "name_key"), column(ROOT, "name"));
                Piece::with(&key, [crate::compare::key(name).into()])
            } else {
                let name_is = format!("lower({}) = lower(?)", column(ROOT, name_column(object)));
                Piece::with(&name_is, [name.trim().into()])
            };
            // Digits alone are also a number: legacy forms send what they have.
            match name.trim().parse::<i64>() {
                Ok(number) => Piece::join(vec![by_name, equal(&key, number)], " OR "),
                Err(_) => Some(by_name),
            }
        }
        ("external", Value::Object(external)) => match (external.get("system"), external.get("id")) {
            (Some(Value::String(system)), Some(Value::String(id))) => Some(Piece::with(
                &format!(
                    "EXISTS (SELECT 1 FROM external_ref ref WHERE ref.entity_id = {key} AND ref.entity = ? \
                     AND ref.system = ? AND ref.external_id = ?)"
                ),
                [object.name.clone().into(), system.clone().into(), id.clone().into()],
            )),
            _ => None,
        },
        _ => None,
    })
}

fn equal(key: &str, number: i64) -> Piece {
    Piece::with(&format!("{key} = ?"), [number.into()])
}
