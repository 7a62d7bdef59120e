//! `prospectBoard`: one column for each category, with count, value and a page of its prospects, in one statement
//! however many columns there are. What is listed below prospects costs a statement more, as everywhere.

mod statement;

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Name, Value};

use self::statement::{Statement, Wanted};
use super::tally;
use crate::{
    engine::{
        collect::{Item, Selected, collect},
        computed::Computed,
        fetch::{self, Fetched, Grouped},
        filter::{self, Rows},
        model::{Link, Many, OrderColumn, Style},
        order,
        page::{self, Page},
        plan::{self, Plan, ROOT, pairs, quoted},
        request::Request,
        scope,
        sql::{Piece, column},
        tree::{Child, Columns, Source, View},
        write::Writer,
    },
    error::Error,
};

/// A prospect stands in the category of its follow-up.
static IN_CATEGORY: std::sync::LazyLock<Many> = std::sync::LazyLock::new(|| Many {
    by: Link::Through { table: "follow_up".into(), from: "category_id".into(), to: "prospect_id".into() },
    condition: None,
    order: Vec::new(),
    style: Style::Connection,
    of: "Prospect".into(),
});

/// What is written of a column.
enum Part {
    Typename(String),
    Category(String, usize),
    Count(String),
    Value(String, Vec<(String, String)>),
    Prospects(String, usize, View),
}

/// The columns as JSON.
///
/// # Errors
/// A bad argument, or a fault.
pub async fn board(request: &Request<'_>, selected: &Selected<'_>) -> Result<String, Error> {
    let (object, table) = request.model().rows("FollowUpCategory").expect("categories are rows");
    let conditions = conditions(request, selected)?;
    let mut plan = Plan::new(object);
    let parts = parts(request, selected, &mut plan, &conditions)?;
    let mut categories = scope::visible(request, table, ROOT);
    if let Some(value @ Value::Object(_)) = selected.arguments.get("categories") {
        categories.extend(filter::on_key(request, &column(ROOT, "id"), &object.name, value, "categories")?);
    }
    let by_position = [OrderColumn { column: "position".into(), is_descending: false }];
    let terms = order::terms(request, Rows { object, alias: ROOT }, None, &by_position, &mut plan.joins)?;
    let currency = request.hub.directory.base_currency(request.viewer.tenant);
    let tallied = tally::conditions(request, &selected.arguments)?;
    // Pages need none, but cost less with them.
    let is_summed = needs_sums(&parts) || (tallied.is_some() && !plan.children.is_empty());
    let sums = is_summed.then(|| statement::sums(tallied, conditions, &currency));
    let statement = Statement::new(&plan);
    let rows = Arc::new(fetch::all(request, statement.sql(request, Wanted { categories, terms, sums })).await?);
    let fetched = below(request, &plan, &statement, rows).await?;
    let computed = Computed::gather(request, &plan, &fetched).await?;
    let mut writer = Writer { request: *request, out: String::from("["), computed: &computed };
    let mut last = None;
    for row in 0..fetched.rows.len() {
        let number = statement.number(&fetched.rows[row])?;
        // Further rows of a column are further prospects in it.
        if last.replace(number) == Some(number) {
            continue;
        }
        if row > 0 {
            writer.out.push(',');
        }
        let (count, value) = statement.sums(&fetched.rows[row])?;
        write(&mut writer, (&plan, &parts), (&fetched, row), (count, value, &currency))?;
    }
    writer.out.push(']');
    Ok(writer.out)
}

/// Conditions on the prospects of a column. Those on follow-ups are put to the one that is joined.
fn conditions(request: &Request<'_>, selected: &Selected<'_>) -> Result<Vec<Piece>, Error> {
    let mut arguments = selected.arguments.clone();
    let mut pieces = Vec::new();
    if let Some(filter) = arguments.get("filter") {
        filter::check_size(filter)?;
    }
    if let Some(Value::Object(filter)) = arguments.get_mut("filter")
        && let Some(value @ Value::Object(_)) = filter.get("followUp").cloned()
    {
        filter.shift_remove("followUp");
        let follow_up = Rows { object: request.model().object("FollowUp"), alias: statement::PLACE };
        pieces.extend(filter::condition(request, follow_up, "FollowUpFilter", &value, "filter.followUp")?);
    }
    let others = Selected { key: selected.key, field: selected.field, arguments, sets: Vec::new() };
    let prospect = Rows { object: request.model().object("Prospect"), alias: ROOT };
    pieces.extend(plan::conditions(request, prospect, &others)?);
    Ok(pieces)
}

fn needs_sums(parts: &[Part]) -> bool {
    parts.iter().any(|part| match part {
        Part::Count(_) | Part::Value(..) => true,
        Part::Prospects(_, _, View::Connection(shown)) => page::needs_count(shown),
        _ => false,
    })
}

