//! What an operator does at the command line: people, tokens and keys. It must not know how it is typed or printed.

mod key;
mod reseal;
mod token;
mod user;

pub use key::{KeyLine, list_keys, rotate_keys};
pub use reseal::reseal;
pub use token::{NewToken, Owner, TokenLine, create_token, list_tokens, revoke_token};
pub use user::{CreatedUser, NewUser, UserLine, create_user, deactivate, list_users, set_password};

use groupgraph_entities::{staff, tenant};
use sea_orm::{
    Condition, DatabaseConnection, DbErr, EntityTrait, ExprTrait, QueryFilter,
    sea_query::{Expr, Func},
};

use super::{accounts, audit};
use crate::error::Error;

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// A sentence for the operator.
    #[error("{0}")]
    Refused(String),
    #[error("database: {0}")]
    Database(#[from] DbErr),
    #[error(transparent)]
    Internal(#[from] Error),
}

fn refused(message: impl Into<String>) -> AdminError {
    AdminError::Refused(message.into())
}

/// The company of this name or namespace; left out: the head office.
async fn find_tenant(connection: &DatabaseConnection, name: Option<&str>) -> Result<i64, AdminError> {
    let Some(name) = name else {
        let head_office = audit::head_office(connection).await?;
        return head_office.ok_or_else(|| refused("There is no company yet."));
    };
    let is = |column| Expr::expr(Func::lower(Expr::col(column))).eq(name.to_lowercase());
    let condition = Condition::any().add(is(tenant::Column::Namespace)).add(is(tenant::Column::Name));
    let row = tenant::Entity::find().filter(condition).one(connection).await?;
    row.map(|row| row.id).ok_or_else(|| refused(format!("There is no company {name}.")))
}

async fn find_person(connection: &DatabaseConnection, email: &str) -> Result<staff::Model, AdminError> {
    let person = accounts::by_email(connection, &accounts::normalise(email)).await?;
    person.ok_or_else(|| refused(format!("No active person has the address {email}.")))
}
