//! Who looked at sensitive data, and why: a line before the look, numbers masked.

use groupgraph_entities::access_audit::{ActiveModel, Entity};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait};

use crate::{hub::Hub, viewer::Viewer};

/// Kinds of sensitive data.
#[derive(Clone, Copy, Debug)]
pub enum Subject {
    Identity,
    AccountHolder,
    CallRecords,
    WhistleReport,
}

impl Subject {
    fn word(self) -> &'static str {
        match self {
            Self::Identity => "IDENTITY",
            Self::AccountHolder => "ACCOUNT_HOLDER",
            Self::CallRecords => "CALL_RECORDS",
            Self::WhistleReport => "WHISTLE_REPORT",
        }
    }
}

/// What a root field shows of what is sensitive, if it does.
#[must_use]
pub fn subject(root_field: &str) -> Option<Subject> {
    match root_field {
        "callRecordRequest" | "callRecordRequests" => Some(Subject::CallRecords),
        "whistleReports" => Some(Subject::WhistleReport),
        _ => None,
    }
}

/// Digits that are shown of a number.
const SHOWN: usize = 4;

/// Writes a line for each key. Somebody without a company is entered with the head office.
///
/// # Errors
/// The database refused it.
pub async fn note_all(
    who: (&Hub, &Viewer),
    connection: &impl ConnectionTrait,
    subject: Subject,
    keys: &[&str],
    purpose: Option<&str>,
) -> Result<(), DbErr> {
    let rows = keys.iter().map(|key| row(who, subject, Some(key), purpose));
    Entity::insert_many(rows).exec_without_returning(connection).await.map(drop)
}

/// Writes a line. Somebody without a company is entered with the head office.
///
/// # Errors
/// The database refused it.
pub async fn note(
    who: (&Hub, &Viewer),
    connection: &impl ConnectionTrait,
    subject: Subject,
    key: Option<&str>,
    purpose: Option<&str>,
) -> Result<(), DbErr> {
    Entity::insert(row(who, subject, key, purpose)).exec_without_returning(connection).await.map(drop)
}

fn row((hub, viewer): (&Hub, &Viewer), subject: Subject, key: Option<&str>, purpose: Option<&str>) -> ActiveModel {
    let tenant = viewer.tenant.or_else(|| hub.directory.head_office()).unwrap_or_default();
    ActiveModel {
        tenant_id: Set(tenant),
        staff_id: Set(viewer.staff),
        token_id: Set(viewer.token),
        subject: Set(subject.word().to_owned()),
        masked_key: Set(key.map(masked)),
        purpose: Set(purpose.map(str::to_owned)),
        occurred_at: Set(hub.clock.now()),
        ..Default::default()
    }
}

/// A number of which only the end can be read.
#[must_use]
pub fn masked(number: &str) -> String {
    let hidden = number.chars().count().saturating_sub(SHOWN);
    number.chars().enumerate().map(|(index, letter)| if index < hidden { '*' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_of_a_number_is_shown() {
        assert_eq!(masked("2348037866054"), "*********6054");
        assert_eq!(masked("123"), "123");
        assert_eq!(masked(""), "");
    }
}
