//! The schema as the engine uses it: every field with what stands behind it. Made once from the document and
//! the tables by `bind`; whatever is in here has been checked.

use std::collections::HashMap;

use groupgraph_entities::ColumnKind;

/// The checked schema.
pub struct Model {
    pub objects: HashMap<String, Object>,
    pub inputs: HashMap<String, Vec<Argument>>,
    /// Values of each enum in order, with the path of a field where one says so (`@path`).
    pub enums: HashMap<String, Vec<EnumValue>>,
    /// Object types of each interface.
    pub interfaces: HashMap<String, Vec<String>>,
    /// Columns of all tables, by table and column.
    pub columns: HashMap<String, HashMap<String, Column>>,
}

/// A column as the engine needs it.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    pub kind: ColumnKind,
    pub is_nullable: bool,
}

/// A value of an enum.
#[derive(Clone, Debug)]
pub struct EnumValue {
    pub name: String,
    /// Path of the field to order by, where it is not the value's own name.
    pub path: Option<String>,
}

/// An object type.
#[derive(Debug)]
pub struct Object {
    pub name: String,
    pub interfaces: Vec<String>,
    pub table: Option<Table>,
    pub fields: HashMap<String, Field>,
}

/// How the rows of a type are stored and who sees them.
#[derive(Debug)]
pub struct Table {
    pub name: String,
    /// Resource of the catalogue whose rows these are, where a table holds those of many.
    pub kind: Option<String>,
    /// Whether another type is what the table's rows are first of all; that one decides about rows below them.
    pub is_second: bool,
    /// Plain name of the rows, for messages.
    pub plural: String,
    /// Order of lists that name none; ties go by number.
    pub order: Vec<OrderColumn>,
    /// Columns (or `relation.column`) that free text looks into.
    pub search: Vec<String>,
    /// Permission words of which one is needed to read a row by any way.
    pub read: Vec<String>,
    /// Column that holds the company; none for rows of the whole instance.
    pub reach: Option<String>,
    /// Condition on rows for people without `unless`.
    pub rows: Option<String>,
    /// Permission word that lifts `rows`.
    pub unless: Option<String>,
    /// Whether `rows` binds machines too.
    pub is_strict: bool,
    /// Relations whose rows decide about this one (`lead`, `prospect`, `client`).
    pub parents: Vec<String>,
    pub is_soft_deleted: bool,
}

/// A column to order by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderColumn {
    pub column: String,
    pub is_descending: bool,
}

/// The type of a field or argument, as far as the engine cares.
#[derive(Clone, Debug)]
pub struct Type {
    /// Innermost name.
    pub name: String,
    pub is_list: bool,
    pub is_required: bool,
    /// Whether a list may hold nulls.
    pub has_nulls: bool,
}

/// A field of an object type.
#[derive(Debug)]
pub struct Field {
    pub name: String,
    pub of: Type,
    pub arguments: Vec<Argument>,
    /// Permission words of which one is enough.
    pub needs: Vec<String>,
    pub is_anonymous: bool,
    /// Look-up list that a written value must be of.
    pub choice: Option<String>,
    pub binding: Binding,
}

/// An argument or a member of an input object.
#[derive(Debug)]
pub struct Argument {
    pub name: String,
    pub of: Type,
    pub default: Option<async_graphql::Value>,
    /// Permission words of which one is enough.
    pub needs: Vec<String>,
    pub binding: Condition,
}

/// What an argument or a filter member restricts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The field of the same name.
    Field,
    /// Any of these columns (`@column`).
    Columns(Vec<String>),
    /// Another field, by path (`@path`).
    Path(String),
    /// A condition with `{value}` (`@where`).
    Sql(String),
    /// Whether the column names the viewer (`@viewer`).
    Viewer(String),
    /// The party of a note (`@party`).
    Party,
}

/// What stands behind a field.
#[derive(Debug)]
pub enum Binding {
    /// Nothing: resolved by code, by its name.
    Code,
    /// The global id.
    Id,
    /// One column.
    Leaf { column: String, leaf: Leaf },
    /// An expression over the row, `{t}` being its alias.
    Expression { sql: String, leaf: Leaf },
    /// An amount and its currency.
    Money { minor: String, currency: String },
    /// The parts of a phone number.
    PhoneParts { phone: String, raw: String },
    /// A stored picture.
    Image { column: String },
    /// The signed address of the file that the row is.
    Link,
    /// Whole days since the instant in the column.
    DaysSince { column: String },
    /// A column of which only the end is shown without the permission.
    Masked { column: String, permission: String },
    /// An object whose members are picked from a JSON column.
    Json { column: String },
    /// An object whose members are columns of the same row with this prefix.
    Embedded { prefix: String },
    /// A row that this one names.
    One { column: String },
    /// Rows that name this one, or that a link table joins with it.
    Many(Many),
    /// The lead, prospect or client of the row.
    Party { columns: Vec<(String, String)> },
    /// Any row, named by type and number.
    Subject,
    /// The id in a foreign system.
    ExternalId,
    /// An object, or a list of them, picked from a JSON expression by the selection.
    Shape { sql: String },
    /// Several scalars in a JSON expression.
    Elements { sql: String },
    /// A row that a JSON expression names by its record id.
    Named { sql: String },
    /// A mutation of records of a resource of the catalogue.
    Record { action: RecordAction, of: String },
    /// A generic mutation of rows of the type `of`.
    Write { action: Action, of: String },
}

