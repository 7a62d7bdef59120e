//! Portals of work orders and the links to them: who has a link sees its work order, for as long as the link says.

use futures_util::future::BoxFuture;
use sea_orm::DatabaseTransaction;
use serde_json::{Map, Value, json};

use super::{allowed, change, note, resource};
use crate::{
    engine::{
        MODEL,
        compare::{parse_instant, stamp},
        plan::ROOT,
        record_id,
        sql::{Piece, column},
    },
    error::Code,
    record::{
        document,
        store::{self, Row},
    },
    verb::{Call, Failure, Outcome, Payload, fault},
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

/// Gives a new portal its code.
pub fn open<'a>(
    _: &'a Call<'a>,
    _: &'a DatabaseTransaction,
    row: &'a mut Row,
    earlier: Option<&'a Map<String, Value>>,
) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        if earlier.is_none() {
            row.set("portal_access_code", format!("{:06}", rand::random::<u32>() % 1_000_000));
        }
        Ok(())
    })
}

/// A token that nobody can guess and that says whose it is, the address with it, and nobody who has used it.
fn fresh(call: &Call<'_>, row: &mut Row) {
    let token = format!("{}{:032x}", row.object_id, rand::random::<u128>());
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

/// `openWorkorderPortalLink`: the work order behind a token, for anybody who has it, and a note of the visit.
pub fn open_link<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Outcome> {
    Box::pin(async move {
        let token = call.text("token").unwrap_or_default();
        let tx = call.begin().await?;
        let found = match token.get(..ID) {
            Some(id) => store::load(&tx, LINK, None::<i64>, id).await?,
            None => None,
        };
        let is_own = |row: &Row| is_same(row.text("link_token").unwrap_or_default(), token);
        let is_active = |row: &Row| row.body.get("is_active") != Some(&Value::Bool(false));
        let found = found.filter(is_own).filter(is_active);
        // Whoever guesses is not told what there was.
        let mut link = found.ok_or_else(|| fault(Code::NotFound, "token", "This link leads nowhere."))?;
        check(call, &link)?;
        let workorder = workorder(call, &tx, &link).await?;
        note_visit(call, &mut link);
        store::save(call, &tx, resource(LINK), &mut link).await?;
        call.commit(tx).await?;
        let may = link.body.get("permissions").cloned().unwrap_or_else(|| json!({}));
        let expires_at = link.body.get("expiry_date").cloned();
        let shown = json!({ "workorder": workorder, "permissions": may, "expiresAt": expires_at });
        Ok(Payload::new().plain("portal", shown))
    })
}

/// Letters of a record id.
const ID: usize = 24;
/// Visits that are kept.
const VISITS: usize = 100;
/// Members of a work order that a visitor sees.
const SHOWN: [&str; 6] = ["_id", "title", "description", "priority", "status", "dueDate"];

fn is_same(own: &str, given: &str) -> bool {
    use subtle::ConstantTimeEq;
    !own.is_empty() && bool::from(own.as_bytes().ct_eq(given.as_bytes()))
}

/// Refuses a link that is over, or that this caller may not use.
fn check(call: &Call<'_>, link: &Row) -> Result<(), Failure> {
    let ends = link.text("expiry_date").and_then(|text| parse_instant(text, chrono_tz::UTC));
    if ends.is_some_and(|ends| ends <= call.now()) {
        return Err(fault(Code::Expired, "token", "This link has expired."));
    }
    let restriction = |name: &str| link.body.get("access_restrictions").and_then(|all| all.get(name));
    let most = restriction("max_uses").and_then(Value::as_u64);
    let views = link.body.get("usage_stats").and_then(|stats| stats.get("total_views")?.as_u64()).unwrap_or_default();
    if most.is_some_and(|most| views >= most) {
        return Err(fault(Code::Expired, "token", "This link was used as often as it may be."));
    }
    let allowed = restriction("allowed_ips").and_then(Value::as_array).filter(|list| !list.is_empty());
    let address = call.address.map(|address| address.to_string());
    if allowed.is_some_and(|list| !list.iter().any(|one| one.as_str() == address.as_deref())) {
        return Err(fault(Code::Forbidden, "token", "This link does not open from here."));
    }
    let is_guarded = ["password_protected", "require_email_verification"];
    if is_guarded.iter().any(|name| restriction(name) == Some(&Value::Bool(true))) {
        return Err(fault(Code::Forbidden, "token", "This link asks for a proof that cannot be given here."));
    }
    Ok(())
}

/// What a visitor sees of the work order; null if the link does not show it.
async fn workorder(call: &Call<'_>, tx: &DatabaseTransaction, link: &Row) -> Result<Value, Failure> {
    if link.body.get("permissions").and_then(|may| may.get("can_view_details")) == Some(&Value::Bool(false)) {
        return Ok(Value::Null);
    }
    let of = resource("Workorder");
    let (_, table) = MODEL.rows(of.type_name()).expect("resources have rows");
    let named = record_id::condition(table, ROOT, link.text("workorder").unwrap_or_default());
    let own = Piece::with(&format!("{} = ?", column(ROOT, "tenant_id")), [link.tenant.into()]);
    let Some(named) = named else { return Ok(Value::Null) };
    let rows = store::select(&call.request(), tx, of, vec![named, own], "").await?;
    let Some(row) = rows.first() else { return Ok(Value::Null) };
    let mut shown = document::document(call.hub, of, row);
    shown.retain(|name, _| SHOWN.contains(&name.as_str()));
    Ok(shown.into())
}

fn note_visit(call: &Call<'_>, link: &mut Row) {
    let now = stamp(call.now());
    let address = call.address.map(|address| address.to_string());
    let stats = link.body.get("usage_stats").cloned().unwrap_or_default();
    let count = |name: &str| stats.get(name).and_then(Value::as_u64).unwrap_or_default();
    let mut log = stats.get("access_log").and_then(Value::as_array).cloned().unwrap_or_default();
    let is_new = !log.iter().any(|visit| visit.get("ip_address").and_then(Value::as_str) == address.as_deref());
    log.push(json!({ "timestamp": now, "ip_address": address, "action": "view" }));
    let log = log.split_off(log.len().saturating_sub(VISITS));
    link.set(
        "usage_stats",
        json!({
            "total_views": count("total_views") + 1,
            "unique_visitors": count("unique_visitors") + u64::from(is_new),
            "last_accessed": now,
            "access_log": log,
        }),
    );
}
