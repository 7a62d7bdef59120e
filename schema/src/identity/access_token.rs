//! The mutations createAccessToken and revokeAccessToken.

use std::collections::BTreeSet;

use async_graphql::Value;
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use groupgraph_entities::{access_token, role, staff};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    QueryFilter, sea_query::Expr,
};
use serde_json::json;

use super::{
    audit::{self, Kind},
    authenticate,
    opaque::{self, Use},
};
use crate::{
    error::{Code, UserError},
    events::ChangeKind,
    permission,
    verb::{Call, Failure, Outcome, Payload, fault},
    viewer::{Permissions, Reach},
};

/// Allows keys for machines, and revoking the tokens of others.
const MANAGE: &str = "tokens.manage";
const LONGEST_NAME: usize = 200;

/// A token to be made.
pub(super) struct Draft {
    /// For a person's own tools; none for a machine.
    pub staff: Option<i64>,
    /// The company of the person, or the one company of a machine; none for a machine of all.
    pub tenant: Option<i64>,
    pub name: String,
    pub permissions: Option<BTreeSet<String>>,
    pub expires_at: Option<DateTime<Utc>>,
}

/// Makes a personal token, or a key for a machine. Nobody can give away more than they have.
pub(super) fn create_access_token<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let draft = draft(call)?;
        let transaction = call.begin().await?;
        if draft.permissions.is_none() && is_narrowed(call, &transaction).await? {
            let message = "Your own token is narrowed, so name the permissions of the new one.";
            return Err(fault(Code::Forbidden, "permissions", message));
        }
        let text = format!("Token created: {}", draft.name);
        let (id, secret) = insert(&transaction, draft, call.now()).await?;
        note(call, &transaction, text).await?;
        call.commit(transaction).await?;
        Ok(Payload::new().row("accessToken", id).plain("secret", secret))
    })
}

/// Revokes a token of the viewer, or any within reach with the permission for it. Doing it twice is no failure.
pub(super) fn revoke_access_token<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let id = call.required(&call.hub.database.read, "accessToken", "AccessToken").await?;
        let transaction = call.begin().await?;
        let token = access_token::Entity::find_by_id(id).one(&transaction).await?;
        let token = token.ok_or_else(|| fault(Code::NotFound, "accessToken", "There is no such token."))?;
        if revoke(&transaction, token.id, call.now()).await? {
            note(call, &transaction, format!("Token revoked: {}", token.name)).await?;
            call.changed(ChangeKind::Updated, "AccessToken", token.id);
        }
        call.commit(transaction).await?;
        Ok(Payload::new().row("accessToken", token.id))
    })
}

/// Stores a token and returns its number and its secret, which is nowhere else.
pub(super) async fn insert(
    connection: &impl ConnectionTrait,
    draft: Draft,
    now: DateTime<Utc>,
) -> Result<(i64, String), DbErr> {
    let (kind, kind_name) = if draft.staff.is_some() { (Use::Personal, "PERSONAL") } else { (Use::ApiKey, "API_KEY") };
    let secret = opaque::make(kind);
    let row = access_token::ActiveModel {
        kind: Set(kind_name.into()),
        name: Set(draft.name),
        staff_id: Set(draft.staff),
        tenant_id: Set(draft.tenant),
        secret_hash: Set(Some(opaque::hash(&secret))),
        permissions: Set(draft.permissions.map(|words| json!(words))),
        expires_at: Set(draft.expires_at),
        created_at: Set(now),
        ..Default::default()
    };
    Ok((row.insert(connection).await?.id, secret))
}

/// Revokes a token; false if it was revoked before.
pub(super) async fn revoke(connection: &impl ConnectionTrait, id: i64, now: DateTime<Utc>) -> Result<bool, DbErr> {
    let update = access_token::Entity::update_many()
        .col_expr(access_token::Column::RevokedAt, Expr::value(now))
        .filter(access_token::Column::Id.eq(id))
        .filter(access_token::Column::RevokedAt.is_null());
    Ok(update.exec(connection).await?.rows_affected == 1)
}

