//! A mutation with an `Idempotency-Key`, as Stripe treats it: it runs once, to its end, also if its caller goes away;
//! what it answered is answered again.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use futures_util::FutureExt;
use tracing::Instrument;

use super::{
    App,
    accept::Media,
    answer::{self, Answer},
    caller::Caller,
    idempotency::{self, Claim, REPLAYED, Slot},
    operation::Operation,
    reply,
};

/// Runs the mutation, or answers what is known of its key. A task of its own from the taking of the key on: a caller
/// who goes away in between would leave a key that nobody answers for.
pub async fn answer(
    app: &Arc<App>,
    (caller, key): (Caller, &str),
    operation: Operation,
    media: Media,
    request_id: Arc<str>,
) -> Response {
    let once = claimed(app.clone(), (caller, key.to_owned()), operation, media, request_id);
    tokio::spawn(once.in_current_span()).await.unwrap_or_else(|error| {
        tracing::error!(%error, "a mutation was cut");
        reply::internal("Something went wrong here; the operators can find it in the log.")
    })
}

async fn claimed(
    app: Arc<App>,
    (caller, key): (Caller, String),
    operation: Operation,
    media: Media,
    request_id: Arc<str>,
) -> Response {
    match idempotency::claim(&app.hub, caller, &key, &idempotency::fingerprint(operation.request())).await {
        Err(error) => reply::error(error),
        Ok(Claim::OtherBody) => {
            let message = "This Idempotency-Key was used for another mutation.";
            reply::failure(StatusCode::UNPROCESSABLE_ENTITY, "IDEMPOTENCY_KEY_REUSED", message)
        }
        Ok(Claim::Running(since)) => {
            // Whoever began it would have ended it by now, were it not for a crash.
            let is_lost =
                (app.hub.clock.now() - since).num_seconds().unsigned_abs() > app.server.request_timeout_seconds * 2;
            running(is_lost)
        }
        Ok(Claim::Answered(status, json)) => {
            let mut response = answer::response(status, media, json);
            response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
            response
        }
        Ok(Claim::First(slot)) => first(app, slot, operation, media, request_id).await,
    }
}

fn running(is_lost: bool) -> Response {
    if is_lost {
        let message = "The server went down while this mutation ran: look whether it happened, then use a new key.";
        return reply::failure(StatusCode::CONFLICT, "OUTCOME_UNKNOWN", message);
    }
    let message = "The mutation with this Idempotency-Key is still running.";
    let mut response = reply::failure(StatusCode::CONFLICT, "STILL_RUNNING", message);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

async fn first(app: Arc<App>, slot: Slot, operation: Operation, media: Media, request_id: Arc<str>) -> Response {
    let limit = Duration::from_secs(app.server.request_timeout_seconds);
    let outcome = AssertUnwindSafe(operation.outcome(&app)).catch_unwind();
    let (status, json) = match tokio::time::timeout(limit, outcome).await {
        Ok(Ok(outcome)) => {
            let answer = Answer::new(outcome, &request_id);
            if answer.is_refused() {
                if let Err(error) = slot.give_back().await {
                    tracing::error!(%error, "a key was not given back");
                }
                return answer.into_response(media);
            }
            match answer.to_json() {
                Ok(json) => (StatusCode::OK, json),
                Err(error) => {
                    tracing::error!(%error, "the answer cannot be written as JSON");
                    failure(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", "The answer cannot be written.")
                }
            }
        }
        Ok(Err(_)) => failure(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", "Something went wrong here."),
        Err(_) => failure(StatusCode::SERVICE_UNAVAILABLE, "TIMED_OUT", "This took too long."),
    };
    if let Err(error) = slot.keep(status, &json).await {
        tracing::error!(%error, "an answer was not kept");
    }
    answer::response(status, media, json)
}

fn failure(status: StatusCode, code: &str, message: &str) -> (StatusCode, String) {
    (status, reply::body(code, message).to_string())
}
