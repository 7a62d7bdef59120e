//! Amounts of money in inputs, read into minor units and a currency. It must not know where they are kept.

use std::str::FromStr;

use async_graphql::Value;
use rust_decimal::Decimal;

use crate::{
    error::Code,
    members, money,
    verb::{Failure, fault},
};

/// Money as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amount {
    pub minor: i64,
    /// ISO 4217 code.
    pub currency: String,
}

/// Reads a `MoneyInput`; `path` is where it is in the whole input, `currency` counts where it names none.
///
/// # Errors
/// `REQUIRED` or `INVALID` if there is not exactly one amount, `UNKNOWN_VALUE` for an unknown currency, `INVALID`
/// for an amount beyond 64 bits.
pub fn read(input: &Value, path: &str, currency: &str) -> Result<Amount, Failure> {
    let currency = members::words(input, "currency").unwrap_or(currency);
    let Some(exponent) = money::exponent(currency) else {
        return Err(fault(Code::UnknownValue, &format!("{path}.currency"), "There is no such currency."));
    };
    let major = members::present(input, "amount");
    let minor = members::present(input, "amountMinor");
    let minor = match (major, minor) {
        (None, None) => return Err(fault(Code::Required, path, "Say how much.")),
        (Some(_), Some(_)) => {
            return Err(fault(Code::Invalid, path, "Give the amount in major or in minor units, not both."));
        }
        (Some(value), None) => decimal(value).and_then(|major| money::to_minor(major, exponent)),
        (None, Some(Value::Number(number))) => number.as_i64(),
        (None, Some(_)) => None,
    };
    match minor {
        Some(minor) => Ok(Amount { minor, currency: currency.to_owned() }),
        None => Err(fault(Code::Invalid, path, "That is no amount of money.")),
    }
}

/// Reads a `Decimal`: text, or a number as it was written.
#[must_use]
pub fn decimal(value: &Value) -> Option<Decimal> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    Decimal::from_str(&text).or_else(|_| Decimal::from_scientific(&text)).ok()
}
