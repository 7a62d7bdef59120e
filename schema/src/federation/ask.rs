//! One call to one source: an HTTP POST with limits on time and size. It must not know what is asked.

use std::{
    collections::HashMap,
    error::Error,
    io::{self, Write},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use bytes::Bytes;
use http::{
    HeaderName, HeaderValue, Request, Response, StatusCode, Uri,
    header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HOST, RETRY_AFTER, USER_AGENT},
    uri::PathAndQuery,
};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use serde_json::json;

use super::{
    address::{AddressFault, AddressRules, refusal},
    connections::{Connection, Connections, Stream, Unconnected, Way},
    http1::{self, Head, Sink as _},
    question::{Fault, Status},
    received::Received,
    registry::Endpoint,
};

/// Carries the signed statement of who asks.
const ASSERTION: HeaderName = HeaderName::from_static("groupgraph-assertion");
static JSON: HeaderValue = HeaderValue::from_static("application/json");
static GZIP: HeaderValue = HeaderValue::from_static("gzip");
static AGENT: HeaderValue = HeaderValue::from_static(concat!("groupgraph/", env!("CARGO_PKG_VERSION")));
/// Addresses that are kept taken apart.
const MOST_TARGETS: usize = 10_000;
/// Longest time that a source may ask to be left alone.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);

/// Calls sources; cheap to clone.
#[derive(Clone, Debug)]
pub struct Caller {
    connections: Connections,
    rules: Arc<AddressRules>,
    targets: Arc<RwLock<HashMap<String, Arc<Target>>>>,
}

/// An address that was checked and taken apart.
#[derive(Debug)]
struct Target {
    /// Scheme, host and port.
    origin: Arc<str>,
    /// The whole address, for connecting.
    address: Uri,
    host: HeaderValue,
}

impl Caller {
    /// Calls addresses that the rules allow, over at most so many connections.
    ///
    /// # Panics
    /// The TLS library cannot start.
    #[must_use]
    pub fn new(rules: AddressRules, max_connections: usize) -> Self {
        let connections = Connections::new(rules.clone(), max_connections);
        Self { connections, rules: rules.into(), targets: Arc::default() }
    }

    /// Which addresses are allowed.
    #[must_use]
    pub fn rules(&self) -> &AddressRules {
        &self.rules
    }

    /// Sends an operation and reads the whole answer, within `timeout` all together.
    ///
    /// # Errors
    /// There is no answer that could be a GraphQL answer.
    pub async fn post(
        &self,
        endpoint: &Endpoint,
        query: &str,
        assertion: &str,
        timeout: Duration,
    ) -> Result<String, Fault> {
        self.send(endpoint, body(query), assertion, timeout).await
    }

    /// The same with a finished body.
    ///
    /// # Errors
    /// There is no answer that could be a GraphQL answer.
    pub async fn send(
        &self,
        endpoint: &Endpoint,
        body: Bytes,
        assertion: &str,
        timeout: Duration,
    ) -> Result<String, Fault> {
        let Ok(answer) = tokio::time::timeout(timeout, self.call(endpoint, body, assertion)).await else {
            return Err(late(timeout));
        };
        answer
    }

    /// The same without a limit on time.
    ///
    /// # Errors
    /// There is no answer that could be a GraphQL answer.
    pub async fn call(&self, endpoint: &Endpoint, body: Bytes, assertion: &str) -> Result<String, Fault> {
        let target = self.target(&endpoint.url)?;
        let letter = Letter::new(&target, endpoint, body, assertion)?;
        if let Some(connection) = self.connections.kept(&target.origin) {
            match self.exchange(connection, &letter).await {
                // The other side closed it while it rested: nothing was answered, so the call is made anew.
                Err(error) => tracing::debug!(error = &error as &dyn Error, "a kept connection was closed"),
                Ok(answer) => return answer,
            }
        }
        let connection = self.connections.open(&target.origin, &target.address).await;
        let connection = connection.map_err(|error| unconnected(&error))?;
        match self.exchange(connection, &letter).await {
            Ok(answer) => answer,
            Err(error) => Err(lost(&error)),
        }
    }

