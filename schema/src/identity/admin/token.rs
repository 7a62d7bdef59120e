//! Tokens: made, listed, revoked.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use groupgraph_entities::{access_token, staff};
use sea_orm::{EntityTrait, QueryOrder, TransactionTrait};

use super::{
    super::{
        access_token::{Draft, insert, revoke},
        audit::{self, Kind},
        authenticate,
    },
    AdminError, find_person, find_tenant, refused,
};
use crate::{
    events::{Change, ChangeKind},
    hub::Hub,
    permission,
};

/// Who will use a token.
#[derive(Clone, Debug)]
pub enum Owner {
    /// A person's own tools, by e-mail address.
    Person(String),
    /// A machine; of one company by name or namespace, or of all.
    Machine(Option<String>),
}

/// A token to be made.
#[derive(Clone, Debug)]
pub struct NewToken {
    pub owner: Owner,
    pub name: String,
    /// Words that it is narrowed to; none for all that a person may. A machine must have some.
    pub permissions: Option<BTreeSet<String>>,
    pub expires_at: Option<DateTime<Utc>>,
}

/// A token in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenLine {
    pub number: i64,
    /// DEVICE, PERSONAL or `API_KEY`.
    pub kind: String,
    pub name: String,
    /// E-mail address or name of the person; none for a machine.
    pub owner: Option<String>,
    pub permissions: Option<BTreeSet<String>>,
    pub last_used_at: Option<DateTime<Utc>>,
    pub expires_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

/// Makes a token and returns its number and its secret, which is stored nowhere.
///
/// # Errors
/// The person, the company or a permission is unknown, or a machine is to have no permissions.
pub async fn create_token(hub: &Hub, token: NewToken) -> Result<(i64, String), AdminError> {
    let NewToken { owner, name, permissions, expires_at } = token;
    if let Some(word) = permissions.iter().flatten().find(|word| !permission::is_known(word)) {
        return Err(refused(format!("There is no permission {word}.")));
    }
    let (person, tenant) = match owner {
        Owner::Person(email) => {
            let person = find_person(&hub.database.read, &email).await?;
            let tenant = person.tenant_id;
            (Some(person), Some(tenant))
        }
        Owner::Machine(None) => (None, None),
        Owner::Machine(Some(name)) => (None, Some(find_tenant(&hub.database.read, Some(&name)).await?)),
    };
    if person.is_none() && permissions.as_ref().is_none_or(BTreeSet::is_empty) {
        return Err(refused("Name the permissions of a machine; it has no others."));
    }
    let now = hub.clock.now();
    let text = format!("Token created at the command line: {name}");
    let draft = Draft { staff: person.as_ref().map(|person| person.id), tenant, name, permissions, expires_at };
    let transaction = hub.database.write.begin().await?;
    let made = insert(&transaction, draft, now).await?;
    match person {
        Some(person) => audit::note(&transaction, Kind::Security, &person, text, now).await?,
        None => audit::note_machine(&transaction, tenant, text, now).await?,
    }
    transaction.commit().await?;
    Ok(made)
}

/// All tokens, also the ended ones, by number.
///
/// # Errors
/// The database is out of reach.
pub async fn list_tokens(hub: &Hub) -> Result<Vec<TokenLine>, AdminError> {
    let read = &hub.database.read;
    let people = staff::Entity::find().all(read).await?;
    let owner = |number: i64| {
        let person = people.iter().find(|person| person.id == number)?;
        Some(person.email.clone().unwrap_or_else(|| person.name.clone()))
    };
    let rows = access_token::Entity::find().order_by_asc(access_token::Column::Id).all(read).await?;
    let line = |token: access_token::Model| TokenLine {
        number: token.id,
        kind: token.kind,
        name: token.name,
        owner: token.staff_id.and_then(owner),
        permissions: token.permissions.as_ref().map(authenticate::words),
        last_used_at: token.last_used_at,
        expires_at: token.expires_at,
        revoked_at: token.revoked_at,
    };
    Ok(rows.into_iter().map(line).collect())
}

/// Revokes a token by number.
///
/// # Errors
/// There is none, or it was revoked before.
pub async fn revoke_token(hub: &Hub, number: i64) -> Result<(), AdminError> {
    let now = hub.clock.now();
    let transaction = hub.database.write.begin().await?;
    if !revoke(&transaction, number, now).await? {
        return Err(refused(format!("There is no token {number} that could be revoked.")));
    }
    audit::note_machine(&transaction, None, format!("Token {number} revoked at the command line"), now).await?;
    let change = Change::of(ChangeKind::Updated, "AccessToken", number);
    Ok(hub.events.commit(transaction, vec![change]).await?)
}
