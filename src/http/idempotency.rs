//! Mutations that carry an `Idempotency-Key` run once: what the first one answered is kept for a day, sealed, and
//! answered again. It must not know what the mutation does.

use async_graphql::Request;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use groupgraph_entities::idempotency_key::{ActiveModel, Column, Entity, Model};
use groupgraph_schema::{error::Error, hub::Hub};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use sha2::{Digest, Sha256};

use super::caller::Caller;

/// Carries the key.
pub const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// `true` on an answer that was given before.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Time for which an answer is kept.
const KEPT: TimeDelta = TimeDelta::hours(24);
const LONGEST_KEY: usize = 255;
const PURPOSE: &str = "answers of mutations";

/// What is known of a key.
pub enum Claim {
    /// Nothing: this request runs, and answers for the key.
    First(Slot),
    /// It has been answered.
    Answered(StatusCode, String),
    /// It is being answered, since then.
    Running(DateTime<Utc>),
    /// It was used for something else.
    OtherBody,
}

/// A key that is being answered.
#[derive(Clone)]
pub struct Slot {
    hub: Hub,
    scope: String,
    key: String,
}

/// The key of a request; none without one.
///
/// # Errors
/// It is empty, too long, or not plain text.
pub fn key(headers: &HeaderMap) -> Result<Option<&str>, ()> {
    let Some(value) = headers.get(KEY) else { return Ok(None) };
    let text = value.to_str().map_err(drop)?;
    if (1..=LONGEST_KEY).contains(&text.len()) { Ok(Some(text)) } else { Err(()) }
}

/// What makes two requests the same: document, operation, variables and files.
pub fn fingerprint(request: &Request) -> String {
    let mut hash = Sha256::new();
    let variables = serde_json::to_string(&request.variables).unwrap_or_default();
    let name = request.operation_name.as_deref().unwrap_or_default();
    let texts = [request.query.as_str(), name, &variables].map(str::as_bytes);
    let files = request.uploads.iter().flat_map(|upload| [upload.filename.as_bytes(), upload.content.as_ref()]);
    for part in texts.into_iter().chain(files) {
        // With its length, so that nothing can move from one part into the next.
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    URL_SAFE_NO_PAD.encode(hash.finalize())
}

/// Asks for a key of a caller, and takes it if it is new.
///
/// # Errors
/// The database is out of reach, or an answer does not open.
pub async fn claim(hub: &Hub, caller: Caller, key: &str, body_hash: &str) -> Result<Claim, Error> {
    let slot = Slot { hub: hub.clone(), scope: caller.to_string(), key: key.to_owned() };
    let now = hub.clock.now();
    let expired = Column::CreatedAt.lte(now - KEPT);
    Entity::delete_many().filter(expired).exec(&hub.database.write).await?;
    let row = ActiveModel {
        scope: Set(slot.scope.clone()),
        key: Set(slot.key.clone()),
        body_hash: Set(body_hash.to_owned()),
        created_at: Set(now),
        ..ActiveModel::default()
    };
    let unless_there = OnConflict::columns([Column::Scope, Column::Key]).do_nothing().to_owned();
    let inserted = Entity::insert(row).on_conflict(unless_there).exec_without_returning(&hub.database.write).await?;
    if inserted == 1 {
        return Ok(Claim::First(slot));
    }
    let found = Entity::find().filter(slot.row()).one(&hub.database.write).await?;
    match found {
        // It was given back just now: the caller asks again.
        None => Ok(Claim::Running(now)),
        Some(row) if row.body_hash != body_hash => Ok(Claim::OtherBody),
        Some(row) => answered(hub, row),
    }
}

fn answered(hub: &Hub, row: Model) -> Result<Claim, Error> {
    let (Some(status), Some(sealed)) = (row.status, row.answer_sealed) else {
        return Ok(Claim::Running(row.created_at));
    };
    let bytes = hub.sealing.open(PURPOSE, &sealed).map_err(Error::internal)?;
    let status = u16::try_from(status).ok().and_then(|status| StatusCode::from_u16(status).ok());
    let status = status.ok_or_else(|| Error::internal("a kept answer has no status"))?;
    Ok(Claim::Answered(status, String::from_utf8(bytes).map_err(Error::internal)?))
}

impl Slot {
    /// Keeps the answer.
    ///
    /// # Errors
    /// The database is out of reach: the key stays taken until it expires.
    pub async fn keep(&self, status: StatusCode, json: &str) -> Result<(), DbErr> {
        let sealed = self.hub.sealing.seal(PURPOSE, json.as_bytes());
        let update = Entity::update_many()
            .col_expr(Column::Status, Expr::value(i32::from(status.as_u16())))
            .col_expr(Column::AnswerSealed, Expr::value(sealed))
            .filter(self.row());
        update.exec(&self.hub.database.write).await.map(drop)
    }

    /// Gives the key back: nothing has run.
    ///
    /// # Errors
    /// The database is out of reach: the key stays taken until it expires.
    pub async fn give_back(&self) -> Result<(), DbErr> {
        Entity::delete_many().filter(self.row()).exec(&self.hub.database.write).await.map(drop)
    }

    fn row(&self) -> Condition {
        Condition::all().add(Column::Scope.eq(&self.scope)).add(Column::Key.eq(&self.key))
    }
}
