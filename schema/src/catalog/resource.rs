//! A resource as its file says it: fields, shapes, limits, references. It must not know GraphQL, tables or HTTP.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A resource of the catalogue; one file in `resources/`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// Its name: that of the file in capitals, `asset_unit.toml` is `AssetUnit`. Kind of its rows.
    #[serde(skip)]
    pub name: String,
    /// GraphQL type, if that cannot be the name.
    #[serde(rename = "type")]
    pub of: Option<String>,
    /// Plain name of many, for descriptions and messages.
    pub plural: String,
    /// Root field of the list.
    pub root: String,
    /// Path below the mount of the REST interface.
    pub path: String,
    /// A second path that answers too.
    pub also: Option<String>,
    /// Envelopes and server fields of the REST interface.
    pub family: Family,
    /// Operations that it does not have.
    #[serde(default)]
    pub without: Vec<Operation>,
    /// Whether many can be removed at once.
    #[serde(default)]
    pub bulk: bool,
    /// How whoever creates one must say the company; left out: need not.
    pub namespace: Option<Namespace>,
    /// Fields that free text looks into.
    #[serde(default)]
    pub search: Vec<String>,
    /// Fields of which no two records of a company have the same values.
    #[serde(default)]
    pub unique: Vec<String>,
    /// Value of the column `kind`, where not all rows of the table are meant.
    pub rows: Option<String>,
    /// The hub's own table, if its rows are the hub's own; fields name their columns.
    pub table: Option<String>,
    /// What lists offer about records that refer to this one, by the name of the parameter.
    #[serde(default)]
    pub referred: BTreeMap<String, Referred>,
    pub fields: BTreeMap<String, Field>,
}

/// Records that refer to a record, and what is made of them: shown with it, or a condition on it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Referred {
    /// Resource that refers.
    pub by: String,
    /// Its field that does.
    pub field: String,
    /// Member under which they are shown, if the parameter is true.
    #[serde(rename = "as")]
    pub shown: Option<String>,
    /// Their text that the parameter says; without that and `as`, it says whether there are any.
    pub is: Option<String>,
}

/// How a company is said.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Namespace {
    /// A list of one name.
    List,
    /// One name.
    Text,
}

/// Shape of answers, errors and server fields, as the vendor's families are lettered.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub enum Family {
    A,
    B,
    C,
    D,
    E,
    F,
    G,
    H,
}

/// What can be done with a resource beside listing it.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    Create,
    Get,
    Update,
    Remove,
}

/// A field, also of a nested shape.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a word of the file")]
pub struct Field {
    #[serde(rename = "type")]
    pub kind: Kind,
    /// Whether there are many values.
    pub list: bool,
    /// Resource that the value names by its record id.
    #[serde(rename = "ref")]
    pub target: Option<String>,
    /// Members of a nested shape.
    pub fields: BTreeMap<String, Field>,
    pub required: bool,
    /// Texts that are allowed.
    pub one_of: Vec<String>,
    /// What a new record gets where the caller says nothing.
    pub default: Option<serde_json::Value>,
    /// Least number, length or count.
    pub min: Option<f64>,
    /// Greatest number, length or count.
    pub max: Option<f64>,
    /// Regular expression that a text must match.
    pub pattern: Option<String>,
    pub on: Access,
    /// Written, never shown.
    pub hidden: bool,
    /// Of a member of a shape: lists can be filtered by it.
    pub filter: bool,
    /// Column of the hub's own table.
    pub column: Option<String>,
    /// What it is, where its name does not say it.
    pub doc: Option<String>,
}

/// Type of a value.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    #[default]
    Text,
    Email,
    Uri,
    /// `YYYY-MM-DD`
    Date,
    /// `HH:MM`
    Time,
    /// RFC 3339; kept in UTC with milliseconds, so that texts compare like instants.
    Instant,
    Integer,
    Number,
    Boolean,
    /// An object of any members.
    Object,
    /// Any JSON.
    Any,
}

/// Who writes a field.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    #[default]
    Always,
    /// Only changes of a record that is there.
    Update,
    /// Only the server.
    Server,
}

impl Resource {
    /// The GraphQL type.
    #[must_use]
    pub fn type_name(&self) -> &str {
        self.of.as_deref().unwrap_or(&self.name)
    }

    /// Root field of one, and member of payloads.
    #[must_use]
    pub fn singular(&self) -> String {
        let name = self.type_name();
        format!("{}{}", name[..1].to_lowercase(), &name[1..])
    }

    /// Plain name of one, for descriptions.
    #[must_use]
    pub fn plain(&self) -> String {
        words(&self.name)
    }

    #[must_use]
    pub fn has(&self, operation: Operation) -> bool {
        !self.without.contains(&operation)
    }

    /// The table of the rows, and its JSON column.
    #[must_use]
    pub fn storage(&self) -> (&str, &'static str) {
        self.table.as_deref().map_or(("record", "body"), |table| (table, "attributes"))
    }

    /// The permission words to read and to write it: those of the hub's own rows, where it is some.
    #[must_use]
    pub fn rights(&self) -> (&'static str, &'static str) {
        match self.table.as_deref() {
            None => ("records.read", "records.write"),
            Some("client") => ("clients.read", "clients.write"),
            Some("invoice" | "payment") => ("invoices.read", "invoices.write"),
            Some("ticket") => ("tickets.read", "tickets.write"),
            Some("product" | "product_category") => ("records.read", "products.write"),
            Some(_) => ("records.read", "staff.write"),
        }
    }

    /// Fields that an index helps to find records by.
    pub fn indexed(&self) -> impl Iterator<Item = (&String, &Field)> {
        let helps = |name: &str, field: &Field| field.target.is_some() || name == "status";
        self.fields.iter().filter(move |(name, field)| !field.list && field.fields.is_empty() && helps(name, field))
    }
}

impl Field {
    /// Whether its value is an object of known members.
    #[must_use]
    pub fn is_shape(&self) -> bool {
        !self.fields.is_empty()
    }

    /// What the field is, as a sentence.
    #[must_use]
    pub fn sentence(&self, name: &str) -> String {
        let text = self.doc.clone().unwrap_or_else(|| words(name));
        let mut text = format!("{}{}", text[..1].to_uppercase(), &text[1..]);
        if !self.one_of.is_empty() {
            text = format!("{text}: {}", self.one_of.join(", "));
        }
        text.push('.');
        text
    }
}

/// `serialNumber`, `serial_number` and `SerialNumber` as "serial number".
#[must_use]
pub fn words(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for (index, letter) in name.char_indices() {
        if letter == '_' {
            out.push(' ');
        } else {
            let after_small = index > 0 && name[..index].ends_with(|before: char| before.is_ascii_lowercase());
            if letter.is_ascii_uppercase() && after_small {
                out.push(' ');
            }
            out.push(letter.to_ascii_lowercase());
        }
    }
    out.trim().to_owned()
}
