//! Root fields of queries: what is asked, as JSON text. Rights are checked here, once, before anything is read.

use async_graphql::{Name, Value, indexmap::IndexMap};

use super::{
    coerce::Arguments,
    collect::Selected,
    computed::Computed,
    connection::Written,
    fetch::{self, Fetched},
    filter::{self, Rows},
    find::{self, Asked},
    id,
    model::{Argument, Binding, Condition, Field, Object, OrderColumn},
    node, order,
    page::{self, Page},
    plan::{self, Plan, ROOT},
    record_id,
    request::Request,
    scope,
    sql::{Piece, column, template},
    totals, viewer_object,
    write::Writer,
};
use crate::{
    activity, audit,
    error::{ClientError, Error},
    error_log, global, health, lead_import, lookup, performance, prospect, record, verification,
    viewer::{Reach, Viewer},
};

/// Arguments of lists that are no conditions of their own.
const PAGING: [&str; 9] = ["first", "after", "last", "before", "skip", "filter", "search", "orderBy", "by"];

/// Whether the viewer may call the field at all.
///
/// # Errors
/// `UNAUTHENTICATED` or `FORBIDDEN`, naming the permission words.
pub fn authorize(request: &Request<'_>, field: &Field) -> Result<(), Error> {
    // Whoever may only set a password is not signed in, and holds a word all the same.
    if field.is_anonymous || field.needs.iter().any(|word| request.viewer.may(word)) {
        return Ok(());
    }
    if !request.viewer.is_signed_in() {
        return Err(ClientError::Unauthenticated.into());
    }
    if field.needs.is_empty() {
        return Ok(());
    }
    Err(ClientError::Forbidden(field.needs.join(" or ")).into())
}

/// One root field of a query.
///
/// # Errors
/// Rights, bad arguments, or a fault.
pub async fn query(request: &Request<'_>, selected: &Selected<'_>) -> Result<String, Error> {
    let field = selected.field;
    authorize(request, field)?;
    // Nobody sees of what is open to everybody the rows of the head office.
    let guest = (!request.viewer.is_signed_in()).then(|| Viewer {
        tenants: Reach::Some(request.hub.directory.head_office().into_iter().collect()),
        ..Viewer::default()
    });
    let request = &Request { viewer: guest.as_ref().unwrap_or(request.viewer), ..*request };
    if let Some(subject) = audit::subject(&field.name) {
        audit::note((request.hub, request.viewer), &request.hub.database.write, subject, None, None).await?;
    }
    match field.name.as_str() {
        "viewer" => return viewer_object::write(request, selected).await,
        "node" => return node::one(request, selected).await,
        "nodes" => return node::many(request, selected).await,
        "_entities" => return node::entities(request, selected).await,
        "_service" => return Ok(service(request, selected)),
        "accountHolders" => return verification::account_holders(request, selected).await,
        "relayedActivityLogs" => return activity::relayed(request, selected).await,
        "errorLogPage" => return error_log::page(request, selected).await,
        "importSettings" => return lead_import::import_settings(request, selected).await,
        "importStatistics" => return lead_import::statistics(request, selected).await,
        "leadImportCheck" => return lead_import::check(request, selected).await,
        "performance" => return performance::performance(request, selected).await,
        "serviceHealth" => return health::health(request, selected).await,
        "choiceList" => return lookup::choice_list(request, selected).await,
        "prospectBoard" => return prospect::board(request, selected).await,
        "prospectImportPreview" => return prospect::import_preview(request, selected).await,
        _ => {}
    }
    if let Some(query) = record::actions::query(&field.name) {
        let answer = query(request, &selected.arguments).await?;
        return super::mutate::value(request, selected, &answer).await;
    }
    if let Some(of) = totals::of(field) {
        return totals::write(request, selected, of).await;
    }
    if let Some(of) = global::totals::of(&field.of.name) {
        return global::totals::write(request, selected, of).await;
    }
    if let Some(of) = field.of.connected() {
        let (object, table) = request.model().rows(of).expect("connections are of rows");
        if field.of.name.starts_with("Global") {
            return global::connection(request, selected, object).await;
        }
        // What a root field says of its rows holds beside what is asked.
        let own = match &field.binding {
            Binding::Many(many) => many.condition.as_deref().map(|sql| Piece::text(template(sql, ROOT))),
            _ => None,
        };
        let list = List { object, order: &table.order, conditions: own.into_iter().collect() };
        return list.connection(request, selected).await;
    }
    let (object, table) = request.model().rows(&field.of.name).ok_or_else(|| no_resolver(field))?;
    if field.of.is_list {
        let list = List { object, order: &table.order, conditions: Vec::new() };
        return list.settings(request, selected).await;
    }
    single(request, selected, object).await
}

