//! Requests for call records: people gather them out of band. It must not know who asks: the engine checks rights.

mod complete;
mod request;
#[cfg(test)]
mod tests;

use crate::verb::Verb;

/// The hand-written mutations of this folder, by GraphQL name.
pub const VERBS: &[(&str, Verb)] = &[
    ("requestCallRecords", request::request_call_records),
    ("completeCallRecordRequest", complete::complete_call_record_request),
];
