//! What a plan consists of: selected expressions, what is written behind each response key, and the rows that are
//! fetched afterwards.

use std::collections::HashMap;

use super::{
    coerce::Arguments,
    model::{Field, Leaf, Many},
    order::Term,
    page::{self, Page},
    pick::{Json, Pick},
    plan::Plan,
    sql::Piece,
};

/// Selected SQL expressions, each once.
#[derive(Default)]
pub struct Columns {
    /// Place of the first one.
    first: usize,
    sql: Vec<String>,
    places: HashMap<String, usize>,
}

impl Columns {
    /// Columns that follow so many others in the same row.
    #[must_use]
    pub fn after(first: usize) -> Self {
        Self { first, ..Self::default() }
    }

    /// The place of an expression in the result.
    pub fn place(&mut self, sql: String) -> usize {
        if let Some(place) = self.places.get(&sql) {
            return *place;
        }
        let place = self.first + self.sql.len();
        self.sql.push(sql.clone());
        self.places.insert(sql, place);
        place
    }

    /// The place of an expression that was asked for.
    #[must_use]
    pub fn find(&self, sql: &str) -> Option<usize> {
        self.places.get(sql).copied()
    }

    #[must_use]
    pub fn count(&self) -> usize {
        self.sql.len()
    }

    #[must_use]
    pub fn list(&self) -> String {
        self.sql.join(", ")
    }
}

/// A response key and what is written behind it.
pub struct Member {
    /// As JSON, with quotation marks and colon.
    pub key: String,
    pub node: Node,
}

/// How a value is written.
pub enum Node {
    Null,
    /// JSON that is the same for every row.
    Literal(String),
    Id {
        of: &'static str,
        place: usize,
    },
    Leaf {
        place: usize,
        leaf: Leaf,
    },
    Money {
        minor: usize,
        currency: usize,
        members: Vec<(String, String)>,
    },
    PhoneParts {
        phone: usize,
        raw: usize,
        members: Vec<(String, String)>,
    },
    Image {
        place: usize,
        members: Vec<(String, String)>,
    },
    Link {
        place: usize,
    },
    DaysSince {
        place: usize,
    },
    Masked {
        place: usize,
    },
    /// Answers of an onboarding, with labels for keys if so wished; without any, an empty object.
    Answers {
        place: usize,
        is_labelled: bool,
    },
    /// Members picked from JSON.
    Json {
        json: Json,
        pick: Pick,
    },
    /// An object; null where the key column is null.
    Object {
        presence: Option<usize>,
        members: Vec<Member>,
    },
    /// Rows fetched afterwards.
    Child {
        child: usize,
        view: View,
    },
    /// The first of the children that has a row.
    OneOf {
        children: Vec<(usize, usize)>,
    },
    /// Left to code, by the field's name.
    Code {
        field: &'static Field,
        of: &'static str,
        place: usize,
        arguments: Vec<(String, String)>,
        /// What the field itself was given.
        given: Arguments,
    },
}

/// What is written of rows that were fetched afterwards.
pub enum View {
    List(usize),
    First(usize),
    /// The first column, as text.
    Text,
    Connection(Vec<page::Part>),
}

/// Rows to fetch for all rows of a plan at once.
pub struct Child {
    /// Where the parent's key is.
    pub parent: usize,
    pub source: Source,
    pub plan: Plan,
    pub page: Option<Page>,
    pub terms: Vec<Term>,
    /// Conditions beside those of the relation.
    pub conditions: Vec<Piece>,
    /// Whether the rows of each parent are counted.
    pub is_counted: bool,
}

impl Child {
    /// Rows that are named by their key, or that need no page.
    #[must_use]
    pub fn plain(parent: usize, source: Source, plan: Plan) -> Self {
        Self { parent, source, plan, page: None, terms: Vec::new(), conditions: Vec::new(), is_counted: false }
    }
}

/// Which rows a child fetches.
pub enum Source {
    /// Those whose own key the parent names.
    Key,
    /// Those that belong to the parent.
    Many(&'static Many),
    /// Those whose record ids are in JSON of the parent, at a path; the parent's key is its company.
    Named { json: usize, path: Vec<String> },
    /// Ids in a foreign system.
    External { of: &'static str, system: String },
}