/// The schema, for a router of Apollo Federation.
fn service(request: &Request<'_>, selected: &Selected<'_>) -> String {
    let sdl = crate::sdl();
    let members = plan::pairs(request, "_Service", &selected.sets).into_iter().map(|(key, name)| {
        let text = if name == "sdl" { sdl.as_str() } else { "_Service" };
        format!("{key}{}", serde_json::Value::from(text))
    });
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

fn no_resolver(field: &Field) -> Error {
    Error::internal(format!("nothing resolves {}", field.name))
}

/// A list at the root or of the viewer.
pub struct List<'a> {
    pub object: &'static Object,
    pub order: &'a [OrderColumn],
    /// Conditions beside filter, search and visibility.
    pub conditions: Vec<Piece>,
}

impl List<'_> {
    /// A page, as a connection.
    ///
    /// # Errors
    /// Bad arguments, or a fault.
    pub async fn connection(self, request: &Request<'_>, selected: &Selected<'_>) -> Result<String, Error> {
        let mut plan = Plan::new(self.object);
        let rows = Rows { object: self.object, alias: ROOT };
        let terms = order::terms(request, rows, selected.arguments.get("orderBy"), self.order, &mut plan.joins)?;
        let page = Page::from_arguments(request, &selected.arguments, &terms, &selected.field.name)?;
        let parts = page::parts(request, &mut plan, selected, &terms)?;
        let is_whole = self.conditions.is_empty();
        let conditions = self.all_conditions(request, rows, selected).await?;
        // Counted first, because pages of few rows are read in another way.
        let total = if !page::needs_count(&parts) {
            None
        } else if let Some(count) = prospect::tallied(request, plan.object, selected, is_whole).await? {
            Some(count)
        } else {
            Some(fetch::count(request, &plan, conditions.clone()).await?)
        };
        let fetched = if page::needs_rows(&parts) {
            fetch::page(request, &plan, conditions, &terms, (&page, total)).await?
        } else {
            Fetched::nothing()
        };
        let computed = Computed::gather(request, &plan, &fetched).await?;
        let places: Vec<usize> = (0..fetched.rows.len()).collect();
        let mut writer = Writer { request: *request, out: String::with_capacity(4096), computed: &computed };
        writer.connection(
            &parts,
            &Written {
                plan: &plan,
                fetched: &fetched,
                rows: &places,
                has_more: fetched.has_more,
                page: &page,
                terms: &terms,
                total,
            },
        )?;
        Ok(writer.out)
    }

    /// All rows, as a plain list of at most 500.
    ///
    /// # Errors
    /// Bad arguments, or a fault.
    pub async fn settings(self, request: &Request<'_>, selected: &Selected<'_>) -> Result<String, Error> {
        let mut plan = Plan::new(self.object);
        let rows = Rows { object: self.object, alias: ROOT };
        let view = plan.view(request, &selected.sets)?;
        let terms = order::terms(request, rows, None, self.order, &mut plan.joins)?;
        let conditions = self.all_conditions(request, rows, selected).await?;
        let page = Page::first(page::MOST_SETTINGS);
        let fetched = fetch::page(request, &plan, conditions, &terms, (&page, None)).await?;
        let computed = Computed::gather(request, &plan, &fetched).await?;
        let places: Vec<usize> = (0..fetched.rows.len()).collect();
        let mut writer = Writer { request: *request, out: String::new(), computed: &computed };
        writer.list(&plan, view, &fetched, &places)?;
        Ok(writer.out)
    }

    async fn all_conditions(
        self,
        request: &Request<'_>,
        rows: Rows<'_>,
        selected: &Selected<'_>,
    ) -> Result<Vec<Piece>, Error> {
        let mut conditions = self.conditions;
        conditions.extend(plan::conditions(request, rows, selected)?);
        conditions.extend(own_conditions(request, rows, selected.field, &selected.arguments).await?);
        Ok(conditions)
    }
}

