//! Counts and sums by dimensions: `leadCounts`, `dealTotals`, `ticketCounts`, `invoiceTotals`. One row for each
//! combination, and for each currency where there are sums; a dimension not grouped by is null.

use std::collections::HashMap;

use async_graphql::Value;
use sea_orm::QueryResult;

use super::{
    collect::{Item, Selected, collect},
    computed::Computed,
    fetch,
    filter::{Rows, name_column},
    model::{Binding, Field, Leaf, Object, camel},
    order,
    plan::{self, ROOT, pairs, quoted},
    request::Request,
    resolve::read_unscoped,
    sql::{Joins, Piece, column, template},
    tree::Columns,
    write::Writer,
};
use crate::error::Error;

/// Most rows of an answer.
const MOST_ROWS: usize = 5_000;

/// The type of rows that a root field counts; none for other fields.
#[must_use]
pub fn of(field: &Field) -> Option<&'static str> {
    Some(match field.of.name.as_str() {
        "LeadCount" => "Lead",
        "DealTotal" => "Deal",
        "TicketCount" => "Ticket",
        "InvoiceTotal" => "Invoice",
        _ => return None,
    })
}

/// A dimension in the result.
enum Dimension {
    /// Number of a company.
    Tenant(usize),
    Leaf(usize, Leaf),
}

struct Query {
    columns: Columns,
    joins: Joins,
    groups: Vec<String>,
    dimensions: HashMap<String, Dimension>,
    /// Column of the sums' currency.
    currency: Option<usize>,
}

/// The rows as JSON.
///
/// # Errors
/// A bad filter, or a fault.
pub async fn write(request: &Request<'_>, selected: &Selected<'_>, of: &'static str) -> Result<String, Error> {
    let (object, table) = request.model().rows(of).expect("counted types are rows");
    let total = request.model().object(&selected.field.of.name);
    let rows = Rows { object, alias: ROOT };
    let mut query = group(request, selected, total, rows)?;
    let conditions = plan::conditions(request, rows, selected)?;
    let mut piece =
        Piece::text(format!("SELECT {} FROM \"{}\" {ROOT}{}", query.columns.list(), table.name, query.joins.sql()));
    if let Some(all) = Piece::join(conditions, " AND ") {
        piece.push(" WHERE ");
        piece.append(all);
    }
    if !query.groups.is_empty() {
        let groups = query.groups.join(", ");
        piece.push(&format!(" GROUP BY {groups} ORDER BY {groups}"));
    }
    piece.push(&format!(" LIMIT {MOST_ROWS}"));
    let found = fetch::all(request, piece).await?;
    let tenants = tenants(request, selected, total, &query, &found).await?;
    let computed = Computed::default();
    let mut writer = Writer { request: *request, out: String::from("["), computed: &computed };
    for row in &found {
        // Without dimensions there is one row, also of nothing.
        if writer.out.len() > 1 {
            writer.out.push(',');
        }
        write_row(&mut writer, selected, total, (&mut query, &tenants), row)?;
    }
    writer.out.push(']');
    Ok(writer.out)
}

fn group(
    request: &Request<'_>,
    selected: &Selected<'_>,
    total: &'static Object,
    rows: Rows<'_>,
) -> Result<Query, Error> {
    let mut query = Query {
        columns: Columns::default(),
        joins: Joins::default(),
        groups: Vec::new(),
        dimensions: HashMap::new(),
        currency: None,
    };
    if let Some(Value::List(words)) = selected.arguments.get("groupBy") {
        for word in words {
            let Value::Enum(word) = word else { continue };
            let name = camel(word);
            let sql = dimension(request, rows, &name, &mut query)?;
            if !query.groups.contains(&sql) {
                query.groups.push(sql);
            }
        }
    }
    query.columns.place("count(*)".to_owned());
    for measure in measures(total) {
        let Binding::Money { minor, currency } = stored(rows.object, measure)? else { continue };
        let currency = column(rows.alias, currency);
        query.currency = Some(query.columns.place(currency.clone()));
        query.columns.place(sum(rows.alias, minor));
        if !query.groups.contains(&currency) {
            query.groups.push(currency);
        }
    }
    Ok(query)
}

fn sum(alias: &str, minor: &str) -> String {
    format!("CAST(COALESCE(sum({}), 0) AS bigint)", column(alias, minor))
}

