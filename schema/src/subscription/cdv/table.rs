//! The parameters as data. It must not know what is done with them.

use std::{ops::RangeInclusive, sync::LazyLock};

use super::POSITIONS;

/// The table of this program; a fault in it is found by the tests.
pub static TABLE: LazyLock<Table> = LazyLock::new(|| {
    read(include_str!("table.txt")).unwrap_or_else(|line| panic!("the check-digit table has a faulty line: {line}"))
});

/// All parameters of one issue.
#[derive(Debug)]
pub struct Table {
    pub version: String,
    pub rows: Vec<Row>,
}

/// The parameters of some accounts.
#[derive(Debug)]
pub struct Row {
    pub bank: String,
    pub branches: RangeInclusive<u32>,
    /// Numbers of the clearing house.
    pub kinds: Vec<u8>,
    pub modulus: u32,
    pub fudge: u32,
    /// Of positions 11 to 1.
    pub weights: [u32; POSITIONS],
    /// Letter of a routine, or a hyphen.
    pub exception: char,
}

fn read(text: &str) -> Result<Table, String> {
    let mut table = Table { version: String::new(), rows: Vec::new() };
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        match line.strip_prefix("version ") {
            Some(version) => version.trim().clone_into(&mut table.version),
            None => table.rows.push(row(line).ok_or(line)?),
        }
    }
    Ok(table)
}

fn row(line: &str) -> Option<Row> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [bank, first, last, kinds, modulus, fudge, weights, exception] = words[..] else { return None };
    let weights: Vec<u32> = weights.split(',').map(|weight| weight.parse().ok()).collect::<Option<_>>()?;
    Some(Row {
        bank: bank.to_owned(),
        branches: first.parse().ok()?..=last.parse().ok()?,
        kinds: kinds.split(',').map(|kind| kind.parse().ok()).collect::<Option<_>>()?,
        modulus: modulus.parse().ok()?,
        fudge: fudge.parse().ok()?,
        weights: weights.try_into().ok()?,
        exception: exception.parse().ok()?,
    })
}
