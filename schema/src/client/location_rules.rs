//! What a location of a client or a prospect must fulfil.

use futures_util::future::BoxFuture;
use groupgraph_entities::location;
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, Value,
    sea_query::{Expr, SimpleExpr},
};

use crate::{
    error::{Code, Error, UserError},
    rule::Draft,
    verb::{Call, Failure, fault},
};

const LONGEST_NAME: usize = 50;
const LONGEST_URL: usize = 150;

/// Checks a new location.
pub fn before_add<'a>(
    _: &'a Call<'a>,
    tx: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        check(draft)?;
        let party = match (draft.integer("client_id"), draft.integer("prospect_id")) {
            (Some(client), None) => location::Column::ClientId.eq(client),
            (None, Some(prospect)) => location::Column::ProspectId.eq(prospect),
            (None, None) => return Err(fault(Code::Required, "client", "Say which client or prospect.")),
            (Some(_), Some(_)) => {
                return Err(fault(Code::Invalid, "prospect", "Name a client or a prospect, not both."));
            }
        };
        Ok(clear_primary(tx, draft, party).await?)
    })
}

/// Checks a change of a location.
pub fn before_update<'a>(
    _: &'a Call<'a>,
    tx: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        check(draft)?;
        let number = draft.written();
        let row = location::Entity::find_by_id(number).one(tx).await?;
        let row = row.ok_or_else(|| Error::internal(format!("there is no location {number}")))?;
        let party = match row.client_id {
            Some(client) => location::Column::ClientId.eq(client),
            None => location::Column::ProspectId.eq(row.prospect_id),
        };
        Ok(clear_primary(tx, draft, party).await?)
    })
}

fn check(draft: &Draft) -> Result<(), Failure> {
    let too_long = |column: &str, most: usize| draft.text(column).is_some_and(|text| text.chars().count() > most);
    let limits = [("name", LONGEST_NAME), ("url", LONGEST_URL)];
    let errors: Vec<_> = limits
        .into_iter()
        .filter(|(column, most)| too_long(column, *most))
        .map(|(column, most)| UserError::new(Code::Invalid, column, format!("At most {most} characters.")))
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(Failure::User(errors)) }
}

async fn clear_primary(tx: &DatabaseTransaction, draft: &Draft, party: SimpleExpr) -> Result<(), Error> {
    if matches!(draft.values.get("is_primary"), Some(Value::Bool(Some(true)))) {
        location::Entity::update_many()
            .col_expr(location::Column::IsPrimary, Expr::value(false))
            .filter(party)
            .exec(tx)
            .await?;
    }
    Ok(())
}