/// What a generic mutation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Create,
    Update,
    /// Create, or update the row that the input names.
    Save,
    Delete,
}

/// What a mutation does to records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordAction {
    Create,
    Update,
    Remove,
    RemoveMany,
}

/// How a column is written as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leaf {
    Text,
    Integer,
    /// 32 bits in the database.
    SmallInteger,
    Float,
    Boolean,
    Instant,
    Day,
    Json,
    /// Millionths as decimal text.
    Millionths,
    /// Position in an enum, from 1.
    Ordinal(String),
    /// Text that is compared as it is: record ids, days in JSON.
    Key,
    /// An instant as text in UTC with milliseconds, as JSON holds it.
    Stamp,
}

impl Leaf {
    /// The expression as it is selected, so that one Rust type reads it on both databases.
    #[must_use]
    pub fn selected(&self, sql: String, backend: sea_orm::DbBackend) -> String {
        match self {
            Self::Json => format!("CAST({sql} AS TEXT)"),
            Self::SmallInteger | Self::Ordinal(_) if backend == sea_orm::DbBackend::Postgres => {
                format!("CAST({sql} AS bigint)")
            }
            _ => sql,
        }
    }

    /// No value, of the column's type.
    #[must_use]
    pub fn null(&self) -> sea_orm::Value {
        use sea_orm::Value;
        match self {
            Self::Instant => Value::ChronoDateTimeUtc(None),
            Self::Day => Value::ChronoDate(None),
            Self::Json => Value::Json(None),
            Self::Float => Value::Double(None),
            Self::Boolean => Value::Bool(None),
            Self::Integer | Self::Millionths => Value::BigInt(None),
            Self::SmallInteger | Self::Ordinal(_) => Value::Int(None),
            Self::Text | Self::Key | Self::Stamp => Value::String(None),
        }
    }

    /// How a column of this kind is written, enums apart.
    #[must_use]
    pub fn of(kind: ColumnKind) -> Self {
        match kind {
            ColumnKind::Integer => Self::Integer,
            ColumnKind::SmallInteger => Self::SmallInteger,
            ColumnKind::Text => Self::Text,
            ColumnKind::Boolean => Self::Boolean,
            ColumnKind::Instant => Self::Instant,
            ColumnKind::Day => Self::Day,
            ColumnKind::Json => Self::Json,
            ColumnKind::Float => Self::Float,
        }
    }
}

/// Rows that belong to a row.
#[derive(Debug)]
pub struct Many {
    pub by: Link,
    /// Condition, `{t}` being the alias of the rows.
    pub condition: Option<String>,
    pub order: Vec<OrderColumn>,
    pub style: Style,
    /// Object type of the rows.
    pub of: String,
}

/// How rows belong to a row.
#[derive(Debug)]
pub enum Link {
    /// Their column names it.
    Column(String),
    /// A link table does.
    Through { table: String, from: String, to: String },
    /// A JSON list of record ids in a row of the table does.
    Elements { table: String, sql: String },
}

/// What a field over many rows answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Connection,
    List,
    /// The first one.
    First,
    /// The only one: at most one can exist.
    Single,
}

impl Model {
    /// An object type that `bind` has found to exist.
    #[must_use]
    pub fn object(&self, name: &str) -> &Object {
        &self.objects[name]
    }

    /// The object type of that name with its table, if it has one.
    #[must_use]
    pub fn rows(&self, name: &str) -> Option<(&Object, &Table)> {
        let object = self.objects.get(name)?;
        Some((object, object.table.as_ref()?))
    }

    /// A column of a table.
    #[must_use]
    pub fn column(&self, table: &str, column: &str) -> Option<Column> {
        self.columns.get(table)?.get(column).copied()
    }

    /// Whether values of `of` may be asked for by a fragment on `condition`.
    #[must_use]
    pub fn applies(&self, of: &Object, condition: &str) -> bool {
        of.name == condition || of.interfaces.iter().any(|interface| interface == condition)
    }
}

impl Type {
    /// The row type of a connection: `Lead` for `LeadConnection` and `GlobalLeadConnection`.
    #[must_use]
    pub fn connected(&self) -> Option<&str> {
        let name = self.name.strip_suffix("Connection")?;
        Some(name.strip_prefix("Global").unwrap_or(name))
    }
}

/// How a column of a table is written, enums apart.
#[must_use]
pub fn column_leaf(table: &str, column: &str) -> Leaf {
    super::MODEL.column(table, column).map_or(Leaf::Text, |found| Leaf::of(found.kind))
}

/// `companyName` as `company_name`, `CREATED_AT` as `created_at`.
#[must_use]
pub fn snake(name: &str) -> String {
    if name.chars().all(|letter| !letter.is_ascii_lowercase()) {
        return name.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(name.len() + 4);
    for (index, letter) in name.char_indices() {
        if letter.is_ascii_uppercase() && index > 0 {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    // line1 is address_line1: digits stay with their word.
    out
}

/// `assetUnits` as `AssetUnits`; names begin with an ASCII letter.
#[must_use]
pub fn capitalized(name: &str) -> String {
    name[..1].to_uppercase() + &name[1..]
}

/// `CREATED_AT` as `createdAt`.
#[must_use]
pub fn camel(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    let mut is_new = false;
    for letter in word.chars() {
        if letter == '_' {
            is_new = true;
        } else if is_new {
            out.push(letter.to_ascii_uppercase());
            is_new = false;
        } else {
            out.push(letter.to_ascii_lowercase());
        }
    }
    out
}
