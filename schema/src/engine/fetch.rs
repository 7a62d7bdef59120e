//! Runs plans: one statement for the rows, then one for each kind of rows below them, for all parents at once.
//! Children wait for nothing but their parents, so that a query costs as many statements as it has relations.

use std::{collections::HashMap, sync::Arc};

use futures_util::future::{BoxFuture, try_join_all};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement};

use super::{
    elements,
    filter::Rows,
    limit::{FEW, among_few, first_or, limit},
    model::{Link, Many, Style},
    order::{self, Term},
    page::{MOST_SETTINGS, Page},
    pick,
    plan::{Plan, ROOT},
    record_id,
    request::Request,
    scope, search,
    sql::{Piece, any, array, column, template},
    tree::{Child, Source},
};
use crate::error::Error;

/// Rows and everything below them.
pub struct Fetched {
    /// Shared by all that one statement reads at once.
    pub rows: Arc<Vec<QueryResult>>,
    /// Whether more rows follow in the direction of reading.
    pub has_more: bool,
    pub children: Vec<Grouped>,
}

/// The rows of a child, by the key of their parent.
pub struct Grouped {
    pub fetched: Fetched,
    pub groups: HashMap<i64, Group>,
    pub totals: HashMap<i64, i64>,
    /// Places of rows that are named, by company and record id.
    pub named: HashMap<(i64, String), usize>,
}

/// The rows of one parent, as places in `fetched.rows`.
#[derive(Default)]
pub struct Group {
    pub rows: Vec<usize>,
    pub has_more: bool,
}

/// The rows of a page with all that is below them; `total` is how many there are on all pages, if that is known.
///
/// # Errors
/// The database failed.
pub async fn page(
    request: &Request<'_>,
    plan: &Plan,
    conditions: Vec<Piece>,
    terms: &[Term],
    (page, total): (&Page, Option<i64>),
) -> Result<Fetched, Error> {
    if total.is_some_and(|total| usize::try_from(total).is_ok_and(|total| total <= page.skip)) {
        return Ok(Fetched::nothing());
    }
    let key = column(ROOT, "id");
    let mut conditions = conditions;
    conditions.extend(page.keyset.as_ref().map(|keyset| order::beyond(terms, keyset, &key, page.is_backward)));
    let ordered = |conditions: Vec<Piece>| {
        let mut piece = select(plan, None, "");
        piece.append(wheres(conditions));
        piece.push(&order::clause(terms, &key, page.is_backward));
        piece
    };
    let first = |conditions: Vec<Piece>| {
        let mut piece = ordered(conditions);
        piece.push(&limit(page));
        piece
    };
    let is_postgres = request.backend() == DbBackend::Postgres;
    let valued = order::valued(terms, page.keyset.as_ref(), page.is_backward).filter(|_| is_postgres);
    let piece = match valued {
        _ if is_postgres && total.is_some_and(|total| total <= FEW) => among_few(ordered(conditions), page),
        Some(valued) => first_or(first([conditions.clone(), vec![valued]].concat()), first(conditions), page.size),
        None => first(conditions),
    };
    let mut rows = all(request, piece).await?;
    let has_more = rows.len() > page.size;
    rows.truncate(page.size);
    if page.is_backward {
        rows.reverse();
    }
    below(request, plan, Arc::new(rows), has_more).await
}

/// The rows with these keys, in no order.
///
/// # Errors
/// The database failed.
pub async fn by_condition(request: &Request<'_>, plan: &Plan, conditions: Vec<Piece>) -> Result<Fetched, Error> {
    let mut piece = select(plan, None, "");
    piece.append(wheres(conditions));
    let rows = all(request, piece).await?;
    below(request, plan, Arc::new(rows), false).await
}

