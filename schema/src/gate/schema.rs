//! The schema as servers get it: nothing reaches async-graphql but through here.

use std::{
    any::{Any, TypeId},
    sync::Arc,
};

use async_graphql::{
    Request, Response, Value, Variables,
    parser::types::{OperationDefinition, OperationType},
};
use futures_util::{StreamExt, stream::BoxStream};
use moka::sync::Cache;

use super::{
    answer::{self, Key},
    document::Document,
    refusal::Refusal,
    values,
};
use crate::{
    engine::{
        self,
        execute::{Enclosed, execute},
        request::Operation,
        roots::{Mutation, Query, Subscription},
    },
    hub::Hub,
    settings::Graphql,
    upload::Arrived,
    verb::CallerAddress,
    viewer::Viewer,
};

type Executor = async_graphql::Schema<Query, Mutation, Subscription>;

/// What a kept document weighs at least, in bytes of text.
const SMALLEST: u32 = 200;

/// The schema that the server executes.
#[derive(Clone)]
pub struct Schema(Arc<Inner>);

struct Inner {
    /// Validates, introspects, and watches.
    schema: Executor,
    hub: Hub,
    limits: Graphql,
    /// Documents that have passed, by their text.
    documents: Cache<String, Arc<Document>>,
}

/// Data of a request whose document is the operator's own: limits that can be set do not hold for it.
pub struct Trusted;

/// Data of a request whose document has been validated against the schema by whoever sends it.
pub struct Checked;

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
        let schema = async_graphql::Schema::build(Query, Mutation, Subscription)
            .disable_suggestions()
            .limit_recursive_depth(limits.max_nesting)
            .data(hub.clone())
            .finish();
        Self(Arc::new(Inner { schema, hub, limits, documents }))
    }

    /// Reads the document of a request and checks it against the limits.
    ///
    /// # Errors
    /// Why the request must not be executed.
    pub fn admit(&self, mut request: Request) -> Result<Admitted, Refusal> {
        let Inner { limits, documents, .. } = &*self.0;
        let is_trusted = enclosed::<Trusted>(&request).is_some();
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
        if let Some(definition) = document.definition(request.operation_name.as_deref()) {
            values::check_presence(definition, &request.variables)?;
        }
        let (kind, keys) = operation.map(|operation| (operation.kind, operation.keys.clone())).unzip();
        Ok(Admitted { request, kind, keys: keys.unwrap_or_default(), document })
    }

    /// Executes a query or mutation.
    pub async fn run(&self, admitted: Admitted) -> Response {
        let mut response = match self.validated(&admitted).await {
            Ok((definition, schema)) => {
                let mut response = self.execute_valid(&admitted, definition).await;
                answer::complete(&mut response, schema);
                response
            }
            Err(refused) => refused,
        };
        answer::tidy(&mut response, &admitted.keys);
        response
    }

    /// The operation, and what it asks of the schema itself.
    async fn validated<'a>(&self, admitted: &'a Admitted) -> Result<(&'a OperationDefinition, Value), Response> {
        let Admitted { request, document, .. } = admitted;
        let is_checked = enclosed::<Checked>(request).is_some();
        let definition = document.definition(request.operation_name.as_deref());
        if let Some(definition) = definition.filter(|found| document.is_valid(found, &request.variables, is_checked)) {
            return Ok((definition, Value::Null));
        }
        let mut response = self.validate(admitted, document.all_variables(&request.variables)).await;
        if response.is_ok() {
            document.note_valid();
        } else {
            response = self.validate(admitted, request.variables.clone()).await;
        }
        match definition {
            Some(definition) if response.is_ok() => {
                values::check_types(definition, &request.variables)?;
                Ok((definition, response.data))
            }
            _ => Err(response),
        }
    }

    /// The errors of a document with these variables, or what it asks of the schema itself.
    async fn validate(&self, admitted: &Admitted, variables: Variables) -> Response {
        let mut question = Request::new("").variables(variables);
        question.operation_name.clone_from(&admitted.request.operation_name);
        question.set_parsed_query(admitted.document.parsed.clone());
        self.0.schema.execute(question).await
    }

    async fn execute_valid(&self, admitted: &Admitted, definition: &OperationDefinition) -> Response {
        let Admitted { request, document, .. } = admitted;
        let (nobody, hub) = (Viewer::default(), &self.0.hub);
        let fragments = &document.parsed.fragments;
        let operation = Operation { definition, fragments, variables: &request.variables };
        let viewer = enclosed::<Viewer>(request).unwrap_or(&nobody);
        let is_trusted = enclosed::<Trusted>(request).is_some();
        let enclosed = Enclosed {
            uploads: &request.uploads,
            arrived: enclosed::<Arc<Arrived>>(request).map(|arrived| &**arrived),
            address: enclosed::<CallerAddress>(request).map(|address| address.0),
        };
        execute(&engine::request::Request::new(hub, viewer, operation, is_trusted), operation, enclosed).await
    }

    /// Executes an operation whose answers come one by one.
    #[must_use]
    pub fn watch(&self, admitted: Admitted) -> BoxStream<'static, Response> {
        let Admitted { mut request, keys, document, .. } = admitted;
        request.set_parsed_query(document.parsed.clone());
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

/// What the server put into a request.
fn enclosed<Data: Any>(request: &Request) -> Option<&Data> {
    request.data.get(&TypeId::of::<Data>())?.downcast_ref()
}
