//! Addresses that are told of events, by Standard Webhooks. The outbox carries what they are told; endpoints that only
//! fail are disabled. It must not know how deliveries are retried.

mod endpoint;
mod event;
mod payload;
mod ping_webhook;
mod register_webhook;
mod replay_webhook;
mod rotate_webhook_secret;
mod secret;
mod send;
mod source_state;
mod update_webhook;

pub use endpoint::{failed, succeeded, waits};
pub use event::tell;
pub use secret::SECRET_PURPOSE;
pub use send::send;
pub use source_state::tell_source_states;

use crate::verb::Verb;

/// The hand-written mutations of this folder, by GraphQL name.
pub const VERBS: &[(&str, Verb)] = &[
    ("registerWebhook", register_webhook::register_webhook),
    ("updateWebhook", update_webhook::update_webhook),
    ("rotateWebhookSecret", rotate_webhook_secret::rotate_webhook_secret),
    ("replayWebhook", replay_webhook::replay_webhook),
    ("pingWebhook", ping_webhook::ping_webhook),
];

/// Type of the rows.
const TYPE: &str = "Webhook";