/// How many rows fulfil the conditions.
///
/// # Errors
/// The database failed.
pub async fn count(request: &Request<'_>, plan: &Plan, conditions: Vec<Piece>) -> Result<i64, Error> {
    let table = &plan.object.table.as_ref().expect("rows have a table").name;
    // Filters bring their own sub-queries: joins cannot change the number of rows.
    let mut piece = Piece::text(format!("SELECT count(*) FROM \"{table}\" {ROOT}"));
    piece.append(wheres(conditions));
    let rows = all(request, piece).await?;
    Ok(rows.first().map_or(Ok(0), |row| row.try_get_by_index(0))?)
}

/// Runs a piece.
///
/// # Errors
/// The database failed.
pub async fn all(request: &Request<'_>, piece: Piece) -> Result<Vec<QueryResult>, Error> {
    let statement: Statement = piece.statement(request.backend());
    metrics::counter!("groupgraph_statements_total").increment(1);
    Ok(request.hub.database.read.query_all_raw(statement).await?)
}

fn select(plan: &Plan, key: Option<&str>, from: &str) -> Piece {
    let table = &plan.object.table.as_ref().expect("rows have a table").name;
    let mut columns = plan.columns.list();
    if columns.is_empty() {
        columns.push('1');
    }
    if let Some(key) = key {
        columns.push_str(", ");
        columns.push_str(key);
    }
    Piece::text(format!("SELECT {columns} FROM \"{table}\" {ROOT}{from}{}", plan.joins.sql()))
}

/// Conditions as a part of a statement.
#[must_use]
pub fn wheres(conditions: Vec<Piece>) -> Piece {
    let mut piece = Piece::default();
    for condition in conditions {
        piece.push(if piece.is_empty() { " WHERE " } else { " AND " });
        piece.append(condition);
    }
    piece
}

/// Adds what is below the rows.
///
/// # Errors
/// The database failed.
#[must_use]
pub fn below<'a>(
    request: &'a Request<'a>,
    plan: &'a Plan,
    rows: Arc<Vec<QueryResult>>,
    has_more: bool,
) -> BoxFuture<'a, Result<Fetched, Error>> {
    Box::pin(async move {
        let children = try_join_all(plan.children.iter().map(|child| grouped(request, child, &rows))).await?;
        Ok(Fetched { rows, has_more, children })
    })
}

impl Fetched {
    /// No rows.
    #[must_use]
    pub fn nothing() -> Self {
        Self { rows: Arc::default(), has_more: false, children: Vec::new() }
    }
}

impl Grouped {
    /// Of no parents.
    #[must_use]
    pub fn nothing() -> Self {
        let fetched = Fetched::nothing();
        Self { fetched, groups: HashMap::new(), totals: HashMap::new(), named: HashMap::new() }
    }
}

/// The rows of a child of these rows.
///
/// # Errors
/// The database failed.
pub async fn grouped(request: &Request<'_>, child: &Child, parents: &[QueryResult]) -> Result<Grouped, Error> {
    if let Source::Named { json, path } = &child.source {
        return named(request, child, pick::named(parents, (child.parent, *json), path)?).await;
    }
    let mut keys = Vec::with_capacity(parents.len());
    for row in parents {
        keys.extend(row.try_get_by_index::<Option<i64>>(child.parent)?);
    }
    keys.sort_unstable();
    keys.dedup();
    if keys.is_empty() {
        return Ok(Grouped::nothing());
    }
    let (rows, size) = match &child.source {
        Source::Key => (by_key(request, child, &keys).await?, 1),
        Source::External { of, system } => (external(request, of, system, &keys).await?, 1),
        Source::Many(many) => many_rows(request, child, many, &keys).await?,
        Source::Named { .. } => return Ok(Grouped::nothing()),
    };
    let place = match &child.source {
        Source::External { .. } => 1,
        // The key follows the selected columns; without any, it follows the `1`.
        _ => child.plan.columns.count().max(1),
    };
    let skip = child.page.as_ref().map_or(0, |page| page.skip);
    let is_backward = child.page.as_ref().is_some_and(|page| page.is_backward);
    let groups = group(&rows, place, (skip, size), is_backward)?;
    let totals = totals(request, child, &keys).await?;
    let fetched = below(request, &child.plan, Arc::new(rows), false).await?;
    Ok(Grouped { fetched, groups, totals, named: HashMap::new() })
}

