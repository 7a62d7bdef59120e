//! `createProspects`: makes the rows that pass the checks. Creation never updates.

use futures_util::future::BoxFuture;
use groupgraph_entities::{follow_up, prospect};
use sea_orm::{ActiveModelTrait, DatabaseTransaction, DbErr, Set, SqlErr, TransactionTrait};

use super::{
    MOST, judge,
    report::{self, Reported},
    row::Row,
    too_large,
    verdict::{Verdict, duplicate},
};
use crate::{
    company::{self, Company},
    error::{Code, Error, UserError},
    events::ChangeKind,
    members,
    prospect::{announce::announce, follow_up::first_category},
    verb::{Call, Outcome, Payload},
};

/// Imports prospects.
pub fn create_prospects<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let inputs = members::list(call.input, "rows").unwrap_or_default();
        if inputs.len() > MOST {
            return Err(too_large());
        }
        let tenant = company::own(call.hub, call.viewer)?;
        let tx = call.begin().await?;
        // Two imports of one company follow each other, so that the second sees what the first made.
        company::lock(&tx, tenant).await?;
        let company = Company::find(&tx, tenant).await?;
        let judged = judge(&tx, &company, inputs).await?;
        let target = Target { tenant, category: first_category(&tx, tenant).await? };
        let (mut accepted, mut rejected, mut known) = (Vec::new(), Vec::new(), Vec::new());
        for (index, (input, (row, verdict))) in inputs.iter().zip(judged).enumerate() {
            match create(call, &tx, &target, &row, verdict).await? {
                Ok(number) => {
                    call.changed(ChangeKind::Created, "Prospect", number);
                    announce(call, &tx, (number, tenant, &row.kind)).await?;
                    accepted.push(report::row(index, input, Reported::Prospect(number)));
                }
                Err(error) => {
                    rejected.push(report::row(index, input, Reported::Refusal(&error)));
                    if matches!(error.code, Code::DuplicateEmail | Code::DuplicatePhone) {
                        known.push(below(index, error));
                    }
                }
            }
        }
        let is_in_vain = accepted.is_empty() && !known.is_empty();
        call.commit(tx).await?;
        let payload = Payload::new().plain("accepted", accepted).plain("rejected", rejected);
        // An import of nothing but what is there already has failed as a whole.
        Ok(if is_in_vain { payload.failing(known) } else { payload })
    })
}

/// The failure of a row as one of the whole input.
fn below(index: usize, error: UserError) -> UserError {
    let field = ["rows".to_owned(), index.to_string()].into_iter().chain(error.field).collect();
    UserError { field, ..error }
}

/// Where rows go that do not say it themselves.
struct Target {
    tenant: i64,
    /// The first column of the board.
    category: Option<i64>,
}

/// Makes one row, or says why not. A savepoint keeps a refusal by the database from touching the other rows.
async fn create(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    target: &Target,
    row: &Row,
    verdict: Verdict,
) -> Result<Result<i64, UserError>, Error> {
    match verdict {
        Verdict::Reject(error) => return Ok(Err(error)),
        Verdict::Update(number) => return Ok(Err(duplicate(Code::DuplicateEmail, Some(("Prospect", number))))),
        Verdict::Insert => {}
    }
    let savepoint = tx.begin().await?;
    match insert(call, &savepoint, target, row).await {
        Ok(number) => {
            savepoint.commit().await?;
            Ok(Ok(number))
        }
        Err(error) => {
            savepoint.rollback().await?;
            match error.sql_err() {
                Some(SqlErr::UniqueConstraintViolation(_)) => Ok(Err(lost())),
                _ => Err(error.into()),
            }
        }
    }
}

/// The index on e-mail addresses saw what the checks could not: a row that somebody made meanwhile.
fn lost() -> UserError {
    UserError::new(Code::DuplicateEmail, "email", "Somebody else has this e-mail address.")
}

async fn insert(call: &Call<'_>, tx: &DatabaseTransaction, target: &Target, row: &Row) -> Result<i64, DbErr> {
    let now = call.now();
    let made = prospect::ActiveModel {
        tenant_id: Set(target.tenant),
        kind: Set(row.kind.clone()),
        name: Set(row.name().unwrap_or_default().to_owned()),
        contact_name: Set(row.contact_name.clone()),
        company_name: Set(row.company_name.clone()),
        email: Set(row.email.clone()),
        phone: Set(row.phone.clone()),
        phone_raw: Set(row.phone_raw.clone()),
        locale_id: Set(row.locale),
        is_active: Set(true),
        is_verified: Set(false),
        owner_id: Set(call.viewer.staff),
        lifecycle: Set("NEW".to_owned()),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    let number = made.insert(tx).await?.id;
    let category = row.category.or(target.category);
    let follow_up = follow_up::ActiveModel {
        tenant_id: Set(target.tenant),
        prospect_id: Set(Some(number)),
        category_id: Set(category),
        category_changed_at: Set(category.map(|_| now)),
        monthly_shipments: Set(row.shipments),
        monthly_shipments_label: Set(row.shipments_label.clone()),
        has_recharge: Set(false),
        ..Default::default()
    };
    follow_up.insert(tx).await?;
    Ok(number)
}
