//! Invoices and payments. It must not know how products are priced or clients are made.

mod allocation;
mod arithmetic;
mod cancel;
mod create;
mod delete;
mod delete_payment;
mod document_number;
mod lines;
mod overdue;
mod record_payment;
mod rules;
mod settle;
pub mod status;
mod update;

#[cfg(test)]
mod tests;

pub use overdue::mark_overdue;
pub use settle::{rebalance, settle};

use crate::{rule::Rules, verb::Verb};

/// Hand-written mutations.
pub const VERBS: &[(&str, Verb)] = &[
    ("createInvoice", create::create_invoice),
    ("updateInvoice", update::update_invoice),
    ("cancelInvoice", cancel::cancel_invoice),
    ("deleteInvoice", delete::delete_invoice),
    ("recordPayment", record_payment::record_payment),
    ("deletePayment", delete_payment::delete_payment),
];

/// What holds for invoices and payments that come as rows.
pub const RULES: &[(&str, Rules)] = &[
    ("createInvoice", Rules { before: Some(rules::before_invoice), after: Some(rules::after_invoice) }),
    ("updateInvoice", Rules { before: Some(rules::before_invoice), after: Some(rules::after_invoice) }),
    ("recordPayment", Rules { before: Some(rules::before_payment), after: Some(rules::after_payment) }),
    ("updatePayment", Rules { before: Some(rules::before_payment), after: Some(rules::after_payment) }),
];
