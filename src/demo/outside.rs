//! Small stand-ins for the services outside the group: they answer what their data file holds, to whoever brings the
//! key of the demo.

use std::{collections::BTreeMap, sync::LazyLock};

use axum::{
    Json, Router,
    extract::{Path, Query},
    http::{HeaderMap, StatusCode, header},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::seed::Profile;

/// What the hub has to send as bearer token.
pub const KEY: &str = "demo-key-of-outside-services";
/// Services that the hub can be told of, by setting and path.
pub const SERVICES: [(&str, &str); 5] = [
    ("outside.documents", "documents"),
    ("outside.registry", "registry"),
    ("outside.accounts", "accounts"),
    ("outside.activity_log", "activity-log"),
    ("outside.announcements", "announcements"),
];
/// Entries of one page of the log.
const MOST: usize = 500;

type Answer = (StatusCode, Json<Value>);
type Services = BTreeMap<String, BTreeMap<String, Value>>;

/// Answers by service and question.
static ANSWERS: LazyLock<Services> =
    LazyLock::new(|| serde_json::from_str(include_str!("outside.json")).expect("the embedded answers are well formed"));

#[derive(Deserialize)]
struct Page {
    #[serde(rename = "type")]
    kind: Option<String>,
    limit: Option<usize>,
    offset: Option<usize>,
}

/// Port of the stand-ins in a demo whose hub has the given port: behind the companies.
#[must_use]
pub fn port(hub: u16) -> u16 {
    hub + u16::try_from(Profile::all().len()).unwrap_or(0)
}

/// `POST /SERVICE {"nin": …}` answers a record or 404; `GET /activity-log` a page of entries; `GET /` says what there is.
pub fn router() -> Router {
    Router::new()
        .route("/", get(overview))
        .route("/activity-log", get(entries))
        .route("/announcements", post(take))
        .route("/{service}", post(look_up))
}

async fn overview() -> Json<Value> {
    let services = ANSWERS.iter().map(|(name, records)| (name.clone(), json!(records.keys().collect::<Vec<_>>())));
    Json(Value::Object(services.collect()))
}

async fn look_up(Path(service): Path<String>, headers: HeaderMap, Json(question): Json<Value>) -> Answer {
    if !may(&headers) {
        return refuse(StatusCode::UNAUTHORIZED, "Send the key.");
    }
    let text = |name: &str| question.get(name).and_then(Value::as_str);
    let asked = match (text("type"), text("number"), text("nin"), text("phone")) {
        (Some(kind), Some(number), ..) => format!("{kind} {number}"),
        (_, _, Some(number), _) => format!("nin {number}"),
        (_, _, _, Some(number)) => format!("phone {number}"),
        _ => return refuse(StatusCode::BAD_REQUEST, "Say what you look for."),
    };
    match ANSWERS.get(&service).and_then(|records| records.get(&asked)) {
        Some(record) => (StatusCode::OK, Json(record.clone())),
        None => refuse(StatusCode::NOT_FOUND, "There is no record of this number."),
    }
}

async fn entries(headers: HeaderMap, Query(page): Query<Page>) -> Answer {
    if !may(&headers) {
        return refuse(StatusCode::UNAUTHORIZED, "Send the key.");
    }
    let lists = ANSWERS.get("activity-log").into_iter().flatten();
    let lists = lists.filter(|(kind, _)| page.kind.as_ref().is_none_or(|wanted| wanted == *kind));
    let mut found: Vec<&Value> = lists.filter_map(|(_, list)| list.as_array()).flatten().collect();
    found.sort_by_key(|entry| std::cmp::Reverse(entry["id"].as_i64()));
    let shown = found.into_iter().skip(page.offset.unwrap_or(0)).take(page.limit.unwrap_or(MOST).min(MOST));
    (StatusCode::OK, Json(json!({ "logs": shown.collect::<Vec<_>>() })))
}

/// News are taken, and that is all.
async fn take(headers: HeaderMap, Json(news): Json<Value>) -> Answer {
    if !may(&headers) {
        return refuse(StatusCode::UNAUTHORIZED, "Send the key.");
    }
    tracing::debug!(prospect = %news["id"], "news taken");
    (StatusCode::ACCEPTED, Json(json!({ "accepted": true })))
}

fn may(headers: &HeaderMap) -> bool {
    let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    header.and_then(|text| text.strip_prefix("Bearer ")) == Some(KEY)
}

fn refuse(status: StatusCode, message: &str) -> Answer {
    (status, Json(json!({ "message": message })))
}