/// The rows with these record ids, whatever their company: a parent shows those of its own.
async fn named(request: &Request<'_>, child: &Child, ids: Vec<String>) -> Result<Grouped, Error> {
    let table = child.plan.object.table.as_ref().expect("rows have a table");
    if ids.is_empty() || !scope::may_read(request.viewer, table) {
        return Ok(Grouped::nothing());
    }
    let mut conditions = vec![record_id::among(request.backend(), table, ROOT, &ids)];
    conditions.extend(scope::joined(request, table).map(|rule| Piece::text(template(&rule, ROOT))));
    let id = template(&record_id::expression(&table.name), ROOT);
    let mut piece = select(&child.plan, Some(&format!("{id}, {}", column(ROOT, "tenant_id"))), "");
    piece.append(wheres(conditions));
    let (rows, place) = (all(request, piece).await?, child.plan.columns.count().max(1));
    let mut named = HashMap::with_capacity(rows.len());
    for (index, row) in rows.iter().enumerate() {
        named.insert((row.try_get_by_index(place + 1)?, row.try_get_by_index(place)?), index);
    }
    let fetched = below(request, &child.plan, Arc::new(rows), false).await?;
    Ok(Grouped { fetched, named, ..Grouped::nothing() })
}

/// Rows by the key of their parent, which is at the place; rows without one are of none. Of each group some are skipped,
/// and what is beyond its size is only noted.
///
/// # Errors
/// There is no key at the place.
pub fn group(
    rows: &[QueryResult],
    place: usize,
    (skip, size): (usize, usize),
    is_backward: bool,
) -> Result<HashMap<i64, Group>, Error> {
    let mut groups: HashMap<i64, Group> = HashMap::new();
    let mut skipped: HashMap<i64, usize> = HashMap::new();
    for (index, row) in rows.iter().enumerate() {
        let Some(number) = row.try_get_by_index::<Option<i64>>(place)? else { continue };
        let group = groups.entry(number).or_default();
        let before = skipped.entry(number).or_default();
        if *before < skip {
            *before += 1;
        } else if group.rows.len() < size {
            group.rows.push(index);
        } else {
            group.has_more = true;
        }
    }
    if is_backward {
        for group in groups.values_mut() {
            group.rows.reverse();
        }
    }
    Ok(groups)
}

async fn by_key(request: &Request<'_>, child: &Child, keys: &[i64]) -> Result<Vec<QueryResult>, Error> {
    let key = column(ROOT, "id");
    let table = child.plan.object.table.as_ref().expect("rows have a table");
    let mut conditions = vec![any(request.backend(), &key, keys)];
    conditions.extend(scope::joined(request, table).map(|rule| Piece::text(template(&rule, ROOT))));
    let mut piece = select(&child.plan, Some(&key), "");
    piece.append(wheres(conditions));
    all(request, piece).await
}

async fn external(request: &Request<'_>, of: &str, system: &str, keys: &[i64]) -> Result<Vec<QueryResult>, Error> {
    let mut piece = Piece::with(
        "SELECT external_id, entity_id FROM external_ref WHERE system = ? AND entity = ? AND ",
        [system.into(), of.into()],
    );
    piece.append(any(request.backend(), "entity_id", keys));
    all(request, piece).await
}