/// The category of a column comes first, because the columns of its prospects follow it in a row.
fn parts(
    request: &Request<'_>,
    selected: &Selected<'_>,
    plan: &mut Plan,
    conditions: &[Piece],
) -> Result<Vec<Part>, Error> {
    let items = collect(request, request.model().object("ProspectBoardColumn"), &selected.sets);
    let mut views = HashMap::new();
    for item in &items {
        if let Item::Field(inner) = item
            && inner.field.name == "category"
        {
            views.insert(inner.key, plan.view(request, &inner.sets)?);
        }
    }
    plan.columns.place(column(ROOT, "id"));
    let mut parts = Vec::new();
    for item in items {
        parts.push(match item {
            Item::Typename { key } => Part::Typename(quoted(key)),
            Item::Field(inner) => {
                let key = quoted(inner.key);
                match inner.field.name.as_str() {
                    "category" => Part::Category(key, views[inner.key]),
                    "count" => Part::Count(key),
                    "value" => Part::Value(key, pairs(request, "Money", &inner.sets)),
                    _ => prospects(request, &inner, plan, conditions)?,
                }
            }
        });
    }
    Ok(parts)
}

fn prospects(
    request: &Request<'_>,
    selected: &Selected<'_>,
    plan: &mut Plan,
    conditions: &[Piece],
) -> Result<Part, Error> {
    let mut below = Plan::new(request.model().object("Prospect"));
    // The first pages are read with their columns; a statement has no place for others.
    if plan.children.is_empty() {
        below.columns = Columns::after(Statement::new(plan).width());
        below.joins.name(".followUp", statement::PLACE);
    }
    let rows = Rows { object: below.object, alias: ROOT };
    // Whoever was talked to last comes first.
    let latest = [("field", "LAST_CONTACT_AT"), ("direction", "DESC")];
    let latest = latest.map(|(name, word)| (Name::new(name), Value::Enum(Name::new(word))));
    let latest = Value::List(vec![Value::Object(latest.into_iter().collect())]);
    let order = selected.arguments.get("orderBy").unwrap_or(&latest);
    let terms = order::terms(request, rows, Some(order), &[], &mut below.joins)?;
    let page = Page::from_arguments(request, &selected.arguments, &terms, "prospects")?;
    let shown = page::parts(request, &mut below, selected, &terms)?;
    let parent = plan.columns.place(column(ROOT, "id"));
    plan.children.push(Child {
        parent,
        source: Source::Many(&IN_CATEGORY),
        plan: below,
        page: Some(page),
        terms,
        conditions: conditions.to_vec(),
        is_counted: page::needs_count(&shown),
    });
    Ok(Part::Prospects(quoted(selected.key), plan.children.len() - 1, View::Connection(shown)))
}

/// The rows with what is below them: the first pages are in them already.
async fn below(
    request: &Request<'_>,
    plan: &Plan,
    statement: &Statement<'_>,
    rows: Arc<Vec<sea_orm::QueryResult>>,
) -> Result<Fetched, Error> {
    let mut children = Vec::with_capacity(plan.children.len());
    for (place, child) in plan.children.iter().enumerate() {
        if place > 0 {
            children.push(fetch::grouped(request, child, &rows).await?);
            continue;
        }
        let mut totals = HashMap::new();
        for row in rows.iter() {
            totals.insert(statement.number(row)?, statement.sums(row)?.0);
        }
        let groups = statement.groups(&rows)?;
        let fetched = fetch::below(request, &child.plan, rows.clone(), false).await?;
        children.push(Grouped { fetched, groups, totals, ..Grouped::nothing() });
    }
    Ok(Fetched { rows, has_more: false, children })
}

fn write(
    writer: &mut Writer<'_>,
    (plan, parts): (&Plan, &[Part]),
    (fetched, row): (&Fetched, usize),
    (count, value, currency): (i64, i64, &str),
) -> Result<(), Error> {
    writer.out.push('{');
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            writer.out.push(',');
        }
        match part {
            Part::Typename(key) => {
                writer.out.push_str(key);
                writer.text("ProspectBoardColumn");
            }
            Part::Category(key, view) => {
                writer.out.push_str(key);
                writer.row(plan, *view, fetched, row)?;
            }
            Part::Count(key) => {
                writer.out.push_str(key);
                writer.out.push_str(&count.to_string());
            }
            Part::Value(key, members) => {
                writer.out.push_str(key);
                writer.amount(value, currency, members);
            }
            Part::Prospects(key, child, view) => {
                writer.out.push_str(key);
                writer.child(plan, (*child, view), fetched, row)?;
            }
        }
    }
    writer.out.push('}');
    Ok(())
}
