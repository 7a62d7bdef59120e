//! What a bank account must fulfil before it is kept. Pure: it must not know the database.
//! Whether the number fits its bank is not said yet: every account is unverified.

use async_graphql::Value;

use crate::{
    error::{Code, UserError},
    members,
};

/// Verdict on an account that no check-digit table was asked about.
pub const UNVERIFIED: &str = "UNVERIFIED";

const MEMBERS: [&str; 5] = ["bank", "branchCode", "holderName", "accountNumber", "kind"];

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
        let message = "An account number has only digits, not all of them zero.";
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
    is_digits(text) && text.bytes().any(|digit| digit != b'0')
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
