//! The mutation completeCallRecordRequest.

use async_graphql::Value;
use futures_util::future::BoxFuture;
use groupgraph_entities::{
    call_record,
    call_record_request::{Column, Entity},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use crate::{
    error::{Code, Error},
    events::ChangeKind,
    members,
    notification::{self, To},
    verb::{Call, Failure, Outcome, Payload, fault},
};

/// Records that one request may have.
const MOST_RECORDS: usize = 10_000;
/// Records in one statement.
const AT_ONCE: usize = 500;

/// Answers a pending request.
pub(super) fn complete_call_record_request<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let records = members::list(call.input, "records").unwrap_or_default();
        if records.len() > MOST_RECORDS {
            return Err(fault(Code::TooLarge, "records", format!("Send at most {MOST_RECORDS} records.")));
        }
        let transaction = call.begin().await?;
        let number = call.required(&transaction, "request", "CallRecordRequest").await?;
        let completed = Entity::update_many()
            .col_expr(Column::Status, Expr::value("COMPLETED"))
            .col_expr(Column::CompletedById, Expr::value(call.viewer.staff))
            .col_expr(Column::UpdatedAt, Expr::value(call.now()))
            .filter(Column::Id.eq(number))
            .filter(Column::Status.eq("PENDING"))
            .exec(&transaction)
            .await?;
        if completed.rows_affected == 0 {
            return Err(fault(Code::WrongState, "request", "The request is answered already."));
        }
        for (start, part) in records.chunks(AT_ONCE).enumerate() {
            let rows = part.iter().enumerate().map(|(index, record)| row(number, record, start * AT_ONCE + index));
            call_record::Entity::insert_many(rows.collect::<Result<Vec<_>, _>>()?).exec(&transaction).await?;
        }
        let found = Entity::find_by_id(number).one(&transaction).await?;
        let request = found.ok_or_else(|| Error::internal("the answered request is gone"))?;
        let text = format!("Your request {number} for call records is answered");
        let subject = ("CallRecordRequest", number);
        notification::notify(call, &transaction, To::Staff(request.requester_id), &text, subject).await?;
        call.changed(ChangeKind::Updated, "CallRecordRequest", number);
        call.commit(transaction).await?;
        Ok(Payload::new().row("request", number))
    })
}

fn row(request: i64, record: &Value, index: usize) -> Result<call_record::ActiveModel, Failure> {
    let number = |name: &str| {
        let digits = members::words(record, name).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        let wrong = || fault(Code::Invalid, &format!("records.{index}.{name}"), "Write the number in digits.");
        digits.map(str::to_owned).ok_or_else(wrong)
    };
    let count = members::integer(record, "callCount").and_then(|count| i32::try_from(count).ok());
    let count = count.filter(|count| *count >= 0);
    let path = format!("records.{index}.callCount");
    Ok(call_record::ActiveModel {
        request_id: Set(request),
        called_number: Set(number("calledNumber")?),
        calling_number: Set(number("callingNumber")?),
        call_count: Set(count.ok_or_else(|| fault(Code::Invalid, &path, "Calls are counted from 0."))?),
        ..Default::default()
    })
}
