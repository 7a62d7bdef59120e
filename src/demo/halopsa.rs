//! A stand-in for an instance of HaloPSA: it takes the client of the demo, numbers tickets, and knows one access token.
//! It must not know the hub.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    routing::{get, post},
};
use groupgraph_entities::{import_provider, import_setting};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use super::{DemoError, place::Place};

/// How the hub signs in.
pub const CLIENT: &str = "groupgraph-demo";
pub const SECRET: &str = "secret-of-the-demo";
/// Token that the client gets, and that callers of the hub may show as well.
const TOKEN: &str = "halopsa-access-token-of-the-demo";
/// Number before that of the first ticket.
const BEFORE_FIRST: i64 = 67_889;
/// Providers that the demo begins with.
const PROVIDERS: [&str; 2] = ["apollo", "zoominfo"];

type Answer = (StatusCode, Json<Value>);

/// The instance.
pub fn router() -> Router {
    Router::new()
        .route("/auth/token", post(sign_in))
        .route("/api/Tickets", post(take))
        .route("/api/agent/me", get(who))
        .route("/api/status", get(status))
        .with_state(Arc::new(AtomicI64::new(BEFORE_FIRST)))
}

async fn sign_in(body: String) -> Answer {
    let given = |name: &str, value: &str| {
        url::form_urlencoded::parse(body.as_bytes()).any(|(known, text)| known == name && text == value)
    };
    if given("client_id", CLIENT) && given("client_secret", SECRET) {
        return (StatusCode::OK, Json(json!({ "access_token": TOKEN, "token_type": "Bearer", "expires_in": 3600 })));
    }
    (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_client" })))
}

fn is_signed_in(headers: &HeaderMap) -> bool {
    headers.get(header::AUTHORIZATION).is_some_and(|value| value == &format!("Bearer {TOKEN}"))
}

async fn take(State(last): State<Arc<AtomicI64>>, headers: HeaderMap, Json(tickets): Json<Vec<Value>>) -> Answer {
    if !is_signed_in(&headers) {
        return (StatusCode::UNAUTHORIZED, Json(json!({ "error": "unauthorized" })));
    }
    let number = |ticket: Value| {
        let known = ticket.get("id").and_then(Value::as_i64);
        let id = known.unwrap_or_else(|| last.fetch_add(1, Ordering::Relaxed) + 1);
        json!({ "id": id, "summary": ticket.get("summary") })
    };
    (StatusCode::CREATED, Json(tickets.into_iter().map(number).collect()))
}

async fn who(headers: HeaderMap) -> Answer {
    if is_signed_in(&headers) {
        return (StatusCode::OK, Json(json!({ "id": 1, "name": "Agent of the demo" })));
    }
    (StatusCode::UNAUTHORIZED, Json(json!({ "error": "unauthorized" })))
}

async fn status() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// Tells the hub's company where its instance is, and who sends leads, unless somebody has said otherwise.
///
/// # Errors
/// The database is out of reach.
pub async fn introduce(hub: &Place, instance: String) -> Result<(), DemoError> {
    let db = &hub.hub.database.write;
    let tenant = hub.hub.directory.head_office().unwrap_or(1);
    let known = import_setting::Entity::find().filter(import_setting::Column::TenantId.eq(tenant)).one(db).await?;
    if known.is_some() {
        return Ok(());
    }
    let setting = import_setting::ActiveModel {
        tenant_id: Set(tenant),
        instance_url: Set(Some(instance)),
        has_custom_fields: Set(true),
        ..Default::default()
    };
    setting.insert(db).await?;
    for name in PROVIDERS {
        let provider = import_provider::ActiveModel {
            tenant_id: Set(tenant),
            name: Set(name.to_owned()),
            is_enabled: Set(true),
            ..Default::default()
        };
        provider.insert(db).await?;
    }
    Ok(())
}
