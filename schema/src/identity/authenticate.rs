//! From the text behind "Bearer" to the viewer. It must not know how the text travelled.

use std::{collections::BTreeSet, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use groupgraph_entities::{access_token, password_code, role, staff, staff_mapping};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, Statement,
    sea_query::{Alias, Condition, Expr, ExprTrait, Query, SelectStatement},
};
use serde_json::Value;

use super::{
    opaque::{self, Use},
    recent::{Found, Moment},
    tokens::{self, Claims},
};
use crate::{
    error::Error,
    events::{CREDENTIALS, Change, SESSIONS},
    hub::Hub,
    viewer::{Permissions, Reach, Viewer},
};

/// The only word of a token that may set a password.
const NEW_PASSWORD: &str = "password.reset";
/// Lets a role see the rows of every company.
const ALL_TENANTS: &str = "tenants.all";
/// No token of ours is longer.
const LONGEST: usize = 2048;
const USE_NOTED_EVERY: TimeDelta = TimeDelta::minutes(1);

/// Why a credential is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticateError {
    /// Malformed, forged, of another purpose, or of somebody who may not sign in.
    #[error("The token is not valid.")]
    Invalid,
    #[error("The token has expired.")]
    Expired,
    #[error("The token was revoked.")]
    Revoked,
    /// A fault of the hub; never shown.
    #[error(transparent)]
    Internal(#[from] Error),
}

impl From<DbErr> for AuthenticateError {
    fn from(error: DbErr) -> Self {
        Self::Internal(error.into())
    }
}

/// Finds out who asks, by one statement, or none if the same credential was read less than a second ago. Revoking
/// holds at once for this process, and within that second for other replicas.
///
/// # Errors
/// There is a credential and it is not good; without one the viewer is anonymous.
pub async fn authenticate(hub: &Hub, bearer: Option<&str>) -> Result<Viewer, AuthenticateError> {
    let Some(token) = bearer else { return Ok(Viewer::default()) };
    // The number in front of an opaque token says nothing that the token does not.
    let token = token.split_once('|').map_or(token, |(_, secret)| secret);
    if token.len() > LONGEST {
        return Err(AuthenticateError::Invalid);
    }
    match Use::of(token) {
        Some(Use::NewPassword) => new_password(hub, token).await,
        Some(Use::Refresh | Use::Launcher) => Err(AuthenticateError::Invalid),
        kind => {
            let hash = opaque::hash(token);
            let now = Moment { changes: hub.events.credentials(), at: hub.clock.now() };
            if let Some(found) = hub.identity.recent.get(&hash, now) {
                return admit(hub, &found);
            }
            let found = read(hub, token, &hash, kind.is_some()).await?;
            let viewer = admit(hub, &found)?;
            note_use(hub, &found.rows[0], now.at);
            hub.identity.recent.keep(hash, now, found);
            Ok(viewer)
        }
    }
}

async fn read(hub: &Hub, token: &str, hash: &str, is_opaque: bool) -> Result<Found, AuthenticateError> {
    let column = |column| Expr::col((access_token::Entity, column));
    let (condition, claims) = if is_opaque {
        (column(access_token::Column::SecretHash).eq(hash), None)
    } else {
        let claims = tokens::verify(hub, token).await?;
        (column(access_token::Column::Id).eq(claims.sid), Some(Arc::new(claims)))
    };
    Ok(Found { rows: find(hub, condition).await?.into(), claims })
}

/// Whether a viewer's rights may be others after a change, so that whoever goes on serving it has to ask again.
#[must_use]
pub fn rests_on(viewer: &Viewer, change: &Change) -> bool {
    match change.of.as_str() {
        "AccessToken" => viewer.token == Some(change.number),
        "Staff" | SESSIONS => viewer.staff == Some(change.number),
        "Role" | "StaffMapping" | CREDENTIALS => viewer.is_signed_in(),
        _ => false,
    }
}

/// A number that is another one after anything that ends credentials, whoever did it.
///
/// # Errors
/// The database is out of reach.
pub async fn revocations(hub: &Hub) -> Result<i64, DbErr> {
    const SQL: &str = "SELECT (SELECT count(*) FROM access_token WHERE revoked_at IS NOT NULL) \
        + (SELECT coalesce(sum(session_epoch), 0) FROM staff) \
        + (SELECT count(*) FROM staff WHERE NOT is_active) AS number";
    let row = hub.database.read.query_one_raw(Statement::from_string(hub.database.backend(), SQL)).await?;
    row.map_or(Ok(0), |row| row.try_get("", "number"))
}

/// One row per company that the person is mapped to, at least one.
#[derive(Debug, FromQueryResult)]
pub(super) struct Credential {
    id: i64,
    staff_id: Option<i64>,
    tenant_id: Option<i64>,
    permissions: Option<Value>,
    last_used_at: Option<DateTime<Utc>>,
    expires_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
    is_active: Option<bool>,
    is_administrator: Option<bool>,
    deleted_at: Option<DateTime<Utc>>,
    session_epoch: Option<i32>,
    staff_tenant_id: Option<i64>,
    role_permissions: Option<Value>,
    mapped_tenant_id: Option<i64>,
}

async fn find(hub: &Hub, condition: Expr) -> Result<Vec<Credential>, AuthenticateError> {
    let statement = hub.database.backend().build(&select(condition));
    Ok(Credential::find_by_statement(statement).all(&hub.database.read).await?)
}

