//! One call to one source: an HTTP POST with limits on time and size. It must not know what is asked.

use std::{
    collections::HashMap,
    error::Error,
    io::{self, Write},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use bytes::Bytes;
use flate2::write::MultiGzDecoder;
use http::{
    HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Uri,
    header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HOST, RETRY_AFTER, USER_AGENT},
};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use serde_json::json;

use super::{
    address::{AddressFault, AddressRules, refusal},
    connections::{Connection, Connections, Unconnected},
    question::{Fault, Status},
    registry::Endpoint,
};

/// Carries the signed statement of who asks.
const ASSERTION: HeaderName = HeaderName::from_static("groupgraph-assertion");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const GZIP: HeaderValue = HeaderValue::from_static("gzip");
const AGENT: HeaderValue = HeaderValue::from_static(concat!("groupgraph/", env!("CARGO_PKG_VERSION")));
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
    /// Path and query, as HTTP/1.1 wants it.
    path: Uri,
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
        let limit = endpoint.max_answer_bytes;
        if let Some(connection) = self.connections.kept(&target.origin) {
            let request = target.request(endpoint, body.clone(), assertion)?;
            match self.exchange(connection, request, limit).await {
                // The other side closed it while it rested: nothing was answered, so the call is made anew.
                Err(error) => tracing::debug!(error = &error as &dyn Error, "a kept connection was closed"),
                Ok(answer) => return answer,
            }
        }
        let connection = self.connections.open(&target.origin, &target.address).await;
        let connection = connection.map_err(|error| unconnected(&error))?;
        let request = target.request(endpoint, body, assertion)?;
        match self.exchange(connection, request, limit).await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::debug!(error = &error as &dyn Error, "a source failed");
                Err(lost())
            }
        }
    }

    async fn exchange(
        &self,
        mut connection: Connection,
        request: Request<Full<Bytes>>,
        limit: usize,
    ) -> hyper::Result<Result<String, Fault>> {
        let answer = connection
            .exchange(request, async |response| {
                check_status(&response)?;
                read_body(response, limit).await
            })
            .await?;
        if answer.is_ok() {
            self.connections.keep(connection);
        }
        Ok(answer)
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
        let path = address.path_and_query().map_or("/", |path| path.as_str());
        let authority = address.authority().ok_or(AddressFault::Malformed)?.as_str();
        Ok(Self {
            origin: format!("{}://{authority}", url.scheme()).into(),
            path: path.parse().map_err(|_| AddressFault::Malformed)?,
            host: HeaderValue::from_str(authority).map_err(|_| AddressFault::Malformed)?,
            address,
        })
    }

    fn request(&self, endpoint: &Endpoint, body: Bytes, assertion: &str) -> Result<Request<Full<Bytes>>, Fault> {
        let unsendable = |_| Fault::new(Status::Unreachable, "NO_ENDPOINT", "Its credential cannot be sent.");
        let mut authorization =
            HeaderValue::try_from(format!("Bearer {}", endpoint.credential.expose())).map_err(unsendable)?;
        authorization.set_sensitive(true);
        let mut request = Request::post(self.path.clone()).body(Full::new(body)).expect("a path is a request");
        let headers = request.headers_mut();
        headers.reserve(6);
        headers.insert(HOST, self.host.clone());
        headers.insert(CONTENT_TYPE, JSON);
        headers.insert(ACCEPT_ENCODING, GZIP);
        headers.insert(USER_AGENT, AGENT);
        headers.insert(AUTHORIZATION, authorization);
        headers.insert(ASSERTION, HeaderValue::try_from(assertion).map_err(unsendable)?);
        Ok(request)
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
fn check_status(response: &Response<Incoming>) -> Result<(), Fault> {
    let status = response.status();
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
    fault.retry_after = match status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => retry_after(response.headers()),
        _ => None,
    };
    Err(fault)
}

/// Seconds that it asks to be left alone.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_PAUSE))
}

async fn read_body(response: Response<Incoming>, limit: usize) -> Result<String, Fault> {
    let (head, mut body) = response.into_parts();
    let is_packed = head.headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding == GZIP);
    let announced = body.size_hint().lower();
    if announced > limit as u64 {
        return Err(too_large(limit));
    }
    // A source that announces much and sends nothing costs nothing.
    let room = usize::try_from(announced).unwrap_or(0).min(256 * 1024);
    let mut received = if is_packed { Received::packed(limit) } else { Received::plain(room) };
    let mut sum = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            tracing::debug!(error = &error as &dyn Error, "a source failed");
            lost()
        })?;
        let Ok(bytes) = frame.into_data() else { continue };
        sum += bytes.len();
        if sum > limit {
            return Err(too_large(limit));
        }
        received.add(&bytes)?;
    }
    String::from_utf8(received.end()?).map_err(|_| malformed("The answer is no UTF-8 text."))
}

/// What has come of an answer.
enum Received {
    Plain(Vec<u8>),
    Packed(Box<MultiGzDecoder<Unpacked>>),
}

/// Unpacked bytes, up to a limit.
struct Unpacked {
    bytes: Vec<u8>,
    limit: usize,
}

impl Write for Unpacked {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.limit {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Received {
    fn plain(room: usize) -> Self {
        Self::Plain(Vec::with_capacity(room))
    }

    fn packed(limit: usize) -> Self {
        Self::Packed(Box::new(MultiGzDecoder::new(Unpacked { bytes: Vec::new(), limit })))
    }

    fn add(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        match self {
            Self::Plain(received) => received.extend_from_slice(bytes),
            Self::Packed(decoder) => {
                let limit = decoder.get_ref().limit;
                decoder.write_all(bytes).map_err(|error| unpackable(&error, limit))?;
            }
        }
        Ok(())
    }

    fn end(self) -> Result<Vec<u8>, Fault> {
        match self {
            Self::Plain(received) => Ok(received),
            Self::Packed(decoder) => {
                let limit = decoder.get_ref().limit;
                let unpacked = decoder.finish().map_err(|error| unpackable(&error, limit))?;
                Ok(unpacked.bytes)
            }
        }
    }
}

fn unpackable(error: &io::Error, limit: usize) -> Fault {
    match error.kind() {
        io::ErrorKind::FileTooLarge => too_large(limit),
        _ => malformed("The answer cannot be unpacked."),
    }
}

fn too_large(limit: usize) -> Fault {
    Fault::new(Status::Invalid, "TOO_LARGE", format!("The answer is larger than {limit} bytes."))
}

fn malformed(message: &str) -> Fault {
    Fault::new(Status::Invalid, "MALFORMED", message)
}

fn lost() -> Fault {
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
