//! E-mail addresses that stand for one party a company: over prospects, contacts and client users. It must not
//! know what a party is beyond that.

use groupgraph_entities::{client_user, contact, prospect};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use crate::{
    company,
    compare::same,
    error::{Code, Error, UserError},
};

/// GraphQL type and number of a party.
pub type Party = (&'static str, i64);

/// Whether a text has the form of an address with a domain of more than one part.
#[must_use]
pub fn is_valid(text: &str) -> bool {
    text.parse::<lettre::Address>().is_ok_and(|address| {
        let mut parts = address.domain().split('.');
        parts.clone().count() > 1 && parts.all(|part| !part.is_empty())
    })
}

/// Finds the party of a company that holds an address, other than `own`. Until the transaction ends nobody else
/// passes this check for the same company.
///
/// # Errors
/// The database is out of reach.
pub async fn holder(
    tx: &DatabaseTransaction,
    tenant: i64,
    email: &str,
    own: Option<Party>,
) -> Result<Option<Party>, Error> {
    company::lock(tx, tenant).await?;
    let prospects = prospect::Entity::find()
        .filter(prospect::Column::TenantId.eq(tenant))
        .filter(prospect::Column::DeletedAt.is_null())
        .filter(same(prospect::Column::Email, email));
    let contacts = contact::Entity::find()
        .filter(contact::Column::TenantId.eq(tenant))
        .filter(contact::Column::DeletedAt.is_null())
        .filter(same(contact::Column::Email, email));
    let users = client_user::Entity::find()
        .filter(client_user::Column::TenantId.eq(tenant))
        .filter(same(client_user::Column::Email, email));
    let found = [
        users.one(tx).await?.map(|row| ("ClientUser", row.id)),
        prospects.one(tx).await?.map(|row| ("Prospect", row.id)),
        contacts.one(tx).await?.map(|row| ("Contact", row.id)),
    ];
    Ok(found.into_iter().flatten().find(|party| Some(*party) != own))
}

/// The fault of an address that somebody else holds.
#[must_use]
pub fn taken(field: &str, holder: Party) -> UserError {
    let error = UserError::new(Code::DuplicateEmail, field, "Somebody else has this e-mail address.");
    UserError { conflicts_with: Some(holder), ..error }
}

#[cfg(test)]
mod tests {
    use super::is_valid;

    #[test]
    fn addresses_have_a_domain() {
        for text in ["amina@sahel.example", "a.b+c@mail.sahel.example"] {
            assert!(is_valid(text), "{text}");
        }
        for text in ["", "amina", "amina@sahel", "amina@sahel.", "@sahel.example", "a b@sahel.example", "a@b@c.example"]
        {
            assert!(!is_valid(text), "{text}");
        }
    }
}