fn measures(total: &'static Object) -> impl Iterator<Item = &'static str> {
    total.fields.values().filter(|field| field.of.name == "Money").map(|field| field.name.as_str())
}

/// The field of the counted type that a sum adds up.
fn stored(object: &'static Object, measure: &str) -> Result<&'static Binding, Error> {
    let name = match measure {
        "invoiced" => "total",
        "paid" => "paidTotal",
        "outstanding" => "balance",
        name => name,
    };
    let field = object.fields.get(name).ok_or_else(|| Error::internal(format!("{name} cannot be summed")))?;
    Ok(&field.binding)
}

/// Adds a dimension; answers what is grouped by.
fn dimension(request: &Request<'_>, rows: Rows<'_>, name: &str, query: &mut Query) -> Result<String, Error> {
    let alias = rows.alias;
    let (sql, leaf) = match name {
        "tenant" => {
            let sql = column(alias, "tenant_id");
            let place = query.columns.place(sql.clone());
            query.dimensions.insert(name.to_owned(), Dimension::Tenant(place));
            return Ok(sql);
        }
        "month" => (format!("substr(CAST({} AS TEXT), 1, 7)", column(alias, "issued_on")), Leaf::Text),
        _ => {
            let field = rows.object.fields.get(name);
            let field = field.ok_or_else(|| Error::internal(format!("nothing to group by {name}")))?;
            match &field.binding {
                Binding::Leaf { column: name, leaf } => (column(alias, name), leaf.clone()),
                Binding::Expression { sql, leaf } => (format!("({})", template(sql, alias)), leaf.clone()),
                _ => {
                    let joined = order::to_one(request, field, alias, &format!(".{name}"), &mut query.joins);
                    let (object, alias) = joined.ok_or_else(|| Error::internal(format!("{name} is no relation")))?;
                    (column(&alias, name_column(object)), Leaf::Text)
                }
            }
        }
    };
    let place = query.columns.place(leaf.selected(sql.clone(), request.backend()));
    query.dimensions.insert(name.to_owned(), Dimension::Leaf(place, leaf));
    Ok(sql)
}

/// The companies of the rows as JSON, by response key and number.
async fn tenants(
    request: &Request<'_>,
    selected: &Selected<'_>,
    total: &'static Object,
    query: &Query,
    found: &[QueryResult],
) -> Result<HashMap<(String, i64), String>, Error> {
    let mut out = HashMap::new();
    let Some(Dimension::Tenant(place)) = query.dimensions.get("tenant") else { return Ok(out) };
    let mut numbers: Vec<i64> = Vec::new();
    for row in found {
        numbers.push(row.try_get_by_index(*place)?);
    }
    numbers.sort_unstable();
    numbers.dedup();
    for item in collect(request, total, &selected.sets) {
        if let Item::Field(inner) = item
            && inner.field.name == "tenant"
        {
            let tenant = request.model().object("Tenant");
            let rows = read_unscoped(request, tenant, &inner.sets, &numbers, Vec::new()).await?;
            for (number, row) in numbers.iter().zip(rows) {
                out.insert((inner.key.to_owned(), *number), row.unwrap_or_else(|| "null".to_owned()));
            }
        }
    }
    Ok(out)
}

fn write_row(
    writer: &mut Writer<'_>,
    selected: &Selected<'_>,
    total: &'static Object,
    (query, tenants): (&mut Query, &HashMap<(String, i64), String>),
    row: &QueryResult,
) -> Result<(), Error> {
    let request = writer.request;
    writer.out.push('{');
    for (index, item) in collect(&request, total, &selected.sets).into_iter().enumerate() {
        if index > 0 {
            writer.out.push(',');
        }
        let inner = match item {
            Item::Typename { key } => {
                writer.out.push_str(&quoted(key));
                writer.text(&total.name);
                continue;
            }
            Item::Field(inner) => inner,
        };
        writer.out.push_str(&quoted(inner.key));
        let name = inner.field.name.as_str();
        if name == "count" {
            let place = query.columns.place("count(*)".to_owned());
            writer.leaf(row, place, &Leaf::Integer)?;
        } else if inner.field.of.name == "Money" {
            let (alias, members) = (ROOT, pairs(&request, "Money", &inner.sets));
            let object = request.model().object(of(selected.field).expect("totals are of rows"));
            let Binding::Money { minor, .. } = stored(object, name)? else { continue };
            let amount: i64 = row.try_get_by_index(query.columns.place(sum(alias, minor)))?;
            let currency: Option<String> = row.try_get_by_index(query.currency.unwrap_or_default())?;
            // Rows without an amount have no currency either: nothing, in the base currency.
            let currency = currency.unwrap_or_else(|| request.hub.directory.base_currency(request.viewer.tenant));
            writer.amount(amount, &currency, &members);
        } else {
            match query.dimensions.get(name) {
                Some(Dimension::Tenant(place)) => {
                    let number: i64 = row.try_get_by_index(*place)?;
                    let json = tenants.get(&(inner.key.to_owned(), number));
                    writer.out.push_str(json.map_or("null", String::as_str));
                }
                Some(Dimension::Leaf(place, leaf)) => writer.leaf(row, *place, leaf)?,
                None => writer.out.push_str("null"),
            }
        }
    }
    writer.out.push('}');
    Ok(())
}
