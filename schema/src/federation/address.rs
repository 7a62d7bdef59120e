//! Which addresses a source may have. Each resolved address is checked at each connect, so that a name cannot point
//! elsewhere after it was checked. It must not know sources.

use std::{
    error::Error,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    task::{Context, Poll},
};

use futures_util::future::BoxFuture;
use hyper_util::client::legacy::connect::dns;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// What the configuration allows.
#[derive(Clone, Debug, Default)]
pub struct AddressRules {
    /// Host names, with port if it is not 443, that may be private and speak plain HTTP.
    pub allowed_hosts: Vec<String>,
    /// Whether any host may.
    pub allows_private: bool,
}

/// An address that a source may not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressFault {
    #[error("The address is no URL.")]
    Malformed,
    #[error("The address must begin with https://.")]
    NotHttps,
    #[error("The address must hold no user, password or fragment.")]
    HasExtras,
    #[error("{0} is not a public address.")]
    NotPublic(String),
}

impl AddressRules {
    /// Reads the address of a source; the addresses behind a name are checked when it is connected.
    ///
    /// # Errors
    /// The address is malformed or not allowed.
    pub fn check(&self, address: &str) -> Result<Url, AddressFault> {
        let url = Url::parse(address).map_err(|_| AddressFault::Malformed)?;
        let host = url.host().ok_or(AddressFault::Malformed)?;
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(AddressFault::HasExtras);
        }
        let is_free = self.frees(&host.to_string(), url.port_or_known_default());
        if url.scheme() != "https" && !(is_free && url.scheme() == "http") {
            return Err(AddressFault::NotHttps);
        }
        let literal = match host {
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address)),
            Host::Domain(_) => None,
        };
        match literal {
            Some(address) if !is_free && !is_public(address) => Err(AddressFault::NotPublic(address.to_string())),
            _ => Ok(url),
        }
    }

    fn frees(&self, host: &str, port: Option<u16>) -> bool {
        self.allows_private || self.allowed_hosts.iter().any(|allowed| matches_host(allowed, host, port))
    }

    /// A resolver does not learn the port: `check` has compared it before.
    fn frees_name(&self, name: &str) -> bool {
        let is_same = |allowed: &String| split_port(allowed).0.eq_ignore_ascii_case(name);
        self.allows_private || self.allowed_hosts.iter().any(is_same)
    }
}

fn matches_host(allowed: &str, host: &str, port: Option<u16>) -> bool {
    let (name, allowed_port) = split_port(allowed);
    name.eq_ignore_ascii_case(host) && port == Some(allowed_port)
}

/// Host and port of `host`, `host:port`, `[::1]` and `[::1]:port`.
fn split_port(text: &str) -> (&str, u16) {
    match text.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') || name.ends_with(']') => (name, port.parse().unwrap_or(443)),
        _ => (text, 443),
    }
}

/// Resolves names of sources, and refuses a name if any of its addresses is not allowed.
#[derive(Clone, Debug)]
pub struct CheckedResolver(pub AddressRules);

impl CheckedResolver {
    async fn addresses(self, name: String) -> Result<Vec<SocketAddr>, Box<dyn Error + Send + Sync>> {
        let is_free = self.0.frees_name(&name);
        let found: Vec<SocketAddr> = tokio::net::lookup_host((name, 0)).await?.collect();
        match found.iter().find(|address| !is_free && !is_public(address.ip())) {
            Some(address) => Err(Box::new(AddressFault::NotPublic(address.ip().to_string()))),
            None => Ok(found),
        }
    }
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let addresses = self.clone().addresses(name.as_str().to_owned());
        Box::pin(async move { Ok(Box::new(addresses.await?.into_iter()) as Addrs) })
    }
}

impl tower_service::Service<dns::Name> for CheckedResolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: dns::Name) -> Self::Future {
        let addresses = self.clone().addresses(name.as_str().to_owned());
        Box::pin(async move { Ok(addresses.await?.into_iter()) })
    }
}

/// The refusal inside a failed call, if that is why it failed.
#[must_use]
pub fn refusal<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a AddressFault> {
    let mut current = Some(error);
    while let Some(error) = current {
        if let Some(fault) = error.downcast_ref() {
            return Some(fault);
        }
        current = error.source();
    }
    None
}

/// Whether an address can be reached by everybody on the internet.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => address.to_ipv4_mapped().map_or_else(|| is_public_v6(address), is_public_v4),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    let is_special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || first == 0
        || first >= 224
        || (first == 100 && (64..128).contains(&second))
        || (first == 192 && second == 0 && third == 0)
        || (first == 192 && second == 88 && third == 99)
        || (first == 198 && (18..20).contains(&second));
    !is_special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    // Only 2000::/3 is given out; of it, tunnels and examples are left out.
    let is_special = first == 0x2001 && (second < 0x200 || second == 0xdb8);
    (0x2000..0x4000).contains(&first) && !is_special && first != 0x2002 && first != 0x3fff
}

#[cfg(test)]
#[path = "tests/address.rs"]
mod tests;
