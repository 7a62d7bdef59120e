//! Unchecked document → checked model: finds what stands behind every field, by convention (field `companyName`
//! is column `company_name`, field `owner` is column `owner_id`) or by directive, and lists all problems.

mod record;
mod types;

use std::collections::HashMap;

use async_graphql::Value;
use async_graphql::parser::types::{
    ConstDirective, EnumType, FieldDefinition, InputValueDefinition, ObjectType, TypeDefinition, TypeKind,
};
use groupgraph_entities::ColumnKind;

use self::types::{is_list, of, row_type};
use super::{
    derive::base,
    document::{Document, directive, text, texts},
    model::{
        Action, Argument, Binding, Column, Condition, EnumValue, Field, Leaf, Link, Many, Model, Object, OrderColumn,
        Style, Table, snake,
    },
};

/// Rows with columns of their own currency share one `currency`.
const CURRENCY: &str = "currency";

/// Directives of generic mutations.
const ACTIONS: [(&str, Action); 4] =
    [("create", Action::Create), ("update", Action::Update), ("save", Action::Save), ("delete", Action::Delete)];

/// Binds every field.
///
/// # Errors
/// All problems: fields without anything behind them, unknown columns, unknown tables.
pub fn bind(document: &Document) -> Result<Model, Vec<String>> {
    let columns = columns();
    let mut binder = Binder { document, columns, problems: Vec::new() };
    let mut model = Model {
        objects: HashMap::new(),
        inputs: HashMap::new(),
        enums: HashMap::new(),
        interfaces: HashMap::new(),
        columns: HashMap::new(),
    };
    for (name, found) in &document.types {
        match &found.kind {
            TypeKind::Object(object) => {
                for interface in &object.implements {
                    model.interfaces.entry(interface.node.to_string()).or_default().push(name.clone());
                }
                model.objects.insert(name.clone(), binder.object(found, object));
            }
            TypeKind::InputObject(input) => {
                model.inputs.insert(name.clone(), input.fields.iter().map(|field| argument(&field.node)).collect());
            }
            TypeKind::Enum(choice) => {
                model.enums.insert(name.clone(), enum_values(choice));
            }
            _ => {}
        }
    }
    model.columns = binder.columns;
    if binder.problems.is_empty() { Ok(model) } else { Err(binder.problems) }
}

fn columns() -> HashMap<String, HashMap<String, Column>> {
    groupgraph_entities::tables()
        .into_iter()
        .map(|table| {
            let columns = table
                .columns
                .into_iter()
                .map(|column| (column.name, Column { kind: column.kind, is_nullable: column.is_nullable }))
                .collect();
            (table.name.to_owned(), columns)
        })
        .collect()
}

struct Binder<'a> {
    document: &'a Document,
    columns: HashMap<String, HashMap<String, Column>>,
    problems: Vec<String>,
}

/// Where a field's columns are looked for: a table, and the prefix of an embedded object.
#[derive(Clone, Copy)]
struct Place<'a> {
    owner: &'a str,
    table: &'a str,
    prefix: &'a str,
}

