//! Sends pay and links to payslips to a source: one GraphQL mutation of `subsidiary.graphql`, with the source's
//! credential and a statement of who sent it.

use chrono::TimeDelta;
use groupgraph_entities::{delivery, source};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::payslip;
use crate::{
    delivery::{Fault, Kind, Runner, parcel},
    error::Error,
    federation::registry::{Endpoint, endpoint},
    source::assertion,
    viewer::Viewer,
};

const PAYROLL: Mutation = Mutation {
    field: "upsertPayrollEntry",
    text: "mutation($input:UpsertPayrollEntryInput!){upsertPayrollEntry(input:$input)\
           {payrollEntry{id}errors{code message}}}",
};
const PAYSLIP: Mutation = Mutation {
    field: "linkPayslip",
    text: "mutation($input:LinkPayslipInput!){linkPayslip(input:$input){payslip{id}errors{code message}}}",
};
const ASSERTION: HeaderName = HeaderName::from_static("groupgraph-assertion");
/// Refusals that may be others at another time.
const PASSING: [&str; 3] = ["CONFLICT", "TOO_EARLY", "UPSTREAM_FAILED"];

struct Mutation {
    field: &'static str,
    text: &'static str,
}

/// Sends a delivery of pay or of a link.
///
/// # Errors
/// It has not arrived, or nobody knows whether.
pub async fn send(runner: &Runner, row: &delivery::Model) -> Result<Option<u16>, Fault> {
    let hub = &runner.hub;
    let endpoint = reach(runner, row).await?;
    let mut input: Map<String, Value> = parcel::open(hub, row)?;
    input.insert("idempotencyKey".into(), row.idempotency_key.clone().into());
    let mutation = if row.kind == Kind::Payslip.word() {
        let file = input.remove("file").and_then(|file| file.as_i64()).unwrap_or_default();
        let life = TimeDelta::days(hub.settings.deliveries.payslip_link_days.into());
        input.insert("url".into(), payslip::link(hub, file, life).into());
        PAYSLIP
    } else {
        PAYROLL
    };
    let body = json!({ "query": mutation.text, "variables": { "input": input } }).to_string();
    let answer = runner.sources.post(&endpoint.url, headers(runner, row, &endpoint).await?, body).await?;
    let status = answer.status;
    // Errors of GraphQL itself come with 400 or 422 and a body that says why.
    if !matches!(status, 400 | 422) {
        answer.check()?;
    }
    let text = answer.text(endpoint.max_answer_bytes).await?;
    judge(&text, mutation.field).map(|()| Some(status)).map_err(|fault| fault.with_status(status))
}

/// Where the company's system is now; it may have moved since the delivery was made.
async fn reach(runner: &Runner, row: &delivery::Model) -> Result<Endpoint, Fault> {
    let hub = &runner.hub;
    let source = source::Entity::find().filter(source::Column::TenantId.eq(row.tenant_id));
    let source = source.one(&hub.database.read).await.map_err(Error::from)?;
    let source = source.ok_or_else(|| Fault::new("NO_SOURCE", "The company has no system."))?;
    match (source.mode.as_str(), source.state.as_str()) {
        ("NATIVE", "SUSPENDED") => Err(Fault::new("SUSPENDED", "An administrator has stopped it.")),
        ("NATIVE", _) => {
            let unknown = || Fault::new("NO_ENDPOINT", "Its address or credential is not known.");
            endpoint(&source, &hub.sealing).ok_or_else(unknown)
        }
        _ => Err(Fault::new("NOT_OFFERED", "The system of the company takes no pay.").for_good()),
    }
}

async fn headers(runner: &Runner, row: &delivery::Model, endpoint: &Endpoint) -> Result<HeaderMap, Fault> {
    let sender = Viewer { staff: row.created_by_id, ..Viewer::default() };
    let subject = assertion::subject(&sender);
    let assertion = assertion::maker(&runner.hub, &subject).await?(&endpoint.url);
    let value = |text: &str| HeaderValue::from_str(text).map_err(Error::internal);
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let mut credential = value(&format!("Bearer {}", endpoint.credential.expose()))?;
    credential.set_sensitive(true);
    headers.insert(AUTHORIZATION, credential);
    headers.insert(ASSERTION, value(&assertion)?);
    Ok(headers)
}

#[derive(Deserialize)]
struct Answer {
    data: Option<Map<String, Value>>,
    #[serde(default)]
    errors: Vec<Failed>,
}

#[derive(Deserialize)]
struct Failed {
    #[serde(default)]
    message: String,
    /// Of expected failures.
    code: Option<String>,
    extensions: Option<Map<String, Value>>,
}

/// Whether the answer says that the mutation was done.
fn judge(text: &str, field: &str) -> Result<(), Fault> {
    let malformed = || Fault::new("MALFORMED", "The answer is no GraphQL answer.");
    let answer: Answer = serde_json::from_str(text).map_err(|_| malformed())?;
    if let Some(error) = answer.errors.first() {
        let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code")).and_then(Value::as_str);
        return Err(match code {
            Some("GRAPHQL_VALIDATION_FAILED") => {
                Fault::new("NOT_OFFERED", format!("It offers no {field}: {}", error.message))
            }
            Some("UNAUTHENTICATED") => Fault::new("UNAUTHENTICATED", "It does not accept the credential."),
            Some("FORBIDDEN") => {
                Fault::new("FORBIDDEN", format!("The credential does not allow it: {}", error.message))
            }
            _ => Fault::new("SOURCE_ERRORS", error.message.clone()),
        });
    }
    let payload = answer.data.and_then(|mut data| data.remove(field)).filter(Value::is_object).ok_or_else(malformed)?;
    let errors: Vec<Failed> = payload
        .get("errors")
        .map(|errors| serde_json::from_value(errors.clone()))
        .transpose()
        .map_err(|_| malformed())?
        .unwrap_or_default();
    let Some(refusal) = errors.first() else { return Ok(()) };
    let code = refusal.code.as_deref().unwrap_or("INVALID");
    let fault = Fault::new("REFUSED", format!("{code}: {}", refusal.message));
    Err(if PASSING.contains(&code) { fault } else { fault.for_good() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_apart() {
        let done = r#"{"data":{"linkPayslip":{"payslip":{"id":"x"},"errors":[]}}}"#;
        assert_eq!(judge(done, "linkPayslip"), Ok(()));
        for (answer, code, is_final) in [
            ("<html>", "MALFORMED", false),
            ("{}", "MALFORMED", false),
            (r#"{"data":{"linkPayslip":null}}"#, "MALFORMED", false),
            (r#"{"errors":[{"message":"x","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}"#, "NOT_OFFERED", false),
            (r#"{"data":null,"errors":[{"message":"x","extensions":{"code":"FORBIDDEN"}}]}"#, "FORBIDDEN", false),
            (r#"{"data":null,"errors":[{"message":"x"}]}"#, "SOURCE_ERRORS", false),
            (r#"{"data":{"linkPayslip":{"errors":[{"code":"NOT_FOUND","message":"x"}]}}}"#, "REFUSED", true),
            (r#"{"data":{"linkPayslip":{"errors":[{"code":"CONFLICT","message":"x"}]}}}"#, "REFUSED", false),
        ] {
            let fault = judge(answer, "linkPayslip").expect_err(answer);
            assert_eq!((fault.code, fault.is_final), (code, is_final), "{answer}");
        }
    }
}