/// Conditions of a field's own arguments: `stages(pipeline:)`, `lookupValues(category:, isActive:)`.
///
/// # Errors
/// A bad reference, or a fault.
pub async fn own_conditions(
    request: &Request<'_>,
    rows: Rows<'_>,
    field: &Field,
    arguments: &Arguments,
) -> Result<Vec<Piece>, Error> {
    let mut pieces = Vec::new();
    for argument in field.arguments.iter().filter(|argument| !PAGING.contains(&argument.name.as_str())) {
        match arguments.get(argument.name.as_str()) {
            None | Some(Value::Null) => {}
            Some(value) if argument.of.name == "Reference" => {
                pieces.push(referred(request, rows, argument, value).await?);
            }
            Some(value) => pieces.extend(plain_condition(request, rows, argument, value)?),
        }
    }
    Ok(pieces)
}

/// Whether an argument names the row itself: `batch` an `ImportBatch`.
fn names_row(object: &Object, argument: &Argument) -> bool {
    !object.fields.contains_key(&argument.name) && object.name.to_lowercase().ends_with(&argument.name)
}

async fn referred(request: &Request<'_>, rows: Rows<'_>, argument: &Argument, value: &Value) -> Result<Piece, Error> {
    if let (true, Value::Object(members)) = (names_row(rows.object, argument), value) {
        return Ok(find::named(request, rows.object, members)?.unwrap_or_else(|| Piece::text("FALSE")));
    }
    let Some(Field { binding: Binding::One { column: name }, of, .. }) = rows.object.fields.get(&argument.name) else {
        return Err(Error::internal(format!("{} names no relation", argument.name)));
    };
    let found =
        find::find(request, &request.hub.database.read, Asked { of: &of.name, reference: value, tenant: None }).await?;
    // A row that is not there has no rows below it.
    Ok(found.map_or_else(
        || Piece::text("FALSE"),
        |found| Piece::with(&format!("{} = ?", column(rows.alias, name)), [found.number.into()]),
    ))
}

fn plain_condition(
    request: &Request<'_>,
    rows: Rows<'_>,
    argument: &Argument,
    value: &Value,
) -> Result<Option<Piece>, Error> {
    if let Condition::Sql(sql) = &argument.binding {
        // A flag that is false lifts the condition.
        if *value == Value::Boolean(false) {
            return Ok(None);
        }
        let today = request.hub.directory.today(request.hub.clock.now(), request.viewer.tenant);
        let sql = template(sql, rows.alias).replace("{today}", &format!("'{today}'"));
        let count = sql.matches("{value}").count();
        let value = super::compare::any_value(value);
        return Ok(Some(Piece::with(&sql.replace("{value}", "?"), std::iter::repeat_n(value, count))));
    }
    let operators = |operator: &str| Value::Object(IndexMap::from([(Name::new(operator), value.clone())]));
    let value = match value {
        Value::Boolean(_) => value.clone(),
        Value::List(_) => operators("in"),
        _ => operators("eq"),
    };
    filter::own(request, rows, argument, &value)
}

