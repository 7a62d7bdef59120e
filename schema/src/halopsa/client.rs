//! Calls of a HaloPSA instance: client credentials for a token, tickets, and whose token one is. Every call has a time
//! limit, a size limit and no redirects. It must not know rows.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::Deserialize;
use serde_json::Value;
use url::form_urlencoded::Serializer;

use crate::{
    delivery::{Fault, post::Poster},
    federation::address::AddressRules,
    settings::Halopsa,
};

/// What is read of an answer.
const MOST_BYTES: usize = 256 * 1024;
/// Time for one call.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Taken off the life of a token, so that it does not end on its way.
const MARGIN: Duration = Duration::from_secs(30);

/// Reaches instances.
pub struct Client {
    poster: Poster,
    settings: Halopsa,
    /// Tokens by instance, and until when they hold.
    tokens: Mutex<HashMap<String, (String, Instant)>>,
}

#[derive(Deserialize)]
struct Token {
    access_token: String,
    #[serde(default)]
    expires_in: u64,
}

impl Client {
    /// By the settings of the process.
    #[must_use]
    pub fn new(settings: &Halopsa) -> Self {
        let rules = AddressRules {
            allowed_hosts: settings.allowed_hosts.clone(),
            allows_private: settings.allow_private_addresses,
        };
        Self { poster: Poster::new(rules), settings: settings.clone(), tokens: Mutex::default() }
    }

    /// Creates or changes a ticket; answers its number.
    ///
    /// # Errors
    /// The instance does not answer as it should.
    pub async fn ticket(&self, instance: &str, key: &str, ticket: &Value) -> Result<i64, Fault> {
        let token = self.token(instance).await?;
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(AUTHORIZATION, bearer(&token)?);
        headers.insert("idempotency-key", value(key)?);
        let body = Value::from(vec![ticket.clone()]).to_string();
        let sent = bounded(self.poster.post(&address(instance, "api/Tickets"), headers, body)).await?;
        if sent.status == 401 {
            self.tokens.lock().unwrap_or_else(PoisonError::into_inner).remove(instance);
        }
        sent.check()?;
        let answer = bounded(sent.text(MOST_BYTES)).await?;
        let answer: Value = serde_json::from_str(&answer).map_err(|_| wrong("The answer is no JSON."))?;
        let ticket = answer.get(0).unwrap_or(&answer);
        ticket.get("id").and_then(Value::as_i64).ok_or_else(|| wrong("The answer names no ticket."))
    }

    /// Whether the instance answers at all.
    ///
    /// # Errors
    /// It does not, or with a failure.
    pub async fn probe(&self, instance: &str) -> Result<(), Fault> {
        let answer = bounded(self.poster.get(&address(instance, "api/status"), HeaderMap::new(), &[])).await?;
        // Whoever asks for a sign-in is there.
        if answer.status >= 500 { answer.check() } else { Ok(()) }
    }

    /// Whether an access token is one of the instance.
    ///
    /// # Errors
    /// The instance does not answer.
    pub async fn knows(&self, instance: &str, token: &str) -> Result<bool, Fault> {
        let mut headers = HeaderMap::new();
        let Ok(credential) = bearer(token) else { return Ok(false) };
        headers.insert(AUTHORIZATION, credential);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let answer = bounded(self.poster.get(&address(instance, "api/agent/me"), headers, &[])).await?;
        match answer.status {
            401 | 403 => Ok(false),
            _ => answer.check().map(|()| true),
        }
    }

    /// A token by the client credentials, kept as long as it holds.
    async fn token(&self, instance: &str) -> Result<String, Fault> {
        let kept = self.tokens.lock().unwrap_or_else(PoisonError::into_inner).get(instance).cloned();
        if let Some((token, until)) = kept
            && Instant::now() < until
        {
            return Ok(token);
        }
        let secret = self.settings.client_secret.as_ref().ok_or_else(|| wrong("There is no client secret."))?;
        let body = Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("client_secret", secret.expose())
            .append_pair("scope", "all")
            .finish();
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        let answer = bounded(self.poster.post(&address(instance, "auth/token"), headers, body)).await?;
        answer.check()?;
        let text = bounded(answer.text(MOST_BYTES)).await?;
        let token: Token = serde_json::from_str(&text).map_err(|_| wrong("The answer is no token."))?;
        let until = Instant::now() + Duration::from_secs(token.expires_in).saturating_sub(MARGIN);
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.insert(instance.to_owned(), (token.access_token.clone(), until));
        Ok(token.access_token)
    }
}

async fn bounded<T>(call: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    let late = |_| Fault::new("TIMED_OUT", format!("There was no answer within {} s.", TIMEOUT.as_secs()));
    tokio::time::timeout(TIMEOUT, call).await.map_err(late)?
}

fn address(instance: &str, path: &str) -> String {
    format!("{}/{path}", instance.trim_end_matches('/'))
}

fn value(text: &str) -> Result<HeaderValue, Fault> {
    HeaderValue::from_str(text).map_err(|_| wrong("A header cannot hold this."))
}

fn bearer(token: &str) -> Result<HeaderValue, Fault> {
    let mut value = value(&format!("Bearer {token}"))?;
    value.set_sensitive(true);
    Ok(value)
}

fn wrong(message: &str) -> Fault {
    Fault::new("MALFORMED", message)
}
