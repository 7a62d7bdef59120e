//! What a product category must fulfil.

use futures_util::future::BoxFuture;
use sea_orm::DatabaseTransaction;

use crate::{
    company,
    rule::Draft,
    tree,
    verb::{Call, Failure},
};

/// Refuses a category below itself.
pub fn before<'a>(
    _: &'a Call<'a>,
    tx: &'a DatabaseTransaction,
    draft: &'a mut Draft,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        let (Some(number), Some(parent)) = (draft.number, draft.integer("parent_id")) else { return Ok(()) };
        if let Some(tenant) = draft.tenant {
            company::lock(tx, tenant).await?;
        }
        tree::refuse_cycle(tx, "product_category", number, parent).await
    })
}