/// Rows that belong to the parents, and how many each parent shows at most.
async fn many_rows(
    request: &Request<'_>,
    child: &Child,
    many: &Many,
    keys: &[i64],
) -> Result<(Vec<QueryResult>, usize), Error> {
    let page = child.page.as_ref().expect("lists have a page");
    let (key, from) = link(request, child, many);
    let conditions = many_conditions(request, child, many, page);
    let order = order::clause(&child.terms, &column(ROOT, "id"), page.is_backward);
    let limit = page.size + 1 + page.skip;
    let is_plain = many.style == Style::List || keys.len() == 1;
    let piece = if is_plain {
        let mut piece = select(&child.plan, Some(&key), &from);
        piece.append(wheres([vec![any(request.backend(), &key, keys)], conditions].concat()));
        piece.push(&order);
        piece.push(&format!(" LIMIT {}", limit.saturating_mul(keys.len())));
        piece
    } else if request.backend() == DbBackend::Postgres {
        let mut piece = Piece::text("SELECT page.* FROM ");
        piece.append(parents(keys));
        piece.push(" CROSS JOIN LATERAL (");
        piece.append(select(&child.plan, Some("parents.number"), &from));
        piece.append(wheres([vec![Piece::text(format!("{key} = parents.number"))], conditions].concat()));
        piece.push(&format!("{order} LIMIT {limit}) page"));
        piece
    } else {
        let place = format!("{key} AS parent_number, row_number() OVER (PARTITION BY {key}{order}) AS place");
        let mut piece = Piece::text("SELECT * FROM (");
        piece.append(select(&child.plan, Some(&place), &from));
        piece.append(wheres([vec![any(request.backend(), &key, keys)], conditions].concat()));
        piece.push(&format!(") WHERE place <= {limit} ORDER BY parent_number, place"));
        piece
    };
    Ok((all(request, piece).await?, page.size))
}

fn parents(keys: &[i64]) -> Piece {
    Piece::with("unnest(CAST(? AS bigint[])) AS parents(number)", [array(keys).into()])
}

/// The expression that names the parent, and the link table that has to be joined for it.
fn link(request: &Request<'_>, child: &Child, many: &Many) -> (String, String) {
    match &many.by {
        Link::Column(name) => (column(ROOT, name), String::new()),
        Link::Through { table, from, to } => {
            (column("link", from), format!(" JOIN \"{table}\" link ON {} = {}", column("link", to), column(ROOT, "id")))
        }
        Link::Elements { table, sql } => {
            let target = child.plan.object.table.as_ref().expect("rows have a table");
            (column("link", "parent"), elements::link(request.backend(), (table, sql), target))
        }
    }
}

fn many_conditions(request: &Request<'_>, child: &Child, many: &Many, page: &Page) -> Vec<Piece> {
    let table = child.plan.object.table.as_ref().expect("rows have a table");
    let mut conditions = scope::below(request, table, ROOT);
    conditions.extend(many.condition.as_ref().map(|condition| Piece::text(template(condition, ROOT))));
    let rows = Rows { object: child.plan.object, alias: ROOT };
    conditions.extend(page.search.as_ref().and_then(|text| search::search(request, rows, text)));
    let key = column(ROOT, "id");
    let beyond = |keyset| order::beyond(&child.terms, keyset, &key, page.is_backward);
    conditions.extend(page.keyset.as_ref().map(beyond));
    conditions.extend(child.conditions.iter().cloned());
    conditions
}

/// Rows of each parent, if they are counted.
async fn totals(request: &Request<'_>, child: &Child, keys: &[i64]) -> Result<HashMap<i64, i64>, Error> {
    let Source::Many(many) = &child.source else { return Ok(HashMap::new()) };
    if !child.is_counted {
        return Ok(HashMap::new());
    }
    let (key, from) = link(request, child, many);
    let table = &child.plan.object.table.as_ref().expect("rows have a table").name;
    let everything = Page::first(MOST_SETTINGS);
    let page = Page { search: child.page.as_ref().and_then(|page| page.search.clone()), ..everything };
    let conditions = many_conditions(request, child, many, &page);
    let mut piece = Piece::text(format!("SELECT {key}, count(*) FROM \"{table}\" {ROOT}{from}"));
    piece.append(wheres([vec![any(request.backend(), &key, keys)], conditions].concat()));
    piece.push(&format!(" GROUP BY {key}"));
    let mut totals = HashMap::new();
    for row in all(request, piece).await? {
        totals.insert(row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    }
    Ok(totals)
}