impl Binder<'_> {
    fn object(&mut self, found: &TypeDefinition, object: &ObjectType) -> Object {
        let name = found.name.node.to_string();
        let table = directive(&found.directives, "table").map(|table| self.table(&name, table));
        let mut fields = HashMap::new();
        for field in object.fields.iter().map(|field| &field.node) {
            let binding = match &table {
                Some(table) => {
                    let place = Place { owner: &name, table: &table.name, prefix: "" };
                    self.binding(place, field)
                }
                None => self.free(field),
            };
            fields.insert(field.name.node.to_string(), checked_field(field, binding));
        }
        let interfaces = object.implements.iter().map(|name| name.node.to_string()).collect();
        Object { name, interfaces, table, fields }
    }

    fn table(&mut self, of: &str, found: &ConstDirective) -> Table {
        let name = text(found, "name").unwrap_or_else(|| snake(of));
        if !self.columns.contains_key(&name) {
            self.problems.push(format!("{of}: there is no table {name}"));
        }
        let reach = text(found, "reach").or_else(|| self.has(&name, "tenant_id").then(|| "tenant_id".to_owned()));
        Table {
            kind: text(found, "kind"),
            is_second: text(found, "second").is_some(),
            plural: text(found, "plural").unwrap_or_else(|| of.to_owned()),
            order: order(&text(found, "order").unwrap_or_default()),
            search: texts(found, "search"),
            read: texts(found, "read"),
            rows: text(found, "rows"),
            unless: text(found, "unless"),
            is_strict: matches!(found.get_argument("isStrict").map(|is| &is.node), Some(Value::Boolean(true))),
            parents: texts(found, "parents"),
            is_soft_deleted: self.has(&name, "deleted_at"),
            reach,
            name,
        }
    }

    fn has(&self, table: &str, column: &str) -> bool {
        self.columns.get(table).is_some_and(|columns| columns.contains_key(column))
    }

    fn is_table(&self, of: &str) -> bool {
        self.document.types.get(of).is_some_and(|found| directive(&found.directives, "table").is_some())
    }

    /// A field of a type without a table: lists may still say which rows they show.
    fn free(&mut self, field: &FieldDefinition) -> Binding {
        for (name, action) in ACTIONS {
            if let Some(of) = directive(&field.directives, name).and_then(|found| text(found, "type")) {
                if !self.is_table(&of) {
                    self.problems.push(format!("{}: {of} has no table", field.name.node));
                }
                return Binding::Write { action, of };
            }
        }
        if let Some(binding) = directive(&field.directives, "record").and_then(record::mutation) {
            return binding;
        }
        match directive(&field.directives, "rows") {
            Some(found) => {
                let of = row_type(&field.ty.node);
                Binding::Many(Many {
                    by: Link::Column(String::new()),
                    condition: text(found, "where"),
                    order: order(&text(found, "order").unwrap_or_default()),
                    style: if of.1 { Style::Connection } else { Style::List },
                    of: of.0,
                })
            }
            None => Binding::Code,
        }
    }

    fn binding(&mut self, place: Place<'_>, field: &FieldDefinition) -> Binding {
        if let Some(binding) = self.by_directive(place, field) {
            return binding;
        }
        let name = field.name.node.as_str();
        let column = format!("{}{}", place.prefix, snake(name));
        match base(&field.ty.node) {
            _ if name == "id" && place.prefix.is_empty() => Binding::Id,
            _ if name == "number" && place.prefix.is_empty() => {
                Binding::Leaf { column: "id".into(), leaf: Leaf::Integer }
            }
            "Money" => self.money(place, &column),
            "PhoneParts" => {
                let phone = snake(name.trim_end_matches("Parts"));
                let raw = self.known(place, format!("{phone}_raw"));
                Binding::PhoneParts { phone: self.known(place, phone), raw }
            }
            "Image" => Binding::Image { column: self.known(place, format!("{column}_file_id")) },
            _ if name == "externalId" => Binding::ExternalId,
            of => self.by_type(place, field, column, of),
        }
    }

    fn by_directive(&mut self, place: Place<'_>, field: &FieldDefinition) -> Option<Binding> {
        let of = base(&field.ty.node);
        for found in field.directives.iter().map(|found| &found.node) {
            return Some(match found.name.node.as_str() {
                "computed" => Binding::Code,
                "recordId" => record::id(place.table),
                "body" => record::body(field, found)?,
                "expression" => record::expression(field, text(found, "sql")?),
                "reference" => record::reference(place, field, found)?,
                "signed" => Binding::Link,
                "subject" => Binding::Subject,
                "party" => Binding::Party { columns: self.parties(place) },
                "daysSince" => Binding::DaysSince { column: self.known(place, text(found, "column")?) },
                "masked" => Binding::Masked {
                    column: self.known(place, snake(&field.name.node)),
                    permission: text(found, "permission")?,
                },
                "sql" => {
                    // Several values come as JSON.
                    let leaf = if is_list(&field.ty.node) { Leaf::Json } else { self.leaf_of(of, ColumnKind::Text) };
                    Binding::Expression { sql: text(found, "expression")?, leaf }
                }
                "list" | "one" => self.many(place, field, found),
                "column" => {
                    let column = text(found, "name")?;
                    if of == "Money" { self.money(place, &column) } else { self.by_column(place, column, of) }
                }
                _ => continue,
            });
        }
        None
    }

    fn by_type(&mut self, place: Place<'_>, field: &FieldDefinition, column: String, of: &str) -> Binding {
        let value_type = self.document.types.get(of).map(|found| &found.directives);
        if value_type.is_some_and(|found| directive(found, "embedded").is_some()) {
            let prefix = format!("{column}_");
            for member in self.document.fields(of) {
                self.binding(Place { prefix: &prefix, ..place }, &member.node);
            }
            return Binding::Embedded { prefix };
        }
        if value_type.is_some_and(|found| directive(found, "json").is_some()) {
            return Binding::Json { column: self.known(place, column) };
        }
        if self.is_table(of) && is_list(&field.ty.node) {
            self.problems.push(format!("{}.{}: say with @list which rows belong to it", place.owner, field.name.node));
            return Binding::Code;
        }
        let column = if self.is_table(of) { format!("{column}_id") } else { column };
        self.by_column(place, column, of)
    }

    fn by_column(&mut self, place: Place<'_>, column: String, of: &str) -> Binding {
        let column = self.known(place, column);
        if self.is_table(of) {
            return Binding::One { column };
        }
        let kind = self.columns.get(place.table).and_then(|columns| columns.get(&column)).map(|column| column.kind);
        let leaf = match kind {
            Some(_) if column.ends_with("_millionths") => Leaf::Millionths,
            Some(kind) => self.leaf_of(of, kind),
            None => Leaf::Text,
        };
        Binding::Leaf { column, leaf }
    }

    fn leaf_of(&self, of: &str, kind: ColumnKind) -> Leaf {
        let is_enum = matches!(self.document.types.get(of).map(|found| &found.kind), Some(TypeKind::Enum(_)));
        match kind {
            ColumnKind::Integer | ColumnKind::SmallInteger if is_enum => Leaf::Ordinal(of.to_owned()),
            kind => Leaf::of(kind),
        }
    }

    fn money(&mut self, place: Place<'_>, column: &str) -> Binding {
        let own = format!("{column}_{CURRENCY}");
        let currency = if self.has(place.table, &own) { own } else { CURRENCY.to_owned() };
        Binding::Money { minor: self.known(place, format!("{column}_minor")), currency: self.known(place, currency) }
    }

    fn known(&mut self, place: Place<'_>, column: String) -> String {
        if !self.has(place.table, &column) {
            self.problems.push(format!("{}: table {} has no column {column}", place.owner, place.table));
        }
        column
    }

    fn parties(&mut self, place: Place<'_>) -> Vec<(String, String)> {
        ["Lead", "Prospect", "Client"]
            .into_iter()
            .map(|of| (of.to_owned(), format!("{}_id", snake(of))))
            .filter(|(_, column)| self.has(place.table, column))
            .collect()
    }

    fn many(&mut self, place: Place<'_>, field: &FieldDefinition, found: &ConstDirective) -> Binding {
        let (of, is_connection) = row_type(&field.ty.node);
        let own_order = text(found, "order");
        let style = match found.name.node.as_str() {
            "one" if own_order.is_some() => Style::First,
            "one" => Style::Single,
            _ if is_connection => Style::Connection,
            _ => Style::List,
        };
        let table = self.document.types.get(&of).and_then(|found| directive(&found.directives, "table"));
        let table_name = table.and_then(|table| text(table, "name")).unwrap_or_else(|| snake(&of));
        let there = Place { owner: place.owner, table: &table_name, prefix: "" };
        let by = match (text(found, "by"), text(found, "through")) {
            (Some(column), _) => Link::Column(self.known(there, column)),
            (None, Some(through)) => {
                let link = Place { owner: place.owner, table: &through, prefix: "" };
                let from = self.known(link, text(found, "from").unwrap_or_default());
                let to = self.known(link, text(found, "to").unwrap_or_default());
                Link::Through { table: through, from, to }
            }
            _ => {
                self.problems.push(format!("{}.{}: @list needs by or through", place.owner, field.name.node));
                Link::Column(String::new())
            }
        };
        let table_order = table.and_then(|table| text(table, "order")).unwrap_or_default();
        let order = order(&own_order.unwrap_or(table_order));
        Binding::Many(Many { by, condition: text(found, "where"), order, style, of })
    }
}

