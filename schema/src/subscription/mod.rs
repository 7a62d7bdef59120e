//! Bank accounts and what clients pay for by debit order. It must not know how a client is written.

mod add_product;
mod add_subscription;
pub mod bank_account;
pub mod billing_day;
mod cdv;
pub mod debit_batch;
mod faults;
pub mod open;
mod workflow;

use crate::verb::Verb;

/// The hand-written mutations of this folder, by GraphQL name.
pub const VERBS: &[(&str, Verb)] = &[
    ("addSubscription", add_subscription::add_subscription),
    ("addSubscriptionProduct", add_product::add_product),
    ("cancelWorkflowItem", workflow::cancel),
    ("submitDebitBatch", debit_batch::submit),
];

/// Statuses of subscriptions that count as running.
pub const RUNNING: [&str; 2] = ["ACTIVE", "PENDING"];
