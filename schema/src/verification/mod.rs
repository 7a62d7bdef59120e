//! Persons behind identity documents, numbers, phones and accounts, as outside registries know them. Each look is
//! audited, each live question paid, what was found kept sealed for a while. It must not know how services are reached.

mod account_holders;
mod credit_wallet;
mod housekeeping;
mod kind;
mod look_up_identity;
mod question;
mod record;
#[cfg(test)]
mod tests;
mod verify_identity;
mod wallet;

pub use self::{
    account_holders::account_holders,
    housekeeping::{keep, keep_once},
    question::PURPOSE,
};
use crate::verb::Verb;

/// The hand-written mutations of this folder, by GraphQL name.
pub const VERBS: &[(&str, Verb)] = &[
    ("verifyIdentity", verify_identity::verify_identity),
    ("lookUpIdentity", look_up_identity::look_up_identity),
    ("lookUpIdentities", look_up_identity::look_up_identities),
    ("creditWallet", credit_wallet::credit_wallet),
];
