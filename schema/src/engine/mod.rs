//! The engine: SDL in, answers out. The nouns' SDL files say what there is and what stands behind it; the engine
//! checks that once at start, compiles every selection to one statement per relation, and writes JSON.
//! It must not know any noun's rules: those are verbs and rules in the nouns' folders.

pub mod bind;
pub mod closest;
pub mod coerce;
pub mod collect;
pub mod compare;
pub mod computed;
pub mod connection;
pub mod derive;
pub mod document;
pub mod elements;
pub mod execute;
pub mod fetch;
pub mod filter;
pub mod find;
pub mod id;
pub mod limit;
pub mod model;
pub mod mutate;
pub mod node;
pub mod order;
pub mod page;
mod party;
mod pick;
pub mod plan;
pub mod print;
pub mod record_id;
pub mod registry;
pub mod request;
pub mod resolve;
pub mod roots;
pub mod scope;
pub mod search;
pub mod sql;
pub mod subscribe;
pub mod totals;
pub mod tree;
pub mod viewer_object;
pub mod write;

use std::sync::LazyLock;

use document::Document;
use model::Model;

/// The nouns' SDL files.
const FILES: [document::File; 33] = [
    ("shared/schema.graphql", include_str!("../shared/schema.graphql")),
    ("staff/schema.graphql", include_str!("../staff/schema.graphql")),
    ("tenant/schema.graphql", include_str!("../tenant/schema.graphql")),
    ("lead/schema.graphql", include_str!("../lead/schema.graphql")),
    ("note/schema.graphql", include_str!("../note/schema.graphql")),
    ("deal/schema.graphql", include_str!("../deal/schema.graphql")),
    ("ticket/schema.graphql", include_str!("../ticket/schema.graphql")),
    ("prospect/schema.graphql", include_str!("../prospect/schema.graphql")),
    ("client/schema.graphql", include_str!("../client/schema.graphql")),
    ("subscription/schema.graphql", include_str!("../subscription/schema.graphql")),
    ("product/schema.graphql", include_str!("../product/schema.graphql")),
    ("invoice/schema.graphql", include_str!("../invoice/schema.graphql")),
    ("task/schema.graphql", include_str!("../task/schema.graphql")),
    ("announcement/schema.graphql", include_str!("../announcement/schema.graphql")),
    ("goal/schema.graphql", include_str!("../goal/schema.graphql")),
    ("activity/schema.graphql", include_str!("../activity/schema.graphql")),
    ("lookup/schema.graphql", include_str!("../lookup/schema.graphql")),
    ("source/schema.graphql", include_str!("../source/schema.graphql")),
    ("payroll/schema.graphql", include_str!("../payroll/schema.graphql")),
    ("delivery/schema.graphql", include_str!("../delivery/schema.graphql")),
    ("webhook/schema.graphql", include_str!("../webhook/schema.graphql")),
    ("global/schema.graphql", include_str!("../global/schema.graphql")),
    ("identity/schema.graphql", include_str!("../identity/schema.graphql")),
    ("whistle/schema.graphql", include_str!("../whistle/schema.graphql")),
    ("call_record/schema.graphql", include_str!("../call_record/schema.graphql")),
    ("verification/schema.graphql", include_str!("../verification/schema.graphql")),
    ("audit/schema.graphql", include_str!("../audit/schema.graphql")),
    ("lead_import/schema.graphql", include_str!("../lead_import/schema.graphql")),
    ("error_log/schema.graphql", include_str!("../error_log/schema.graphql")),
    ("performance/schema.graphql", include_str!("../performance/schema.graphql")),
    ("health/schema.graphql", include_str!("../health/schema.graphql")),
    ("record/schema.graphql", include_str!("../record/schema.graphql")),
    ("change/schema.graphql", include_str!("../change/schema.graphql")),
];

/// What the catalogue adds.
static CATALOGUE: LazyLock<String> = LazyLock::new(|| crate::catalog::catalog().sdl());

/// The SDL files as one document. A fault in them is found by the tests, before a release.
pub static DOCUMENT: LazyLock<Document> = LazyLock::new(|| {
    let catalogue = [("the catalogue", CATALOGUE.as_str())];
    Document::load(&[&FILES[..], &catalogue].concat())
        .unwrap_or_else(|problems| panic!("the SDL is faulty:\n{}", problems.join("\n")))
});

/// The checked schema.
pub static MODEL: LazyLock<Model> = LazyLock::new(|| {
    bind::bind(&DOCUMENT).unwrap_or_else(|problems| panic!("the SDL is faulty:\n{}", problems.join("\n")))
});

#[cfg(test)]
mod tests;
