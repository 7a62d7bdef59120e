//! From parameters to an operation that may run: the one way in for requests, sockets and event streams.

use std::time::Duration;

use async_graphql::{Request, Response as Outcome, parser::types::OperationType};
use axum::http::request::Parts;
use futures_util::{FutureExt, StreamExt, stream, stream::BoxStream};
use groupgraph_schema::{
    gate::{Admitted, Trusted},
    verb::CallerAddress,
    viewer::Viewer,
};

use super::{
    App, caller,
    documents::Found,
    multipart::{self, Files},
    parameters::Parameters,
    refusal::Refusal,
};

/// An operation that may run.
pub struct Operation {
    admitted: Admitted,
    pub kind: OperationType,
}

/// Finds the document, measures it, and checks what this viewer may not ask at all. `parts` are those of the request
/// or the handshake that brought the operation.
///
/// # Errors
/// Why it does not run.
pub fn prepare(
    app: &App,
    viewer: Viewer,
    parts: &Parts,
    mut parameters: Parameters,
    files: Files,
) -> Result<Operation, Refusal> {
    let Found { text, is_trusted } = app.documents.find(&mut parameters)?;
    let mut request = parameters.into_request(text, app.hub.settings.graphql.max_variable_values)?;
    multipart::place(&mut request, files).map_err(|malformed| Refusal::bad_request(malformed.to_string()))?;
    if is_trusted {
        request = request.data(Trusted);
    }
    if let Some(address) = caller::address(&parts.headers, &parts.extensions, app.server.trust_forwarded_for) {
        request = request.data(CallerAddress(address));
    }
    let hides_schema =
        app.server.production && !app.hub.settings.graphql.public_introspection && !viewer.is_signed_in();
    let admitted = app.schema.admit(request.data(viewer))?;
    let kind = admitted.kind().ok_or_else(|| {
        let message = "`operationName` must name one of the operations of the document.";
        Refusal::new("OPERATION_RESOLUTION_FAILURE", message)
    })?;
    if hides_schema && admitted.is_introspection() {
        return Err(Refusal::new("INTROSPECTION_OFF", "Sign in to ask for the schema."));
    }
    Ok(Operation { admitted, kind })
}

impl Operation {
    /// The request behind it.
    pub fn request(&self) -> &Request {
        self.admitted.request()
    }

    /// Runs a query or mutation.
    pub async fn outcome(self, app: &App) -> Outcome {
        app.schema.run(self.admitted).await
    }

    /// Its answers, as they come.
    pub fn outcomes(self, app: &App) -> BoxStream<'static, Outcome> {
        let schema = app.schema.clone();
        if self.kind == OperationType::Subscription {
            return schema.watch(self.admitted);
        }
        let limit = Duration::from_secs(app.server.request_timeout_seconds);
        let outcome = tokio::time::timeout(limit, async move { schema.run(self.admitted).await });
        stream::once(outcome.map(|outcome| outcome.unwrap_or_else(|_| Refusal::timed_out().into()))).boxed()
    }
}
