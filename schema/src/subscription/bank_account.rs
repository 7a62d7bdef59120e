//! What a bank account must fulfil before it is kept: its members come together, its branch is one of the bank, and
//! its number fits the bank. It must not know whose account it is.

use async_graphql::Value;
use groupgraph_entities::lookup_value;
use sea_orm::{DatabaseTransaction, EntityTrait};

use super::cdv::{self, Account, Kind};
use crate::{
    choice,
    error::{Code, Error, UserError},
    members,
    verb::{Call, Failure, fault},
};

/// Members of an account.
pub const MEMBERS: [&str; 5] = ["bank", "branchCode", "holderName", "accountNumber", "kind"];

/// Those of them that are values of look-up lists.
const LOOKED_UP: [(&str, &str); 2] = [("bank", "Banks"), ("kind", "Bank Account Types")];

/// Country whose accounts have check digits.
const CHECKED: &str = "ZA";
/// Digits of a number at most.
const MOST_DIGITS: usize = 13;

/// What is known of an account that may be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verified {
    /// Its number fits; by which version and row of the table.
    Passed(String),
    /// Nothing tests it.
    Unverified,
}

impl Verified {
    /// The value of `BankAccountVerification`.
    #[must_use]
    pub fn verification(&self) -> &'static str {
        match self {
            Self::Passed(_) => "PASSED",
            Self::Unverified => "UNVERIFIED",
        }
    }

    /// Version and row of the table that was used.
    #[must_use]
    pub fn verified_with(&self) -> Option<String> {
        match self {
            Self::Passed(with) => Some(with.clone()),
            Self::Unverified => None,
        }
    }
}

/// All faults of an account: of its form, and then of its branch and number.
///
/// # Errors
/// The database is out of reach.
pub async fn all_faults(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    input: &Value,
    path: &str,
) -> Result<Vec<UserError>, Error> {
    let mut found = faults(input, path);
    if is_given(input) && found.is_empty() {
        found.extend(told(verify(call, tx, input, path).await)?);
        return Ok(found);
    }
    for (member, category) in LOOKED_UP {
        if let Some(value) = members::present(input, member) {
            found.extend(told(chosen(call, tx, value, &format!("{path}.{member}"), category).await)?);
        }
    }
    Ok(found)
}

/// What was wrong, as data.
fn told<T>(outcome: Result<T, Failure>) -> Result<Vec<UserError>, Error> {
    match outcome {
        Ok(_) => Ok(Vec::new()),
        Err(Failure::User(errors)) => Ok(errors),
        Err(Failure::Error(error)) => Err(error),
    }
}

/// Tests an account whose form is right; `path` is where it is in the input, empty at its own members.
///
/// # Errors
/// `UNKNOWN_VALUE` for a bank, a branch or a kind that there is not, `CHECK_DIGIT` for a number that does not fit.
pub async fn verify(call: &Call<'_>, tx: &DatabaseTransaction, input: &Value, path: &str) -> Result<Verified, Failure> {
    let at = |member: &str| if path.is_empty() { member.to_owned() } else { format!("{path}.{member}") };
    let (Some(bank), Some(kind)) = (members::present(input, "bank"), members::present(input, "kind")) else {
        return Ok(Verified::Unverified);
    };
    let bank = chosen(call, tx, bank, &at(LOOKED_UP[0].0), LOOKED_UP[0].1).await;
    let kind = chosen(call, tx, kind, &at(LOOKED_UP[1].0), LOOKED_UP[1].1).await;
    let (bank, kind) = both(bank, kind)?;
    let (code, number) = (
        members::words(input, "branchCode").unwrap_or_default(),
        members::words(input, "accountNumber").unwrap_or_default(),
    );
    let details = bank.details.unwrap_or_default();
    let branches = details.get("branchCodes").and_then(serde_json::Value::as_array);
    if branches.is_some_and(|codes| !codes.iter().any(|known| known.as_str() == Some(code))) {
        return Err(fault(Code::UnknownValue, &at("branchCode"), "The bank has no such branch."));
    }
    let is_checked = details.get("country").and_then(serde_json::Value::as_str) == Some(CHECKED);
    let Some(kind) = Kind::of(&kind.name).filter(|_| is_checked) else { return Ok(Verified::Unverified) };
    match cdv::check(Account { branch_code: code, number, kind }) {
        cdv::Verdict::Passed(with) => Ok(Verified::Passed(with)),
        cdv::Verdict::Unverified => Ok(Verified::Unverified),
        cdv::Verdict::Failed => Err(fault(Code::CheckDigit, &at("accountNumber"), "The number does not fit the bank.")),
        cdv::Verdict::WrongKind => Err(fault(Code::CheckDigit, &at("kind"), "The bank has no accounts of this kind.")),
    }
}

