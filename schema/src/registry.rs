//! Every noun's verbs and rules by the mutation's name. A test compares it with the schema: no mutation is
//! without one, and nothing here is without a mutation.

use std::{collections::HashMap, sync::LazyLock};

use crate::{
    announcement, call_record, client, deal, delivery, goal, identity, invoice, lead, lead_import, lookup, note,
    payroll, product, prospect, record, rule::Rules, source, staff, subscription, task, tenant, ticket, verb::Verb,
    verification, webhook, whistle,
};

/// Verbs by name.
static VERBS: LazyLock<HashMap<&'static str, Verb>> = LazyLock::new(|| {
    [
        announcement::VERBS,
        call_record::VERBS,
        client::VERBS,
        deal::VERBS,
        delivery::VERBS,
        goal::VERBS,
        identity::verbs(),
        invoice::VERBS,
        lead::VERBS,
        lead_import::VERBS,
        note::VERBS,
        payroll::VERBS,
        prospect::VERBS,
        record::actions::VERBS,
        source::VERBS,
        staff::VERBS,
        subscription::VERBS,
        ticket::VERBS,
        verification::VERBS,
        webhook::VERBS,
        whistle::VERBS,
    ]
    .concat()
    .into_iter()
    .collect()
});

/// Rules by name.
static RULES: LazyLock<HashMap<&'static str, Rules>> = LazyLock::new(|| {
    [
        announcement::RULES,
        client::RULES,
        deal::RULES,
        goal::RULES,
        invoice::RULES,
        lead::RULES,
        lookup::RULES,
        note::RULES,
        product::RULES,
        prospect::RULES,
        staff::RULES,
        task::RULES,
        tenant::RULES,
        ticket::RULES,
    ]
    .concat()
    .into_iter()
    .collect()
});

/// The verb of a mutation that is no generic one.
#[must_use]
pub fn verb(mutation: &str) -> Option<Verb> {
    VERBS.get(mutation).copied()
}

/// What a noun adds to a generic mutation.
#[must_use]
pub fn rules(mutation: &str) -> Rules {
    RULES.get(mutation).copied().unwrap_or_default()
}

/// All mutations that have a verb or rules.
pub fn names() -> impl Iterator<Item = &'static str> {
    VERBS.keys().chain(RULES.keys()).copied()
}
