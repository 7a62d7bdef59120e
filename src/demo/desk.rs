//! Two routes of the hub that exist only in the demo, for the administrator: the code that was mailed last, and a
//! token with which a launcher would sign a person in. It must not go around the rules of the schema.

use std::{fs, path::PathBuf, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    routing::post,
};
use groupgraph_entities::{delivery, staff};
use groupgraph_schema::{
    delivery::{Kind, PENDING},
    hub::Hub,
    identity,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::Deserialize;
use serde_json::{Value, json};

use super::place::Place;

/// What an administrator may and others may not.
const PERMISSION: &str = "tokens.manage";
/// How often, and with what pause, it is looked whether mails have left.
const TRIES: usize = 50;
const PAUSE: Duration = Duration::from_millis(100);
const ISSUE: &str =
    "mutation($staff: Reference) { issueLauncherToken(input: {staff: $staff}) { token errors { message } } }";

struct Desk {
    hub: Hub,
    mail: PathBuf,
    client: reqwest::Client,
}

#[derive(Deserialize)]
struct Whose {
    email: String,
}

type Answer = (StatusCode, Json<Value>);

/// `POST /demo/otp {"email"}` and `POST /demo/sso-token {"email"}`.
pub fn router(place: &Place, client: reqwest::Client) -> Router {
    let desk = Desk { hub: place.hub.clone(), mail: place.config.mail.folder.clone(), client };
    Router::new()
        .route("/demo/otp", post(mailed_code))
        .route("/demo/sso-token", post(launcher_token))
        .with_state(Arc::new(desk))
}

async fn mailed_code(State(desk): State<Arc<Desk>>, headers: HeaderMap, Json(whose): Json<Whose>) -> Answer {
    if let Err(refused) = administrator(&desk, &headers).await {
        return refused;
    }
    sent(&desk.hub).await;
    match newest_code(&desk, &whose.email) {
        Some(code) => (StatusCode::OK, Json(json!({ "otp": code }))),
        None => refuse(StatusCode::NOT_FOUND, "No code was mailed to this address."),
    }
}

async fn launcher_token(State(desk): State<Arc<Desk>>, headers: HeaderMap, Json(whose): Json<Whose>) -> Answer {
    let token = match administrator(&desk, &headers).await {
        Ok(token) => token,
        Err(refused) => return refused,
    };
    match issue(&desk, token, &whose.email).await {
        Some(token) => (StatusCode::OK, Json(json!({ "token": token }))),
        None => refuse(StatusCode::NOT_FOUND, "There is no such person, or no token to be had."),
    }
}

fn refuse(status: StatusCode, message: &str) -> Answer {
    (status, Json(json!({ "message": message })))
}

/// The bearer token of the caller, if it is the administrator's.
async fn administrator<'a>(desk: &Desk, headers: &'a HeaderMap) -> Result<&'a str, Answer> {
    let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header.and_then(|text| text.strip_prefix("Bearer "));
    let viewer = identity::authenticate(&desk.hub, token).await;
    match (viewer, token) {
        (Ok(viewer), Some(token)) if viewer.may(PERMISSION) => Ok(token),
        (Ok(_), Some(_)) => Err(refuse(StatusCode::FORBIDDEN, "Only the administrator may do this.")),
        _ => Err(refuse(StatusCode::UNAUTHORIZED, "Sign in first.")),
    }
}

/// Until no mail waits to be sent, but not for long.
async fn sent(hub: &Hub) {
    for _ in 0..TRIES {
        let waiting = delivery::Entity::find()
            .filter(delivery::Column::Kind.eq(Kind::Mail.word()))
            .filter(delivery::Column::Status.eq(PENDING));
        if matches!(waiting.one(&hub.database.read).await, Ok(None)) {
            return;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The code in the last mail to an address. Names of mails sort by time.
fn newest_code(desk: &Desk, email: &str) -> Option<String> {
    let names = fs::read_dir(&desk.mail).ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let ending = format!("-{}.eml", email.trim().to_lowercase());
    let newest = names.filter(|name| name.to_lowercase().ends_with(&ending)).max()?;
    let mail = fs::read_to_string(desk.mail.join(newest)).ok()?;
    let (_, text) = mail.split_once("\r\n\r\n")?;
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words.find(|word| word.len() >= 4 && word.bytes().all(|byte| byte.is_ascii_digit())).map(str::to_owned)
}

/// Asks the hub as any launcher would, with the caller's own token.
async fn issue(desk: &Desk, token: &str, email: &str) -> Option<String> {
    let person = staff::Entity::find().filter(staff::Column::Email.eq(email.trim().to_lowercase()));
    let person = person.one(&desk.hub.database.read).await.ok()??;
    let body = json!({ "query": ISSUE, "variables": { "staff": { "number": person.id } } });
    let url = format!("{}/graphql", desk.hub.settings.public_url);
    let answer = desk.client.post(url).bearer_auth(token).json(&body).send().await.ok()?;
    let answer: Value = answer.json().await.ok()?;
    answer.pointer("/data/issueLauncherToken/token")?.as_str().map(str::to_owned)
}