/// One row, by `by` in one statement, or the one that fits best.
async fn single(request: &Request<'_>, selected: &Selected<'_>, object: &'static Object) -> Result<String, Error> {
    let found = if let Some(value) = selected.arguments.get("by") {
        let Value::Object(members) = value else { return Ok("null".to_owned()) };
        let Some(named) = find::named(request, object, members)? else { return Ok("null".to_owned()) };
        let rows = Rows { object, alias: ROOT };
        let mut conditions = own_conditions(request, rows, selected.field, &selected.arguments).await?;
        conditions.push(named);
        conditions.extend(scope::visible(request, object.table.as_ref().expect("rows have a table"), ROOT));
        first(request, object, selected, conditions).await?
    } else if let Some(Value::String(id)) = selected.arguments.get("recordId") {
        let table = object.table.as_ref().expect("rows have a table");
        let Some(named) = record_id::condition(table, ROOT, id) else { return Ok("null".to_owned()) };
        let conditions = std::iter::once(named).chain(scope::visible(request, table, ROOT)).collect();
        first(request, object, selected, conditions).await?
    } else {
        let Some(number) = super::closest::find(request, &selected.arguments).await? else { return Ok("null".into()) };
        read(request, object, selected, &[number], Vec::new()).await?.into_iter().next().flatten()
    };
    Ok(found.unwrap_or_else(|| "null".to_owned()))
}

/// The first row that meets the conditions, by number.
///
/// # Errors
/// A bad argument inside the selection, or a fault.
pub async fn first(
    request: &Request<'_>,
    object: &'static Object,
    selected: &Selected<'_>,
    conditions: Vec<Piece>,
) -> Result<Option<String>, Error> {
    let mut plan = Plan::new(object);
    let view = plan.view(request, &selected.sets)?;
    let fetched = fetch::page(request, &plan, conditions, &[], (&Page::first(1), None)).await?;
    if fetched.rows.is_empty() {
        return Ok(None);
    }
    let computed = Computed::gather(request, &plan, &fetched).await?;
    let mut writer = Writer { request: *request, out: String::new(), computed: &computed };
    writer.row(&plan, view, &fetched, 0)?;
    Ok(Some(writer.out))
}

/// Rows by number, in order, as JSON; none where a row is not there or not visible.
///
/// # Errors
/// A bad argument inside the selection, or a fault.
pub async fn read(
    request: &Request<'_>,
    object: &'static Object,
    selected: &Selected<'_>,
    numbers: &[i64],
    mut conditions: Vec<Piece>,
) -> Result<Vec<Option<String>>, Error> {
    let table = object.table.as_ref().expect("rows have a table");
    conditions.extend(scope::visible(request, table, ROOT));
    read_unscoped(request, object, &selected.sets, numbers, conditions).await
}

/// Rows by number that the caller has already been allowed to see: what a mutation wrote.
///
/// # Errors
/// A bad argument inside the selection, or a fault.
pub async fn read_unscoped(
    request: &Request<'_>,
    object: &'static Object,
    sets: &[&async_graphql::parser::types::SelectionSet],
    numbers: &[i64],
    mut conditions: Vec<Piece>,
) -> Result<Vec<Option<String>>, Error> {
    let mut plan = Plan::new(object);
    let view = plan.view(request, sets)?;
    let key = plan.columns.place(column(ROOT, "id"));
    conditions.insert(0, super::sql::any(request.backend(), &column(ROOT, "id"), numbers));
    let fetched = fetch::by_condition(request, &plan, conditions).await?;
    let computed = Computed::gather(request, &plan, &fetched).await?;
    let mut found = std::collections::HashMap::new();
    for (place, row) in fetched.rows.iter().enumerate() {
        let mut writer = Writer { request: *request, out: String::new(), computed: &computed };
        writer.row(&plan, view, &fetched, place)?;
        found.insert(row.try_get_by_index::<i64>(key)?, writer.out);
    }
    Ok(numbers.iter().map(|number| found.get(number).cloned()).collect())
}

/// The number behind a global id of this instance, with its type.
#[must_use]
pub fn local(request: &Request<'_>, id: &str) -> Option<(&'static Object, i64)> {
    let id = id::decode(id).filter(|id| id.instance == request.hub.instance)?;
    let (object, _) = request.model().rows(&id.of)?;
    Some((object, id.number))
}
