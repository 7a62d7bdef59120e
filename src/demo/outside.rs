//! Small stand-ins for the services outside the group: they answer what their data file holds.

use std::{collections::BTreeMap, sync::LazyLock};

use axum::{
    Json, Router,
    extract::Path,
    http::StatusCode,
    routing::{get, post},
};
use serde_json::{Value, json};

/// Answers by service and number.
static ANSWERS: LazyLock<BTreeMap<String, BTreeMap<String, Value>>> =
    LazyLock::new(|| serde_json::from_str(include_str!("outside.json")).expect("the embedded answers are well formed"));

/// `GET /SERVICE/NUMBER` answers a record or 404; `POST /activity` takes whatever comes.
pub fn router() -> Router {
    Router::new().route("/", get(overview)).route("/activity", post(take)).route("/{service}/{number}", get(look_up))
}

async fn overview() -> Json<Value> {
    let services = ANSWERS.iter().map(|(name, records)| (name.clone(), json!(records.keys().collect::<Vec<_>>())));
    Json(Value::Object(services.collect()))
}

async fn look_up(Path((service, number)): Path<(String, String)>) -> (StatusCode, Json<Value>) {
    match ANSWERS.get(&service).and_then(|records| records.get(&number)) {
        Some(record) => (StatusCode::OK, Json(record.clone())),
        None => (StatusCode::NOT_FOUND, Json(json!({ "message": "There is no record of this number." }))),
    }
}

async fn take(Json(entry): Json<Value>) -> (StatusCode, Json<Value>) {
    tracing::debug!(%entry, "activity taken");
    (StatusCode::ACCEPTED, Json(json!({ "accepted": true })))
}