async fn chosen(
    call: &Call<'_>,
    tx: &DatabaseTransaction,
    value: &Value,
    path: &str,
    category: &str,
) -> Result<lookup_value::Model, Failure> {
    let number = choice::choose(call, tx, value, path, category).await?;
    let found = lookup_value::Entity::find_by_id(number).one(tx).await?;
    found.ok_or_else(|| Error::internal("a chosen value is gone").into())
}

/// Both, or the faults of both.
fn both<A, B>(left: Result<A, Failure>, right: Result<B, Failure>) -> Result<(A, B), Failure> {
    match (left, right) {
        (Ok(left), Ok(right)) => Ok((left, right)),
        (Err(Failure::User(mut errors)), Err(Failure::User(more))) => {
            errors.extend(more);
            Err(Failure::User(errors))
        }
        (Err(failure), _) | (_, Err(failure)) => Err(failure),
    }
}

/// Whether an input says anything of an account.
#[must_use]
pub fn is_given(input: &Value) -> bool {
    MEMBERS.into_iter().any(|member| members::present(input, member).is_some())
}

/// All faults of an account, at `path` of the input: members of an incomplete group, each by itself, and numbers of
/// the wrong form. An input that says nothing has none.
#[must_use]
pub fn faults(input: &Value, path: &str) -> Vec<UserError> {
    if !is_given(input) {
        return Vec::new();
    }
    let missing = MEMBERS.into_iter().filter(|member| !is_filled(input, member)).map(|member| {
        let message = "Bank, branch code, holder, number and kind of an account come together.";
        UserError::new(Code::IncompleteGroup, &format!("{path}.{member}"), message)
    });
    let mut faults: Vec<_> = missing.collect();
    if members::words(input, "branchCode").is_some_and(|code| !is_branch_code(code)) {
        let message = "A branch code has six digits.";
        faults.push(UserError::new(Code::Invalid, &format!("{path}.branchCode"), message));
    }
    if members::words(input, "accountNumber").is_some_and(|number| !is_account_number(number)) {
        let message = "An account number has at most 13 digits, not all of them zero.";
        faults.push(UserError::new(Code::Invalid, &format!("{path}.accountNumber"), message));
    }
    faults
}

fn is_filled(input: &Value, member: &str) -> bool {
    match members::present(input, member) {
        Some(Value::String(_)) => members::words(input, member).is_some(),
        value => value.is_some(),
    }
}

fn is_branch_code(text: &str) -> bool {
    text.len() == 6 && is_digits(text)
}

fn is_account_number(text: &str) -> bool {
    is_digits(text) && text.len() <= MOST_DIGITS && text.bytes().any(|digit| digit != b'0')
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use async_graphql::value;

    use super::*;

    fn codes(input: &Value) -> Vec<(Code, String)> {
        faults(input, "bankAccount").into_iter().map(|error| (error.code, error.field.join("."))).collect()
    }

    #[test]
    fn all_or_nothing() {
        assert_eq!(codes(&value!({})), []);
        assert_eq!(codes(&value!({ "bank": null, "kind": null })), []);
        let missing = codes(&value!({ "branchCode": "051001", "accountNumber": "00302481214", "holderName": " " }));
        let expected = ["bankAccount.bank", "bankAccount.holderName", "bankAccount.kind"];
        assert_eq!(missing, expected.map(|field| (Code::IncompleteGroup, field.to_owned())));
    }

    #[test]
    fn numbers_have_their_form() {
        let account = |branch: &str, number: &str| {
            value!({ "bank": { "name": "Standard" }, "branchCode": (branch), "holderName": "Sizwe Trading",
                "accountNumber": (number), "kind": { "number": 1 } })
        };
        assert_eq!(codes(&account("051001", "00302481214")), []);
        for (branch, number, field) in [
            ("51001", "00302481214", "bankAccount.branchCode"),
            ("05100a", "00302481214", "bankAccount.branchCode"),
            ("051001", "0000", "bankAccount.accountNumber"),
            ("051001", "0030-2481", "bankAccount.accountNumber"),
        ] {
            assert_eq!(codes(&account(branch, number)), [(Code::Invalid, field.to_owned())]);
        }
    }
}
