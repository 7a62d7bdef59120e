//! Numbers printed on invoices: "INV-000123", counted per company. It must not know inputs.

use groupgraph_entities::invoice;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter, QuerySelect,
    Statement,
};

use crate::{
    company,
    error::{Code, Error},
    verb::{Failure, fault},
};

const PREFIX: &str = "INV-";

#[derive(FromQueryResult)]
struct Last {
    document_number: String,
}

/// The next number of a company. Until the transaction ends, nobody else gets one of the same company.
/// Numbers of deleted drafts are not given again.
///
/// # Errors
/// The database is out of reach.
pub async fn next(tx: &DatabaseTransaction, tenant: i64) -> Result<String, Error> {
    company::lock(tx, tenant).await?;
    // Up to 18 digits: beyond that a number that somebody typed would not fit 64 bits.
    let text = "SELECT document_number FROM invoice WHERE tenant_id = $1 AND document_number LIKE 'INV-%' \
                AND LTRIM(SUBSTR(document_number, 5), '0123456789') = '' \
                AND LENGTH(document_number) BETWEEN 10 AND 22 \
                ORDER BY LENGTH(document_number) DESC, document_number DESC LIMIT 1";
    let query = Statement::from_sql_and_values(tx.get_database_backend(), text, [tenant.into()]);
    let last = Last::find_by_statement(query).one(tx).await?;
    Ok(after(last.as_ref().map(|last| last.document_number.as_str())))
}

fn after(last: Option<&str>) -> String {
    let last = last.and_then(|text| text.get(PREFIX.len()..)).and_then(|digits| digits.parse::<u64>().ok());
    format!("{PREFIX}{:06}", last.unwrap_or(0) + 1)
}

/// Refuses a number that another invoice of the company has.
///
/// # Errors
/// `CONFLICT`.
pub async fn refuse_taken(
    tx: &DatabaseTransaction,
    tenant: i64,
    number: &str,
    invoice: Option<i64>,
) -> Result<(), Failure> {
    company::lock(tx, tenant).await?;
    let holder = invoice::Entity::find()
        .select_only()
        .column(invoice::Column::Id)
        .filter(invoice::Column::TenantId.eq(tenant))
        .filter(invoice::Column::DocumentNumber.eq(number))
        .filter(invoice::Column::DeletedAt.is_null())
        .into_tuple::<i64>()
        .one(tx)
        .await?;
    match holder {
        Some(holder) if Some(holder) != invoice => {
            Err(fault(Code::Conflict, "documentNumber", "Another invoice has this number."))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::after;

    #[test]
    fn numbers_count_up_and_grow_beyond_six_digits() {
        let cases = [
            (None, "INV-000001"),
            (Some("INV-000122"), "INV-000123"),
            (Some("INV-999999"), "INV-1000000"),
            (Some("inv-000009"), "INV-000010"),
        ];
        for (last, next) in cases {
            assert_eq!(after(last), next);
        }
    }
}
