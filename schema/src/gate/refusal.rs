//! Why an operation does not pass.

use async_graphql::{ErrorExtensionValues, Pos, Response, ServerError};

/// What an operation has too much of; the name is the error's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    QueryTooLong,
    TooManyTokens,
    TooDeep,
    TooManyAliases,
    TooManyRootFields,
    TooManySelections,
    TooManyDirectives,
    TooManyValues,
    TooExpensive,
}

impl Limit {
    /// The value of `extensions.code`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::QueryTooLong => "QUERY_TOO_LONG",
            Self::TooManyTokens => "TOO_MANY_TOKENS",
            Self::TooDeep => "TOO_DEEP",
            Self::TooManyAliases => "TOO_MANY_ALIASES",
            Self::TooManyRootFields => "TOO_MANY_ROOT_FIELDS",
            Self::TooManySelections => "TOO_MANY_SELECTIONS",
            Self::TooManyDirectives => "TOO_MANY_DIRECTIVES",
            Self::TooManyValues => "TOO_MANY_VALUES",
            Self::TooExpensive => "TOO_EXPENSIVE",
        }
    }

    /// What is counted, for the message.
    fn counted(self) -> &'static str {
        match self {
            Self::QueryTooLong => "bytes of text",
            Self::TooManyTokens => "tokens",
            Self::TooDeep => "levels",
            Self::TooManyAliases => "aliases",
            Self::TooManyRootFields => "root fields",
            Self::TooManySelections => "selections with its fragments written out",
            Self::TooManyDirectives => "directives",
            Self::TooManyValues => "values in its variables",
            Self::TooExpensive => "fields over all rows asked for, with the values of its arguments",
        }
    }
}

/// Why an operation does not pass.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It has `found` of something, and may have `most`.
    #[error("The operation has {found} {}; at most {most} are allowed.", limit.counted())]
    Limit { limit: Limit, most: u64, found: u64 },
    /// It is no GraphQL.
    #[error("{message}")]
    Syntax { message: String, position: Option<Pos> },
    /// A fragment contains itself.
    #[error("The fragment {name} spreads itself.")]
    Cycle { name: String, position: Pos },
    /// A variable that must have a value has none.
    #[error("The variable ${name} must have a value.")]
    NoValue { name: String, position: Pos },
    /// The value of a variable is of another type.
    #[error("The value of the variable ${name} is no {of}.")]
    WrongValue { name: String, of: String, position: Pos },
}

impl Refusal {
    /// The value of `extensions.code`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Limit { limit, .. } => limit.code(),
            Self::Syntax { .. } => "GRAPHQL_PARSE_FAILED",
            Self::Cycle { .. } | Self::NoValue { .. } | Self::WrongValue { .. } => "GRAPHQL_VALIDATION_FAILED",
        }
    }

    /// Whether the operation could have been carried out, but for a limit.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        matches!(self, Self::Limit { .. })
    }
}

impl From<Refusal> for ServerError {
    fn from(refusal: Refusal) -> Self {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", refusal.code());
        if let Refusal::Limit { most, found, .. } = refusal {
            extensions.set("limit", most);
            extensions.set("found", found);
        }
        let position = match &refusal {
            Refusal::Syntax { position, .. } => *position,
            Refusal::Cycle { position, .. }
            | Refusal::NoValue { position, .. }
            | Refusal::WrongValue { position, .. } => Some(*position),
            Refusal::Limit { .. } => None,
        };
        let mut error = Self::new(super::answer::shortened(refusal.to_string()), position);
        error.extensions = Some(extensions);
        error
    }
}

impl From<Refusal> for Response {
    fn from(refusal: Refusal) -> Self {
        Self::from_errors(vec![refusal.into()])
    }
}
