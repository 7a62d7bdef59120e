//! STUB
use crate::{rule::Rules, verb::Verb};
pub const VERBS: &[(&str, Verb)] = &[];
pub const RULES: &[(&str, Rules)] = &[];

pub async fn store_image(
    _: &crate::verb::Call<'_>,
    _: &sea_orm::DatabaseTransaction,
    _: &async_graphql::Value,
    _: (&str, i64),
) -> Result<i64, crate::verb::Failure> {
    Ok(0)
}
