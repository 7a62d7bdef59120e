//! The rows that the members of an input name, looked up in one statement. It must not know what is written.

use std::collections::HashMap;

use async_graphql::Name;
use sea_orm::DatabaseTransaction;

use super::{
    super::{
        find::{self, Asked, Found},
        model::{Binding, Object},
    },
    draft::Members,
};
use crate::verb::{Call, Failure};

/// The rows that members name, by member. Those that are not found are missing.
///
/// # Errors
/// The database failed.
pub(super) async fn look_up(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    (object, tenant): (&'static Object, Option<i64>),
    members: &Members,
) -> Result<HashMap<String, Found>, Failure> {
    // The company of the row is known.
    let others = members.iter().filter(|(name, _)| *name != "tenant");
    let references = others.filter_map(|(name, reference)| {
        let field = object.fields.get(name.as_str())?;
        let is_named = matches!(field.binding, Binding::One { .. }) && field.choice.is_none();
        let of = field.of.name.as_str();
        is_named.then_some((name, Asked { of, reference, tenant: within(of, tenant) }))
    });
    let (names, asked): (Vec<&Name>, Vec<Asked<'_>>) = references.unzip();
    let found = find::find_all(&call.request(), tx, &asked).await?;
    let found = names.into_iter().zip(found).filter_map(|(name, found)| Some((name.to_string(), found?)));
    Ok(found.collect())
}

/// The company that a named row must be of: people work for several companies of the group, everything else stays in
/// its own.
pub(super) fn within(of: &str, tenant: Option<i64>) -> Option<i64> {
    tenant.filter(|_| !matches!(of, "Staff" | "Tenant"))
}
