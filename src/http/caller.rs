//! Who calls: the bearer token becomes a viewer, the connection or a trusted proxy gives the address.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::ConnectInfo,
    http::{Extensions, HeaderMap, StatusCode, header},
    response::Response,
};
use groupgraph_schema::{
    hub::Hub,
    identity::{AuthenticateError, authenticate},
    viewer::Viewer,
};

use super::reply;

/// The viewer behind the `Authorization` header; an anonymous one without it.
///
/// # Errors
/// The finished answer: 401 for a token that is not valid.
pub async fn viewer(hub: &Hub, headers: &HeaderMap) -> Result<Viewer, Response> {
    let header = headers.get(header::AUTHORIZATION);
    let token = header.and_then(|value| value.to_str().ok()).and_then(bearer);
    if header.is_some() && token.is_none() {
        let message = "The Authorization header must be `Bearer TOKEN`.";
        return Err(reply::failure(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", message));
    }
    authenticate(hub, token).await.map_err(|error| match error {
        AuthenticateError::Internal(error) => reply::error(error),
        refused => reply::failure(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", &refused.to_string()),
    })
}

/// The token in `Bearer TOKEN`.
pub fn bearer(text: &str) -> Option<&str> {
    let (scheme, token) = text.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// Address of the caller; none in tests without a connection.
pub fn address(headers: &HeaderMap, extensions: &Extensions, trust_forwarded_for: bool) -> Option<IpAddr> {
    // The last entry is the one that the nearest proxy wrote; those before it are claims of the caller.
    let forwarded = headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
    let last = forwarded.and_then(|list| list.rsplit(',').next()).and_then(|entry| entry.trim().parse().ok());
    let connected = extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip());
    last.filter(|_| trust_forwarded_for).or(connected)
}
