//! Clients in batches: each row by itself, its neighbours untouched, all of its faults listed.

use async_graphql::{Value, indexmap::IndexMap};
use groupgraph_entities::client;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, TransactionTrait};
use serde_json::{Value as Json, json};

use super::{client_rules::object, faults};
use crate::{
    compare::same,
    engine::mutate::{Target, draft, plain},
    error::{Error, UserError},
    members,
    rule::Draft,
    verb::{Call, Failure, Payload},
};

/// The input type of a row.
const ROW: &str = "ClientRowInput";

/// What became of the rows so far.
#[derive(Debug, Default)]
pub(super) struct Batch {
    accepted: Vec<Json>,
    rejected: Vec<Json>,
}

impl Batch {
    /// Notes a client that was written.
    pub fn accept(&mut self, index: usize, number: i64) {
        self.accepted.push(json!({ "index": index, "client": { "__row": number } }));
    }

    /// Notes a row that was refused.
    pub fn reject(&mut self, index: usize, errors: &[UserError]) {
        let message = errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join(" ");
        let errors: Vec<_> = errors.iter().map(plain).collect();
        self.rejected.push(json!({ "index": index, "errors": errors, "message": message }));
    }

    /// The answer of the mutation.
    pub fn payload(self) -> Payload {
        Payload::new().plain("accepted", self.accepted).plain("rejected", self.rejected)
    }
}

/// One row of a batch on its way: what it writes, and which changes were noted before it.
pub(super) struct Attempt {
    pub tx: DatabaseTransaction,
    noted: usize,
}

impl Attempt {
    /// Opens a savepoint.
    ///
    /// # Errors
    /// The database is out of reach.
    pub async fn begin(call: &Call<'_>, tx: &DatabaseTransaction) -> Result<Self, Error> {
        let noted = call.changes.lock().expect("no panic while noting a change").len();
        Ok(Self { tx: tx.begin().await?, noted })
    }

    /// Keeps what the row wrote, or takes it back and answers why.
    ///
    /// # Errors
    /// Faults of the hub itself, which end the whole batch.
    pub async fn end(
        self,
        call: &Call<'_>,
        outcome: Result<i64, Failure>,
    ) -> Result<Result<i64, Vec<UserError>>, Error> {
        match outcome {
            Ok(number) => {
                self.tx.commit().await?;
                Ok(Ok(number))
            }
            Err(Failure::User(errors)) => {
                self.tx.rollback().await?;
                call.changes.lock().expect("no panic while noting a change").truncate(self.noted);
                Ok(Err(errors))
            }
            Err(Failure::Error(error)) => Err(error),
        }
    }
}

/// The client of a company with a name, ignoring case and outer spaces; the oldest of several.
///
/// # Errors
/// The database is out of reach.
pub(super) async fn by_name(tx: &DatabaseTransaction, tenant: i64, name: &str) -> Result<Option<client::Model>, Error> {
    let found = client::Entity::find()
        .filter(client::Column::TenantId.eq(tenant))
        .filter(client::Column::DeletedAt.is_null())
        .filter(same(client::Column::Name, name.trim()))
        .order_by_asc(client::Column::Id);
    Ok(found.one(tx).await?)
}

/// Drafts a row. If something is wrong, every member is drafted by itself, so that all faults come together.
///
/// # Errors
/// All faults of the row, `more` among them.
pub(super) async fn draft_row(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    row: &Value,
    (tenant, stored): (i64, Option<&client::Model>),
    more: Vec<UserError>,
) -> Result<Draft, Failure> {
    let mut errors = more;
    errors.extend(faults::of_members(tx, row, stored).await?);
    let members = object(row);
    let target = Target { of: "Client", input: ROW, tenant: Some(tenant), number: stored.map(|client| client.id) };
    let failure = match draft(call, tx, target, &members).await {
        Ok(draft) if errors.is_empty() => return Ok(draft),
        Ok(_) => return Err(Failure::User(errors)),
        Err(failure) => failure,
    };
    let Failure::User(first) = failure else { return Err(failure) };
    let before = errors.len();
    for (name, value) in members {
        let alone = IndexMap::from([(name, value)]);
        match draft(call, tx, target, &alone).await {
            Err(Failure::User(found)) => errors.extend(found),
            Err(other @ Failure::Error(_)) => return Err(other),
            Ok(_) => {}
        }
    }
    if errors.len() == before {
        errors.extend(first);
    }
    Err(Failure::User(errors))
}

/// The rows of the input.
pub(super) fn rows<'a>(call: &Call<'a>) -> &'a [Value] {
    members::list(call.input, "rows").unwrap_or_default()
}
