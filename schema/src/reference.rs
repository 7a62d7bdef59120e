//! Rows that an input names: by global id, number, uuid, name or foreign id. A row that the viewer may not see
//! does not exist.

use async_graphql::Value;
use sea_orm::ConnectionTrait;

use crate::{
    error::Code,
    verb::{Call, Failure, fault},
};

impl Call<'_> {
    /// The number of the row that a member of the input names; none if it is absent or null.
    ///
    /// # Errors
    /// `NOT_FOUND` naming the member if there is no such row or it is hidden.
    pub async fn reference<C: ConnectionTrait>(&self, db: &C, member: &str, of: &str) -> Result<Option<i64>, Failure> {
        match self.member(member) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => self.resolve(db, value, member, of).await.map(Some),
        }
    }

    /// The number of the row that a member of the input must name.
    ///
    /// # Errors
    /// `REQUIRED` if it is absent or null, `NOT_FOUND` if there is no such row or it is hidden.
    pub async fn required<C: ConnectionTrait>(&self, db: &C, member: &str, of: &str) -> Result<i64, Failure> {
        match self.reference(db, member, of).await? {
            Some(number) => Ok(number),
            None => Err(fault(Code::Required, member, format!("Say which {member}."))),
        }
    }

    /// The number of the row that a coerced `Reference` names; `field` is its path in the input.
    ///
    /// # Errors
    /// `NOT_FOUND` if there is no such row or it is hidden.
    pub async fn resolve<C: ConnectionTrait>(
        &self,
        db: &C,
        value: &Value,
        field: &str,
        of: &str,
    ) -> Result<i64, Failure> {
        Ok(self.resolve_in(db, (value, field), of, self.viewer.tenant).await?.number)
    }
}
