//! Check-digit verification of South African bank accounts (BankservAfrica): whether a number fits the numbering of
//! the bank that owns the branch. It does not show that the account exists. Pure: it must not know the database.

mod exception;
mod table;

#[cfg(test)]
mod tests;

use self::table::{Row, TABLE};

/// Positions that are weighed.
const POSITIONS: usize = 11;

/// An account to be checked: a branch code of six digits, and a number of digits.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    pub branch_code: &'a str,
    pub number: &'a str,
    pub kind: Kind,
}

/// Kinds of accounts, by the numbers of the clearing house.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Current = 1,
    Savings = 2,
    Transmission = 3,
    Bond = 4,
    SubscriptionShare = 6,
}

/// What the test says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The number fits; the version of the table, and its row.
    Passed(String),
    /// The number does not fit.
    Failed,
    /// The bank has no accounts of this kind.
    WrongKind,
    /// There is no rule for the branch, or none for so long a number.
    Unverified,
}

impl Kind {
    /// The kind that a look-up value means by its name, such as "Current (cheque)".
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        let words = [
            ("current", Self::Current),
            ("cheque", Self::Current),
            ("saving", Self::Savings),
            ("transmission", Self::Transmission),
            ("bond", Self::Bond),
            ("subscription", Self::SubscriptionShare),
        ];
        words.into_iter().find(|(word, _)| name.contains(word)).map(|(_, kind)| kind)
    }
}

/// Checks an account whose form has been checked.
#[must_use]
pub fn check(account: Account<'_>) -> Verdict {
    let Ok(branch) = account.branch_code.parse::<u32>() else { return Verdict::Unverified };
    let mut of_branch = TABLE.rows.iter().filter(|row| row.branches.contains(&branch)).peekable();
    if of_branch.peek().is_none() {
        return Verdict::Unverified;
    }
    let Some(row) = of_branch.find(|row| row.kinds.contains(&(account.kind as u8))) else { return Verdict::WrongKind };
    let Some(digits) = padded(account.number) else {
        // Bond accounts of one bank have thirteen digits, for which nothing is published.
        return if account.kind == Kind::Bond { Verdict::Unverified } else { Verdict::Failed };
    };
    let passes = match exception::of(row.exception, account, digits) {
        Some(decided) => decided,
        None => fits(row, digits) || exception::rescues(row, account, digits),
    };
    if passes { Verdict::Passed(format!("{} {}", TABLE.version, row.bank)) } else { Verdict::Failed }
}

/// The digits, zeros in front up to eleven; none if there are more.
fn padded(number: &str) -> Option<[u32; POSITIONS]> {
    let given: Vec<u32> = number.chars().map(|digit| digit.to_digit(10)).collect::<Option<_>>()?;
    let mut digits = [0; POSITIONS];
    digits[POSITIONS.checked_sub(given.len())?..].copy_from_slice(&given);
    Some(digits)
}

fn fits(row: &Row, digits: [u32; POSITIONS]) -> bool {
    remainder(&row.weights, &digits, row.fudge, row.modulus) == 0
}

/// Products are summed whole, not their digits.
fn remainder(weights: &[u32], digits: &[u32], fudge: u32, modulus: u32) -> u32 {
    (weights.iter().zip(digits).map(|(weight, digit)| weight * digit).sum::<u32>() + fudge) % modulus
}
