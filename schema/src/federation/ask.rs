//! One call to one source: an HTTP POST with limits on time and size. It must not know what is asked.

use std::{error::Error, time::Duration};

use reqwest::{
    Client, Response, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE},
    redirect,
};
use serde_json::json;

use super::{
    address::{AddressRules, CheckedResolver, refusal},
    question::{Fault, Status},
    registry::Endpoint,
};

/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// Carries the signed statement of who asks.
const ASSERTION: &str = "groupgraph-assertion";

/// Calls sources. One pool of connections serves them all.
#[derive(Clone, Debug)]
pub struct Caller {
    client: Client,
    rules: AddressRules,
}

impl Caller {
    /// # Panics
    /// The TLS library cannot start.
    #[must_use]
    pub fn new(rules: AddressRules) -> Self {
        let client = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .dns_resolver(CheckedResolver(rules.clone()))
            .user_agent(concat!("groupgraph/", env!("CARGO_PKG_VERSION")))
            .build()
            .expect("a client needs nothing that can be missing");
        Self { client, rules }
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
        self.send(endpoint, json!({ "query": query }).to_string(), assertion, timeout).await
    }

    /// Sends a body that holds an operation, and reads the whole answer, within `timeout` all together.
    ///
    /// # Errors
    /// There is no answer that could be a GraphQL answer.
    pub async fn send(
        &self,
        endpoint: &Endpoint,
        body: String,
        assertion: &str,
        timeout: Duration,
    ) -> Result<String, Fault> {
        let call = self.exchange(endpoint, body, assertion);
        let Ok(answer) = tokio::time::timeout(timeout, call).await else {
            let message = format!("There was no complete answer within {} ms.", timeout.as_millis());
            return Err(Fault::new(Status::TimedOut, "TIMED_OUT", message));
        };
        answer
    }

    async fn exchange(&self, endpoint: &Endpoint, body: String, assertion: &str) -> Result<String, Fault> {
        let url = self.rules.check(&endpoint.url).map_err(|fault| address_refused(&fault))?;
        let request = self
            .client
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header(AUTHORIZATION, format!("Bearer {}", endpoint.credential.expose()))
            .header(ASSERTION, assertion)
            .body(body);
        let response = request.send().await.map_err(|error| failure(&error))?;
        check_status(response.status())?;
        read_body(response, endpoint.max_answer_bytes).await
    }
}

/// Errors of GraphQL itself come with 400 or 422 and a body that says why.
fn check_status(status: StatusCode) -> Result<(), Fault> {
    let answered = format!("It answered with status {}.", status.as_u16());
    match status.as_u16() {
        200..=299 | 400 | 422 => Ok(()),
        300..=399 => Err(Fault::new(Status::Invalid, "REDIRECT", "It points to another address.")),
        401 => Err(Fault::new(Status::Refused, "UNAUTHENTICATED", answered)),
        403 => Err(Fault::new(Status::Refused, "FORBIDDEN", answered)),
        429 => Err(Fault::new(Status::Refused, "RATE_LIMITED", answered)),
        500.. => Err(Fault::new(Status::Unreachable, "SERVER_ERROR", answered)),
        _ => Err(Fault::new(Status::Invalid, "WRONG_STATUS", answered)),
    }
}

async fn read_body(mut response: Response, limit: usize) -> Result<String, Fault> {
    let too_large = || Fault::new(Status::Invalid, "TOO_LARGE", format!("The answer is larger than {limit} bytes."));
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
    if announced > limit {
        return Err(too_large());
    }
    let mut body = Vec::with_capacity(announced);
    while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error))? {
        if body.len() + chunk.len() > limit {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    String::from_utf8(body).map_err(|_| Fault::new(Status::Invalid, "MALFORMED", "The answer is no UTF-8 text."))
}

fn failure(error: &reqwest::Error) -> Fault {
    if let Some(fault) = refusal(error) {
        return address_refused(fault);
    }
    tracing::debug!(error = error as &dyn Error, "a source failed");
    if error.is_decode() {
        return Fault::new(Status::Invalid, "MALFORMED", "The answer cannot be unpacked.");
    }
    if error.is_connect() {
        return Fault::new(Status::Unreachable, "CONNECT_FAILED", "There is no connection.");
    }
    Fault::new(Status::Unreachable, "CONNECTION_LOST", "The connection broke.")
}

fn address_refused(fault: &super::address::AddressFault) -> Fault {
    Fault::new(Status::Unreachable, "ADDRESS_REFUSED", fault.to_string())
}
