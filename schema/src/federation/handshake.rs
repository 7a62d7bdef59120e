//! Finds out what a server may answer for: reads its schema, compares it with the contract or with the mappings that
//! came with it, and asks for one row of each collection. It must not know the database.

use std::{collections::HashMap, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::future::{BoxFuture, join_all};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    Federation,
    collection::Collection,
    contract::{CollectionState, compare, required_members, required_order},
    document::Document,
    flights::Outcome,
    key::{KeyKind, OrderKey},
    mapping::{
        Mapping, MappingText,
        check::{against, all_members, order_key, promise},
        document::{Identity, MappedDocument},
        numbers::Numbers,
        pages::Asking,
    },
    outline::{INTROSPECTION, Outline},
    question::{Fault, Question, Status},
    read::{data, read},
    registry::Endpoint,
};

/// Longest wait for a schema; it is read seldom and may be large.
const SCHEMA_TIMEOUT: Duration = Duration::from_secs(10);
/// Rows by which it is tried whether a foreign server orders as we do.
const ORDERED_ROWS: usize = 100;

/// What was found.
#[derive(Clone, Debug)]
pub struct Check {
    /// Whether the source may be active.
    pub is_accepted: bool,
    /// One for each collection.
    pub collections: Vec<CollectionState>,
    /// What is wrong apart from collections.
    pub messages: Vec<String>,
}

/// How a server is spoken to.
#[derive(Clone, Debug)]
pub enum Dialect {
    /// By `subsidiary.graphql`.
    Native,
    /// By an operation for each of some collections.
    Mapped(Vec<(Collection, MappingText)>),
}

#[derive(Deserialize)]
struct ServiceAnswer {
    #[serde(rename = "_service")]
    service: Service,
}

#[derive(Deserialize)]
struct Service {
    sdl: String,
}

/// The server that is being checked.
#[derive(Clone, Copy)]
struct Server<'a> {
    endpoint: &'a Endpoint,
    assertion: &'a str,
}

impl Federation {
    /// Checks a server.
    pub async fn check(&self, endpoint: &Endpoint, assertion: &str, dialect: &Dialect) -> Check {
        let server = Server { endpoint, assertion };
        let schema = self.schema(server).await;
        let collections = match (dialect, &schema) {
            (Dialect::Native, Ok(schema)) => {
                join_all(Collection::all().map(|collection| self.try_out(server, compare(schema, collection)))).await
            }
            (Dialect::Native, Err(fault)) => return unreadable(fault),
            // A server that does not tell its schema may still answer.
            (Dialect::Mapped(_), Err(fault)) if is_away(fault) => return unreadable(fault),
            (Dialect::Mapped(mappings), schema) => {
                let tries = Collection::all().map(|collection| {
                    let mapping = mappings.iter().find(|(of, _)| *of == collection);
                    self.try_mapping(server, collection, mapping.map(|(_, text)| text), schema.as_ref().ok())
                });
                join_all(tries).await
            }
        };
        let is_accepted = collections.iter().any(|state| state.is_offered);
        let mut messages = Vec::new();
        if !is_accepted {
            messages.push("No collection is offered.".to_owned());
        }
        if let (Dialect::Mapped(_), Err(fault)) = (dialect, &schema) {
            messages.push(format!("The schema cannot be read: only answers were checked. {}", fault.message));
        }
        Check { is_accepted, collections, messages }
    }

    async fn schema(&self, server: Server<'_>) -> Result<Outline, Fault> {
        let Server { endpoint, assertion } = server;
        let introspection = self.caller.post(endpoint, INTROSPECTION, assertion, SCHEMA_TIMEOUT).await?;
        let introspected = data(&introspection).map(|(data, _)| Outline::from_introspection(data.get()));
        if let Ok(Ok(outline)) = introspected {
            return Ok(outline);
        }
        let service = self.caller.post(endpoint, "{_service{sdl}}", assertion, SCHEMA_TIMEOUT).await?;
        let (data, _) = data(&service)?;
        let unreadable = |message: String| Fault::new(Status::Invalid, "WRONG_SHAPE", message);
        let answer: ServiceAnswer = serde_json::from_str(data.get()).map_err(|error| unreadable(error.to_string()))?;
        let outline = Outline::from_sdl(&answer.service.sdl).map_err(|error| unreadable(error.to_string()))?;
        if outline.query().is_some() { Ok(outline) } else { Err(unreadable("It has no query type.".into())) }
    }

