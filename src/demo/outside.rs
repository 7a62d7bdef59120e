//! Small stand-ins for the services outside the group: they answer what their data file holds, to whoever brings the
//! key of the demo.

use std::{collections::BTreeMap, sync::LazyLock, time::Duration};

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
pub const SERVICES: [(&str, &str); 6] = [
    ("outside.documents", "documents"),
    ("outside.registry", "registry"),
    ("outside.accounts", "accounts"),
    ("outside.activity_log", "activity-log"),
    ("outside.announcements", "announcements"),
    ("outside.recognition", "recognition"),
];
/// An invoice to try text recognition with; the stand-in knows what it says.
const SAMPLE: &[u8] = include_bytes!("sample-invoice.pdf");
/// Path of that invoice.
pub const SAMPLE_PATH: &str = "/samples/invoice.pdf";
/// Longest wait for a document.
const PATIENCE: Duration = Duration::from_secs(2);
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
        .route("/recognition", post(recognize))
        .route(SAMPLE_PATH, get(|| async { ([(header::CONTENT_TYPE, "application/pdf")], SAMPLE) }))
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

/// Fetches the document, and answers what the data file says of one that has its words: plain text is all that this
/// reads.
async fn recognize(headers: HeaderMap, Json(question): Json<Value>) -> Answer {
    if !may(&headers) {
        return refuse(StatusCode::UNAUTHORIZED, "Send the key.");
    }
    let Some(document) = fetch(question["document"]["url"].as_str().unwrap_or_default()).await else {
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, "There is no document at this address.");
    };
    let text = String::from_utf8_lossy(&document);
    match ANSWERS["recognition"].iter().find(|(words, _)| text.contains(words.as_str())) {
        Some((_, answer)) => (StatusCode::OK, Json(answer.clone())),
        None => refuse(StatusCode::NOT_FOUND, "Nothing can be read of this document."),
    }
}

/// A document of this machine.
async fn fetch(url: &str) -> Option<Vec<u8>> {
    let url: reqwest::Url = url.parse().ok().filter(|url: &reqwest::Url| url.host_str() == Some("127.0.0.1"))?;
    let answer = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().ok()?.get(url).send().await.ok()?;
    Some(answer.error_for_status().ok()?.bytes().await.ok()?.to_vec())
}

fn may(headers: &HeaderMap) -> bool {
    let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    header.and_then(|text| text.strip_prefix("Bearer ")) == Some(KEY)
}

fn refuse(status: StatusCode, message: &str) -> Answer {
    (status, Json(json!({ "message": message })))
}
