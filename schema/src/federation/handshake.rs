//! Finds out what a server may answer for: reads its schema, compares it with the contract, and asks for one row of
//! each collection. It must not know the database.

use std::{collections::HashMap, sync::Arc, time::Duration};

use futures_util::future::join_all;
use serde::Deserialize;

use super::{
    Federation,
    collection::Collection,
    contract::{CollectionState, compare, required_members, required_order},
    document::Document,
    key::{KeyKind, OrderKey},
    outline::{INTROSPECTION, Outline},
    question::{Fault, Question, SourceErrorMode},
    read::{data, read},
    registry::Endpoint,
};

/// Longest wait for a schema; it is read seldom and may be large.
const SCHEMA_TIMEOUT: Duration = Duration::from_secs(10);

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

#[derive(Deserialize)]
struct ServiceAnswer {
    #[serde(rename = "_service")]
    service: Service,
}

#[derive(Deserialize)]
struct Service {
    sdl: String,
}

impl Federation {
    /// Checks a server that is said to speak `subsidiary.graphql`.
    pub async fn check(&self, endpoint: &Endpoint, assertion: &str) -> Check {
        let schema = match self.schema(endpoint, assertion).await {
            Ok(schema) => schema,
            Err(fault) => {
                let message = format!("The schema cannot be read. {}", fault.message);
                return Check { is_accepted: false, collections: Vec::new(), messages: vec![message] };
            }
        };
        let states =
            Collection::all().map(|collection| self.try_out(endpoint, assertion, compare(&schema, collection)));
        let collections = join_all(states).await;
        let is_accepted = collections.iter().any(|state| state.is_offered);
        let messages = if is_accepted { Vec::new() } else { vec!["No collection is offered.".to_owned()] };
        Check { is_accepted, collections, messages }
    }

    async fn schema(&self, endpoint: &Endpoint, assertion: &str) -> Result<Outline, Fault> {
        let introspection = self.caller.post(endpoint, INTROSPECTION, assertion, SCHEMA_TIMEOUT).await?;
        let introspected = data(&introspection).map(|(data, _)| Outline::from_introspection(data.get()));
        if let Ok(Ok(outline)) = introspected {
            return Ok(outline);
        }
        let service = self.caller.post(endpoint, "{_service{sdl}}", assertion, SCHEMA_TIMEOUT).await?;
        let (data, _) = data(&service)?;
        let unreadable = |message: String| Fault::new(super::question::Status::Invalid, "WRONG_SHAPE", message);
        let answer: ServiceAnswer = serde_json::from_str(data.get()).map_err(|error| unreadable(error.to_string()))?;
        Outline::from_sdl(&answer.service.sdl).map_err(|error| unreadable(error.to_string()))
    }

    /// Asks for one row; a collection that does not give it is not offered.
    async fn try_out(&self, endpoint: &Endpoint, assertion: &str, mut state: CollectionState) -> CollectionState {
        if !state.is_offered {
            return state;
        }
        let question = one_row(state.collection, endpoint.timeout);
        let document = Document::write(&question, 0, &[]);
        let outcome = match self.caller.post(endpoint, &document.text, assertion, endpoint.timeout).await {
            Ok(body) => read(&Arc::new(body), &question, &document, 0).map(|reading| reading.error),
            Err(fault) => Err(fault),
        };
        match outcome {
            Ok(None) => {}
            Ok(Some(fault)) | Err(fault) => {
                state.is_offered = false;
                state.message = Some(format!("A row was asked for in vain. {}", fault.message));
            }
        }
        state
    }
}

fn one_row(collection: Collection, deadline: Duration) -> Question {
    let (field, path) = required_order();
    Question {
        collection,
        filter: None,
        search: None,
        order: vec![OrderKey { field: field.into(), is_descending: false, path: path.into(), kind: KeyKind::Number }],
        members: required_members(collection),
        first: 1,
        after: None,
        wants_total: false,
        visible: None,
        tenants: None,
        viewer_numbers: None,
        tenant_json: HashMap::new(),
        deadline,
        mode: SourceErrorMode::Partial,
    }
}
