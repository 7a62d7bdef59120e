//! Clients in batches: each row by itself, its neighbours untouched, all of its faults listed.

use async_graphql::{Value, indexmap::IndexMap};
use futures_util::future::BoxFuture;
use groupgraph_entities::client;
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, TransactionTrait,
    sea_query::ExprTrait,
};
use serde_json::{Value as Json, json};

use super::{client_rules::object, faults, phones, row};
use crate::{
    company,
    compare::{key, same},
    engine::mutate::{Target, draft, plain},
    error::{Code, Error, UserError},
    members,
    rule::Draft,
    verb::{Call, Failure, Outcome, Payload, fault},
};

/// The input type of a row.
const ROW: &str = "ClientRowInput";
/// Rows of one batch.
const MOST: usize = 10_000;
/// Rows of one transaction: others get their turn in between, and what is done stays done.
const PER_TRANSACTION: usize = 100;

/// Writes one row; answers the number of its client.
pub(super) type Write =
    for<'a> fn(&'a Call<'a>, &'a DatabaseTransaction, i64, &'a Value) -> BoxFuture<'a, Result<i64, Failure>>;

/// Writes the rows of the input, one after the other.
///
/// # Errors
/// There are too many, or a fault of the hub itself; rows of earlier transactions stay.
pub(super) async fn run(call: &Call<'_>, write: Write) -> Outcome {
    let tenant = company::own(call.hub, call.viewer)?;
    let rows = members::list(call.input, "rows").unwrap_or_default();
    if rows.len() > MOST {
        return Err(fault(Code::TooLarge, "rows", format!("A batch has at most {MOST} rows.")));
    }
    let currency = call.text("currency");
    let mut batch = Batch::default();
    for (place, chunk) in rows.chunks(PER_TRANSACTION).enumerate() {
        let tx = call.begin().await?;
        // Two batches of one company follow each other, so that names stay unique.
        company::lock(&tx, tenant).await?;
        for (index, row) in chunk.iter().enumerate() {
            let row = row::complete(row, currency);
            let attempt = Attempt::begin(call, &tx).await?;
            let outcome = write(call, &attempt.tx, tenant, &row).await;
            let index = place * PER_TRANSACTION + index;
            match attempt.end(call, outcome, members::flag(&row, "isTrial") == Some(true)).await? {
                Ok(number) => batch.accept(index, number),
                Err(errors) => batch.reject(index, &errors),
            }
        }
        call.commit(tx).await?;
    }
    Ok(batch.payload())
}

/// What became of the rows so far.
#[derive(Debug, Default)]
struct Batch {
    accepted: Vec<Json>,
    rejected: Vec<Json>,
}

impl Batch {
    /// Notes a client that was written.
    fn accept(&mut self, index: usize, number: i64) {
        self.accepted.push(json!({ "index": index, "client": { "__row": number } }));
    }

    /// Notes a row that was refused.
    fn reject(&mut self, index: usize, errors: &[UserError]) {
        let message = errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join(" ");
        let errors: Vec<_> = errors.iter().map(plain).collect();
        self.rejected.push(json!({ "index": index, "errors": errors, "message": message }));
    }

    /// The answer of the mutation.
    fn payload(self) -> Payload {
        Payload::new().plain("accepted", self.accepted).plain("rejected", self.rejected)
    }
}

/// One row of a batch on its way: what it writes, and which changes were noted before it.
struct Attempt {
    tx: DatabaseTransaction,
    noted: usize,
}

impl Attempt {
    /// Opens a savepoint.
    ///
    /// # Errors
    /// The database is out of reach.
    async fn begin(call: &Call<'_>, tx: &DatabaseTransaction) -> Result<Self, Error> {
        let noted = call.changes.lock().expect("no panic while noting a change").len();
        Ok(Self { tx: tx.begin().await?, noted })
    }

    /// Keeps what the row wrote, or takes it back and answers why; what was only tried is taken back anyway.
    ///
    /// # Errors
    /// Faults of the hub itself, which end the whole batch.
    async fn end(
        self,
        call: &Call<'_>,
        outcome: Result<i64, Failure>,
        is_trial: bool,
    ) -> Result<Result<i64, Vec<UserError>>, Error> {
        let errors = match outcome {
            Ok(number) if !is_trial => {
                self.tx.commit().await?;
                return Ok(Ok(number));
            }
            Ok(_) => Vec::new(),
            Err(Failure::User(errors)) => errors,
            Err(Failure::Error(error)) => return Err(error),
        };
        self.tx.rollback().await?;
        call.changes.lock().expect("no panic while noting a change").truncate(self.noted);
        Ok(Err(errors))
    }
}

/// The client of a company with a name, ignoring case and outer spaces: one whose name is unique, else the oldest.
///
/// # Errors
/// The database is out of reach.
pub(super) async fn by_name(tx: &DatabaseTransaction, tenant: i64, name: &str) -> Result<Option<client::Model>, Error> {
    let unkeyed = client::Column::NameKey.is_null().and(same(client::Column::Name, name.trim()));
    let found = client::Entity::find()
        .filter(client::Column::TenantId.eq(tenant))
        .filter(client::Column::DeletedAt.is_null())
        .filter(Condition::any().add(client::Column::NameKey.eq(key(name))).add(unkeyed))
        .order_by_desc(client::Column::HasUniqueName)
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
    errors.extend(faults::of_members(call, tx, row, stored).await?);
    errors.extend(faults::of_row(tx, row, tenant).await?);
    let mut members = object(row);
    for phone in phones::MEMBERS {
        members.shift_remove(phone);
    }
    let target = Target { of: "Client", input: ROW, tenant: Some(tenant), number: stored.map(|client| client.id) };
    let failure = match draft(call, tx, target, &members).await {
        Ok(mut draft) if errors.is_empty() => {
            phones::write(call, tx, &mut draft, row, stored).await?;
            return Ok(draft);
        }
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
