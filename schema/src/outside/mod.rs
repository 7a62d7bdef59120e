//! Services outside the group: asked for a caller who waits, or told out of the outbox. It must not know what is asked
//! or told, nor for whom: nouns check rights, pay and keep records.

mod http;

use std::{fmt, sync::Arc};

use futures_util::{TryFutureExt, future::BoxFuture};
use serde_json::Value;

use self::http::Http;
use crate::{
    delivery::{Fault, post::Poster},
    federation::address::AddressRules,
    settings,
};

/// A service that answers questions.
pub trait Service: Send + Sync {
    /// The answer, or why there is none, for whoever may try again; none if the service knows nothing of what is asked.
    fn consult(&self, question: Question) -> BoxFuture<'_, Result<Option<Value>, Fault>>;

    /// The same for a caller who waits, and who is not told why there is no answer.
    fn ask(&self, question: Question) -> BoxFuture<'_, Result<Option<Value>, Unavailable>> {
        Box::pin(self.consult(question).map_err(|_| Unavailable))
    }
}

/// A service that is told of something, out of the outbox.
pub trait Receiver: Send + Sync {
    /// Whether there is somebody to tell.
    fn is_there(&self) -> bool;

    /// Hands something over under a key that makes a repetition harmless; answers the status.
    fn take<'a>(&'a self, key: &'a str, news: Value) -> BoxFuture<'a, Result<u16, Fault>>;
}

/// What a service is asked.
#[derive(Clone, Debug)]
pub enum Question {
    /// Names and values.
    Read(Vec<(&'static str, String)>),
    /// A JSON object. What is sensitive goes here: addresses end up in logs.
    LookUp(Value),
}

/// The service gave no answer that can be used; why is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("The service behind this is not available; try again later.")]
pub struct Unavailable;

/// The services; cheap to clone.
#[derive(Clone)]
pub struct Outside {
    /// Takes `{"type", "number"}` of an identity document, answers a person.
    pub documents: Arc<dyn Service>,
    /// Takes `{"nin"}` or `{"phone"}`, answers a person.
    pub registry: Arc<dyn Service>,
    /// Takes `{"phone"}`, answers `{"account_name"}`.
    pub accounts: Arc<dyn Service>,
    /// Takes `type`, `limit` and `offset`, answers a list of entries.
    pub activity_log: Arc<dyn Service>,
    /// Takes a document by its address and what is to be found in it, answers what it says; none if there is no such
    /// service.
    pub recognition: Option<Arc<dyn Service>>,
    /// Takes news of new prospects.
    pub announcements: Arc<dyn Receiver>,
}

impl fmt::Debug for Outside {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Outside")
    }
}

impl Outside {
    /// The services of the configuration, over HTTP.
    #[must_use]
    pub fn new(settings: &settings::Outside) -> Self {
        let allowed_hosts = settings.allowed_hosts.clone();
        let poster = Poster::new(AddressRules { allowed_hosts, allows_private: settings.allow_private_addresses });
        let service = |name: &'static str, settings: &settings::Service| -> Arc<dyn Service> {
            Arc::new(Http::new(name, poster.clone(), settings.clone()))
        };
        Self {
            documents: service("documents", &settings.documents),
            registry: service("registry", &settings.registry),
            accounts: service("accounts", &settings.accounts),
            activity_log: service("activity_log", &settings.activity_log),
            recognition: settings.recognition.url.is_some().then(|| service("recognition", &settings.recognition)),
            announcements: Arc::new(Http::new("announcements", poster.clone(), settings.announcements.clone())),
        }
    }
}
