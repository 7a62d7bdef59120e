//! Bank accounts and what clients pay for by debit order. It must not know how a client is written.

pub mod bank_account;
pub mod billing_day;

use crate::rule::Rules;

/// What generic mutations add.
pub const RULES: &[(&str, Rules)] = &[];
