//! One HTTP request to an address that somebody else chose: every resolved address is checked when connecting, nothing
//! is redirected, answers are read up to a limit. It must not know what is sent.

use std::time::Duration;

use chrono::TimeDelta;
use reqwest::{
    Client, RequestBuilder, Response,
    header::{HeaderMap, RETRY_AFTER},
    redirect,
};
use url::Url;

use super::Fault;
use crate::federation::address::{AddressRules, CheckedResolver, refusal};

/// Stable word for a failure.
pub type Code = &'static str;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest wait that a receiver may ask for.
const MOST_WAIT: TimeDelta = TimeDelta::days(1);

/// Posts to addresses within rules; cheap to clone.
#[derive(Clone, Debug)]
pub struct Poster {
    client: Client,
    rules: AddressRules,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub retry_after: Option<TimeDelta>,
    response: Response,
}

impl Poster {
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

    /// Sends a body. Time is the caller's to limit.
    ///
    /// # Errors
    /// The address is refused, or there is no answer.
    pub async fn post(&self, address: &str, headers: HeaderMap, body: String) -> Result<Answer, Fault> {
        send(self.client.post(self.checked(address)?).headers(headers).body(body)).await
    }

    /// Asks with names and values in the query. Time is the caller's to limit.
    ///
    /// # Errors
    /// The address is refused, or there is no answer.
    pub async fn get(&self, address: &str, headers: HeaderMap, query: &[(&str, String)]) -> Result<Answer, Fault> {
        let mut url = self.checked(address)?;
        url.query_pairs_mut().extend_pairs(query);
        send(self.client.get(url).headers(headers)).await
    }

    fn checked(&self, address: &str) -> Result<Url, Fault> {
        self.rules.check(address).map_err(|fault| Fault::new("ADDRESS_REFUSED", fault.to_string()))
    }
}

impl Answer {
    /// The fault that the status is, if it is one.
    ///
    /// # Errors
    /// Any status but 2xx.
    pub fn check(&self) -> Result<(), Fault> {
        let code = match self.status {
            200..=299 => return Ok(()),
            300..=399 => "REDIRECT",
            401 => "UNAUTHENTICATED",
            403 => "FORBIDDEN",
            429 => "RATE_LIMITED",
            500.. => "SERVER_ERROR",
            _ => "WRONG_STATUS",
        };
        let fault = Fault::new(code, format!("It answered with status {}.", self.status));
        Err(Fault { retry_after: self.retry_after, ..fault.with_status(self.status) })
    }

    /// The body as text.
    ///
    /// # Errors
    /// It is larger than `most` bytes, is no UTF-8, or breaks off.
    pub async fn text(mut self, most: usize) -> Result<String, Fault> {
        let mut body = Vec::new();
        while let Some(chunk) = self.response.chunk().await.map_err(|error| failed(&error))? {
            if body.len() + chunk.len() > most {
                return Err(Fault::new("TOO_LARGE", format!("The answer is larger than {most} bytes.")));
            }
            body.extend_from_slice(&chunk);
        }
        String::from_utf8(body).map_err(|_| Fault::new("MALFORMED", "The answer is no UTF-8 text."))
    }
}

async fn send(request: RequestBuilder) -> Result<Answer, Fault> {
    let response = request.send().await.map_err(|error| failed(&error))?;
    let status = response.status().as_u16();
    Ok(Answer { status, retry_after: retry_after(response.headers()), response })
}

/// Whole seconds; the form with a date is rare and not read.
fn retry_after(headers: &HeaderMap) -> Option<TimeDelta> {
    let seconds: u32 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(TimeDelta::seconds(seconds.into()).min(MOST_WAIT))
}

fn failed(error: &reqwest::Error) -> Fault {
    if let Some(fault) = refusal(error) {
        return Fault::new("ADDRESS_REFUSED", fault.to_string());
    }
    tracing::debug!(error = error as &dyn std::error::Error, "a receiver failed");
    if error.is_connect() {
        return Fault::new("CONNECT_FAILED", "There is no connection.");
    }
    Fault::new("CONNECTION_LOST", "The connection broke.")
}
