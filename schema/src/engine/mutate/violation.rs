//! What a constraint of the database says, as a failure that people understand. Names of indexes are
//! `uq_<table>_<what>`; SQLite names columns instead where an index has only columns.

use sea_orm::{DbErr, SqlErr};

use super::super::model::camel;
use crate::{
    error::{Code, Error},
    verb::{Failure, fault},
};

/// Why a row could not be written.
#[must_use]
pub fn of_write(table: &str, error: DbErr) -> Failure {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(text)) => taken(table, &text),
        Some(SqlErr::ForeignKeyConstraintViolation(_)) => {
            fault(Code::NotFound, "", "A row that this one refers to is not there, or does not go with it.")
        }
        _ if error.to_string().to_lowercase().contains("check constraint") => {
            fault(Code::Invalid, "", "The values do not go together.")
        }
        _ => Failure::Error(Error::from(error)),
    }
}

/// Why a row could not be deleted.
#[must_use]
pub fn of_delete(plural: &str, error: DbErr) -> Failure {
    match error.sql_err() {
        Some(SqlErr::ForeignKeyConstraintViolation(_)) => {
            fault(Code::WrongState, "", format!("Other rows still need it; such {plural} cannot be deleted."))
        }
        _ => Failure::Error(Error::from(error)),
    }
}

fn taken(table: &str, text: &str) -> Failure {
    let what = what(table, text);
    let (code, noun) = match what.as_str() {
        what if what.contains("email") => (Code::DuplicateEmail, "e-mail address"),
        what if what.contains("phone") => (Code::DuplicatePhone, "phone number"),
        what if what.contains("name") || what == "key" || what == "code" => (Code::DuplicateName, "name"),
        _ => (Code::Conflict, "value"),
    };
    fault(code, &camel(&what), format!("The {noun} is taken."))
}

/// The column or purpose that a message about a unique index names.
fn what(table: &str, text: &str) -> String {
    let mark = format!("uq_{table}_");
    if let Some((_, rest)) = text.split_once(&mark) {
        return rest.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
    }
    // "UNIQUE constraint failed: tenant.namespace", or several columns of which the last one tells.
    let last = text.rsplit(['.', ' ']).next().unwrap_or_default();
    last.trim_matches(|letter: char| !letter.is_alphanumeric()).to_owned()
}
