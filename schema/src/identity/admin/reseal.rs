//! The secret of an instance, changed: all that is sealed with it is sealed anew, in one transaction.

use groupgraph_entities::idempotency_key;
use sea_orm::{ConnectionTrait, DatabaseTransaction, EntityTrait, TransactionTrait};

use super::{super::keys, AdminError, refused};
use crate::{
    delivery::parcel, engine::sql::Piece, federation::registry::CREDENTIAL_PURPOSE, hub::Hub, sealing::Sealing,
    verification, webhook,
};

/// Everything that is sealed: what it is, its table and column, and what it is sealed for.
const SEALED: [(&str, &str, &str, &str); 6] = [
    ("credentials of sources", "source", "credential_sealed", CREDENTIAL_PURPOSE),
    ("keys", "signing_key", "private_key_sealed", keys::PURPOSE),
    ("secrets of webhooks", "webhook", "secret_sealed", webhook::SECRET_PURPOSE),
    ("older secrets of webhooks", "webhook", "previous_secret_sealed", webhook::SECRET_PURPOSE),
    ("deliveries", "delivery", "payload_sealed", parcel::PURPOSE),
    ("records of persons", "identity_check", "result_sealed", verification::PURPOSE),
];

/// Rows that are read at once.
const AT_ONCE: i64 = 500;

/// Seals everything with another secret. No server may run meanwhile; afterwards all must be started with the new
/// secret. Stored answers to repeated requests are forgotten; what is only signed, such as links to files and codes on
/// their way, is no longer valid. Answers how much of what was sealed anew.
///
/// # Errors
/// Something does not open with the secret of the hub, or the database is out of reach; then nothing has changed.
pub async fn reseal(hub: &Hub, new: &Sealing) -> Result<Vec<(&'static str, usize)>, AdminError> {
    let transaction = hub.database.write.begin().await?;
    let mut done = Vec::with_capacity(SEALED.len());
    for (what, table, column, purpose) in SEALED {
        let again = |sealed: &str| hub.sealing.open(purpose, sealed).map(|opened| new.seal(purpose, &opened));
        let count = each(&transaction, (table, column), again).await?;
        let count =
            count.map_err(|number| refused(format!("{what}: {number} does not open with the secret in force.")))?;
        done.push((what, count));
    }
    idempotency_key::Entity::delete_many().exec(&transaction).await?;
    transaction.commit().await?;
    Ok(done)
}

/// Changes a column of all rows that have it: how many, or the number of the first row that cannot be changed.
async fn each<Fault>(
    transaction: &DatabaseTransaction,
    (table, column): (&str, &str),
    change: impl Fn(&str) -> Result<String, Fault>,
) -> Result<Result<usize, i64>, AdminError> {
    let backend = transaction.get_database_backend();
    let select = format!("SELECT id, {column} FROM {table} WHERE {column} IS NOT NULL AND id > ? ORDER BY id LIMIT ?");
    let update = format!("UPDATE {table} SET {column} = ? WHERE id = ?");
    let (mut count, mut last) = (0, 0);
    loop {
        let page = Piece::with(&select, [last.into(), AT_ONCE.into()]).statement(backend);
        let rows = transaction.query_all_raw(page).await?;
        if rows.is_empty() {
            return Ok(Ok(count));
        }
        for row in rows {
            last = row.try_get_by_index(0)?;
            let Ok(sealed) = change(&row.try_get_by_index::<String>(1)?) else { return Ok(Err(last)) };
            let statement = Piece::with(&update, [sealed.into(), last.into()]).statement(backend);
            transaction.execute_raw(statement).await?;
            count += 1;
        }
    }
}
