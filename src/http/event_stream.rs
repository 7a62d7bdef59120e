//! Operations whose answers come as server-sent events: the mode "distinct connections" of the protocol GraphQL over
//! SSE, with the events `next` and `complete`.

use std::{convert::Infallible, sync::Arc, time::Duration};

use async_graphql::Response as Outcome;
use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, header},
    response::Response,
};
use futures_util::{
    Stream, StreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};

use super::{
    answer::Answer,
    lasting::{End, Held},
    refusal::Refusal,
    reply,
};

/// A silent stream gets a comment this often, so that proxies keep it.
const COMMENT_EVERY: Duration = Duration::from_secs(12);
const COMMENT: &str = ":\n\n";
/// Browsers drop events without a line of data.
const COMPLETE: &str = "event: complete\ndata:\n\n";
/// Asks proxies of the nginx family to send each event at once.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// What a stream is made of.
pub struct Source {
    pub outcomes: BoxStream<'static, Outcome>,
    pub end: BoxFuture<'static, End>,
    pub request_id: Arc<str>,
}

/// The answer over HTTP; `held` counts the connection while it lasts.
pub fn respond(source: Source, held: Held) -> Response {
    let mut response = Response::new(Body::from_stream(events(source, held).map(Ok::<_, Infallible>)));
    let headers =
        [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "private, no-store"), (BUFFERING, "no")];
    response.headers_mut().extend(headers.map(|(name, value)| (name, HeaderValue::from_static(value))));
    response
}

fn events(source: Source, held: Held) -> impl Stream<Item = String> + Send {
    stream::unfold(Some((source, held)), |state| async move {
        let (mut source, held) = state?;
        tokio::select! {
            outcome = source.outcomes.next() => match outcome {
                Some(outcome) => Some((next(&Answer::new(outcome, &source.request_id)), Some((source, held)))),
                None => Some((COMPLETE.to_owned(), None)),
            },
            end = &mut source.end => match end {
                End::Token(message) => {
                    let refusal = Refusal::new("UNAUTHENTICATED", message);
                    Some((next(&Answer::refused(refusal, &source.request_id)) + COMPLETE, None))
                }
                // The client connects again, and gets its rights as they are then.
                End::Rights | End::Stopping => None,
            },
            () = tokio::time::sleep(COMMENT_EVERY) => Some((COMMENT.to_owned(), Some((source, held)))),
        }
    })
}

/// JSON has no line breaks of its own.
fn next(answer: &Answer) -> String {
    let json = answer.to_json().unwrap_or_else(|error| {
        tracing::error!(%error, "the answer cannot be written as JSON");
        reply::body("INTERNAL", "The answer cannot be written.").to_string()
    });
    format!("event: next\ndata: {json}\n\n")
}
