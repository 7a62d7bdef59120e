//! The mutation verifyIdentity: relayed as it is, and only the outcome is kept.

use futures_util::future::BoxFuture;
use sea_orm::ActiveModelTrait;
use serde_json::json;

use super::{question, record};
use crate::{
    amount::Amount,
    audit::{self, Subject},
    company,
    error::Code,
    outside::{Question, Unavailable},
    verb::{Call, Failure, Outcome, Payload, fault},
};

/// Digits of documents whose numbers have a fixed length.
const LENGTHS: [(&str, usize); 2] = [("bvn", 11), ("nin", 11)];
/// Longest number of any document.
const LONGEST: usize = 32;

/// Who is behind an identity document.
pub(super) fn verify_identity<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let (kind, number) = read(call)?;
        let hub = call.hub;
        let who = (hub, call.viewer);
        let purpose = call.text("purpose");
        audit::note(who, &hub.database.write, Subject::Identity, Some(number), purpose).await?;
        let question = Question::LookUp(json!({ "type": kind, "number": number }));
        let answer = hub.outside.documents.ask(question).await;
        let person = answer.and_then(|answer| answer.map(record::read).transpose());
        keep(call, number, matches!(person, Ok(Some(_)))).await?;
        match person {
            Ok(Some(person)) => Ok(Payload::new().plain("record", person)),
            Ok(None) => Err(fault(Code::NotFound, "", "No record found.")),
            Err(unavailable @ Unavailable) => Err(fault(Code::UpstreamFailed, "", unavailable.to_string())),
        }
    })
}

fn read<'a>(call: &'a Call<'_>) -> Result<(&'a str, &'a str), Failure> {
    let (kind, number) =
        (call.text("documentType").unwrap_or_default(), call.text("documentNumber").unwrap_or_default());
    let known = &call.hub.settings.verification.document_types;
    if !known.iter().any(|word| word == kind) {
        return Err(fault(Code::UnknownValue, "documentType", format!("This is none of {}.", known.join(", "))));
    }
    let is_number = !number.is_empty() && number.len() <= LONGEST && number.bytes().all(|byte| byte.is_ascii_digit());
    let length = LENGTHS.iter().find(|(word, _)| *word == kind).map_or(number.len(), |(_, length)| *length);
    if !is_number || number.len() != length {
        return Err(fault(Code::Invalid, "documentNumber", "This is no number of such a document."));
    }
    Ok((kind, number))
}

/// What was asked and whether it was found; never who was.
async fn keep(call: &Call<'_>, number: &str, is_found: bool) -> Result<(), Failure> {
    let who = (company::own(call.hub, call.viewer)?, call.viewer.staff);
    let free = Amount { minor: 0, currency: call.hub.settings.verification.currency.clone() };
    let status = if is_found { "FOUND" } else { "FAILED" };
    question::row(call.hub, who, ("DOCUMENT", number), (status, free)).insert(&call.hub.database.write).await?;
    Ok(())
}
