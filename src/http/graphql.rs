//! GET and POST /graphql: reads one operation, runs it for its viewer, and answers in the form that the caller takes.

use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::Response,
};
use futures_util::FutureExt;
use groupgraph_schema::viewer::Viewer;

use super::{
    APOLLO_PREFLIGHT, App, PREFLIGHT,
    accept::{Accepted, Media},
    allowance::Standing,
    answer::Answer,
    body,
    caller::{self, Caller},
    event_stream, explorer, idempotency, lasting,
    multipart::{self, Files},
    observe, once,
    operation::{self, Operation},
    parameters::{Malformed, Parameters},
    protect,
    refusal::Refusal,
    reply, socket,
};

const JSON: &str = "application/json";
const FORM: &str = "multipart/form-data";

/// Who asks.
struct Asking {
    viewer: Viewer,
    caller: Caller,
    standing: Option<Standing>,
    parts: Parts,
}

/// GET /graphql: an operation in the query string, the explorer for browsers, or a WebSocket.
pub async fn read(State(app): State<Arc<App>>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    if parts.headers.contains_key(header::UPGRADE) {
        return socket::upgrade(app, parts).await;
    }
    let query = parts.uri.query().unwrap_or_default().to_owned();
    if query.is_empty() && Accepted::of(&parts.headers).page {
        return explorer::page(app.server.production);
    }
    let asking = match admit(&app, parts).await {
        Ok(asking) => asking,
        Err(response) => return response,
    };
    let response = match (unguarded(&asking.parts.headers), Parameters::from_query_string(&query)) {
        (Some(response), _) => response,
        (_, Ok(parameters)) => answer(&app, &asking, parameters, Files::new()).await,
        (_, Err(malformed)) => refused(&malformed),
    };
    told(response, asking.standing)
}

/// POST /graphql: an operation as JSON, or with files as multipart/form-data.
pub async fn write(State(app): State<Arc<App>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let asking = match admit(&app, parts).await {
        Ok(asking) => asking,
        Err(response) => return response,
    };
    let response = match receive(&app, &asking.parts, body).await {
        Ok((parameters, files)) => answer(&app, &asking, parameters, files).await,
        Err(response) => response,
    };
    told(response, asking.standing)
}

/// Finds out who asks, and whether that caller may ask now: before anything else of the request is read.
async fn admit(app: &App, parts: Parts) -> Result<Asking, Response> {
    let address = caller::address(&parts.headers, &parts.extensions, app.server.trust_forwarded_for);
    let found = caller::viewer(&app.hub, &parts.headers).await;
    // Whoever tries tokens is counted by address.
    let caller = Caller::of(found.as_ref().unwrap_or(&Viewer::default()), address);
    match app.allowances.take(caller) {
        Ok(standing) => Ok(Asking { viewer: found?, caller, standing, parts }),
        Err(standing) => {
            let media = Accepted::of(&parts.headers).single.unwrap_or(Media::Json);
            let answer = Answer::refused(Refusal::too_many(standing.wait()), &observe::id(&parts.extensions));
            Err(told(answer.into_response_with(StatusCode::TOO_MANY_REQUESTS, media), Some(standing)))
        }
    }
}

fn told(mut response: Response, standing: Option<Standing>) -> Response {
    if let Some(standing) = standing {
        standing.tell(response.headers_mut());
    }
    response
}

/// A request that is no GraphQL request.
fn refused(malformed: &Malformed) -> Response {
    reply::failure(StatusCode::BAD_REQUEST, "BAD_REQUEST", &malformed.to_string())
}

