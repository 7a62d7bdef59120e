//! `importLead`: one lead of a provider.

use std::time::Instant;

use async_graphql::Value;
use futures_util::future::BoxFuture;

use super::{
    apply::{Applied, Import},
    attempt::{self, Attempt},
    row::Row,
};
use crate::{
    error_log::{self, Entry},
    members,
    verb::{Call, Failure, Outcome, Payload},
};

/// Imports one lead. What is refused is kept as well: as an attempt, and in the error log.
pub(super) fn import_lead<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let started = Instant::now();
        let mut import = Import::begin(call).await?;
        let row = Row::read(members::present(call.input, "row").unwrap_or(&Value::Null));
        let attempt = Attempt { tenant: import.tenant, provider: import.provider, of: None, started };
        match write(call, &mut import, (&row, attempt)).await {
            Ok(applied) => Ok(Payload::new().row("lead", applied.lead).plain("actions", applied.actions)),
            Err(Failure::User(errors)) => {
                let conflict = errors.first().and_then(|error| error.conflicts_with);
                let entry = Entry {
                    tenant: import.tenant,
                    level: "ERROR",
                    message: "Failed to sync lead",
                    source: Some(import.provider),
                    lead: conflict.filter(|(of, _)| *of == "Lead").map(|(_, number)| number),
                    code: "INVALID",
                };
                error_log::note_refusal(call.hub, entry, &errors).await;
                if let Some(first) = errors.first() {
                    attempt::record(call, &call.hub.database.write, attempt, Err(first)).await?;
                }
                Err(Failure::User(errors))
            }
            Err(failure) => Err(failure),
        }
    })
}

async fn write(
    call: &Call<'_>,
    import: &mut Import<'_>,
    (row, attempt): (&Row, Attempt<'_>),
) -> Result<Applied, Failure> {
    let tx = call.begin().await?;
    import.prepare(&tx).await?;
    let applied = import.apply(call, &tx, (row, "row"), 0.0).await?;
    attempt::record(call, &tx, attempt, Ok(applied.lead)).await?;
    call.commit(tx).await?;
    Ok(applied)
}
