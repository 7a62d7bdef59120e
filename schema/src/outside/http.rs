//! A service over HTTP: GET or POST with a bearer token, JSON back, 404 for nothing. It must not log what is asked.

use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::Value;

use super::{Question, Receiver, Service};
use crate::{
    delivery::{Fault, post::Poster},
    settings,
};

const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// Status of an answer that knows nothing.
const NOTHING: u16 = 404;

/// One service by its settings.
pub struct Http {
    name: &'static str,
    poster: Poster,
    settings: settings::Service,
}

impl Http {
    pub fn new(name: &'static str, poster: Poster, settings: settings::Service) -> Self {
        Self { name, poster, settings }
    }

    async fn answer(&self, url: &str, question: Question) -> Result<Option<Value>, Fault> {
        let answer = match question {
            Question::Read(query) => self.poster.get(url, self.headers()?, &query).await?,
            Question::LookUp(body) => self.poster.post(url, self.headers()?, body.to_string()).await?,
        };
        if answer.status == NOTHING {
            return Ok(None);
        }
        answer.check()?;
        let text = answer.text(self.settings.max_answer_bytes).await?;
        // The fault of the parser would quote what was answered.
        serde_json::from_str(&text).map(Some).map_err(|_| Fault::new("MALFORMED", "The answer is not JSON."))
    }

    fn headers(&self) -> Result<HeaderMap, Fault> {
        let json = HeaderValue::from_static("application/json");
        let mut headers = HeaderMap::from_iter([(ACCEPT, json.clone()), (CONTENT_TYPE, json)]);
        if let Some(key) = &self.settings.key {
            let value = HeaderValue::from_str(&format!("Bearer {}", key.expose()));
            let mut value = value.map_err(|_| Fault::new("WRONG_KEY", "The key is no text for a header."))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        Ok(headers)
    }

    /// The same within its time.
    async fn bounded(&self, question: Question) -> Result<Option<Value>, Fault> {
        let Some(url) = &self.settings.url else {
            return Err(Fault::new("NOT_CONFIGURED", format!("outside.{}.url is not set.", self.name)));
        };
        let most = Duration::from_millis(self.settings.timeout_ms);
        let late = || Fault::new("TIMED_OUT", format!("There was no answer within {} ms.", most.as_millis()));
        tokio::time::timeout(most, self.answer(url, question)).await.unwrap_or_else(|_| Err(late()))
    }
}

impl Receiver for Http {
    fn is_there(&self) -> bool {
        self.settings.url.is_some()
    }

    fn take<'a>(&'a self, key: &'a str, news: Value) -> BoxFuture<'a, Result<u16, Fault>> {
        Box::pin(async move {
            let gone = || Fault::new("NOT_CONFIGURED", format!("outside.{}.url is not set.", self.name));
            let url = self.settings.url.as_ref().ok_or_else(gone)?;
            let mut headers = self.headers()?;
            let key = HeaderValue::from_str(key).map_err(|_| Fault::new("WRONG_KEY", "The key is no header."))?;
            headers.insert(IDEMPOTENCY_KEY, key);
            // The outbox limits the time.
            let answer = self.poster.post(url, headers, news.to_string()).await?;
            answer.check()?;
            Ok(answer.status)
        })
    }
}

impl Service for Http {
    fn consult(&self, question: Question) -> BoxFuture<'_, Result<Option<Value>, Fault>> {
        Box::pin(async move {
            let began = Instant::now();
            let answer = self.bounded(question).await;
            let code = answer.as_ref().map_or_else(|fault| fault.code, |_| "OK");
            metrics::histogram!("groupgraph_outside_seconds", "service" => self.name, "code" => code)
                .record(began.elapsed().as_secs_f64());
            answer.inspect_err(|fault| tracing::warn!(service = self.name, %fault, "an outside service failed"))
        })
    }
}
