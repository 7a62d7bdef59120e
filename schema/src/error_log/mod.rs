//! Failures that people may want to look into: imports, conversions, deliveries, calls of other systems. What is kept
//! is masked: rows are named by number, never by what they hold. It must not know who failed.

mod page;

pub use page::page;

use groupgraph_entities::error_log;
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, Set};

use crate::{error::UserError, hub::Hub};

/// Longest text that is kept.
const LONGEST: usize = 500;

/// What is kept of a failure.
#[derive(Clone, Debug, Default)]
pub struct Entry<'a> {
    pub tenant: i64,
    /// `ERROR`, `WARNING` or `INFO`.
    pub level: &'static str,
    pub message: &'a str,
    /// Provider or system.
    pub source: Option<&'a str>,
    pub lead: Option<i64>,
    pub code: &'a str,
}

/// Keeps a failure.
///
/// # Errors
/// The database refused.
pub async fn note<C: ConnectionTrait>(hub: &Hub, db: &C, entry: Entry<'_>) -> Result<(), DbErr> {
    let row = error_log::ActiveModel {
        tenant_id: Set(entry.tenant),
        level: Set(entry.level.to_owned()),
        message: Set(masked(entry.message)),
        source: Set(entry.source.map(str::to_owned)),
        about_lead_number: Set(entry.lead),
        about_code: Set(entry.code.to_owned()),
        occurred_at: Set(hub.clock.now()),
        ..Default::default()
    };
    row.insert(db).await.map(drop)
}

/// Keeps the first of the failures of a mutation, which has been taken back; a log that fails is only told.
pub async fn note_refusal(hub: &Hub, mut entry: Entry<'_>, errors: &[UserError]) {
    let message = errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join(" ");
    let message = format!("{}: {message}", entry.message);
    entry.message = &message;
    entry.code = errors.first().map_or(entry.code, |error| error.code.name());
    if let Err(error) = note(hub, &hub.database.write, entry).await {
        tracing::error!(%error, "a failure was not kept");
    }
}

/// Digits that a phone number has at least.
const PHONE_DIGITS: usize = 8;
const MASK: &str = "***";

fn masked(message: &str) -> String {
    let plain: String = message.chars().filter(|letter| !letter.is_control()).take(LONGEST).collect();
    let words = plain.split(' ').map(|word| if is_address(word) { MASK } else { word });
    without_phones(&words.collect::<Vec<_>>().join(" "))
}

fn is_address(word: &str) -> bool {
    word.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
}

/// Runs of digits, and of what people write between them, masked where they are long enough.
fn without_phones(text: &str) -> String {
    let (mut out, mut run) = (String::with_capacity(text.len()), String::new());
    for letter in text.chars().chain(std::iter::once('\0')) {
        if letter.is_ascii_digit() || (" +-()".contains(letter) && (!run.is_empty() || letter == '+')) {
            run.push(letter);
            continue;
        }
        let digits = run.bytes().filter(u8::is_ascii_digit).count();
        if digits >= PHONE_DIGITS {
            let space = &run[run.trim_end_matches(' ').len()..];
            out.push_str(MASK);
            out.push_str(space);
        } else {
            out.push_str(&run);
        }
        run.clear();
        if letter != '\0' {
            out.push(letter);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn personal_data_is_masked() {
        for (message, kept) in [
            ("john.doe@example.com is taken.", "*** is taken."),
            ("Call +27 82 123 4567 now", "Call *** now"),
            ("Row 15 has no name.", "Row 15 has no name."),
        ] {
            assert_eq!(masked(message), kept);
        }
    }
}
