//! What a hand-written mutation gets and gives. It must not know the SDL: the engine checks rights before,
//! and reads the rows that a payload names afterwards.

use std::sync::Mutex;

use async_graphql::{UploadValue, Value};
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use sea_orm::{DatabaseTransaction, DbErr};

use crate::{
    activity,
    error::{ClientError, Code, Error, UserError},
    events::{Change, ChangeKind},
    hub::Hub,
    upload::Arrived,
    viewer::Viewer,
    webhook,
};

/// A mutation that the generic ones cannot express.
pub type Verb = for<'a> fn(&'a Call<'a>) -> BoxFuture<'a, Outcome>;

/// Success, or what went wrong.
pub type Outcome = Result<Payload, Failure>;

/// Why a mutation did not happen.
#[derive(Debug)]
pub enum Failure {
    /// Expected: shown to the user in `errors`.
    User(Vec<UserError>),
    /// Unexpected, or a GraphQL error.
    Error(Error),
}

impl Failure {
    /// The same for a query, whose failures are GraphQL errors: the first one decides.
    #[must_use]
    pub fn into_error(self) -> Error {
        match self {
            Self::User(errors) => match errors.into_iter().next() {
                Some(error) => ClientError::Expected(error).into(),
                None => Error::internal("a failure without a reason"),
            },
            Self::Error(error) => error,
        }
    }
}

impl From<UserError> for Failure {
    fn from(error: UserError) -> Self {
        Self::User(vec![error])
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<DbErr> for Failure {
    fn from(error: DbErr) -> Self {
        Self::Error(error.into())
    }
}

/// Address of the caller, for limits; put into the request by the server.
#[derive(Clone, Copy, Debug)]
pub struct CallerAddress(pub std::net::IpAddr);

/// One mutation call.
pub struct Call<'a> {
    pub hub: &'a Hub,
    pub viewer: &'a Viewer,
    /// The `input` argument, coerced: defaults filled in, absent members missing, null members null.
    pub input: &'a Value,
    /// Files of a multipart request, by position.
    pub uploads: &'a [UploadValue],
    /// Contents of files that were stored while the request came.
    pub arrived: Option<&'a Arrived>,
    /// Address of the caller, for limits.
    pub address: Option<std::net::IpAddr>,
    pub(crate) changes: Mutex<Vec<Change>>,
    /// Words of `WebhookEvent`, with the number of the row.
    pub(crate) events: Mutex<Vec<(&'static str, i64)>>,
}

impl Call<'_> {
    /// One transaction; dropping it without `commit` leaves nothing behind.
    ///
    /// # Errors
    /// The database is out of reach.
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        self.hub.database.begin().await
    }

    /// Notes a change, to be told to watchers by `commit`.
    pub fn changed(&self, kind: ChangeKind, of: &str, number: i64) {
        self.note(Change::of(kind, of, number));
    }

    /// Notes a deletion; the company is kept, since the row cannot tell any more who may hear of it.
    pub fn deleted(&self, of: &str, number: i64, tenant: Option<i64>) {
        self.note(Change { kind: ChangeKind::Deleted, of: of.to_owned(), number, tenant });
    }

    fn note(&self, change: Change) {
        self.changes.lock().expect("no panic while noting a change").push(change);
    }

    /// Notes that something happened to a row beyond its having changed: a word of `WebhookEvent`.
    pub fn happened(&self, event: &'static str, number: i64) {
        self.events.lock().expect("no panic while noting an event").push((event, number));
    }

    /// The same call with another input, for rules of a noun that read its own; `join` takes its notes over.
    #[must_use]
    pub fn with_input<'a>(&'a self, input: &'a Value) -> Call<'a> {
        Call { input, changes: Mutex::default(), events: Mutex::default(), ..*self }
    }

    /// Takes over what was noted by a call of `with_input`.
    pub fn join(&self, other: Call<'_>) {
        let (changes, events) = (other.changes.into_inner(), other.events.into_inner());
        let (changes, events) = (changes.expect("no panic while noting"), events.expect("no panic while noting"));
        self.changes.lock().expect("no panic while noting a change").extend(changes);
        self.events.lock().expect("no panic while noting an event").extend(events);
    }

    /// Writes the activity log and what webhooks are told, commits, and tells the watchers.
    ///
    /// # Errors
    /// The database refused the commit.
    pub async fn commit(&self, transaction: DatabaseTransaction) -> Result<(), DbErr> {
        let mut changes = std::mem::take(&mut *self.changes.lock().expect("no panic while noting a change"));
        let events = std::mem::take(&mut *self.events.lock().expect("no panic while noting an event"));
        activity::log(self, &transaction, &changes).await?;
        changes.extend(webhook::tell(self.hub, &transaction, &changes, &events).await?);
        self.hub.events.commit(transaction, changes).await
    }

    /// A member of the input: `None` if absent, `Some(Value::Null)` if null.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Value> {
        match self.input {
            Value::Object(members) => members.get(name),
            _ => None,
        }
    }

    /// Text of a member; none if absent or null.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.member(name) {
            Some(Value::String(text)) => Some(text),
            Some(Value::Enum(word)) => Some(word.as_str()),
            _ => None,
        }
    }

    /// Whether a Boolean member is true; absent and null are false.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.member(name), Some(Value::Boolean(true)))
    }

    /// The instant that counts as now.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.hub.clock.now()
    }
}

/// The members of a payload beside `errors`.
#[derive(Debug, Default)]
pub struct Payload {
    pub(crate) members: Vec<(&'static str, Part)>,
    /// Failures beside members, where both can be.
    pub(crate) errors: Vec<UserError>,
}

/// One member of a payload.
#[derive(Debug)]
pub enum Part {
    /// A row of the member's type, by number; the engine reads what is selected of it.
    Row(i64),
    /// A finished value: scalars, enums, or objects without a table; members are picked by the selection.
    /// `{"__row": 5}` inside it stands for a row of the member's type.
    Plain(serde_json::Value),
}

impl Payload {
    /// An empty payload, to be added to.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds failures that do not take back what the members say.
    #[must_use]
    pub fn failing(mut self, errors: Vec<UserError>) -> Self {
        self.errors.extend(errors);
        self
    }

    /// Adds a row by number.
    #[must_use]
    pub fn row(mut self, member: &'static str, number: i64) -> Self {
        self.members.push((member, Part::Row(number)));
        self
    }

    /// Adds a finished value.
    #[must_use]
    pub fn plain(mut self, member: &'static str, value: impl Into<serde_json::Value>) -> Self {
        self.members.push((member, Part::Plain(value.into())));
        self
    }
}

/// A failure of one member, for `return Err(…)`.
#[must_use]
pub fn fault(code: Code, field: &str, message: impl Into<String>) -> Failure {
    Failure::User(vec![UserError::new(code, field, message)])
}
