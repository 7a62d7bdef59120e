//! What was read of a document becomes members of its record, checked by the catalogue, and by the rules of the
//! template that the job names. It must not know who reads.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::DatabaseTransaction;
use serde_json::{Map, Value, json};

use super::JOB;
use crate::{
    email,
    engine::compare::stamp,
    error::Code,
    money,
    record::{
        actions::resource,
        body,
        store::{self, Row},
    },
    verb::{Failure, fault},
};

/// Members that a service answers of a job, and of a page.
const OF_JOB: [&str; 6] = ["documentInfo", "extractedData", "confidence", "validationResults", "cost", "currency"];
const OF_PAGE: [&str; 5] = ["preprocessing", "ocrResults", "extractedFields", "tableData", "qualityScore"];
/// How sure a service must be where the template says nothing.
const THRESHOLD: f64 = 0.8;

/// Takes an answer in; the row is completed.
///
/// # Errors
/// Members that break the catalogue, by their names.
pub(super) async fn complete(
    tx: &DatabaseTransaction,
    of: &str,
    row: &mut Row,
    answer: Value,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let Value::Object(mut given) = answer else { return Err(fault(Code::Invalid, "", "The answer is no object.")) };
    let names: &[&str] = if of == JOB { &OF_JOB } else { &OF_PAGE };
    given.retain(|name, value| names.contains(&name.as_str()) && !value.is_null());
    row.body.extend(body::answered(resource(of), given)?);
    if of == JOB && !row.body.contains_key("validationResults") {
        let template = match row.text("template") {
            Some(id) => store::load(tx, "OcrInvoiceJobTemplate", row.tenant, id).await?,
            None => None,
        };
        let checked = check(template.as_ref().map(|template| &template.body), &row.body);
        row.set("validationResults", checked);
    }
    end(row, "completed", now);
    row.body.remove("errorLog");
    Ok(())
}

/// Gives a row up.
pub(super) fn fail(row: &mut Row, error: &str, now: DateTime<Utc>) {
    end(row, "failed", now);
    row.set("errorLog", error);
}

fn end(row: &mut Row, status: &str, now: DateTime<Utc>) {
    let since = row.text("startedAt").and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a job are few")]
    let seconds = since.map_or(0.0, |since| (now - since.to_utc()).num_milliseconds() as f64 / 1_000.0);
    row.set("status", status);
    row.set("processingTime", seconds);
    row.set("completedAt", stamp(now));
    progress(row, 100, status);
}

/// Says how far a job is; pages do not tell.
pub(super) fn progress(row: &mut Row, percentage: u8, step: &str) {
    if row.text("jobNumber").is_some() {
        row.set("progress", json!({ "percentage": percentage, "currentStep": step }));
    }
}

/// What is wrong with the data by the rules of a template; a service that is not sure is a warning.
fn check(template: Option<&Map<String, Value>>, body: &Map<String, Value>) -> Value {
    let settings = template.and_then(|template| template.get("postprocessingSettings"));
    let rules = settings.and_then(|settings| settings.get("validationRules")?.as_array());
    let invoice = body.get("extractedData").and_then(|data| data.get("invoice")).unwrap_or(&Value::Null);
    let mut errors = Vec::new();
    for rule in rules.into_iter().flatten() {
        let text = |name: &str| rule.get(name).and_then(Value::as_str).unwrap_or_default();
        let value = invoice.pointer(&format!("/{}", text("field").replace('.', "/"))).filter(|value| !value.is_null());
        if !holds(text("rule"), value) {
            let message = rule.get("message").cloned().unwrap_or_else(|| format!("is no {}", text("rule")).into());
            errors.push(json!({ "field": text("field"), "message": message, "severity": "error" }));
        }
    }
    let is_valid = errors.is_empty();
    let threshold = settings.and_then(|settings| settings.get("confidenceThreshold")?.as_f64()).unwrap_or(THRESHOLD);
    let overall = body.get("confidence").and_then(|confidence| confidence.get("overall")?.as_f64());
    if overall.is_some_and(|overall| overall < threshold) {
        let message = format!("is below {threshold}");
        errors.push(json!({ "field": "confidence", "message": message, "severity": "warning" }));
    }
    json!({ "isValid": is_valid, "errors": errors })
}

/// Whether a value fulfils a rule; what is not there only breaks that it must be.
fn holds(rule: &str, value: Option<&Value>) -> bool {
    let Some(value) = value else { return rule != "required" };
    let text = value.as_str().unwrap_or_default().trim();
    match rule {
        "required" => !value.is_string() || !text.is_empty(),
        "numeric" => value.is_number() || text.parse::<f64>().is_ok(),
        "date" => text.parse::<NaiveDate>().is_ok(),
        "email" => email::is_valid(text),
        "currency" => money::exponent(text).is_some(),
        _ => true,
    }
}
