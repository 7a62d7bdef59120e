//! One operation on a WebSocket: runs beside the others, and puts its messages into the connection's outbox.

use std::{panic::AssertUnwindSafe, sync::Arc};

use async_graphql::Response as Outcome;
use futures_util::{FutureExt, StreamExt, stream::BoxStream};
use tokio::{sync::mpsc::Sender, task::AbortHandle};
use tracing::Instrument;

use super::message::Sent;
use crate::http::{answer::Answer, refusal::Refusal};

/// A message of an operation. The serial number tells it from an earlier operation with the same id.
pub struct Outgoing {
    pub id: String,
    pub serial: u64,
    pub text: String,
    pub is_last: bool,
}

/// An operation that runs until it is dropped.
pub struct Running {
    pub serial: u64,
    task: AbortHandle,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Where the messages of one operation go.
struct Outbox {
    id: String,
    serial: u64,
    sender: Sender<Outgoing>,
}

impl Outbox {
    async fn put(&self, sent: &Sent<'_>) {
        let is_last = !matches!(sent, Sent::Next { .. });
        let outgoing = Outgoing { id: self.id.clone(), serial: self.serial, text: sent.write(), is_last };
        // Nobody listens any more: the connection is closing.
        let _ = self.sender.send(outgoing).await;
    }
}

/// Starts an operation.
pub fn start(
    (id, serial): (String, u64),
    outcomes: BoxStream<'static, Outcome>,
    request_id: Arc<str>,
    sender: Sender<Outgoing>,
) -> Running {
    let outbox = Outbox { id, serial, sender };
    let task = async move {
        if AssertUnwindSafe(run(&outbox, outcomes, &request_id)).catch_unwind().await.is_err() {
            let refusal = Refusal::new("INTERNAL", "Something went wrong here.");
            let answer = Answer::refused(refusal, &request_id);
            outbox.put(&Sent::Error { id: &outbox.id, payload: answer.errors() }).await;
        }
    };
    Running { serial, task: tokio::spawn(task.in_current_span()).abort_handle() }
}

async fn run(outbox: &Outbox, mut outcomes: BoxStream<'static, Outcome>, request_id: &str) {
    let mut has_run = false;
    while let Some(outcome) = outcomes.next().await {
        let answer = Answer::new(outcome, request_id);
        if !has_run && answer.is_refused() {
            return outbox.put(&Sent::Error { id: &outbox.id, payload: answer.errors() }).await;
        }
        has_run = true;
        outbox.put(&Sent::Next { id: &outbox.id, payload: &answer }).await;
    }
    outbox.put(&Sent::Complete { id: &outbox.id }).await;
}