async fn receive(app: &App, parts: &Parts, body: Body) -> Result<(Parameters, Files), Response> {
    let header = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = header.split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case(JSON) {
        let bytes = body::read(&parts.headers, body, app.server.max_body_bytes).await?;
        let parameters = Parameters::from_json(&bytes).map_err(|malformed| refused(&malformed))?;
        return Ok((parameters, Files::new()));
    }
    if !media_type.eq_ignore_ascii_case(FORM) {
        let message = "Send application/json, or multipart/form-data with files.";
        return Err(reply::failure(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", message));
    }
    if let Some(response) = unguarded(&parts.headers) {
        return Err(response);
    }
    let bytes = body::read(&parts.headers, body, app.server.max_upload_bytes).await?;
    multipart::read(header, bytes, app.server.max_body_bytes).await.map_err(|malformed| refused(&malformed))
}

/// The refusal of what any web page could make a browser send with the visitor's rights, if they came from a cookie or
/// an address: by a link or a form, which cannot set headers.
fn unguarded(headers: &HeaderMap) -> Option<Response> {
    if [header::AUTHORIZATION, PREFLIGHT, APOLLO_PREFLIGHT].iter().any(|name| headers.contains_key(name)) {
        return None;
    }
    let message = "Send the header GraphQL-Require-Preflight with GET and with files.";
    Some(reply::failure(StatusCode::BAD_REQUEST, "PREFLIGHT_REQUIRED", message))
}

async fn answer(app: &Arc<App>, asking: &Asking, parameters: Parameters, files: Files) -> Response {
    let Some(_place) = app.places.take() else { return protect::busy() };
    let accepted = Accepted::of(&asking.parts.headers);
    let request_id = observe::id(&asking.parts.extensions);
    let media = accepted.single.unwrap_or(Media::Json);
    if accepted.single.is_none() && !accepted.events {
        let message = "Accept application/graphql-response+json, application/json or text/event-stream.";
        return reply::failure(StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE", message);
    }
    let operation = match operation::prepare(app, asking.viewer.clone(), &asking.parts, parameters, files) {
        Ok(operation) => operation,
        Err(refusal) if refusal.is_bad_request => {
            return Answer::refused(refusal, &request_id).into_response_with(StatusCode::BAD_REQUEST, media);
        }
        Err(refusal) => return Answer::refused(refusal, &request_id).into_response(media),
    };
    if operation.kind == OperationType::Mutation && asking.parts.method == Method::GET {
        let message = "Only queries may be sent with GET.";
        let mut response = reply::failure(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", message);
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
        return response;
    }
    let is_subscription = operation.kind == OperationType::Subscription;
    if accepted.events && (is_subscription || accepted.single.is_none()) {
        return stream(app, asking, operation);
    }
    if is_subscription {
        let message = "Subscriptions are answered as text/event-stream, or over a WebSocket.";
        return Answer::refused(Refusal::new("STREAM_REQUIRED", message), &request_id).into_response(media);
    }
    run(app, asking, operation, media).await
}

async fn run(app: &Arc<App>, asking: &Asking, operation: Operation, media: Media) -> Response {
    let request_id = observe::id(&asking.parts.extensions);
    let is_mutation = operation.kind == OperationType::Mutation;
    match idempotency::key(&asking.parts.headers) {
        Err(()) if is_mutation => {
            reply::failure(StatusCode::BAD_REQUEST, "BAD_REQUEST", "An Idempotency-Key has 1 to 255 plain characters.")
        }
        // Nobody known has keys of their own.
        Ok(Some(key)) if is_mutation && asking.caller.is_known() => {
            once::answer(app, (asking.caller, key), operation, media, request_id).await
        }
        _ => Answer::new(operation.outcome(app).await, &request_id).into_response(media),
    }
}

fn stream(app: &Arc<App>, asking: &Asking, operation: Operation) -> Response {
    let Some(held) = app.connections.hold(asking.caller, app.limits.live_connections_per_caller) else {
        let message = "You hold too many connections.";
        let mut response = reply::failure(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_CONNECTIONS", message);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
        return response;
    };
    let token = caller::token(&asking.parts.headers).map(str::to_owned);
    let source = event_stream::Source {
        outcomes: operation.outcomes(app),
        end: lasting::end(app.clone(), token, asking.viewer.clone()).boxed(),
        request_id: observe::id(&asking.parts.extensions),
    };
    event_stream::respond(source, held)
}
