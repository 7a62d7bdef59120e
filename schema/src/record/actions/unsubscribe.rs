//! Whether somebody wants no more mail.

use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::{resource, text};
use crate::{
    email,
    engine::{coerce::Arguments, compare::stamp, plan::ROOT, request::Request, sql::Piece},
    error::Error,
    record::store,
};

/// `mailUnsubscription`: whether an address is among those that are not written to any more, and since when.
pub fn check<'a>(request: &'a Request<'a>, arguments: &'a Arguments) -> BoxFuture<'a, Result<Value, Error>> {
    Box::pin(async move {
        let address = text(arguments, "email").unwrap_or_default().trim().to_owned();
        if !email::is_valid(&address) {
            return Err(Error::bad_input("email must be an e-mail address."));
        }
        let condition = Piece::with(&format!("lower({ROOT}.\"body\" ->> 'email') = lower(?)"), [address.into()]);
        let database = &request.hub.database.read;
        let found = store::some(request, database, resource("MailUnsubscribe"), vec![condition], 1).await?;
        let mut answer = json!({ "is_unsubscribed": !found.is_empty() });
        if let Some(since) = found.first().and_then(|row| row.created_at) {
            answer["unsubscribe_date"] = stamp(since).into();
        }
        Ok(answer)
    })
}
