//! The schema as servers get it: nothing reaches async-graphql but through here.

use std::{any::TypeId, sync::Arc};

use async_graphql::{Request, Response, ValidationMode, parser::types::OperationType};
use futures_util::{StreamExt, stream::BoxStream};
use moka::sync::Cache;

use super::{
    answer::{self, Key},
    document::Document,
    refusal::Refusal,
};
use crate::{
    engine::roots::{Mutation, Query, Subscription},
    hub::Hub,
    settings::Graphql,
};

type Executor = async_graphql::Schema<Query, Mutation, Subscription>;

/// What a kept document weighs at least, in bytes of text.
const SMALLEST: u32 = 200;

/// The schema that the server executes.
#[derive(Clone)]
pub struct Schema(Arc<Inner>);

struct Inner {
    schema: Executor,
    /// The same for documents that are known to be valid whatever the request.
    quick: Executor,
    limits: Graphql,
    /// Documents that have passed, by their text.
    documents: Cache<String, Arc<Document>>,
}

/// Data of a request whose document is the operator's own: limits that can be set do not hold for it.
pub struct Trusted;

/// A request that may be executed.
pub struct Admitted {
    request: Request,
    kind: Option<OperationType>,
    /// Response keys of the operation's root fields, in order.
    keys: Arc<[Key]>,
    document: Arc<Document>,
}

impl Admitted {
    /// What the operation is; none if the request names none of several, which the answer will say.
    #[must_use]
    pub fn kind(&self) -> Option<OperationType> {
        self.kind
    }

    /// The request itself.
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Whether it asks for the schema.
    #[must_use]
    pub fn is_introspection(&self) -> bool {
        self.document.is_introspection
    }
}

impl Schema {
    /// The schema of an instance, with the limits for those who are not trusted.
    #[must_use]
    pub fn new(hub: Hub, limits: Graphql) -> Self {
        let documents = Cache::builder()
            .max_capacity(limits.document_cache_bytes)
            .weigher(|text: &String, _: &Arc<Document>| u32::try_from(text.len()).unwrap_or(u32::MAX).max(SMALLEST))
            .build();
        let build = |mode, hub: Hub| {
            async_graphql::Schema::build(Query, Mutation, Subscription)
                .disable_suggestions()
                .limit_recursive_depth(limits.max_nesting)
                .validation_mode(mode)
                .data(hub)
                .finish()
        };
        let (schema, quick) = (build(ValidationMode::Strict, hub.clone()), build(ValidationMode::Fast, hub));
        Self(Arc::new(Inner { schema, quick, limits, documents }))
    }

    /// Reads the document of a request and checks it against the limits.
    ///
    /// # Errors
    /// Why the request must not be executed.
    pub fn admit(&self, mut request: Request) -> Result<Admitted, Refusal> {
        let Inner { limits, documents, .. } = &*self.0;
        let is_trusted = request.data.contains_key(&TypeId::of::<Trusted>());
        let document = if let Some(document) = documents.get(&request.query) {
            // A trusted request may have put it there.
            if !is_trusted {
                document.check(limits)?;
            }
            document
        } else {
            let document = Arc::new(Document::read(&request.query, limits, is_trusted)?);
            documents.insert(request.query.clone(), document.clone());
            document
        };
        let operation = document.operation(request.operation_name.as_deref());
        if !is_trusted && let Some(operation) = operation {
            operation.check(&request.variables, limits)?;
        }
        if let Some(operation) = operation {
            operation.fill(&mut request.variables);
        }
        let (kind, keys) = operation.map(|operation| (operation.kind, operation.keys.clone())).unzip();
        request.set_parsed_query(document.parsed.clone());
        Ok(Admitted { request, kind, keys: keys.unwrap_or_default(), document })
    }

    /// Executes a query or mutation.
    pub async fn run(&self, admitted: Admitted) -> Response {
        let Admitted { request, keys, document, .. } = admitted;
        let is_valid = document.is_valid();
        let mut response = if is_valid { &self.0.quick } else { &self.0.schema }.execute(request).await;
        if !is_valid && response.is_ok() {
            document.note_valid();
        }
        answer::tidy(&mut response, &keys);
        response
    }

    /// Executes an operation whose answers come one by one.
    #[must_use]
    pub fn watch(&self, admitted: Admitted) -> BoxStream<'static, Response> {
        let Admitted { request, keys, .. } = admitted;
        let answers = self.0.schema.execute_stream(request);
        let tidied = answers.map(move |mut response| {
            answer::tidy(&mut response, &keys);
            response
        });
        tidied.boxed()
    }

    /// Checks a request and executes it.
    pub async fn execute(&self, request: impl Into<Request>) -> Response {
        match self.admit(request.into()) {
            Ok(admitted) => self.run(admitted).await,
            Err(refusal) => refusal.into(),
        }
    }
}
