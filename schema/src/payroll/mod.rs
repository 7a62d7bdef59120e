//! Pay and payslips: pushed by the hub to the company that employs a person, and taken in there. Both sides keep the
//! same rows; the outbox carries them. It must not know how deliveries are retried.

mod entry;
mod link_payslip;
mod month;
mod payslip;
mod push_payroll;
mod received;
mod receiver;
mod send;
mod store_payslip;
mod upsert_payroll_entry;

pub use payslip::links;
pub use send::send;

use crate::verb::Verb;

/// The hand-written mutations of this folder, by GraphQL name.
pub const VERBS: &[(&str, Verb)] = &[
    ("pushPayroll", push_payroll::push_payroll),
    ("storePayslip", store_payslip::store_payslip),
    ("upsertPayrollEntry", upsert_payroll_entry::upsert_payroll_entry),
    ("linkPayslip", link_payslip::link_payslip),
];
