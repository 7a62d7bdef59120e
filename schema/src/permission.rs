//! The closed list of permission words. It must not know who holds them: roles and tokens bundle them.

/// Each word and what it allows, by word.
pub const WORDS: &[(&str, &str)] = &[
    ("activity.read", "Read the activity log."),
    ("analytics.read", "See what was imported, and how fast interfaces answer."),
    ("announcements.write", "Write and publish announcements, and see drafts."),
    ("audit.read", "See who looked at sensitive data."),
    ("cdr.fulfil", "Answer requests for call records."),
    ("cdr.request", "Ask for call records."),
    ("clients.read", "See clients."),
    ("clients.write", "Create, change and delete clients."),
    ("crm.all_prospects", "See the prospects of others."),
    ("crm.menu", "Use the figures of the sales desk."),
    ("crm.partners", "Work on partners."),
    ("crm.prospects", "See and work on one's own prospects."),
    ("deals.read", "See deals."),
    ("deals.write", "Create, move, close and delete deals."),
    ("deliveries.manage", "Retry and call back what is on its way to other systems."),
    ("deliveries.read", "See what is on its way to other systems."),
    ("errors.read", "See what failed: imports, conversions, deliveries."),
    ("goals.read", "See goals."),
    ("goals.write", "Set goals."),
    ("identity.lookup", "Look persons up at registries, paid from one's own wallet."),
    ("invoices.read", "See invoices and payments."),
    ("invoices.write", "Write invoices and record payments."),
    ("launcher.issue", "Issue tokens with which a launcher signs people in."),
    ("leads.all", "See the leads of others."),
    ("leads.read", "See public leads and one's own."),
    ("leads.write", "Create, change, convert and delete leads."),
    (
        "lookups.read",
        "Read look-up lists through the contact centre's interface; the graph shows them to everybody signed in.",
    ),
    ("opt_outs.read", "See who must not be contacted."),
    ("password.reset", "Set a new password with a mailed code."),
    ("payroll.push", "Send pay and payslips to companies of the group."),
    ("payroll.read", "See pay and payslips."),
    ("payroll.receive", "Hand in pay and payslips of people of this company; for the key of a hub."),
    ("products.write", "Maintain products and prices."),
    ("prospects.write", "Turn leads into prospects, and move and qualify them."),
    ("records.read", "See the records of the long tail: stock, assets, visits, set-up and the like."),
    ("records.write", "Create, change and remove such records."),
    ("roles.manage", "Make roles of words that one holds."),
    ("settings.read", "See settings of imports."),
    ("settings.write", "Maintain pipelines, statuses, sources of leads and look-up lists."),
    ("sources.heartbeat", "Say for a subsidiary that its system is alive."),
    ("sources.manage", "Connect and disconnect the systems of subsidiaries."),
    ("sources.read", "See the systems of subsidiaries and how they are."),
    ("staff.read", "See what only personnel needs: mappings and last sign-ins."),
    ("staff.write", "Maintain staff, teams, departments and positions."),
    ("subscriptions.write", "Subscribe clients to products, call that back, and see their accounts in full."),
    ("tasks.read", "See tasks."),
    ("tasks.write", "Create, change and delete tasks."),
    ("tenants.all", "See the rows of every company of the group."),
    ("tenants.manage", "Add and change companies of the group."),
    ("tickets.read", "See tickets."),
    ("tickets.write", "Open, change, assign, close and delete tickets."),
    ("tokens.manage", "See, make and revoke the tokens of others."),
    ("wallets.manage", "See the wallets of others and put money into them."),
    ("webhooks.manage", "Register addresses that are told of events."),
    ("whistle.read", "Read reports of misconduct and say how far they are."),
];

/// Whether there is such a word.
#[must_use]
pub fn is_known(word: &str) -> bool {
    WORDS.binary_search_by_key(&word, |(word, _)| word).is_ok()
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    #[test]
    fn words_are_in_order() {
        assert!(WORDS.is_sorted_by(|(one, _), (other, _)| one < other));
        assert!(is_known("leads.all") && is_known("activity.read") && is_known("tokens.manage"));
        assert!(!is_known("leads.") && !is_known(""));
    }

    #[test]
    fn every_word_of_the_schema_is_listed() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let files = fs::read_dir(source).unwrap().map(|entry| entry.unwrap().path().join("schema.graphql"));
        for text in files.filter_map(|path| fs::read_to_string(path).ok()) {
            for found in text.split("@needs(permission: \"").skip(1).chain(text.split("unless: \"").skip(1)) {
                let word = found.split('"').next().unwrap_or_default();
                assert!(is_known(word), "{word}");
            }
        }
    }
}
