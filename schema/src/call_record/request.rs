//! The mutation requestCallRecords.

use futures_util::future::BoxFuture;
use groupgraph_entities::call_record_request::ActiveModel;
use sea_orm::{ActiveModelTrait, ActiveValue::Set};

use crate::{
    audit::{self, Subject},
    error::Code,
    events::ChangeKind,
    notification::{self, To},
    verb::{Call, Outcome, Payload, fault},
};

/// Who answers requests.
const FULFIL: &str = "cdr.fulfil";

/// Opens a pending request and tells those who answer requests.
pub(super) fn request_call_records<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let requester = call.viewer.staff.ok_or_else(|| fault(Code::Forbidden, "", "A machine cannot be answered."))?;
        let tenant = call.viewer.tenant.ok_or_else(|| fault(Code::Forbidden, "", "You belong to no company."))?;
        let phone = call.text("phone").unwrap_or_default();
        let is_phone = (8..=15).contains(&phone.len()) && phone.bytes().all(|byte| byte.is_ascii_digit());
        if !is_phone {
            let message = "Write the calling code and the number in digits, without plus.";
            return Err(fault(Code::Invalid, "phone", message));
        }
        let transaction = call.begin().await?;
        let row = ActiveModel {
            tenant_id: Set(tenant),
            phone: Set(phone.to_owned()),
            status: Set("PENDING".to_owned()),
            requester_id: Set(requester),
            created_at: Set(call.now()),
            updated_at: Set(call.now()),
            ..Default::default()
        };
        let number = row.insert(&transaction).await?.id;
        let who = (call.hub, call.viewer);
        audit::note(who, &transaction, Subject::CallRecords, Some(phone), call.text("purpose")).await?;
        let text = format!("Call records are asked for: request {number}");
        let subject = ("CallRecordRequest", number);
        notification::notify(call, &transaction, To::Holders(FULFIL, tenant), &text, subject).await?;
        call.changed(ChangeKind::Created, "CallRecordRequest", number);
        call.commit(transaction).await?;
        Ok(Payload::new().row("request", number))
    })
}
