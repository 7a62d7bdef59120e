//! The mutation fileWhistleReport.

use futures_util::future::BoxFuture;
use groupgraph_entities::{file, whistle_report};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, sea_query::Expr,
};

use crate::{
    error::Code,
    members,
    upload::{self, Stored},
    verb::{Call, Failure, Outcome, Payload, fault},
};

/// What the input says, checked.
struct Report {
    reported: i64,
    title: String,
    body: String,
    occurred_on: chrono::NaiveDate,
}

/// Files a report with its proof. The content is stored before the transaction begins.
pub(super) fn file_whistle_report<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let staff = call.viewer.staff.ok_or_else(|| fault(Code::Forbidden, "", "A machine reports nobody."))?;
        let report = read(call).await?;
        let missing = || fault(Code::Required, "attachment", "Send the proof as upload or as base64.");
        let stored = upload::store(call, "attachment").await?.ok_or_else(missing)?;
        match write(call, staff, report, &stored).await {
            Ok(number) => Ok(Payload::new().row("report", number)),
            Err(failure) => {
                upload::discard(call, &stored.object_key).await;
                Err(failure)
            }
        }
    })
}

async fn read(call: &Call<'_>) -> Result<Report, Failure> {
    let text = |name: &str| {
        let words = members::words(call.input, name).map(str::to_owned);
        words.ok_or_else(|| fault(Code::Required, name, format!("A report needs a {name}.")))
    };
    let (title, body) = (text("title")?, text("body")?);
    let day = members::day(call.input, "occurredOn", "occurredOn")?;
    let occurred_on = day.ok_or_else(|| fault(Code::Required, "occurredOn", "Say when it happened."))?;
    if occurred_on > call.hub.directory.today(call.now(), call.viewer.tenant) {
        return Err(fault(Code::InvalidDate, "occurredOn", "This day is still to come."));
    }
    let reported = call.required(&call.hub.database.read, "reported", "Staff").await?;
    Ok(Report { reported, title, body, occurred_on })
}

/// Nothing is noted as changed: watchers and the activity log would tell who was there at that moment.
async fn write(call: &Call<'_>, staff: i64, report: Report, stored: &Stored) -> Result<i64, Failure> {
    let is_anonymous = members::flag(call.input, "isAnonymous").unwrap_or(true);
    let tenant = call.viewer.tenant.ok_or_else(|| fault(Code::Forbidden, "", "You belong to no company."))?;
    let transaction = call.begin().await?;
    let row = whistle_report::ActiveModel {
        tenant_id: Set(tenant),
        title: Set(report.title),
        body: Set(report.body),
        occurred_on: Set(report.occurred_on),
        reported_id: Set(report.reported),
        is_anonymous: Set(is_anonymous),
        filed_by_id: Set(Some(staff)),
        reporter_id: Set((!is_anonymous).then_some(staff)),
        status: Set("OPEN".to_owned()),
        created_at: Set(call.now()),
        ..Default::default()
    };
    let number = row.insert(&transaction).await?.id;
    attach(call, &transaction, stored, (tenant, number)).await?;
    call.commit(transaction).await?;
    Ok(number)
}

/// The proof belongs to the report and has no author.
async fn attach(
    call: &Call<'_>,
    transaction: &DatabaseTransaction,
    stored: &Stored,
    (tenant, report): (i64, i64),
) -> Result<(), Failure> {
    let proof = upload::insert(call, transaction, stored, tenant, None).await?;
    file::Entity::update_many()
        .col_expr(file::Column::WhistleReportId, Expr::value(report))
        .col_expr(file::Column::CreatedById, Expr::value(None::<i64>))
        .filter(file::Column::Id.eq(proof))
        .exec(transaction)
        .await?;
    Ok(())
}