    /// Asks for one row; a collection that does not give it is not offered.
    async fn try_out(&self, server: Server<'_>, mut state: CollectionState) -> CollectionState {
        if !state.is_offered {
            return state;
        }
        let Server { endpoint, assertion } = server;
        let (field, path) = required_order();
        let order = OrderKey { field: field.into(), is_descending: false, path: path.into(), kind: KeyKind::Number };
        let question =
            Question::new(state.collection, vec![order], required_members(state.collection), 1, endpoint.timeout);
        let document = Document::write(&question, 0, &[]);
        let outcome = match self.caller.post(endpoint, &document.text, assertion, endpoint.timeout).await {
            Ok(body) => read(&Arc::new(body), &question, &document, 0).map(|reading| reading.error),
            Err(fault) => Err(fault),
        };
        if let Ok(Some(fault)) | Err(fault) = outcome {
            refuse(&mut state, &fault);
        }
        state
    }

    /// Asks for one row by a mapping, and for rows in each order that the server is said to know.
    async fn try_mapping(
        &self,
        server: Server<'_>,
        collection: Collection,
        text: Option<&MappingText>,
        schema: Option<&Outline>,
    ) -> CollectionState {
        let Some(text) = text else { return CollectionState::lacking(collection, "There is no mapping for it.") };
        let mapping = match Mapping::read(collection, text.clone()) {
            Ok(mapping) => mapping,
            Err(fault) => {
                let state = CollectionState::lacking(collection, fault.message);
                return CollectionState { mapping: Some(text.clone()), paging: text.paging.word(), ..state };
            }
        };
        let mut state = promise(&mapping);
        let faults = schema.map(|schema| against(schema, mapping.selected())).unwrap_or_default();
        if state.is_offered && !faults.is_empty() {
            state.is_offered = false;
            state.message = Some(format!("The document does not fit: {}.", faults.join(", ")));
        }
        if !state.is_offered {
            return state;
        }
        let words = state.orderable_fields.clone();
        let first = words.iter().find_map(|word| order_key(collection, word, false));
        let first = first.filter(|_| mapping.paging == super::mapping::Paging::Keyset);
        let one =
            Question::new(collection, first.into_iter().collect(), all_members(&mapping), 1, server.endpoint.timeout);
        if let Err(fault) = self.try_rows(server, &mapping, one).await {
            refuse(&mut state, &fault);
            return state;
        }
        for word in words {
            for is_descending in [false, true] {
                let Some(order) = order_key(collection, &word, is_descending) else { continue };
                let asked = Question::new(collection, vec![order], Vec::new(), 1, server.endpoint.timeout);
                let asked = Question { first: ORDERED_ROWS, ..asked };
                if let Err(fault) = self.try_rows(server, &mapping, asked).await {
                    state.orderable_fields.retain(|other| *other != word);
                    let message = format!("The order {word} is left to the hub: {}", fault.message);
                    let before = state.message.take().map(|before| format!("{before} "));
                    state.message = Some(before.unwrap_or_default() + &message);
                    break;
                }
            }
        }
        state
    }

    async fn try_rows(&self, server: Server<'_>, mapping: &Mapping, question: Question) -> Result<(), Fault> {
        let Server { endpoint, assertion } = server;
        let numbers = Arc::new(Numbers::default());
        let identity = Identity { tenant: 0, instance: Uuid::nil(), numbers: &numbers };
        let document = MappedDocument::write(mapping, &question, identity)?;
        // Numbers that are only tried out are not kept.
        let assign = |_, _, keys: Vec<String>| -> BoxFuture<'static, Option<HashMap<String, i32>>> {
            Box::pin(async move { Some(keys.into_iter().zip(1..).collect()) })
        };
        let asking = Asking { question: &question, identity, assign: &assign, source: 0, bound: self.max_rows_at_hub };
        let call = |body: Bytes| -> BoxFuture<'_, Outcome> {
            Box::pin(async move { self.caller.send(endpoint, body, assertion, endpoint.timeout).await.map(Arc::new) })
        };
        let pages = asking.first_page(&document, &call).await?;
        pages.error.map_or(Ok(()), Err)
    }
}

fn unreadable(fault: &Fault) -> Check {
    let message = format!("The schema cannot be read. {}", fault.message);
    Check { is_accepted: false, collections: Vec::new(), messages: vec![message] }
}

/// Whether nobody answers, or not to us.
fn is_away(fault: &Fault) -> bool {
    matches!(fault.status, Status::TimedOut | Status::Unreachable | Status::Refused)
}

fn refuse(state: &mut CollectionState, fault: &Fault) {
    state.is_offered = false;
    state.message = Some(format!("A row was asked for in vain. {}", fault.message));
}