fn checked_field(field: &FieldDefinition, binding: Binding) -> Field {
    Field {
        name: field.name.node.to_string(),
        of: of(&field.ty.node),
        arguments: field.arguments.iter().map(|found| argument(&found.node)).collect(),
        needs: needs(&field.directives),
        is_anonymous: directive(&field.directives, "anonymous").is_some(),
        choice: directive(&field.directives, "choice").and_then(|found| text(found, "category")),
        binding,
    }
}

/// The words of all `@needs`.
fn needs(directives: &[async_graphql::Positioned<ConstDirective>]) -> Vec<String> {
    let needs = directives.iter().filter(|found| found.node.name.node == "needs");
    needs.filter_map(|found| text(&found.node, "permission")).collect()
}

fn argument(found: &InputValueDefinition) -> Argument {
    let of_directive = |name: &str, argument: &str| directive(&found.directives, name).and_then(|d| text(d, argument));
    let binding = if let Some(columns) = of_directive("column", "name") {
        Condition::Columns(columns.split(' ').map(str::to_owned).collect())
    } else if let Some(path) = of_directive("path", "field") {
        Condition::Path(path)
    } else if let Some(sql) = of_directive("where", "sql") {
        Condition::Sql(sql)
    } else if let Some(column) = of_directive("viewer", "column") {
        Condition::Viewer(column)
    } else if directive(&found.directives, "party").is_some() {
        Condition::Party
    } else {
        Condition::Field
    };
    Argument {
        name: found.name.node.to_string(),
        of: of(&found.ty.node),
        default: found.default_value.as_ref().map(|default| default.node.clone()),
        needs: needs(&found.directives),
        binding,
    }
}

/// `"is_primary DESC, name"` as columns.
fn order(text: &str) -> Vec<OrderColumn> {
    text.split([',', ' ']).filter(|word| !word.is_empty()).fold(Vec::new(), |mut columns: Vec<OrderColumn>, word| {
        match (word, columns.last_mut()) {
            ("DESC", Some(last)) => last.is_descending = true,
            _ => columns.push(OrderColumn { column: word.to_owned(), is_descending: false }),
        }
        columns
    })
}

fn enum_values(choice: &EnumType) -> Vec<EnumValue> {
    choice
        .values
        .iter()
        .map(|value| EnumValue {
            name: value.node.value.node.to_string(),
            path: directive(&value.node.directives, "path").and_then(|path| text(path, "field")),
        })
        .collect()
}
