//! Phone numbers of a client of a batch: kept as they were entered, and in E.164 where they are numbers of the
//! client's own country. It must not refuse any.

use async_graphql::Value;
use groupgraph_entities::{client, country};
use sea_orm::{DatabaseTransaction, EntityTrait};

use crate::{error::Error, members, phone, rule::Draft, verb::Call};

/// Members and columns.
pub(super) const MEMBERS: [&str; 2] = ["phone", "mobile"];

/// Drafts the phones of a row, whose country has been drafted.
///
/// # Errors
/// The database is out of reach.
pub(super) async fn write(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    draft: &mut Draft,
    row: &Value,
    stored: Option<&client::Model>,
) -> Result<(), Error> {
    if MEMBERS.iter().all(|name| members::given(row, name).is_none()) {
        return Ok(());
    }
    let drafted = draft.integer("address_country_id");
    let country = match drafted.or_else(|| stored.and_then(|client| client.address_country_id)) {
        Some(number) => country::Entity::find_by_id(number).one(tx).await?.map(|row| row.code),
        None => call.hub.directory.company(draft.tenant).and_then(|company| company.country),
    };
    for name in MEMBERS {
        let Some(given) = members::given(row, name) else { continue };
        let number = members::words(given, "number");
        let code = members::words(given, "countryCode");
        let parsed = number.and_then(|number| phone::parse(number, code, country.as_deref()).ok());
        draft.set(name, parsed);
        draft.set(&format!("{name}_raw"), number.map(str::to_owned));
    }
    Ok(())
}
