//! Lists for people and for `cut`: columns padded with spaces, a dash where there is nothing.

use std::{fmt::Display, io::Write};

use chrono::{DateTime, Utc};

use super::Failure;

/// Prints rows under their heads.
pub fn print<const COLUMNS: usize>(
    heads: [&str; COLUMNS],
    rows: impl IntoIterator<Item = [String; COLUMNS]>,
) -> Result<(), Failure> {
    let mut lines = vec![heads.map(str::to_owned)];
    lines.extend(rows);
    let widths: [usize; COLUMNS] =
        std::array::from_fn(|column| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default());
    let mut output = std::io::stdout();
    for line in &lines {
        let cells = line.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        writeln!(output, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}

/// A cell that may be empty.
pub fn or_dash(value: Option<impl Display>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

/// A cell with an instant, to the minute.
pub fn minute(instant: Option<DateTime<Utc>>) -> String {
    or_dash(instant.map(|instant| instant.format("%Y-%m-%dT%H:%MZ")))
}
