//! A selection as one statement: the columns it needs, the to-one relations joined in, and what is fetched
//! afterwards for all rows at once. Nothing here touches the database.

use async_graphql::{Value, parser::types::SelectionSet};

use super::{
    collect::{Item, Selected, collect},
    filter::Rows,
    id,
    model::{Binding, Leaf, Many, Object, Style},
    order,
    page::{self, Page},
    pick::{self, Json},
    request::Request,
    scope,
    sql::{Joins, Piece, column, template},
    tree::{Child, Columns, Member, Node, Source, View},
};
use crate::error::Error;

/// Alias of the rows that a plan reads.
pub const ROOT: &str = "t0";

/// What is read of the rows of one type.
pub struct Plan {
    pub object: &'static Object,
    pub columns: Columns,
    pub joins: Joins,
    /// One list of members for each selection of the rows (`nodes`, `edges { node }` …).
    pub views: Vec<Vec<Member>>,
    pub children: Vec<Child>,
}

impl Plan {
    #[must_use]
    pub fn new(object: &'static Object) -> Self {
        Self { object, columns: Columns::default(), joins: Joins::default(), views: Vec::new(), children: Vec::new() }
    }

    /// Adds a selection of the rows; answers the number of its view.
    ///
    /// # Errors
    /// A bad argument inside the selection.
    pub fn view(&mut self, request: &Request<'_>, sets: &[&SelectionSet]) -> Result<usize, Error> {
        let place = Place { object: self.object, alias: ROOT, path: "" };
        let members = self.members(request, &place, sets)?;
        self.views.push(members);
        Ok(self.views.len() - 1)
    }

    fn members(
        &mut self,
        request: &Request<'_>,
        place: &Place<'_>,
        sets: &[&SelectionSet],
    ) -> Result<Vec<Member>, Error> {
        collect(request, place.object, sets)
            .into_iter()
            .map(|item| {
                Ok(match item {
                    Item::Typename { key } => Member { key: quoted(key), node: typename(place.object) },
                    Item::Field(selected) => {
                        Member { key: quoted(selected.key), node: self.node(request, place, &selected)? }
                    }
                })
            })
            .collect()
    }

    fn node(&mut self, request: &Request<'_>, place: &Place<'_>, selected: &Selected<'_>) -> Result<Node, Error> {
        let field = selected.field;
        if !field.needs.is_empty() && !field.needs.iter().any(|word| request.viewer.may(word)) {
            return Ok(Node::Null);
        }
        let alias = place.alias;
        let inner = |name: &str| pairs(request, name, &selected.sets);
        Ok(match &field.binding {
            Binding::Id => Node::Id { of: &place.object.name, place: self.columns.place(column(alias, "id")) },
            Binding::Leaf { column: name, leaf } => self.leaf(request, column(alias, name), leaf),
            Binding::Expression { sql, leaf } => {
                let today = request.hub.directory.today(request.hub.clock.now(), request.viewer.tenant);
                let sql = template(sql, alias).replace("{today}", &format!("'{today}'"));
                self.leaf(request, format!("({sql})"), leaf)
            }
            Binding::Money { minor, currency } => Node::Money {
                minor: self.columns.place(column(alias, minor)),
                currency: self.columns.place(column(alias, currency)),
                members: inner("Money"),
            },
            Binding::PhoneParts { phone, raw } => Node::PhoneParts {
                phone: self.columns.place(column(alias, phone)),
                raw: self.columns.place(column(alias, raw)),
                members: inner("PhoneParts"),
            },
            Binding::Image { column: name } => {
                Node::Image { place: self.columns.place(column(alias, name)), members: inner("Image") }
            }
            Binding::Link => Node::Link { place: self.columns.place(column(alias, "id")) },
            Binding::DaysSince { column: name } => Node::DaysSince { place: self.columns.place(column(alias, name)) },
            Binding::Masked { column: name, permission } => {
                let place = self.columns.place(column(alias, name));
                if request.viewer.may(permission) {
                    Node::Leaf { place, leaf: Leaf::Text }
                } else {
                    Node::Masked { place }
                }
            }
            Binding::Json { column: name } => {
                let place = self.columns.place(format!("CAST({} AS TEXT)", column(alias, name)));
                self.json(request, Json { place, tenant: None }, selected)?
            }
            Binding::Shape { sql } => {
                let place = self.columns.place(format!("CAST(({}) AS TEXT)", template(sql, alias)));
                let tenant = Some(self.columns.place(column(alias, "tenant_id")));
                self.json(request, Json { place, tenant }, selected)?
            }
            Binding::Elements { sql } => self.leaf(request, format!("({})", template(sql, alias)), &Leaf::Json),
            Binding::Embedded { prefix } => self.embedded(request, place, selected, prefix)?,
            Binding::One { .. } | Binding::Named { .. } => self.joined(request, place, selected)?,
            Binding::Many(many) if many.style == Style::Single => self.joined(request, place, selected)?,
            Binding::Many(many) => self.many(request, place, selected, many)?,
            Binding::Party { columns } => {
                let keys = columns.iter().map(|(of, name)| (of.as_str(), column(alias, name))).collect();
                self.one_of(request, keys, &selected.sets)?
            }
            Binding::Subject => {
                let keys = SUBJECTS
                    .iter()
                    .map(|of| (*of, format!("CASE WHEN {alias}.subject_type = '{of}' THEN {alias}.subject_id END")))
                    .collect();
                self.one_of(request, keys, &selected.sets)?
            }
            Binding::ExternalId => self.external(place, selected),
            Binding::Code | Binding::Write { .. } | Binding::Record { .. } => Node::Code {
                field,
                of: &place.object.name,
                place: self.columns.place(column(alias, "id")),
                arguments: inner(&field.of.name),
                given: selected.arguments.clone(),
            },
        })
    }

