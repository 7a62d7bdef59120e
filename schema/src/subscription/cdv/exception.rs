//! Routines of banks whose numbers do not all follow one row, by their letters in the table.

use super::{Account, Kind, POSITIONS, Row, remainder};

type Digits = [u32; POSITIONS];

/// A verdict that takes the place of the row's own test; none where the row's test goes first.
pub fn of(letter: char, account: Account<'_>, digits: Digits) -> Option<bool> {
    match letter {
        'm' => long_standard(account, digits),
        // The first of ten digits tells the kind of account.
        'd' => (!begins_with(account.number, '1')).then_some(false),
        'e' => (!begins_with(account.number, '2')).then_some(false),
        _ => None,
    }
}

/// Whether a number passes that failed the row's own test.
pub fn rescues(row: &Row, account: Account<'_>, digits: Digits) -> bool {
    match row.exception {
        'a' => eleven_digits(account, digits) || with_branch(account),
        'b' => one_is_left(row.weights, digits, row.modulus),
        'c' => eleven_digits(account, digits),
        'f' => absa(account, digits),
        _ => false,
    }
}

fn begins_with(number: &str, digit: char) -> bool {
    number.len() == 10 && number.starts_with(digit)
}

/// Standard Bank: one branch has numbers of eleven digits with weights of their own; elsewhere numbers beyond nine
/// digits begin with two zeros.
fn long_standard(account: Account<'_>, digits: Digits) -> Option<bool> {
    const WEIGHTS: Digits = [13, 12, 9, 8, 7, 6, 5, 4, 3, 2, 1];
    if account.branch_code == "051001" {
        let is_long = account.number.len() == POSITIONS && digits[0] == 1;
        return is_long.then(|| remainder(&WEIGHTS, &digits, 0, 11) == 0);
    }
    (account.number.len() > 9 && digits[..2] != [0, 0]).then_some(false)
}

/// First National Bank, eleven digits.
fn eleven_digits(account: Account<'_>, digits: Digits) -> bool {
    const WEIGHTS: Digits = [1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1];
    account.number.len() == POSITIONS && remainder(&WEIGHTS, &digits, 0, 10) == 0
}

/// First National Bank, ten digits: the branch code is part of the number.
fn with_branch(account: Account<'_>) -> bool {
    if account.number.len() != 10 {
        return false;
    }
    let whole = format!("{}{}", account.branch_code, account.number);
    let digits: Vec<u32> = whole.chars().filter_map(|digit| digit.to_digit(10)).collect();
    let weights: Vec<u32> = (0..digits.len()).map(|place| if place % 2 == 0 { 1 } else { 2 }).collect();
    match remainder(&weights, &digits, 0, 10) {
        0 => true,
        1 => digits.get(6) == Some(&1),
        _ => false,
    }
}

/// A remainder of one passes where the last digit is 0 or 1.
fn one_is_left(weights: Digits, digits: Digits, modulus: u32) -> bool {
    remainder(&weights, &digits, 0, modulus) == 1 && digits[POSITIONS - 1] <= 1
}

/// Absa: tried in turn.
fn absa(account: Account<'_>, digits: Digits) -> bool {
    const THIRD: Digits = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1];
    const LAST: Digits = [1, 1, 3, 2, 7, 6, 5, 4, 3, 2, 1];
    let passes = |weights: &Digits, modulus| remainder(weights, &digits, 0, modulus) == 0;
    let is_known = account.kind == Kind::Savings && account.number.len() == POSITIONS && digits[..2] == [5, 3];
    is_known
        || passes(&[1, 7, 3, 2, 9, 8, 7, 4, 3, 2, 1], 10)
        || passes(&THIRD, 11)
        || one_is_left(THIRD, digits, 11)
        || passes(&[1, 4, 3, 2, 9, 8, 7, 4, 3, 2, 1], 10)
        || passes(&LAST, 11)
        || (account.number.len() < 10 && remainder(&LAST, &raised(digits), 0, 11) == 0)
}

/// The last digit raised by six.
fn raised(mut digits: Digits) -> Digits {
    digits[POSITIONS - 1] = (digits[POSITIONS - 1] + 6) % 10;
    digits
}
