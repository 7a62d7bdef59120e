//! From parameters to an operation that may run: the one way in for requests, sockets and event streams.

use std::time::Duration;

use async_graphql::{
    Request, Response as Outcome,
    parser::types::{DocumentOperations, ExecutableDocument, OperationType, Selection, SelectionSet},
};
use axum::http::request::Parts;
use futures_util::{FutureExt, StreamExt, stream, stream::BoxStream};
use groupgraph_schema::{verb::CallerAddress, viewer::Viewer};

use super::{App, caller, parameters::Parameters, refusal::Refusal};

/// A parsed operation.
pub struct Operation {
    pub request: Request,
    pub kind: OperationType,
}

/// Finds and parses the document, and checks what this viewer may not ask at all.
///
/// # Errors
/// Why it does not run.
pub fn prepare(app: &App, viewer: &Viewer, mut parameters: Parameters) -> Result<Operation, Refusal> {
    let document = app.documents.find(&mut parameters)?;
    let mut request = parameters.into_request(document);
    let name = request.operation_name.clone();
    let document =
        request.parsed_query().map_err(|error| Refusal { code: "GRAPHQL_PARSE_FAILED", message: error.message })?;
    let kind = kind(document, name.as_deref())?;
    if app.server.production
        && !app.hub.settings.graphql.public_introspection
        && !viewer.is_signed_in()
        && introspects(document)
    {
        let message = "Sign in to ask for the schema.".to_owned();
        return Err(Refusal { code: "INTROSPECTION_OFF", message });
    }
    Ok(Operation { request, kind })
}

impl Operation {
    /// As this viewer's request; `parts` are those of the request or the handshake that brought it.
    pub fn of(self, app: &App, viewer: Viewer, parts: &Parts) -> Request {
        let address = caller::address(&parts.headers, &parts.extensions, app.server.trust_forwarded_for);
        let request = self.request.data(viewer);
        match address {
            Some(address) => request.data(CallerAddress(address)),
            None => request,
        }
    }

    /// Its answers, as they come.
    pub fn outcomes(self, app: &App, viewer: Viewer, parts: &Parts) -> BoxStream<'static, Outcome> {
        let (schema, kind) = (app.schema.clone(), self.kind);
        let request = self.of(app, viewer, parts);
        if kind == OperationType::Subscription {
            return schema.execute_stream(request);
        }
        let limit = Duration::from_secs(app.server.request_timeout_seconds);
        let outcome = tokio::time::timeout(limit, async move { schema.execute(request).await });
        stream::once(outcome.map(|outcome| outcome.unwrap_or_else(|_| Refusal::timed_out().into()))).boxed()
    }
}

fn kind(document: &ExecutableDocument, name: Option<&str>) -> Result<OperationType, Refusal> {
    let selected = match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Some(operation),
        (DocumentOperations::Multiple(operations), None) if operations.len() == 1 => operations.values().next(),
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name),
        _ => None,
    };
    let message = || "`operationName` must name one of the operations of the document.".to_owned();
    selected
        .map(|operation| operation.node.ty)
        .ok_or_else(|| Refusal { code: "OPERATION_RESOLUTION_FAILURE", message: message() })
}

/// Whether the schema is asked for anywhere. Nesting is bounded by the parser.
fn introspects(document: &ExecutableDocument) -> bool {
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    operations.chain(fragments).any(asks)
}

fn asks(set: &SelectionSet) -> bool {
    set.items.iter().any(|selection| match &selection.node {
        Selection::Field(field) => {
            matches!(field.node.name.node.as_str(), "__schema" | "__type") || asks(&field.node.selection_set.node)
        }
        Selection::InlineFragment(fragment) => asks(&fragment.node.selection_set.node),
        Selection::FragmentSpread(_) => false,
    })
}