    fn leaf(&mut self, request: &Request<'_>, sql: String, leaf: &Leaf) -> Node {
        Node::Leaf { place: self.columns.place(leaf.selected(sql, request.backend())), leaf: leaf.clone() }
    }

    fn json(&mut self, request: &Request<'_>, json: Json, selected: &Selected<'_>) -> Result<Node, Error> {
        let pick = pick::of(request, self, json, (&selected.field.of.name, &[]), &selected.sets)?;
        Ok(Node::Json { json, pick })
    }

    fn joined(&mut self, request: &Request<'_>, place: &Place<'_>, selected: &Selected<'_>) -> Result<Node, Error> {
        let path = format!("{}.{}", place.path, selected.field.name);
        let Some((object, alias)) = order::to_one(request, selected.field, place.alias, &path, &mut self.joins) else {
            return Ok(Node::Null);
        };
        let presence = Some(self.columns.place(column(&alias, "id")));
        let there = Place { object, alias: &alias, path: &path };
        Ok(Node::Object { presence, members: self.members(request, &there, &selected.sets)? })
    }

    /// An object of columns of the same row; its fields are bound here, by the prefix.
    fn embedded(
        &mut self,
        request: &Request<'_>,
        place: &Place<'_>,
        selected: &Selected<'_>,
        prefix: &str,
    ) -> Result<Node, Error> {
        let object = request.model().object(&selected.field.of.name);
        let table = place.object.table.as_ref().expect("embedded objects are in rows");
        let mut members = Vec::new();
        for item in collect(request, object, &selected.sets) {
            let (key, node) = match item {
                Item::Typename { key } => (key, typename(object)),
                Item::Field(inner) => {
                    let name = format!("{prefix}{}", super::model::snake(&inner.field.name));
                    let link = format!("{name}_id");
                    let node = match request.model().column(&table.name, &name) {
                        Some(found) if inner.field.name == "answers" => {
                            let leaf = Leaf::of(found.kind);
                            let place =
                                self.columns.place(leaf.selected(column(place.alias, &name), request.backend()));
                            let is_labelled = inner.arguments.get("isTranslated") == Some(&Value::Boolean(true));
                            Node::Answers { place, is_labelled }
                        }
                        Some(found) => self.leaf(request, column(place.alias, &name), &Leaf::of(found.kind)),
                        None => self.embedded_row(request, place, &inner, &link)?,
                    };
                    (inner.key, node)
                }
            };
            members.push(Member { key: quoted(key), node });
        }
        Ok(Node::Object { presence: None, members })
    }

    fn embedded_row(
        &mut self,
        request: &Request<'_>,
        place: &Place<'_>,
        selected: &Selected<'_>,
        link: &str,
    ) -> Result<Node, Error> {
        let (object, table) = request.model().rows(&selected.field.of.name).expect("checked by bind");
        let path = format!("{}.{link}", place.path);
        let here = column(place.alias, link);
        let alias = self.joins.join(&path, &table.name, |alias| format!("{alias}.id = {here}"));
        let presence = Some(self.columns.place(column(&alias, "id")));
        let there = Place { object, alias: &alias, path: &path };
        Ok(Node::Object { presence, members: self.members(request, &there, &selected.sets)? })
    }