fn select(condition: Expr) -> SelectStatement {
    let same = |left: (Alias, Alias), right: (Alias, Alias)| Expr::col(left).equals(right);
    let column = |table: &str, column: &str| (Alias::new(table), Alias::new(column));
    Query::select()
        .columns(
            ["id", "staff_id", "tenant_id", "permissions", "last_used_at", "expires_at", "revoked_at"]
                .map(|name| column("access_token", name)),
        )
        .columns(["is_active", "is_administrator", "deleted_at", "session_epoch"].map(|name| column("staff", name)))
        .expr_as(Expr::col(column("staff", "tenant_id")), "staff_tenant_id")
        .expr_as(Expr::col(column("role", "permissions")), "role_permissions")
        .expr_as(Expr::col(column("staff_mapping", "tenant_id")), "mapped_tenant_id")
        .from(access_token::Entity)
        .left_join(staff::Entity, same(column("staff", "id"), column("access_token", "staff_id")))
        .left_join(role::Entity, same(column("role", "id"), column("staff", "role_id")))
        .left_join(staff_mapping::Entity, same(column("staff_mapping", "staff_id"), column("staff", "id")))
        .cond_where(Condition::all().add(condition))
        .take()
}

fn admit(hub: &Hub, found: &Found) -> Result<Viewer, AuthenticateError> {
    let credential = found.rows.first().ok_or(AuthenticateError::Invalid)?;
    let now = hub.clock.now();
    if credential.revoked_at.is_some() {
        return Err(AuthenticateError::Revoked);
    }
    if credential.expires_at.is_some_and(|end| end <= now) {
        return Err(AuthenticateError::Expired);
    }
    if let Some(claims) = &found.claims {
        tokens::check_time(claims, now)?;
        check_claims(credential, claims)?;
    }
    if credential.staff_id.is_some() && (credential.is_active != Some(true) || credential.deleted_at.is_some()) {
        return Err(AuthenticateError::Invalid);
    }
    Ok(viewer(credential, &found.rows))
}

fn check_claims(credential: &Credential, claims: &Claims) -> Result<(), AuthenticateError> {
    if credential.staff_id.map(|number| number.to_string()).as_deref() != Some(&claims.sub) {
        return Err(AuthenticateError::Invalid);
    }
    if credential.session_epoch == Some(claims.epoch) { Ok(()) } else { Err(AuthenticateError::Revoked) }
}

fn viewer(credential: &Credential, rows: &[Credential]) -> Viewer {
    let own = credential.permissions.as_ref().map(words);
    let Some(staff) = credential.staff_id else {
        // A machine: without a company of its own it serves all of them.
        return Viewer {
            token: Some(credential.id),
            tenant: credential.tenant_id,
            tenants: credential.tenant_id.map_or(Reach::All, |tenant| Reach::Some(vec![tenant])),
            permissions: Permissions::Words(own.unwrap_or_default()),
            ..Viewer::default()
        };
    };
    let is_administrator = credential.is_administrator == Some(true);
    let permissions = narrow(is_administrator, credential.role_permissions.as_ref(), own);
    let mut viewer = Viewer {
        staff: Some(staff),
        token: Some(credential.id),
        tenant: credential.staff_tenant_id,
        permissions,
        ..Viewer::default()
    };
    viewer.tenants = if is_administrator || viewer.may(ALL_TENANTS) {
        Reach::All
    } else {
        let mapped = rows.iter().filter_map(|row| row.mapped_tenant_id);
        let tenants: BTreeSet<i64> = credential.staff_tenant_id.into_iter().chain(mapped).collect();
        Reach::Some(tenants.into_iter().collect())
    };
    viewer
}

/// The words of the role, or of them those that the token was narrowed to.
fn narrow(is_administrator: bool, role: Option<&Value>, token: Option<BTreeSet<String>>) -> Permissions {
    match (is_administrator, token) {
        (true, None) => Permissions::All,
        (true, Some(token)) => Permissions::Words(token),
        (false, None) => Permissions::Words(role.map(words).unwrap_or_default()),
        (false, Some(token)) => {
            let role = role.map(words).unwrap_or_default();
            Permissions::Words(token.intersection(&role).cloned().collect())
        }
    }
}

/// The texts of a JSON list; whatever else is stored allows nothing.
pub(super) fn words(list: &Value) -> BTreeSet<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// In the background: the answer need not wait for the one writer of `SQLite`.
fn note_use(hub: &Hub, credential: &Credential, now: DateTime<Utc>) {
    if credential.last_used_at.is_some_and(|last| now - last < USE_NOTED_EVERY) {
        return;
    }
    let (hub, id) = (hub.clone(), credential.id);
    tokio::spawn(async move {
        let last_used_at = access_token::Column::LastUsedAt;
        let update = access_token::Entity::update_many()
            .col_expr(last_used_at, Expr::value(now))
            .filter(access_token::Column::Id.eq(id))
            .filter(Condition::any().add(last_used_at.is_null()).add(last_used_at.lte(now - USE_NOTED_EVERY)));
        if let Err(error) = update.exec(&hub.database.write).await {
            tracing::warn!(%error, "use of a token not noted");
        }
    });
}

/// The holder of a verified code is nobody yet, and may only set the password.
async fn new_password(hub: &Hub, token: &str) -> Result<Viewer, AuthenticateError> {
    let code = password_code::Entity::find()
        .filter(password_code::Column::VerifiedTokenHash.eq(opaque::hash(token)))
        .one(&hub.database.read)
        .await?
        .ok_or(AuthenticateError::Invalid)?;
    if code.used_at.is_some() {
        return Err(AuthenticateError::Revoked);
    }
    if code.expires_at <= hub.clock.now() {
        return Err(AuthenticateError::Expired);
    }
    let permissions = Permissions::Words(BTreeSet::from([NEW_PASSWORD.to_owned()]));
    Ok(Viewer { password_code: Some(code.id), permissions, ..Viewer::default() })
}
