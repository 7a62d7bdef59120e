//! What a prospect must fulfil, and the follow-up row that comes with it.

use futures_util::future::BoxFuture;
use groupgraph_entities::prospect;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect, sea_query::LockType};

use super::{
    announce::announce,
    follow_up,
    naming::{Names, display_name},
};
use crate::{
    check, company, email,
    error::{Code, Error, UserError},
    rule::Draft,
    verb::{Call, Failure, fault},
};

/// Word that opens the prospects of others.
const ALL: &str = "crm.all_prospects";

/// Members by any of which a prospect is known.
const KNOWN_BY: [&str; 4] = ["contact_name", "company_name", "email", "phone"];

/// Names a new prospect, gives it to the viewer, and refuses one that is there already.
pub fn before_create<'a>(
    call: &'a Call<'a>,
    tx: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        name(draft, None)?;
        if let Some(staff) = call.viewer.staff {
            draft.default("owner_id", staff);
        }
        let mut errors: Vec<_> = duplicate_email(tx, draft).await?.into_iter().collect();
        errors.extend(duplicate_phone(tx, draft).await?);
        if errors.is_empty() { Ok(()) } else { Err(Failure::User(errors)) }
    })
}

/// Puts a new prospect into the first column of the board, and announces it.
pub fn after_create<'a>(
    call: &'a Call<'a>,
    tx: &'a DatabaseTransaction,
    draft: &'a Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        let number = draft.written();
        follow_up::of_prospect(tx, number).await?;
        let kind = draft.text("kind").unwrap_or("PROSPECT");
        let tenant = draft.tenant.ok_or_else(|| Error::internal("a prospect without a company"))?;
        announce(call, tx, (number, tenant, kind)).await?;
        Ok(())
    })
}

/// Lets only those change a prospect who work it, and keeps its name and e-mail right.
pub fn before_update<'a>(
    call: &'a Call<'a>,
    tx: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        let row = locked(tx, draft.written()).await?;
        let is_own = row.owner_id.is_some() && row.owner_id == call.viewer.staff;
        if !is_own && !call.viewer.may(ALL) {
            return Err(fault(Code::Forbidden, "prospect", "Somebody else works this prospect."));
        }
        name(draft, Some(&row))?;
        match duplicate_email(tx, draft).await? {
            Some(error) => Err(error.into()),
            None => Ok(()),
        }
    })
}

/// Reads a prospect and keeps others from changing it until the transaction ends.
///
/// # Errors
/// The database is out of reach, or there is no such prospect.
pub(super) async fn locked(tx: &DatabaseTransaction, number: i64) -> Result<prospect::Model, Error> {
    let row = prospect::Entity::find_by_id(number).lock(LockType::NoKeyUpdate).one(tx).await?;
    row.ok_or_else(|| Error::internal(format!("there is no prospect {number}")))
}

fn name(draft: &mut Draft, stored: Option<&prospect::Model>) -> Result<(), Failure> {
    if stored.is_some() && !KNOWN_BY.iter().any(|column| draft.values.contains_key(*column)) {
        return Ok(());
    }
    let merged = |column: &str, stored: Option<&String>| check::text_after(draft, column, stored.map(String::as_str));
    let contact = merged("contact_name", stored.and_then(|row| row.contact_name.as_ref()));
    let company = merged("company_name", stored.and_then(|row| row.company_name.as_ref()));
    let email = merged("email", stored.and_then(|row| row.email.as_ref()));
    let phone = merged("phone", stored.and_then(|row| row.phone.as_ref()));
    let names = Names {
        contact: contact.as_deref(),
        company: company.as_deref(),
        email: email.as_deref(),
        phone: phone.as_deref(),
    };
    let Some(name) = display_name(names) else {
        let message = "Give at least one of contact name, company name, e-mail and phone.";
        return Err(fault(Code::Required, "contactName", message));
    };
    draft.set("name", name);
    Ok(())
}

async fn duplicate_email(tx: &DatabaseTransaction, draft: &Draft) -> Result<Option<UserError>, Error> {
    let (Some(address), Some(tenant)) = (draft.text("email"), draft.tenant) else { return Ok(None) };
    let own = draft.number.map(|number| ("Prospect", number));
    Ok(email::holder(tx, tenant, address, own).await?.map(|holder| email::taken("email", holder)))
}

async fn duplicate_phone(tx: &DatabaseTransaction, draft: &Draft) -> Result<Option<UserError>, Error> {
    let (Some(phone), Some(tenant)) = (draft.text("phone"), draft.tenant) else { return Ok(None) };
    company::lock(tx, tenant).await?;
    let holder = prospect::Entity::find()
        .filter(prospect::Column::TenantId.eq(tenant))
        .filter(prospect::Column::Phone.eq(phone))
        .filter(prospect::Column::DeletedAt.is_null())
        .one(tx)
        .await?;
    Ok(holder.map(|row| UserError {
        conflicts_with: Some(("Prospect", row.id)),
        ..UserError::new(Code::DuplicatePhone, "phone", "Another prospect has this phone number.")
    }))
}
