//! What can go wrong, by audience: `UserError` is data of a payload, `ClientError` is a GraphQL error that the
//! caller may read, `Internal` never leaves the server. Nothing here knows HTTP.

use async_graphql::{ErrorExtensionValues, ErrorExtensions, ServerError};
use sea_orm::DbErr;

/// Kinds of expected failures; the names are those of `UserErrorCode` in the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    Required,
    Invalid,
    OutOfRange,
    InvalidDate,
    UnknownValue,
    IncompleteGroup,
    NotFound,
    DuplicateName,
    DuplicateEmail,
    DuplicatePhone,
    WrongState,
    Conflict,
    CheckDigit,
    Forbidden,
    Expired,
    TooEarly,
    TooLarge,
    UnsupportedMediaType,
    InsufficientFunds,
    UpstreamFailed,
}

impl Code {
    /// The value of `UserErrorCode`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Required => "REQUIRED",
            Self::Invalid => "INVALID",
            Self::OutOfRange => "OUT_OF_RANGE",
            Self::InvalidDate => "INVALID_DATE",
            Self::UnknownValue => "UNKNOWN_VALUE",
            Self::IncompleteGroup => "INCOMPLETE_GROUP",
            Self::NotFound => "NOT_FOUND",
            Self::DuplicateName => "DUPLICATE_NAME",
            Self::DuplicateEmail => "DUPLICATE_EMAIL",
            Self::DuplicatePhone => "DUPLICATE_PHONE",
            Self::WrongState => "WRONG_STATE",
            Self::Conflict => "CONFLICT",
            Self::CheckDigit => "CHECK_DIGIT",
            Self::Forbidden => "FORBIDDEN",
            Self::Expired => "EXPIRED",
            Self::TooEarly => "TOO_EARLY",
            Self::TooLarge => "TOO_LARGE",
            Self::UnsupportedMediaType => "UNSUPPORTED_MEDIA_TYPE",
            Self::InsufficientFunds => "INSUFFICIENT_FUNDS",
            Self::UpstreamFailed => "UPSTREAM_FAILED",
        }
    }
}

/// An expected failure of a mutation: data in `errors`.
#[derive(Clone, Debug)]
pub struct UserError {
    pub code: Code,
    /// Path of the input member at fault; empty when it is no single one.
    pub field: Vec<String>,
    /// Sentence for a person, in English.
    pub message: String,
    /// Type and number of the row that already holds the value.
    pub conflicts_with: Option<(&'static str, i64)>,
}

impl UserError {
    /// A failure of one input member; `field` is a path with dots, empty for none.
    #[must_use]
    pub fn new(code: Code, field: &str, message: impl Into<String>) -> Self {
        let field = field.split('.').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        Self { code, field, message: message.into(), conflicts_with: None }
    }
}

/// A failure of a whole root field that the caller may read.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No or no valid credential.
    #[error("Sign in first.")]
    Unauthenticated,
    /// The viewer lacks the right; the text names the permission words of which one is enough.
    #[error("You need the permission {0}.")]
    Forbidden(String),
    /// An argument has the wrong form; the text names it.
    #[error("{0}")]
    BadInput(String),
    /// All sources were needed and at least one failed.
    #[error("{0}")]
    SourceFailed(String),
    /// What would be data in the payload of a mutation.
    #[error("{}", .0.message)]
    Expected(UserError),
}

impl ClientError {
    /// The value of `extensions.code`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden(_) => "FORBIDDEN",
            Self::BadInput(_) => "BAD_USER_INPUT",
            Self::SourceFailed(_) => "SOURCE_FAILED",
            Self::Expected(error) => error.code.name(),
        }
    }
}

/// What a resolver may fail with.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Internal(#[from] Internal),
}

/// A fault of the hub itself; logged, never shown.
#[derive(Debug, thiserror::Error)]
pub enum Internal {
    #[error("database: {0}")]
    Database(#[from] DbErr),
    #[error("{0}")]
    Other(String),
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        Self::Internal(Internal::Database(error))
    }
}

impl Error {
    /// A fault that should not happen, described for the log.
    #[must_use]
    pub fn internal(message: impl std::fmt::Display) -> Self {
        Self::Internal(Internal::Other(message.to_string()))
    }

    /// An argument of the wrong form.
    #[must_use]
    pub fn bad_input(message: impl Into<String>) -> Self {
        Self::Client(ClientError::BadInput(message.into()))
    }

    /// The GraphQL error. Internal faults are logged here and masked.
    #[must_use]
    pub fn into_server_error(self, pos: async_graphql::Pos) -> ServerError {
        let (message, code) = match self {
            Self::Client(error) => (error.to_string(), error.code()),
            Self::Internal(error) => {
                tracing::error!(%error, "internal error");
                ("Something went wrong here; the operators can find it in the log.".to_owned(), "INTERNAL")
            }
        };
        let error = async_graphql::Error::new(message)
            .extend_with(|_, extensions: &mut ErrorExtensionValues| extensions.set("code", code));
        error.into_server_error(pos)
    }
}
