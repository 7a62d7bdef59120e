//! Portals of work orders and the links to them.

use futures_util::future::BoxFuture;
use sea_orm::DatabaseTransaction;
use serde_json::{Map, Value, json};

use super::{allowed, change, note};
use crate::{
    record::store::Row,
    verb::{Call, Failure, Outcome},
};

const LINK: &str = "WorkorderPortalLink";

/// Gives a new link its token and its address.
pub fn issue<'a>(
    call: &'a Call<'a>,
    _: &'a DatabaseTransaction,
    row: &'a mut Row,
    earlier: Option<&'a Map<String, Value>>,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        if earlier.is_none() {
            fresh(call, row);
        }
        Ok(())
    })
}

/// Gives a new portal its state and its code.
pub fn open<'a>(
    _: &'a Call<'a>,
    _: &'a DatabaseTransaction,
    row: &'a mut Row,
    earlier: Option<&'a Map<String, Value>>,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        if earlier.is_none() {
            row.set("status", "pending");
            row.set("portal_access_code", format!("{:06}", rand::random::<u32>() % 1_000_000));
            row.set("access_count", 0);
        }
        Ok(())
    })
}

/// A token that nobody can guess, the address with it, and nobody who has used it.
fn fresh(call: &Call<'_>, row: &mut Row) {
    let token = format!("{:032x}", rand::random::<u128>());
    row.set("full_url", format!("{}/portal/workorders/{token}", call.hub.settings.public_url));
    row.set("link_token", token);
    row.set("usage_stats", json!({ "total_views": 0, "unique_visitors": 0, "access_log": [] }));
}

/// `regenerateWorkorderPortalLink`: the old address leads nowhere from now on.
pub fn regenerate<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(change(call, LINK, "workorderPortalLink", |row| {
        fresh(call, row);
        Ok(())
    }))
}

/// `activateWorkorderPortalLink`
pub fn activate<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(change(call, LINK, "workorderPortalLink", |row| {
        row.set("is_active", true);
        Ok(())
    }))
}

/// `deactivateWorkorderPortalLink`
pub fn deactivate<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(change(call, LINK, "workorderPortalLink", |row| {
        row.set("is_active", false);
        Ok(())
    }))
}

/// `setWorkorderPortalStatus`
pub fn set_status<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let status = allowed(call, "WorkorderPortal", "status")?;
        change(call, "WorkorderPortal", "workorderPortal", |row| {
            row.set("status", status);
            note(row, call.text("notes"));
            Ok(())
        })
        .await
    })
}
