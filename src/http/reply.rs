//! Answers that are no result of an operation: one JSON shape, that of GraphQL errors.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use groupgraph_schema::error::{ClientError, Error};
use serde_json::{Value, json};

/// The JSON of a failure.
pub fn body(code: &str, message: &str) -> Value {
    json!({ "errors": [{ "message": message, "extensions": { "code": code } }] })
}

/// A failure with a stable code and a sentence for people.
pub fn failure(status: StatusCode, code: &str, message: &str) -> Response {
    let mut response = (status, Json(body(code, message))).into_response();
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// A failure of the schema crate; internal ones are logged and masked.
pub fn error(error: Error) -> Response {
    match error {
        Error::Client(error) => {
            let status = match error {
                ClientError::Unauthenticated => StatusCode::UNAUTHORIZED,
                ClientError::Forbidden(_) => StatusCode::FORBIDDEN,
                ClientError::BadInput(_) => StatusCode::BAD_REQUEST,
                ClientError::Expected(_) => StatusCode::UNPROCESSABLE_ENTITY,
                ClientError::SourceFailed(_) => StatusCode::BAD_GATEWAY,
            };
            failure(status, error.code(), &error.to_string())
        }
        Error::Internal(error) => {
            tracing::error!(%error, "internal error");
            internal("Something went wrong here; the operators can find it in the log.")
        }
    }
}

/// A fault of the server itself.
pub fn internal(message: &str) -> Response {
    failure(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", message)
}
