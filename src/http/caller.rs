//! Who calls: the bearer token becomes a viewer, the connection or a trusted proxy gives the address.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr, SocketAddr},
};

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

/// To whom requests are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Caller {
    /// A person, whatever token is in use.
    Staff(i64),
    /// A machine, by its token.
    Token(i64),
    /// Nobody known, by address; one network of IPv6 counts as one address.
    Address(Option<IpAddr>),
}

impl Caller {
    /// Counts a viewer.
    pub fn of(viewer: &Viewer, address: Option<IpAddr>) -> Self {
        match (viewer.staff, viewer.token) {
            (Some(staff), _) => Self::Staff(staff),
            (None, Some(token)) => Self::Token(token),
            (None, None) => Self::Address(address.map(network)),
        }
    }

    /// Whether a credential stands behind it.
    pub fn is_known(self) -> bool {
        !matches!(self, Self::Address(_))
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Staff(number) => write!(formatter, "staff:{number}"),
            Self::Token(number) => write!(formatter, "token:{number}"),
            Self::Address(Some(address)) => write!(formatter, "address:{address}"),
            Self::Address(None) => formatter.write_str("address"),
        }
    }
}

/// A customer of an IPv6 provider has 2^64 addresses.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// The viewer behind the `Authorization` header; an anonymous one without it.
///
/// # Errors
/// The finished answer: 401 for a token that is not valid.
pub async fn viewer(hub: &Hub, headers: &HeaderMap) -> Result<Viewer, Response> {
    let token = token(headers);
    if token.is_none() && headers.contains_key(header::AUTHORIZATION) {
        let message = "The Authorization header must be `Bearer TOKEN`.";
        return Err(reply::failure(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", message));
    }
    behind(hub, token).await
}

/// The viewer behind a token; an anonymous one without it.
///
/// # Errors
/// The finished answer: 401 for a token that is not valid.
pub async fn behind(hub: &Hub, token: Option<&str>) -> Result<Viewer, Response> {
    authenticate(hub, token).await.map_err(|error| match error {
        AuthenticateError::Internal(error) => reply::error(error),
        refused => reply::failure(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", &refused.to_string()),
    })
}

/// The token in the `Authorization` header.
pub fn token(headers: &HeaderMap) -> Option<&str> {
    bearer(headers.get(header::AUTHORIZATION)?.to_str().ok()?)
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