    /// Sends a request and reads its answer; an error of the connection only if there was no answer.
    async fn exchange(&self, mut connection: Connection, letter: &Letter<'_>) -> io::Result<Result<String, Fault>> {
        let body = match &mut connection.way {
            Way::Single(single) => {
                let (head, answer) = http1::ask(&mut single.stream, &letter.bytes()).await?;
                match read_single(head, answer, letter.limit).await {
                    Ok((body, true)) => Ok(body),
                    Ok((body, false)) => return Ok(text(body)),
                    Err(fault) => Err(fault),
                }
            }
            Way::Shared(sender) => {
                sender.ready().await.map_err(io::Error::other)?;
                let response = sender.send_request(letter.request()).await.map_err(io::Error::other)?;
                read_shared(response, letter.limit).await
            }
        };
        if body.is_ok() {
            self.connections.keep(connection);
        }
        Ok(body.and_then(text))
    }

    fn target(&self, url: &str) -> Result<Arc<Target>, Fault> {
        if let Some(target) = self.targets.read().unwrap_or_else(PoisonError::into_inner).get(url) {
            return Ok(target.clone());
        }
        let target = Arc::new(Target::read(url, &self.rules).map_err(|fault| address_refused(&fault))?);
        let mut targets = self.targets.write().unwrap_or_else(PoisonError::into_inner);
        if targets.len() == MOST_TARGETS {
            targets.clear();
        }
        targets.insert(url.to_owned(), target.clone());
        Ok(target)
    }
}

impl Target {
    fn read(url: &str, rules: &AddressRules) -> Result<Self, AddressFault> {
        let url = rules.check(url)?;
        let address: Uri = url.as_str().parse().map_err(|_| AddressFault::Malformed)?;
        let authority = address.authority().ok_or(AddressFault::Malformed)?.as_str();
        Ok(Self {
            origin: format!("{}://{authority}", url.scheme()).into(),
            host: HeaderValue::from_str(authority).map_err(|_| AddressFault::Malformed)?,
            address,
        })
    }
}

/// What is sent, in the form of either version of HTTP.
struct Letter<'a> {
    target: &'a Target,
    authorization: HeaderValue,
    assertion: HeaderValue,
    body: Bytes,
    /// Largest answer.
    limit: usize,
}

impl<'a> Letter<'a> {
    fn new(target: &'a Target, endpoint: &Endpoint, body: Bytes, assertion: &str) -> Result<Self, Fault> {
        let unsendable = |_| Fault::new(Status::Unreachable, "NO_ENDPOINT", "Its credential cannot be sent.");
        let mut authorization =
            HeaderValue::try_from(format!("Bearer {}", endpoint.credential.expose())).map_err(unsendable)?;
        authorization.set_sensitive(true);
        let assertion = HeaderValue::try_from(assertion).map_err(unsendable)?;
        Ok(Self { target, authorization, assertion, body, limit: endpoint.max_answer_bytes })
    }

    fn headers(&self) -> [(HeaderName, &HeaderValue); 6] {
        [
            (HOST, &self.target.host),
            (CONTENT_TYPE, &JSON),
            (ACCEPT_ENCODING, &GZIP),
            (USER_AGENT, &AGENT),
            (AUTHORIZATION, &self.authorization),
            (ASSERTION, &self.assertion),
        ]
    }

