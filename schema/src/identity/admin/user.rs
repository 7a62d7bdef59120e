//! People: made, listed, given a password, deactivated.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use groupgraph_entities::{role, staff, tenant};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, DatabaseConnection, EntityTrait, ExprTrait, QueryFilter, QueryOrder, TransactionTrait,
    sea_query::{Expr, Func},
};

use super::{
    super::{
        accounts,
        audit::{self, Kind},
        passwords::check_choice,
    },
    AdminError, find_person, find_tenant, refused,
};
use crate::{
    events::{Change, ChangeKind, SESSIONS},
    hub::Hub,
};

/// A person to be made.
#[derive(Clone, Debug, Default)]
pub struct NewUser {
    pub email: String,
    pub given_name: String,
    pub family_name: String,
    /// Name of a role; none for no permissions.
    pub role: Option<String>,
    pub is_administrator: bool,
    /// Name or namespace of a company; none for the head office.
    pub tenant: Option<String>,
    /// At least eight characters; none to have one made.
    pub password: Option<String>,
}

/// A person that was made.
#[derive(Clone, Debug)]
pub struct CreatedUser {
    pub number: i64,
    /// As given or made; stored nowhere.
    pub password: String,
}

/// A person in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserLine {
    pub number: i64,
    pub name: String,
    pub email: Option<String>,
    pub role: Option<String>,
    pub tenant: String,
    pub is_administrator: bool,
    pub is_active: bool,
    pub last_signed_in_at: Option<DateTime<Utc>>,
}

/// Makes a person who can sign in.
///
/// # Errors
/// The address is taken or malformed, the password too short, or the role or company unknown.
pub async fn create_user(hub: &Hub, user: NewUser) -> Result<CreatedUser, AdminError> {
    let read = &hub.database.read;
    let email = accounts::normalise(&user.email);
    if email.parse::<lettre::Address>().is_err() {
        return Err(refused(format!("{} is no e-mail address.", user.email)));
    }
    if accounts::by_email(read, &email).await?.is_some() {
        return Err(refused(format!("An active person has the address {email} already.")));
    }
    let tenant = find_tenant(read, user.tenant.as_deref()).await?;
    let role = find_role(read, user.role.as_deref()).await?;
    let password = user.password.unwrap_or_else(made_up);
    let hash = hash(hub, &password).await?;
    let now = hub.clock.now();
    let name = format!("{} {}", user.given_name, user.family_name).trim().to_owned();
    let row = staff::ActiveModel {
        tenant_id: Set(tenant),
        name: Set(if name.is_empty() { email.clone() } else { name }),
        given_name: Set(Some(user.given_name).filter(|name| !name.is_empty())),
        family_name: Set(Some(user.family_name).filter(|name| !name.is_empty())),
        email: Set(Some(email)),
        role_id: Set(role),
        is_active: Set(true),
        is_administrator: Set(user.is_administrator),
        password_hash: Set(Some(hash)),
        session_epoch: Set(0),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    let transaction = hub.database.write.begin().await?;
    let person = row.insert(&transaction).await?;
    audit::note(&transaction, Kind::Security, &person, "Created at the command line", now).await?;
    transaction.commit().await?;
    Ok(CreatedUser { number: person.id, password })
}

/// Sets the password of a person and ends all sessions and personal tokens. Without a password one is made; it is
/// returned either way.
///
/// # Errors
/// Nobody has the address, or the password is too short.
pub async fn set_password(hub: &Hub, email: &str, password: Option<String>) -> Result<String, AdminError> {
    let person = find_person(&hub.database.read, email).await?;
    let password = password.unwrap_or_else(made_up);
    let hash = hash(hub, &password).await?;
    let now = hub.clock.now();
    let transaction = hub.database.write.begin().await?;
    accounts::set_password(&transaction, person.id, hash, now).await?;
    accounts::end_sessions(&transaction, person.id, &["DEVICE", "PERSONAL"], now).await?;
    audit::note(&transaction, Kind::Security, &person, "Password set at the command line", now).await?;
    hub.events.commit(transaction, vec![Change::of(ChangeKind::Updated, SESSIONS, person.id)]).await?;
    Ok(password)
}

/// Bars a person from signing in and ends all sessions and personal tokens.
///
/// # Errors
/// Nobody active has the address.
pub async fn deactivate(hub: &Hub, email: &str) -> Result<(), AdminError> {
    let person = find_person(&hub.database.read, email).await?;
    let now = hub.clock.now();
    let transaction = hub.database.write.begin().await?;
    staff::Entity::update_many()
        .col_expr(staff::Column::IsActive, Expr::value(false))
        .col_expr(staff::Column::UpdatedAt, Expr::value(now))
        .filter(staff::Column::Id.eq(person.id))
        .exec(&transaction)
        .await?;
    accounts::end_sessions(&transaction, person.id, &["DEVICE", "PERSONAL"], now).await?;
    audit::note(&transaction, Kind::Security, &person, "Deactivated at the command line", now).await?;
    hub.events.commit(transaction, vec![Change::of(ChangeKind::Updated, SESSIONS, person.id)]).await?;
    Ok(())
}

/// Everybody, by number.
///
/// # Errors
/// The database is out of reach.
pub async fn list_users(hub: &Hub) -> Result<Vec<UserLine>, AdminError> {
    let read = &hub.database.read;
    let roles = role::Entity::find().all(read).await?;
    let tenants = tenant::Entity::find().all(read).await?;
    let people = staff::Entity::find().filter(staff::Column::DeletedAt.is_null()).order_by_asc(staff::Column::Id);
    let line = |person: staff::Model| UserLine {
        number: person.id,
        name: person.name,
        email: person.email,
        role: roles.iter().find(|role| Some(role.id) == person.role_id).map(|role| role.name.clone()),
        tenant: tenants.iter().find(|row| row.id == person.tenant_id).map(|row| row.name.clone()).unwrap_or_default(),
        is_administrator: person.is_administrator,
        is_active: person.is_active,
        last_signed_in_at: person.last_signed_in_at,
    };
    Ok(people.all(read).await?.into_iter().map(line).collect())
}

async fn find_role(connection: &DatabaseConnection, name: Option<&str>) -> Result<Option<i64>, AdminError> {
    let Some(name) = name else { return Ok(None) };
    let is_named = Expr::expr(Func::lower(Expr::col(role::Column::Name))).eq(name.to_lowercase());
    let row = role::Entity::find().filter(is_named).one(connection).await?;
    row.map(|row| Some(row.id)).ok_or_else(|| refused(format!("There is no role {name}.")))
}

async fn hash(hub: &Hub, password: &str) -> Result<String, AdminError> {
    check_choice(password, None).map_err(|error| refused(error.message))?;
    Ok(hub.identity.hash_password(password).await?)
}

fn made_up() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 12]>())
}
