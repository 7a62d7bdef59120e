//! `viewer`: who is asking, and what is theirs.

use super::{
    collect::{Selected, begin, collect},
    model::{Binding, Many, Style},
    plan::ROOT,
    request::Request,
    resolve::{List, first, read_unscoped},
    scope,
    sql::{Piece, template},
};
use crate::{error::Error, goal, permission, viewer::Permissions};

/// The viewer as JSON.
///
/// # Errors
/// A bad argument inside the selection, or a fault.
pub async fn write(request: &Request<'_>, selected: &Selected<'_>) -> Result<String, Error> {
    let object = request.model().object("Viewer");
    let mut out = String::from("{");
    for item in collect(request, object, &selected.sets) {
        let Some(inner) = begin(&mut out, object, item) else { continue };
        out.push_str(&member(request, &inner).await?);
    }
    out.push('}');
    Ok(out)
}

async fn member(request: &Request<'_>, selected: &Selected<'_>) -> Result<String, Error> {
    if let Binding::Many(many) = &selected.field.binding {
        return list(request, selected, many).await;
    }
    let viewer = request.viewer;
    match selected.field.name.as_str() {
        "staff" => row(request, selected, "Staff", viewer.staff).await,
        "token" => row(request, selected, "AccessToken", viewer.token).await,
        "permissions" => {
            let words: Vec<&str> = match &viewer.permissions {
                Permissions::All => permission::WORDS.iter().map(|(word, _)| *word).collect(),
                Permissions::Words(words) => words.iter().map(String::as_str).collect(),
            };
            Ok(serde_json::to_string(&words).expect("words are JSON"))
        }
        "tenants" => {
            let (object, table) = request.model().rows("Tenant").expect("companies are rows");
            List { object, order: &table.order, conditions: Vec::new() }.settings(request, selected).await
        }
        "unitsAchieved" => {
            let (Some(staff), Some(tenant)) = (viewer.staff, viewer.tenant) else { return Ok("0".to_owned()) };
            Ok(goal::units_achieved(request.hub, tenant, staff).await?.to_string())
        }
        "wallet" => wallet(request, selected).await,
        name => Err(Error::internal(format!("nothing resolves Viewer.{name}"))),
    }
}

async fn row(request: &Request<'_>, selected: &Selected<'_>, of: &str, number: Option<i64>) -> Result<String, Error> {
    let Some(number) = number else { return Ok("null".to_owned()) };
    let rows = read_unscoped(request, request.model().object(of), &selected.sets, &[number], Vec::new()).await?;
    Ok(rows.into_iter().next().flatten().unwrap_or_else(|| "null".to_owned()))
}

/// The viewer's own, by the rules of wallets.
async fn wallet(request: &Request<'_>, selected: &Selected<'_>) -> Result<String, Error> {
    let (object, table) = request.model().rows("Wallet").expect("wallets are rows");
    if !scope::may_read(request.viewer, table) {
        return Ok("null".to_owned());
    }
    let own = Piece::with(&format!("{ROOT}.staff_id = ?"), [request.viewer.staff.unwrap_or(0).into()]);
    Ok(first(request, object, selected, vec![own]).await?.unwrap_or_else(|| "null".to_owned()))
}

async fn list(request: &Request<'_>, selected: &Selected<'_>, many: &Many) -> Result<String, Error> {
    let (object, table) = request.model().rows(&many.of).expect("checked by bind");
    let viewer = request.viewer.staff.unwrap_or(0).to_string();
    let today = request.hub.directory.today(request.hub.clock.now(), request.viewer.tenant);
    // Rows of a type that the viewer may not read are not shown by any way.
    let own =
        if scope::may_read(request.viewer, table) { many.condition.as_deref().unwrap_or("TRUE") } else { "FALSE" };
    let own = template(own, ROOT).replace("{viewer}", &viewer).replace("{today}", &format!("'{today}'"));
    let list = List { object, order: &many.order, conditions: vec![Piece::text(format!("({own})"))] };
    if many.style == Style::Connection {
        list.connection(request, selected).await
    } else {
        list.settings(request, selected).await
    }
}