fn draft(call: &Call<'_>) -> Result<Draft, Failure> {
    let name = call.text("name").unwrap_or_default().trim().to_owned();
    if name.is_empty() {
        return Err(fault(Code::Required, "name", "A token needs a name."));
    }
    if name.chars().count() > LONGEST_NAME {
        return Err(fault(Code::TooLarge, "name", "A name has at most 200 characters."));
    }
    let permissions = permissions(call)?;
    let expires_at = expires_at(call)?;
    match call.text("kind") {
        Some("PERSONAL") => {
            let message = "Personal tokens are for people.";
            let staff = call.viewer.staff.ok_or_else(|| fault(Code::Forbidden, "kind", message))?;
            Ok(Draft { staff: Some(staff), tenant: call.viewer.tenant, name, permissions, expires_at })
        }
        Some("API_KEY") => {
            let tenant = key_tenant(call)?;
            if permissions.as_ref().is_none_or(BTreeSet::is_empty) {
                return Err(fault(Code::Required, "permissions", "A machine has no permissions but those named here."));
            }
            Ok(Draft { staff: None, tenant, name, permissions, expires_at })
        }
        _ => Err(fault(Code::Invalid, "kind", "Devices are made by signing in.")),
    }
}

/// The key of a machine reaches no further than whoever makes it.
fn key_tenant(call: &Call<'_>) -> Result<Option<i64>, UserError> {
    if !call.viewer.may(MANAGE) {
        let message = format!("You need the permission {MANAGE} for the key of a machine.");
        return Err(UserError::new(Code::Forbidden, "kind", message));
    }
    Ok(if call.viewer.tenants == Reach::All { None } else { call.viewer.tenant })
}

fn permissions(call: &Call<'_>) -> Result<Option<BTreeSet<String>>, UserError> {
    let Some(Value::List(words)) = call.member("permissions") else { return Ok(None) };
    let mut permissions = BTreeSet::new();
    for (index, word) in words.iter().enumerate() {
        let field = format!("permissions.{index}");
        match word {
            Value::String(word) if !permission::is_known(word) => {
                return Err(UserError::new(Code::UnknownValue, &field, format!("There is no permission {word}.")));
            }
            Value::String(word) if !call.viewer.may(word) => {
                return Err(UserError::new(Code::Forbidden, &field, format!("You do not have the permission {word}.")));
            }
            Value::String(word) => permissions.insert(word.clone()),
            _ => return Err(UserError::new(Code::Invalid, &field, "This is no permission word.")),
        };
    }
    Ok(Some(permissions))
}

fn expires_at(call: &Call<'_>) -> Result<Option<DateTime<Utc>>, UserError> {
    let Some(text) = call.text("expiresAt") else { return Ok(None) };
    let wrong = |message: &str| UserError::new(Code::InvalidDate, "expiresAt", message);
    let time = DateTime::parse_from_rfc3339(text).map_err(|_| wrong("This is no instant."))?.to_utc();
    if time <= call.now() { Err(wrong("This is in the past.")) } else { Ok(Some(time)) }
}

/// Whether the viewer's token may less than the viewer.
async fn is_narrowed(call: &Call<'_>, transaction: &DatabaseTransaction) -> Result<bool, Failure> {
    let (Some(staff), Permissions::Words(own)) = (call.viewer.staff, &call.viewer.permissions) else {
        return Ok(false);
    };
    let Some(person) = staff::Entity::find_by_id(staff).one(transaction).await? else { return Ok(true) };
    let Some(role) = person.role_id else { return Ok(person.is_administrator) };
    let role = role::Entity::find_by_id(role).one(transaction).await?;
    let all = role.map(|role| authenticate::words(&role.permissions)).unwrap_or_default();
    Ok(person.is_administrator || *own != all)
}

async fn note(call: &Call<'_>, transaction: &DatabaseTransaction, text: String) -> Result<(), DbErr> {
    let person = match call.viewer.staff {
        Some(staff) => staff::Entity::find_by_id(staff).one(transaction).await?,
        None => None,
    };
    match person {
        Some(person) => audit::note(transaction, Kind::Security, &person, text, call.now()).await,
        None => audit::note_machine(transaction, call.viewer.tenant, text, call.now()).await,
    }
}
