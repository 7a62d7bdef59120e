//! What a contact of a client or a prospect must fulfil.

use futures_util::future::BoxFuture;
use groupgraph_entities::contact;
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, Value,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};

use crate::{
    check, email,
    error::{Code, Error},
    rule::Draft,
    verb::{Call, Failure, fault},
};

/// Checks a new contact; the first one of a client is its primary one.
pub fn before_add<'a>(
    _: &'a Call<'a>,
    tx: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        let party = party(draft)?;
        name(draft, None, None)?;
        refuse_duplicate_email(tx, draft).await?;
        if draft.integer("client_id").is_some() {
            let is_first = contact::Entity::find().filter(party.clone()).count(tx).await? == 0;
            draft.default("is_primary", is_first);
        }
        if is_primary(draft) {
            clear_primary(tx, party).await?;
        }
        Ok(())
    })
}

/// Checks a change of a contact.
pub fn before_update<'a>(
    _: &'a Call<'a>,
    tx: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        let number = draft.written();
        let row = contact::Entity::find_by_id(number).one(tx).await?;
        let row = row.ok_or_else(|| Error::internal(format!("there is no contact {number}")))?;
        name(draft, Some(&row), None)?;
        refuse_duplicate_email(tx, draft).await?;
        if is_primary(draft) {
            clear_primary(tx, of_party(row.client_id, row.prospect_id)).await?;
        }
        Ok(())
    })
}

/// The condition on contacts of the one party that a new row names.
fn party(draft: &Draft) -> Result<SimpleExpr, Failure> {
    match (draft.integer("client_id"), draft.integer("prospect_id")) {
        (None, None) => Err(fault(Code::Required, "client", "Say which client or prospect.")),
        (Some(_), Some(_)) => Err(fault(Code::Invalid, "prospect", "Name a client or a prospect, not both.")),
        (client, prospect) => Ok(of_party(client, prospect)),
    }
}

fn of_party(client: Option<i64>, prospect: Option<i64>) -> SimpleExpr {
    let of = match client {
        Some(client) => contact::Column::ClientId.eq(client),
        None => contact::Column::ProspectId.eq(prospect),
    };
    of.and(contact::Column::DeletedAt.is_null())
}

/// Names a contact by its given and family name where it is not named itself, else by `fallback`. A name is never
/// split into parts.
///
/// # Errors
/// `REQUIRED` if there is nothing to name it by.
pub(super) fn name(draft: &mut Draft, stored: Option<&contact::Model>, fallback: Option<&str>) -> Result<(), Failure> {
    if let Some(name) = draft.text("name").map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned) {
        draft.set("name", name);
        return Ok(());
    }
    let has_parts = ["given_name", "family_name"].iter().any(|column| draft.values.contains_key(*column));
    if stored.is_some() && !has_parts && !draft.values.contains_key("name") {
        return Ok(());
    }
    let part = |column: &str, stored: Option<&String>| check::text_after(draft, column, stored.map(String::as_str));
    let given = part("given_name", stored.and_then(|row| row.given_name.as_ref()));
    let family = part("family_name", stored.and_then(|row| row.family_name.as_ref()));
    let joined = join(given.as_deref(), family.as_deref());
    let kept = stored.map(|row| row.name.clone()).filter(|_| !draft.values.contains_key("name"));
    match joined.or(kept).or_else(|| fallback.map(str::to_owned)) {
        Some(name) => {
            draft.set("name", name);
            Ok(())
        }
        None => Err(fault(Code::Required, "name", "Give a name, or a first or last name.")),
    }
}

fn join(given: Option<&str>, family: Option<&str>) -> Option<String> {
    let parts: Vec<_> = [given, family].into_iter().flatten().map(str::trim).filter(|part| !part.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// Refuses an e-mail address that somebody else of the company has.
///
/// # Errors
/// `DUPLICATE_EMAIL`.
pub(super) async fn refuse_duplicate_email(tx: &DatabaseTransaction, draft: &Draft) -> Result<(), Failure> {
    let (Some(address), Some(tenant)) = (draft.text("email"), draft.tenant) else { return Ok(()) };
    let own = draft.number.map(|number| ("Contact", number));
    match email::holder(tx, tenant, address, own).await? {
        Some(holder) => Err(email::taken("email", holder).into()),
        None => Ok(()),
    }
}

fn is_primary(draft: &Draft) -> bool {
    matches!(draft.values.get("is_primary"), Some(Value::Bool(Some(true))))
}

async fn clear_primary(tx: &DatabaseTransaction, party: SimpleExpr) -> Result<(), Error> {
    contact::Entity::update_many()
        .col_expr(contact::Column::IsPrimary, Expr::value(false))
        .filter(party.and(contact::Column::IsPrimary.eq(true)))
        .exec(tx)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn parts_are_joined() {
        let cases = [
            (Some("Amina"), Some("Yusuf"), Some("Amina Yusuf")),
            (Some(" Amina "), None, Some("Amina")),
            (None, Some("Yusuf"), Some("Yusuf")),
            (Some(""), Some(" "), None),
        ];
        for (given, family, expected) in cases {
            assert_eq!(join(given, family).as_deref(), expected);
        }
    }
}
