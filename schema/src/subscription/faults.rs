//! Gathers what is wrong with an input, so that all of it is told at once. It must not know what inputs mean.

use sea_orm::DatabaseTransaction;

use crate::{
    choice,
    error::{Code, Error, UserError},
    members,
    verb::{Call, Failure},
};

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<UserError>);

impl Faults {
    /// Adds one.
    pub fn add(&mut self, code: Code, field: &str, message: &str) {
        self.0.push(UserError::new(code, field, message));
    }

    /// Adds several.
    pub fn extend(&mut self, errors: Vec<UserError>) {
        self.0.extend(errors);
    }

    /// The value, or none if it has faults.
    ///
    /// # Errors
    /// A fault of the hub itself.
    pub fn take<T>(&mut self, outcome: Result<T, Failure>) -> Result<Option<T>, Error> {
        match outcome {
            Ok(value) => Ok(Some(value)),
            Err(Failure::User(errors)) => {
                self.0.extend(errors);
                Ok(None)
            }
            Err(Failure::Error(error)) => Err(error),
        }
    }

    /// The row that a member names; `is_required` makes its absence a fault.
    ///
    /// # Errors
    /// A fault of the hub itself.
    pub async fn row(
        &mut self,
        call: &Call<'_>,
        tx: &DatabaseTransaction,
        (member, of): (&str, &str),
        is_required: bool,
    ) -> Result<Option<i64>, Error> {
        if is_required {
            return self.take(call.required(tx, member, of).await);
        }
        Ok(self.take(call.reference(tx, member, of).await)?.flatten())
    }

    /// The value of a look-up list that a member names.
    ///
    /// # Errors
    /// A fault of the hub itself.
    pub async fn choice(
        &mut self,
        call: &Call<'_>,
        tx: &DatabaseTransaction,
        (member, category): (&str, &str),
        is_required: bool,
    ) -> Result<Option<i64>, Error> {
        match members::present(call.input, member) {
            Some(value) => self.take(choice::choose(call, tx, value, member, category).await),
            None if is_required => {
                self.add(Code::Required, member, &format!("Say which {member}."));
                Ok(None)
            }
            None => Ok(None),
        }
    }

    /// Nothing if nothing was found.
    ///
    /// # Errors
    /// All that was found.
    pub fn end(self) -> Result<(), Failure> {
        if self.0.is_empty() { Ok(()) } else { Err(Failure::User(self.0)) }
    }
}
