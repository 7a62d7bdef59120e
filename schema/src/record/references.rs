//! Whether the records that a body names are there: one statement for each resource that it refers to.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use sea_orm::DatabaseTransaction;

use super::{body::Reference, store};
use crate::{
    catalog::catalog,
    error::{Code, UserError},
    verb::{Call, Failure},
};

/// Refuses a body that names what is not there, not visible, or of another company.
///
/// # Errors
/// Every such member.
pub async fn check(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    tenant: i64,
    references: &[Reference],
) -> Result<(), Failure> {
    let mut wanted: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (_, target, id) in references {
        wanted.entry(target).or_default().insert(id);
    }
    let mut known = HashSet::new();
    for (target, ids) in wanted {
        let resource = catalog().resource(target).expect("the catalogue is checked");
        let ids: Vec<&str> = ids.into_iter().collect();
        let rows = store::named(&call.request(), tx, resource, &ids).await?;
        let own = rows.into_iter().filter(|row| row.tenant == tenant);
        known.extend(own.map(|row| (target.to_owned(), row.object_id)));
    }
    let missing = references.iter().filter(|(_, target, id)| !known.contains(&(target.clone(), id.clone())));
    let errors: Vec<UserError> = missing
        .map(|(path, target, id)| {
            let plain = catalog().resource(target).map(crate::catalog::Resource::plain).unwrap_or_default();
            let name = path.trim_start_matches("changes.");
            UserError::new(Code::NotFound, path, format!("{name}: there is no {plain} {id}."))
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(Failure::User(errors)) }
}
