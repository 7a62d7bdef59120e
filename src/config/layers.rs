//! The layers of the configuration as TOML tables, later ones winning name by name.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

use serde_json::Value;
use toml::Table;

use super::{ConfigError, describe, names};

/// Names in the environment begin with this; two underscores separate section and name.
const PREFIX: &str = "GROUPGRAPH_";
/// Names the file itself, so it is no setting.
pub const FILE_VARIABLE: &str = "GROUPGRAPH_CONFIG";

/// Where a setting was found: names are spelled differently there.
#[derive(Clone, Debug)]
pub enum Origin {
    File(PathBuf),
    Environment,
    Flag,
}

impl Origin {
    /// A dotted name as it is written there.
    #[must_use]
    pub fn spell(&self, name: &str) -> String {
        match self {
            Self::File(path) => format!("`{name}` in {}", path.display()),
            Self::Environment => format!("{PREFIX}{}", name.replace('.', "__").to_uppercase()),
            Self::Flag => format!("--set {name}=…"),
        }
    }
}

/// Layers, lowest first.
#[derive(Debug)]
pub struct Layers {
    schema: Value,
    merged: Table,
    problems: Vec<String>,
}

impl Default for Layers {
    fn default() -> Self {
        Self { schema: describe::json_schema(), merged: Table::new(), problems: Vec::new() }
    }
}

impl Layers {
    /// Adds a file.
    ///
    /// # Errors
    /// It cannot be read or is no TOML.
    pub fn file(mut self, path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
        let table = text
            .parse::<Table>()
            .map_err(|source| ConfigError::Syntax { path: path.to_owned(), source: Box::new(source) })?;
        self.add(table, &Origin::File(path.to_owned()));
        Ok(self)
    }

    /// Adds those variables of the environment that carry the prefix.
    #[must_use]
    pub fn environment(mut self, variables: impl IntoIterator<Item = (String, String)>) -> Self {
        for (variable, text) in variables {
            if let Some(rest) = variable.strip_prefix(PREFIX)
                && variable != FILE_VARIABLE
            {
                self.add_text(&rest.to_lowercase().replace("__", "."), &text, &Origin::Environment);
            }
        }
        self
    }

    /// Adds settings given on the command line.
    #[must_use]
    pub fn flags<'a>(mut self, flags: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        for (name, text) in flags {
            self.add_text(name, text, &Origin::Flag);
        }
        self
    }

    /// The merged table.
    ///
    /// # Errors
    /// Names are unknown, or values out of range.
    pub(super) fn into_table(self) -> Result<Table, ConfigError> {
        if self.problems.is_empty() { Ok(self.merged) } else { Err(ConfigError::Wrong(self.problems)) }
    }

    fn add_text(&mut self, name: &str, text: &str, origin: &Origin) {
        let Some(node) = describe::node(&self.schema, name) else {
            return self.problems.push(names::unknown(name, origin, &self.schema));
        };
        let kind = describe::kind(node);
        let items = node.get("items").map_or("string", describe::kind);
        let Some(value) = read(text, (kind, items)) else {
            let mut problem = format!("{} must be ", origin.spell(name));
            // Writing to a string cannot fail.
            let _ = match kind {
                "object" => write!(problem, "set by its members: it is a section"),
                _ => write!(problem, "of type {kind}"),
            };
            return self.problems.push(problem);
        };
        let mut table = Table::new();
        *place(&mut table, name) = value;
        self.add(table, origin);
    }

    fn add(&mut self, table: Table, origin: &Origin) {
        self.problems.extend(names::problems(&table, origin, &self.schema));
        merge(&mut self.merged, table);
    }
}

/// Sets a name that no layer has set.
pub fn fill(table: &mut Table, name: &str, text: String) {
    let slot = place(table, name);
    if slot.as_table().is_some_and(Table::is_empty) {
        *slot = text.into();
    }
}

/// The value at a dotted name, made as an empty table if absent. A section that is no table is left for the
/// type check to refuse.
fn place<'table>(table: &'table mut Table, name: &str) -> &'table mut toml::Value {
    let (section, rest) = name.split_once('.').unwrap_or((name, ""));
    let slot = table.entry(section).or_insert_with(|| Table::new().into());
    if rest.is_empty() {
        return slot;
    }
    match slot {
        toml::Value::Table(inner) => place(inner, rest),
        other => other,
    }
}

fn merge(lower: &mut Table, upper: Table) {
    for (key, value) in upper {
        match (lower.get_mut(&key), value) {
            (Some(toml::Value::Table(inner)), toml::Value::Table(value)) => merge(inner, value),
            (_, value) => {
                lower.insert(key, value);
            }
        }
    }
}

/// A text as a value of a kind; the second kind is that of the items of a list.
fn read(text: &str, (kind, items): (&str, &str)) -> Option<toml::Value> {
    match kind {
        "object" => None,
        "integer" => text.trim().parse::<i64>().ok().map(Into::into),
        "boolean" => text.trim().parse::<bool>().ok().map(Into::into),
        "array" => {
            let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            Some(parts.map(|part| read(part, (items, "string"))).collect::<Option<Vec<_>>>()?.into())
        }
        _ => Some(text.into()),
    }
}
