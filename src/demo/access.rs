//! Who can sign in to the demo, and with what: kept in a file, so that a second start finds the same.

use std::{collections::BTreeSet, fs, io::Write, path::Path};

use groupgraph_entities::client;
use groupgraph_schema::{
    identity::admin::{self, NewToken, Owner},
    permission,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};

use super::{
    DemoError, Options,
    place::{CREDENTIALS, PASSWORD, Place},
};

/// What machines must not do in the demo either.
const NOT_FOR_MACHINES: [&str; 4] = ["roles.manage", "sources.manage", "tenants.manage", "tokens.manage"];

/// Addresses, accounts and tokens of the hub.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Access {
    pub url: String,
    /// An ordinary member of staff.
    pub staff: Account,
    /// May do everything.
    pub admin: Account,
    /// Another ordinary member of staff, whose password may be reset.
    pub otp_staff: Account,
    pub staff_token: String,
    pub admin_token: String,
    /// For machines.
    pub api_key: String,
    /// Number of a client that `staff` looks after.
    pub client_id: i64,
    /// Of the hub's own company.
    pub namespace: String,
}

/// Somebody who can sign in.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Account {
    pub email: String,
    pub password: String,
}

/// The access of an earlier start if there is one, else a new one; also written to where the caller wants it.
///
/// # Errors
/// The database or a file is out of reach.
pub async fn obtain(options: &Options, hub: &Place) -> Result<Access, DemoError> {
    let path = options.data_dir.join(CREDENTIALS);
    let access = match fs::read_to_string(&path).ok().and_then(|text| serde_json::from_str::<Access>(&text).ok()) {
        Some(known) => Access { url: hub.url().to_owned(), ..known },
        None => make(hub).await?,
    };
    write(&path, &access)?;
    if let Some(path) = &options.credentials {
        write(path, &access)?;
    }
    Ok(access)
}

async fn make(hub: &Place) -> Result<Access, DemoError> {
    let [admin, staff, otp_staff] = [0, 1, 2]
        .map(|index| Account { email: hub.profile.email(&hub.profile.people[index].name), password: PASSWORD.into() });
    let machine: BTreeSet<String> = permission::WORDS
        .iter()
        .map(|(word, _)| (*word).to_owned())
        .filter(|word| !NOT_FOR_MACHINES.contains(&word.as_str()))
        .collect();
    let of_machine = Owner::Machine(Some(hub.profile.namespace.clone()));
    Ok(Access {
        url: hub.url().to_owned(),
        staff_token: token(hub, Owner::Person(staff.email.clone()), None).await?,
        admin_token: token(hub, Owner::Person(admin.email.clone()), None).await?,
        api_key: token(hub, of_machine, Some(machine)).await?,
        client_id: client_of_staff(hub).await?,
        namespace: hub.profile.namespace.clone(),
        staff,
        admin,
        otp_staff,
    })
}

async fn token(hub: &Place, owner: Owner, permissions: Option<BTreeSet<String>>) -> Result<String, DemoError> {
    let new = NewToken { owner, name: "Demo".into(), permissions, expires_at: None };
    let (_, secret) = admin::create_token(&hub.hub, new).await?;
    Ok(secret)
}

async fn client_of_staff(hub: &Place) -> Result<i64, DemoError> {
    // The second person of the profile is the ordinary member of staff.
    let owned = client::Entity::find().filter(client::Column::OwnerId.eq(2)).order_by_asc(client::Column::Id);
    Ok(owned.one(&hub.hub.database.read).await?.map_or(1, |row| row.id))
}

/// Writes a file that only its owner can read.
fn write(path: &Path, access: &Access) -> Result<(), DemoError> {
    let fail = |source| DemoError::File { path: path.to_owned(), source };
    let text = serde_json::to_string_pretty(access).map_err(|error| fail(error.into()))?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).and_then(|mut file| writeln!(file, "{text}")).map_err(fail)
}