    fn many(
        &mut self,
        request: &Request<'_>,
        place: &Place<'_>,
        selected: &Selected<'_>,
        many: &'static Many,
    ) -> Result<Node, Error> {
        let (object, table) = request.model().rows(&many.of).expect("checked by bind");
        if !scope::may_read(request.viewer, table) {
            // A list that may not be read is unknown, not empty.
            return Ok(Node::Null);
        }
        let mut plan = Self::new(object);
        let rows = Rows { object, alias: ROOT };
        let given = selected.arguments.get("orderBy");
        let terms = order::terms(request, rows, given, &many.order, &mut plan.joins)?;
        let (page, view) = match many.style {
            Style::Connection => {
                let page = Page::from_arguments(request, &selected.arguments, &terms, &selected.field.name)?;
                let parts = page::parts(request, &mut plan, selected, &terms)?;
                (page, View::Connection(parts))
            }
            Style::First => (Page::first(1), View::First(plan.view(request, &selected.sets)?)),
            _ => (Page::first(page::MOST_SETTINGS), View::List(plan.view(request, &selected.sets)?)),
        };
        let mut page = page;
        page.search = search_of(&selected.arguments);
        let parent = self.columns.place(column(place.alias, "id"));
        let is_counted = matches!(&view, View::Connection(parts) if page::needs_count(parts));
        let conditions = Vec::new();
        self.children.push(Child {
            parent,
            source: Source::Many(many),
            plan,
            page: Some(page),
            terms,
            conditions,
            is_counted,
        });
        Ok(Node::Child { child: self.children.len() - 1, view })
    }

    /// A row of one of several types; `keys` says by which expression each is named.
    fn one_of(
        &mut self,
        request: &Request<'_>,
        keys: Vec<(&str, String)>,
        sets: &[&SelectionSet],
    ) -> Result<Node, Error> {
        let mut children = Vec::new();
        for (of, key) in keys {
            let (object, table) = request.model().rows(of).expect("parties and subjects are rows");
            if !scope::may_read(request.viewer, table) {
                continue;
            }
            let mut plan = Self::new(object);
            let view = plan.view(request, sets)?;
            let parent = self.columns.place(key);
            self.children.push(Child::plain(parent, Source::Key, plan));
            children.push((self.children.len() - 1, view));
        }
        Ok(Node::OneOf { children })
    }

    fn external(&mut self, place: &Place<'_>, selected: &Selected<'_>) -> Node {
        let Some(Value::String(system)) = selected.arguments.get("system") else { return Node::Null };
        let parent = self.columns.place(column(place.alias, "id"));
        let source = Source::External { of: &place.object.name, system: system.clone() };
        let plan = Self::new(place.object);
        self.children.push(Child::plain(parent, source, plan));
        Node::Child { child: self.children.len() - 1, view: View::Text }
    }
}

/// Types that notifications are about.
pub const SUBJECTS: [&str; 8] = ["Lead", "Deal", "Ticket", "Prospect", "Client", "Task", "Announcement", "Invoice"];

/// Where members are read: a type, the alias of its table, and the path of joins that led there.
struct Place<'a> {
    object: &'static Object,
    alias: &'a str,
    path: &'a str,
}

fn search_of(arguments: &super::coerce::Arguments) -> Option<String> {
    match arguments.get("search") {
        Some(Value::String(text)) => Some(text.clone()),
        _ => None,
    }
}

fn typename(object: &Object) -> Node {
    Node::Literal(serde_json::to_string(&object.name).expect("a name is JSON"))
}

/// A response key as JSON, with its colon.
#[must_use]
pub fn quoted(key: &str) -> String {
    format!("\"{key}\":")
}

/// Response key (as JSON, with its colon) and field name of each scalar that is asked of a value type.
#[must_use]
pub fn pairs(request: &Request<'_>, of: &str, sets: &[&SelectionSet]) -> Vec<(String, String)> {
    let Some(object) = request.model().objects.get(of) else { return Vec::new() };
    collect(request, object, sets)
        .into_iter()
        .map(|item| match item {
            Item::Typename { key } => (quoted(key), "__typename".to_owned()),
            Item::Field(selected) => (quoted(selected.key), selected.field.name.clone()),
        })
        .collect()
}

/// All that restricts rows of a list: visibility, filter, search, and further conditions.
///
/// # Errors
/// A bad filter.
pub fn conditions(request: &Request<'_>, rows: Rows<'_>, selected: &Selected<'_>) -> Result<Vec<Piece>, Error> {
    let table = rows.object.table.as_ref().expect("listed rows have a table");
    let mut pieces = scope::visible(request, table, rows.alias);
    for argument in selected.field.arguments.iter().filter(|argument| argument.name == "filter") {
        if let Some(filter @ Value::Object(_)) = selected.arguments.get("filter") {
            super::filter::check_size(filter)?;
            pieces.extend(super::filter::condition(request, rows, &argument.of.name, filter, "filter")?);
        }
    }
    if let Some(Value::String(text)) = selected.arguments.get("search") {
        super::search::check_length(text)?;
        pieces.extend(super::search::search(request, rows, text));
    }
    Ok(pieces)
}

/// Numbers of this instance behind global ids of a type, in order; foreign and malformed ones are left out.
#[must_use]
pub fn numbers(request: &Request<'_>, of: &str, ids: &[Value]) -> Vec<i64> {
    ids.iter().filter_map(|value| id::number_of(request.hub, of, value)).collect()
}
