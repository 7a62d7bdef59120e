//! The mutation updateProfile.

use async_graphql::Value;
use futures_util::future::BoxFuture;
use groupgraph_entities::{file, staff};
use sea_orm::{ActiveModelTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QuerySelect, Set};

use crate::{
    error::{ClientError, Code, Error},
    events::ChangeKind,
    phone,
    upload::{self, Stored},
    verb::{Call, Failure, Outcome, Payload, fault},
};

/// Changes the viewer's own row: what the input leaves out stays.
pub(super) fn update_profile<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let Some(viewer) = call.viewer.staff else {
            return Err(Error::Client(ClientError::Unauthenticated).into());
        };
        let stored = upload::store(call, "avatar").await?;
        match change(call, viewer, stored.as_ref()).await {
            Ok(unused) => {
                if let Some(object_key) = unused {
                    upload::discard(call, &object_key).await;
                }
                Ok(Payload::new().row("staff", viewer))
            }
            Err(failure) => {
                if let Some(stored) = stored {
                    upload::discard(call, &stored.object_key).await;
                }
                Err(failure)
            }
        }
    })
}

/// Returns the key of a picture that nothing names any more.
pub(super) async fn change(call: &Call<'_>, viewer: i64, stored: Option<&Stored>) -> Result<Option<String>, Failure> {
    if let Some(stored) = stored {
        upload::is_image(stored, "avatar")?;
    }
    let transaction = call.begin().await?;
    let found = staff::Entity::find_by_id(viewer).lock_exclusive().one(&transaction).await?;
    let person = found.ok_or(Error::Client(ClientError::Unauthenticated))?;
    let mut row = person.clone().into_active_model();
    names(call, &person, &mut row)?;
    if call.member("phone").is_some() {
        let number = number(call, person.tenant_id)?;
        row.phone = Set(number.as_ref().map(|(e164, _)| e164.clone()));
        row.phone_raw = Set(number.map(|(_, raw)| raw));
    }
    if call.member("socialLinks").is_some() {
        row.social_links = Set(links(call, person.social_links.as_ref()));
    }
    let is_removed = call.member("avatar") == Some(&Value::Null);
    if let Some(stored) = stored {
        let file = upload::insert(call, &transaction, stored, person.tenant_id, None).await?;
        row.avatar_file_id = Set(Some(file));
    } else if is_removed {
        row.avatar_file_id = Set(None);
    }
    row.updated_at = Set(call.now());
    row.update(&transaction).await?;
    let is_replaced = stored.is_some() || is_removed;
    let unused = match person.avatar_file_id.filter(|_| is_replaced) {
        Some(old) => forget(&transaction, old).await?,
        None => None,
    };
    call.changed(ChangeKind::Updated, "Staff", viewer);
    call.commit(transaction).await?;
    Ok(unused)
}

async fn forget(transaction: &DatabaseTransaction, file: i64) -> Result<Option<String>, Failure> {
    let old = file::Entity::find_by_id(file).one(transaction).await?;
    file::Entity::delete_by_id(file).exec(transaction).await?;
    Ok(old.map(|file| file.object_key))
}

fn names(call: &Call<'_>, person: &staff::Model, row: &mut staff::ActiveModel) -> Result<(), Failure> {
    if call.member("givenName").is_none() && call.member("familyName").is_none() {
        return Ok(());
    }
    let after = |member: &str, now: &Option<String>| {
        let text = if call.member(member).is_some() { call.text(member).map(str::to_owned) } else { now.clone() };
        text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    let (given, family) = (after("givenName", &person.given_name), after("familyName", &person.family_name));
    let parts: Vec<_> = given.iter().chain(&family).cloned().collect();
    if parts.is_empty() {
        return Err(fault(Code::Required, "givenName", "A person needs a name."));
    }
    row.name = Set(parts.join(" "));
    row.given_name = Set(given);
    row.family_name = Set(family);
    Ok(())
}

/// The phone number of the input, in E.164 and as it was entered; none if it is to be removed.
fn number(call: &Call<'_>, tenant: i64) -> Result<Option<(String, String)>, Failure> {
    let Some(Value::Object(input)) = call.member("phone") else { return Ok(None) };
    let text = |name: &str| match input.get(name) {
        Some(Value::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let Some(raw) = text("number").map(str::trim).filter(|raw| !raw.is_empty()) else { return Ok(None) };
    let region = call.hub.directory.company(Some(tenant)).and_then(|company| company.country);
    let e164 = phone::parse(raw, text("countryCode"), region.as_deref());
    let e164 = e164.map_err(|()| fault(Code::Invalid, "phone.number", "This is no phone number."))?;
    Ok(Some((e164, raw.to_owned())))
}

/// The links with those of the input put in, without those that it clears; none if nothing is left.
fn links(call: &Call<'_>, now: Option<&serde_json::Value>) -> Option<serde_json::Value> {
    let Some(Value::Object(input)) = call.member("socialLinks") else { return None };
    let mut links = now.and_then(|now| now.as_object()).cloned().unwrap_or_default();
    for (name, value) in input {
        match value {
            Value::String(text) if !text.trim().is_empty() => links.insert(name.to_string(), text.trim().into()),
            _ => links.remove(name.as_str()),
        };
    }
    (!links.is_empty()).then_some(serde_json::Value::Object(links))
}
