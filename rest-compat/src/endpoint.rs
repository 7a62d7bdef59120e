//! An endpoint as it has been checked: nothing in it can be wrong any more. It must not know how it is served.

use regex::Regex;

use crate::{input::Type, listing::Listing, shape::Shape};

/// A checked operation file.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each says something of its own")]
pub struct Endpoint {
    /// Name of the operation: also the id in `OpenAPI`, and the name in logs.
    pub name: String,
    /// The folder that it is in.
    pub noun: String,
    /// First line of the file's comment.
    pub summary: String,
    pub method: http::Method,
    /// Below the mount, with the names of the parameters in braces.
    pub path: String,
    /// The operation that is executed, with its fragments and without our directives.
    pub document: String,
    pub parameters: Vec<Parameter>,
    pub body: BodyKind,
    /// Whether the body may be as large as one with files.
    pub is_large: bool,
    /// How the answer is written.
    pub shape: Shape,
    pub status: u16,
    /// Constant members, as JSON.
    pub with: Vec<(String, String)>,
    pub under: Option<String>,
    pub is_bare: bool,
    pub omits_nulls: bool,
    pub may_be_null: bool,
    /// The connection of which all pages are read.
    pub all_pages: Option<AllPages>,
    /// Whether members of the body that no variable takes are refused.
    pub is_closed: bool,
    /// Table of the system for how often it may be called.
    pub quota: Option<String>,
    /// How rows that stand alone are answered.
    pub batch: Option<Batch>,
    /// How its query string and its envelope are read and written by convention.
    pub listing: Option<Listing>,
    /// Table of the system for failures of this endpoint.
    pub failures: Option<String>,
    /// Permission word that the caller must hold.
    pub needs: Option<String>,
    /// Whether at least one member of the body must be there.
    pub wants_some: bool,
    /// Whether it can be called without signing in.
    pub is_public: bool,
    /// Which parameter stands at a path of an argument, longest paths first.
    pub places: Vec<(Vec<String>, usize)>,
}

/// A connection of which all pages are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllPages {
    /// Response key of the connection.
    pub root: String,
    /// Response key of its rows.
    pub rows: String,
}

/// Where the numbers of accepted and rejected rows stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Path of the object.
    pub counts: Vec<String>,
    pub accepted: String,
    pub rejected: String,
}

/// Form of a request body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyKind {
    Json,
    Form,
    Multipart,
    None,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Path,
    Query,
    Header,
    Body,
    WholeBody,
    /// Worked out of the query string by the convention of lists.
    Listing,
}

/// A variable and where it comes from.
#[derive(Debug)]
pub struct Parameter {
    pub variable: String,
    pub place: Place,
    /// Its name there.
    pub name: String,
    pub of: Type,
    pub has_default: bool,
    /// The default as JSON, for the documentation.
    pub default: Option<serde_json::Value>,
    pub is_comma_separated: bool,
    /// Table of words.
    pub choices: Option<String>,
    /// A member and the value it must have.
    pub when: Option<(String, String)>,
    /// Whether it must be there although it may be null.
    pub must_be_there: bool,
    /// Name of a day that must not lie before this one.
    pub not_after: Option<String>,
    /// A member, its value, and what this one's is then.
    pub instead: Option<((String, String), serde_json::Value)>,
    /// Names of a row's members, and where they go in the input type, in the order of the file.
    pub rows: Option<Vec<(String, Vec<String>)>>,
    /// What rows that stand alone must keep to.
    pub alone: Alone,
    /// Member that the keys of an object become, which is read as a list.
    pub keyed_by: Option<String>,
    /// Members of the body of which one that is true makes it false.
    pub unless: Vec<String>,
    pub limits: Limits,
}

/// What rows that stand alone must keep to.
#[derive(Debug, Default)]
pub struct Alone {
    pub required: Vec<String>,
    pub defaults: Vec<(String, serde_json::Value)>,
    /// Member of the input type that says of a row that it is only looked at.
    pub trial: Option<String>,
}

/// Name in `rows` for all members that have none.
pub const REST: &str = "__others";

/// What a value must keep to besides its type.
#[derive(Debug, Default)]
pub struct Limits {
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub min_length: Option<usize>,
    pub max_length: Option<usize>,
    pub pattern: Option<Regex>,
}

impl Parameter {
    /// Whether a request without it is refused.
    #[must_use]
    pub fn is_required(&self) -> bool {
        self.must_be_there || (self.of.is_required && !self.has_default)
    }
}
