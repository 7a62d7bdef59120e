//! Pieces of SQL with their values, and the joins of a statement. It must not know GraphQL.

use std::fmt::Write;

use std::collections::HashMap;

use sea_orm::{DbBackend, Statement, Value};

/// Stands for the next value; cannot occur in SQL text.
const HOLE: char = '\u{1}';

/// A piece of SQL and the values of its holes, in order.
#[derive(Clone, Debug, Default)]
pub struct Piece {
    text: String,
    values: Vec<Value>,
}

impl Piece {
    /// SQL without values.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), values: Vec::new() }
    }

    /// One value.
    #[must_use]
    pub fn value(value: impl Into<Value>) -> Self {
        Self { text: HOLE.to_string(), values: vec![value.into()] }
    }

    /// SQL in which `?` stands for the values.
    #[must_use]
    pub fn with(text: &str, values: impl IntoIterator<Item = Value>) -> Self {
        Self { text: text.replace('?', "\u{1}"), values: values.into_iter().collect() }
    }

    pub fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    pub fn push_value(&mut self, value: impl Into<Value>) {
        self.text.push(HOLE);
        self.values.push(value.into());
    }

    pub fn append(&mut self, other: Self) {
        self.text.push_str(&other.text);
        self.values.extend(other.values);
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// All pieces with a word between them, in parentheses; `None` of none.
    #[must_use]
    pub fn join(pieces: Vec<Self>, word: &str) -> Option<Self> {
        let mut pieces = pieces.into_iter();
        let mut all = pieces.next()?;
        if pieces.len() == 0 {
            return Some(all);
        }
        all.text.insert(0, '(');
        for piece in pieces {
            all.push(word);
            all.append(piece);
        }
        all.push(")");
        Some(all)
    }

    /// The statement, with the holes numbered as the database wants them.
    #[must_use]
    pub fn statement(self, backend: DbBackend) -> Statement {
        let mark = if backend == DbBackend::Postgres { '$' } else { '?' };
        let mut sql = String::with_capacity(self.text.len() + self.values.len() * 2);
        let mut count = 0;
        for letter in self.text.chars() {
            if letter == HOLE {
                count += 1;
                sql.push(mark);
                sql.push_str(&count.to_string());
            } else {
                sql.push(letter);
            }
        }
        Statement::from_sql_and_values(backend, sql, self.values)
    }
}

/// `alias."column"`: names such as "from" are words of SQL.
#[must_use]
pub fn column(alias: &str, column: &str) -> String {
    format!("{alias}.\"{column}\"")
}

/// A template with `{t}` filled in.
#[must_use]
pub fn template(sql: &str, alias: &str) -> String {
    sql.replace("{t}", alias)
}

/// Whether a column holds one of these numbers. The text does not depend on how many there are, so that the
/// database keeps one plan.
#[must_use]
pub fn any(backend: DbBackend, column: &str, numbers: &[i64]) -> Piece {
    if let [number] = numbers {
        return Piece::with(&format!("{column} = ?"), [Value::from(*number)]);
    }
    if backend == DbBackend::Postgres {
        return Piece::with(&format!("{column} = ANY (CAST(? AS bigint[]))"), [array(numbers).into()]);
    }
    let list = serde_json::to_string(numbers).expect("numbers are JSON");
    Piece::with(&format!("{column} IN (SELECT value FROM json_each(?))"), [list.into()])
}

/// Numbers as PostgreSQL writes an array: `{1,2}`.
#[must_use]
pub fn array(numbers: &[i64]) -> String {
    let numbers: Vec<String> = numbers.iter().map(i64::to_string).collect();
    format!("{{{}}}", numbers.join(","))
}

/// The tables of one statement: the first has the alias `t0`, joined ones follow.
#[derive(Debug, Default)]
pub struct Joins {
    sql: String,
    aliases: HashMap<String, String>,
}

impl Joins {
    /// The alias of a joined table: `condition` gets the new alias and says how it hangs on the others. The same
    /// path is joined once.
    pub fn join(&mut self, path: &str, table: &str, condition: impl FnOnce(&str) -> String) -> String {
        if let Some(alias) = self.aliases.get(path) {
            return alias.clone();
        }
        let alias = format!("t{}", self.aliases.len() + 1);
        let on = condition(&alias);
        let _ = write!(self.sql, " LEFT JOIN \"{table}\" {alias} ON {on}");
        self.aliases.insert(path.to_owned(), alias.clone());
        alias
    }

    /// Names a table that the statement reads anyway as what a path leads to.
    pub fn name(&mut self, path: &str, alias: &str) {
        self.aliases.insert(path.to_owned(), alias.to_owned());
    }

    #[must_use]
    pub fn sql(&self) -> &str {
        &self.sql
    }
}
