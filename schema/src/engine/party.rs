//! Conditions across the rows around a prospect or client: its notes, its follow-up, who holds which role for it.

use async_graphql::Value;
use sea_orm::DbBackend;

use super::{
    compare::{self, Target},
    filter::{self, Given, Rows},
    model::Leaf,
    request::Request,
    sql::{Piece, column},
};
use crate::error::Error;

/// Conditions of a note or follow-up on the prospect or client that it belongs to.
pub(super) fn by_party(request: &Request<'_>, rows: Rows<'_>, given: Given<'_>) -> Result<Option<Piece>, Error> {
    let Given { member, value, path } = given;
    let (alias, model) = (rows.alias, request.model());
    // A name of its own: this can stand inside the condition on another party.
    let inside = format!("{alias}_party");
    let within = |table: &str, test: String, inner: Option<Piece>| {
        inner.map(|inner| {
            let mut piece = Piece::text(format!("EXISTS (SELECT 1 FROM \"{table}\" {inside} WHERE {test} AND "));
            piece.append(inner);
            piece.push(")");
            piece
        })
    };
    let is = |name: &str| format!("{} = {}", column(&inside, "id"), column(alias, name));
    match member.name.as_str() {
        "followUp" => {
            let party = Rows { object: model.object("FollowUp"), alias: &inside };
            let test =
                ["prospect_id", "client_id"].map(|name| format!("{} = {}", column(&inside, name), column(alias, name)));
            let test = format!("({})", test.join(" OR "));
            Ok(within("follow_up", test, filter::condition(request, party, "FollowUpFilter", value, path)?))
        }
        "prospectKind" => {
            let target = Target { sql: column(&inside, "kind"), leaf: &Leaf::Text };
            Ok(within(
                "prospect",
                is("prospect_id"),
                compare::operators(request, &target, filter::operators(value, path)?, path)?,
            ))
        }
        "onboardingStatus" => {
            let target = Target { sql: column(&inside, "onboarding_status"), leaf: &Leaf::Text };
            Ok(within(
                "client",
                is("client_id"),
                compare::operators(request, &target, filter::operators(value, path)?, path)?,
            ))
        }
        _ => {
            let key = column(&inside, "owner_id");
            let owner = || filter::relation(request, &key, "Staff", filter::operators(value, path)?, path);
            let pieces: Vec<Piece> =
                [within("prospect", is("prospect_id"), owner()?), within("client", is("client_id"), owner()?)]
                    .into_iter()
                    .flatten()
                    .collect();
            Ok(Piece::join(pieces, " OR "))
        }
    }
}

/// Each `{role, staff}` must be held; without a condition on `staff` it restricts nothing.
pub(super) fn role_holders(
    request: &Request<'_>,
    parent: &str,
    value: &Value,
    path: &str,
) -> Result<Option<Piece>, Error> {
    let Value::List(items) = value else { return Ok(None) };
    // PostgreSQL takes what a joined table leads to for rare, an array not.
    let [open, close] = if request.backend() == DbBackend::Postgres { ["= ANY (ARRAY(", "))"] } else { ["IN (", ")"] };
    let mut pieces = Vec::new();
    for item in items {
        let Value::Object(holder) = item else { continue };
        let (Some(Value::String(role)), Some(staff)) = (holder.get("role"), holder.get("staff")) else { continue };
        let operators = filter::operators(staff, path)?;
        let Some(inner) = filter::relation(request, "holder.staff_id", "Staff", operators, path)? else { continue };
        let mut piece = Piece::with(
            &format!(
                "EXISTS (SELECT 1 FROM follow_up_role_holder holder WHERE holder.follow_up_id = {parent} \
                 AND holder.role_id {open}SELECT role.id FROM lookup_value role WHERE lower(role.name) = lower(?){close} AND "
            ),
            [role.clone().into()],
        );
        piece.append(inner);
        piece.push(")");
        pieces.push(piece);
    }
    Ok(Piece::join(pieces, " AND "))
}
