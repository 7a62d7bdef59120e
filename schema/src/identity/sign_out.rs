//! The mutation signOut.

use futures_util::future::BoxFuture;
use groupgraph_entities::{access_token, staff};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::{
    accounts,
    audit::{self, Kind},
    device,
};
use crate::{
    error::{ClientError, Code, Error},
    events::{ChangeKind, SESSIONS},
    verb::{Call, Outcome, Payload, fault},
};

/// Ends the viewer's session on this device, or on all of them.
pub(super) fn sign_out<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let Some(number) = call.viewer.staff else {
            return Err(fault(Code::WrongState, "", "A machine has no session; revoke its key instead."));
        };
        let transaction = call.begin().await?;
        let person = staff::Entity::find_by_id(number).one(&transaction).await?;
        let person = person.ok_or(Error::Client(ClientError::Unauthenticated))?;
        let revoked = if call.flag("isEverywhere") {
            accounts::end_sessions(&transaction, number, &[device::KIND], call.now()).await?
        } else {
            let update = access_token::Entity::update_many()
                .col_expr(access_token::Column::RevokedAt, Expr::value(call.now()))
                .filter(access_token::Column::Id.eq(call.viewer.token.unwrap_or_default()))
                .filter(access_token::Column::Kind.eq(device::KIND))
                .filter(access_token::Column::RevokedAt.is_null());
            update.exec(&transaction).await?.rows_affected
        };
        if revoked == 0 && !call.flag("isEverywhere") {
            return Err(fault(Code::WrongState, "", "This token is no session; revoke it instead."));
        }
        let text = if call.flag("isEverywhere") { "Signed out on all devices" } else { "Signed out" };
        audit::note(&transaction, Kind::Session, &person, text, call.now()).await?;
        call.changed(ChangeKind::Updated, SESSIONS, number);
        call.commit(transaction).await?;
        Ok(Payload::new().plain("revokedCount", revoked))
    })
}
