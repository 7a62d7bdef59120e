//! `leadImportCheck`: the same checks as an import, and nothing written.

use async_graphql::Value;
use serde_json::json;

use super::{
    apply,
    row::Row,
    settings::{ImportSettings, own},
};
use crate::{
    engine::{collect::Selected, mutate::value, request::Request},
    error::Error,
};

/// The verdict on a lead.
///
/// # Errors
/// The viewer has no company, or the database failed.
pub async fn check(request: &Request<'_>, selected: &Selected<'_>) -> Result<String, Error> {
    let tenant = own(request)?;
    let db = &request.hub.database.read;
    let row = Row::read(selected.arguments.get("row").unwrap_or(&Value::Null));
    let provider = match selected.arguments.get("provider") {
        Some(Value::String(provider)) => provider.as_str(),
        _ => "",
    };
    let settings = ImportSettings::load(db, tenant).await?;
    let mut faults: Vec<String> = row.faults("").into_iter().map(|fault| fault.message).collect();
    if settings.provider(provider).is_none() {
        faults.push("The source is not configured or not enabled".to_owned());
    }
    let is_valid = faults.is_empty();
    if apply::known(db, tenant, &row).await?.is_some() {
        faults.push("Duplicate email address".to_owned());
    }
    if row.custom_fields.is_some() && !settings.has_custom_fields {
        faults.push("Custom fields are switched off and would be left out".to_owned());
    }
    let verdict = json!({ "isValid": is_valid, "warnings": faults, "suggestions": row.suggestions() });
    value(request, selected, &verdict).await
}
