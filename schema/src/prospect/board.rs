//! `prospectBoard`: one column for each category, with count, value and a page of its prospects. Three statements,
//! however many columns there are.

use std::collections::HashMap;

use async_graphql::{Name, Value};

use crate::{
    engine::{
        collect::{Item, Selected, collect},
        computed::Computed,
        fetch::{self, Fetched},
        filter::{self, Rows},
        model::{Link, Many, OrderColumn, Style},
        order,
        page::{self, Page},
        plan::{self, Plan, ROOT, pairs, quoted},
        request::Request,
        scope,
        sql::{Piece, column},
        tree::{Child, Source, View},
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
    let prospect = Rows { object: request.model().object("Prospect"), alias: ROOT };
    let conditions = plan::conditions(request, prospect, selected)?;
    let mut plan = Plan::new(object);
    let parts = parts(request, selected, &mut plan, &conditions)?;
    let key = plan.columns.place(column(ROOT, "id"));
    let mut wanted = scope::visible(request, table, ROOT);
    if let Some(value @ Value::Object(_)) = selected.arguments.get("categories") {
        wanted.extend(filter::on_key(request, &column(ROOT, "id"), &object.name, value, "categories")?);
    }
    let by_position = [OrderColumn { column: "position".into(), is_descending: false }];
    let terms = order::terms(request, Rows { object, alias: ROOT }, None, &by_position, &mut plan.joins)?;
    let page = Page::first(page::MOST_SETTINGS);
    let currency = request.hub.directory.base_currency(request.viewer.tenant);
    let (fetched, sums) = futures_util::try_join!(
        fetch::page(request, &plan, wanted, &terms, &page),
        sums(request, conditions.clone(), &currency)
    )?;
    let computed = Computed::gather(request, &plan, &fetched).await?;
    let mut writer = Writer { request: *request, out: String::from("["), computed: &computed };
    for row in 0..fetched.rows.len() {
        if row > 0 {
            writer.out.push(',');
        }
        let number: i64 = fetched.rows[row].try_get_by_index(key)?;
        let (count, value) = sums.get(&number).copied().unwrap_or_default();
        write(&mut writer, (&plan, &parts), (&fetched, row), (count, value, &currency))?;
    }
    writer.out.push(']');
    Ok(writer.out)
}

fn parts(
    request: &Request<'_>,
    selected: &Selected<'_>,
    plan: &mut Plan,
    conditions: &[Piece],
) -> Result<Vec<Part>, Error> {
    let object = request.model().object("ProspectBoardColumn");
    let mut parts = Vec::new();
    for item in collect(request, object, &selected.sets) {
        parts.push(match item {
            Item::Typename { key } => Part::Typename(quoted(key)),
            Item::Field(inner) => {
                let key = quoted(inner.key);
                match inner.field.name.as_str() {
                    "category" => Part::Category(key, plan.view(request, &inner.sets)?),
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
    let rows = Rows { object: below.object, alias: ROOT };
    // Whoever was talked to last comes first.
    let latest = async_graphql::value!([{ "field": (Name::new("LAST_CONTACT_AT")), "direction": (Name::new("DESC")) }]);
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

/// Count and value by category; amounts in other currencies are not added.
async fn sums(
    request: &Request<'_>,
    conditions: Vec<Piece>,
    currency: &str,
) -> Result<HashMap<i64, (i64, i64)>, Error> {
    let mut piece = Piece::with(
        &format!(
            "SELECT place.category_id, count(*), CAST(COALESCE(sum(CASE WHEN place.account_value_currency = ? THEN \
             place.account_value_minor END), 0) AS bigint) FROM prospect {ROOT} \
             JOIN follow_up place ON place.prospect_id = {ROOT}.id WHERE place.category_id IS NOT NULL"
        ),
        [currency.into()],
    );
    for condition in conditions {
        piece.push(" AND ");
        piece.append(condition);
    }
    piece.push(" GROUP BY place.category_id");
    let mut sums = HashMap::new();
    for row in fetch::all(request, piece).await? {
        sums.insert(row.try_get_by_index(0)?, (row.try_get_by_index(1)?, row.try_get_by_index(2)?));
    }
    Ok(sums)
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
