//! What can be asked about, of which service, and at what price.

use serde_json::json;

use crate::{
    audit::Subject,
    error::Code,
    hub::Hub,
    outside::{Question, Service},
    verb::{Failure, fault},
};

/// Digits of a national identity number, and of a phone number in local form.
const DIGITS: usize = 11;

/// Kinds of keys that are looked up for money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// National identity number.
    Number,
    /// Phone whose owner the registry knows.
    Phone,
    /// Phone behind which there may be a bank account.
    Account,
}

impl Kind {
    /// As it is kept in rows.
    pub fn word(self) -> &'static str {
        match self {
            Self::Number => "NUMBER",
            Self::Phone => "PHONE",
            Self::Account => "ACCOUNT",
        }
    }

    pub fn subject(self) -> Subject {
        match self {
            Self::Account => Subject::AccountHolder,
            _ => Subject::Identity,
        }
    }

    /// Price of one live question, in minor units.
    pub fn price(self, hub: &Hub) -> i64 {
        let settings = &hub.settings.verification;
        i64::from(if self == Self::Account { settings.account_price_minor } else { settings.registry_price_minor })
    }

    pub fn service(self, hub: &Hub) -> &dyn Service {
        match self {
            Self::Account => &*hub.outside.accounts,
            _ => &*hub.outside.registry,
        }
    }

    pub fn question(self, key: &str) -> Question {
        let name = if self == Self::Number { "nin" } else { "phone" };
        Question::LookUp(json!({ name: key }))
    }

    /// Refuses what is no key of this kind; `field` is its path in the input.
    pub fn check(key: &str, field: &str) -> Result<(), Failure> {
        if key.len() == DIGITS && key.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(());
        }
        Err(fault(Code::Invalid, field, format!("This must be {DIGITS} digits.")))
    }
}