    /// For HTTP/1.1.
    fn bytes(&self) -> Vec<u8> {
        let values: usize = self.headers().iter().map(|(_, value)| value.len() + 32).sum();
        let path = self.target.address.path_and_query().map_or("/", PathAndQuery::as_str);
        let mut bytes = Vec::with_capacity(values + path.len() + self.body.len() + 64);
        bytes.extend_from_slice(b"POST ");
        bytes.extend_from_slice(path.as_bytes());
        bytes.extend_from_slice(b" HTTP/1.1\r\n");
        for (name, value) in self.headers() {
            bytes.extend_from_slice(name.as_str().as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value.as_bytes());
            bytes.extend_from_slice(b"\r\n");
        }
        write!(bytes, "content-length: {}\r\n\r\n", self.body.len()).expect("a Vec takes all bytes");
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// For HTTP/2.
    fn request(&self) -> Request<Full<Bytes>> {
        let body = Full::new(self.body.clone());
        let mut request = Request::post(self.target.address.clone()).body(body).expect("an address is a request");
        let headers = request.headers_mut();
        headers.extend(self.headers().into_iter().skip(1).map(|(name, value)| (name, value.clone())));
        request
    }
}

/// The body that asks an operation.
#[must_use]
pub fn body(query: &str) -> Bytes {
    json!({ "query": query }).to_string().into()
}

/// The failure of a call that took too long.
#[must_use]
pub fn late(timeout: Duration) -> Fault {
    let message = format!("There was no complete answer within {} ms.", timeout.as_millis());
    Fault::new(Status::TimedOut, "TIMED_OUT", message)
}

/// Errors of GraphQL itself come with 400 or 422 and a body that says why.
fn check_status(status: StatusCode, retry_after: Option<u64>) -> Result<(), Fault> {
    let answered = || format!("It answered with status {}.", status.as_u16());
    let mut fault = match status.as_u16() {
        200..=299 | 400 | 422 => return Ok(()),
        300..=399 => Fault::new(Status::Invalid, "REDIRECT", "It points to another address."),
        401 => Fault::new(Status::Refused, "UNAUTHENTICATED", answered()),
        403 => Fault::new(Status::Refused, "FORBIDDEN", answered()),
        429 => Fault::new(Status::Refused, "RATE_LIMITED", answered()),
        500.. => Fault::new(Status::Unreachable, "SERVER_ERROR", answered()),
        _ => Fault::new(Status::Invalid, "WRONG_STATUS", answered()),
    };
    if let StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE = status {
        fault.retry_after = retry_after.map(|seconds| Duration::from_secs(seconds).min(LONGEST_PAUSE));
    }
    Err(fault)
}

/// The body, and whether the connection may serve another request.
async fn read_single(head: Head, answer: http1::Answer<'_, Stream>, limit: usize) -> Result<(Vec<u8>, bool), Fault> {
    check_status(head.status, head.retry_after)?;
    let mut received = Received::new(head.is_packed, head.length().unwrap_or(0), limit)?;
    let stays = answer.body(&head, &mut received).await?;
    Ok((received.end()?, stays))
}

async fn read_shared(response: Response<Incoming>, limit: usize) -> Result<Vec<u8>, Fault> {
    let (head, mut body) = response.into_parts();
    let retry_after = head.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
    check_status(head.status, retry_after)?;
    let is_packed = head.headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding == GZIP);
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let mut received = Received::new(is_packed, announced, limit)?;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| lost(&error))?;
        if let Ok(bytes) = frame.into_data() {
            received.take(&bytes)?;
        }
    }
    received.end()
}

fn text(body: Vec<u8>) -> Result<String, Fault> {
    String::from_utf8(body).map_err(|_| malformed("The answer is no UTF-8 text."))
}

/// A connection that broke in the middle of an answer.
impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        lost(&error)
    }
}

pub(super) fn malformed(message: &str) -> Fault {
    Fault::new(Status::Invalid, "MALFORMED", message)
}

fn lost(error: &(dyn Error + 'static)) -> Fault {
    tracing::debug!(error, "a source failed");
    Fault::new(Status::Unreachable, "CONNECTION_LOST", "The connection broke.")
}

fn unconnected(error: &Unconnected) -> Fault {
    tracing::debug!(error = error as &dyn Error, "a source cannot be reached");
    match refusal(error) {
        Some(fault) => address_refused(fault),
        None => Fault::new(Status::Unreachable, "CONNECT_FAILED", "There is no connection."),
    }
}

fn address_refused(fault: &AddressFault) -> Fault {
    Fault::new(Status::Unreachable, "ADDRESS_REFUSED", fault.to_string())
}
