//! Operations whose answers come as server-sent events: the mode "distinct connections" of the protocol GraphQL over
//! SSE, with the events `next` and `complete`.

use std::{convert::Infallible, sync::Arc, time::Duration};

use async_graphql::Response as Outcome;
use axum::response::{
    IntoResponse, Response, Sse,
    sse::{Event, KeepAlive},
};
use futures_util::{Stream, StreamExt, future::BoxFuture, stream, stream::BoxStream};

use super::{
    answer::Answer,
    lasting::{End, Held},
    refusal::Refusal,
};

/// A silent stream gets a comment this often, so that proxies keep it.
const COMMENT_EVERY: Duration = Duration::from_secs(12);

/// What a stream is made of.
pub struct Source {
    pub outcomes: BoxStream<'static, Outcome>,
    pub end: BoxFuture<'static, End>,
    pub request_id: Arc<str>,
}

/// The answer over HTTP; `held` counts the connection while it lasts.
pub fn respond(source: Source, held: Held) -> Response {
    Sse::new(events(source, held)).keep_alive(KeepAlive::new().interval(COMMENT_EVERY)).into_response()
}

fn events(source: Source, held: Held) -> impl Stream<Item = Result<Event, Infallible>> + Send {
    stream::unfold(Some((source, held)), |state| async move {
        let (mut source, held) = state?;
        let outcome = tokio::select! {
            outcome = source.outcomes.next() => outcome,
            end = &mut source.end => match end {
                End::Token(message) => {
                    let refusal = Refusal::new("UNAUTHENTICATED", message);
                    let last = next(&Answer::refused(refusal, &source.request_id));
                    return Some((vec![last, complete()], None));
                }
                // The client connects again, and gets its rights as they are then.
                End::Rights | End::Stopping => return None,
            },
        };
        match outcome {
            Some(outcome) => Some((vec![next(&Answer::new(outcome, &source.request_id))], Some((source, held)))),
            None => Some((vec![complete()], None)),
        }
    })
    .flat_map(|events| stream::iter(events.into_iter().map(Ok)))
}

fn next(answer: &Answer) -> Event {
    let json = answer.to_json().unwrap_or_else(|error| {
        tracing::error!(%error, "the answer cannot be written as JSON");
        r#"{"errors":[{"message":"The answer cannot be written.","extensions":{"code":"INTERNAL"}}]}"#.to_owned()
    });
    Event::default().event("next").data(json)
}

fn complete() -> Event {
    Event::default().event("complete").data("")
}
