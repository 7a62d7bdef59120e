//! The three root types for async-graphql, which parses, validates and introspects. Root fields of queries and mutations
//! are nothing to it: `execute` runs them afterwards. Those of subscriptions begin here.

use std::{borrow::Cow, pin::Pin};

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, Name, ObjectType, OutputType, Positioned, Response, ServerResult,
    SubscriptionType, Value,
    indexmap::IndexMap,
    parser::types::Field,
    registry::Registry,
    resolver_utils::{resolve_container, resolve_container_serial},
};
use futures_util::{Stream, StreamExt, stream};

use super::{
    DOCUMENT, MODEL, collect, registry,
    request::{Operation, Request},
    subscribe,
};
use crate::{error::Error, gate::Trusted};

/// What can be read.
pub struct Query;
/// What can be changed.
pub struct Mutation;
/// What can be watched.
pub struct Subscription;

/// Finished JSON as a value of async-graphql.
#[must_use]
pub fn raw(json: String) -> Value {
    Value::Object(IndexMap::from([(Name::new(async_graphql_value::RAW_VALUE_TOKEN), Value::String(json))]))
}

/// The finished JSON that a value is; none if it is an ordinary one.
#[must_use]
pub fn finished(value: &Value) -> Option<&str> {
    match value {
        Value::Object(members) if members.len() == 1 => match members.get(async_graphql_value::RAW_VALUE_TOKEN) {
            Some(Value::String(json)) => Some(json),
            _ => None,
        },
        _ => None,
    }
}

/// What surrounds the field of a context.
fn request<'a>(context: &'a Context<'_>) -> ServerResult<Request<'a>> {
    let data = |error: async_graphql::Error| error.into_server_error(context.item.pos);
    let operation = Operation {
        definition: &context.query_env.operation.node,
        fragments: &context.query_env.fragments,
        variables: &context.query_env.variables,
    };
    let is_trusted = context.data_opt::<Trusted>().is_some();
    Ok(Request::new(context.data().map_err(data)?, context.data().map_err(data)?, operation, is_trusted))
}

impl ContainerType for Query {
    async fn resolve_field(&self, _: &Context<'_>) -> ServerResult<Option<Value>> {
        Ok(None)
    }
}

impl ContainerType for Mutation {
    async fn resolve_field(&self, _: &Context<'_>) -> ServerResult<Option<Value>> {
        Ok(None)
    }
}

fn located(error: Error, context: &Context<'_>) -> async_graphql::ServerError {
    context.set_error_path(error.into_server_error(context.item.pos))
}

impl OutputType for Query {
    fn type_name() -> Cow<'static, str> {
        "Query".into()
    }

    fn create_type_info(types: &mut Registry) -> String {
        registry::fill(&DOCUMENT, types);
        "Query!".to_owned()
    }

    async fn resolve(&self, context: &ContextSelectionSet<'_>, _field: &Positioned<Field>) -> ServerResult<Value> {
        resolve_container(context, self).await
    }
}

impl OutputType for Mutation {
    fn type_name() -> Cow<'static, str> {
        "Mutation".into()
    }

    fn create_type_info(_: &mut Registry) -> String {
        "Mutation!".to_owned()
    }

    async fn resolve(&self, context: &ContextSelectionSet<'_>, _field: &Positioned<Field>) -> ServerResult<Value> {
        resolve_container_serial(context, self).await
    }
}

impl ObjectType for Query {}
impl ObjectType for Mutation {}

impl SubscriptionType for Subscription {
    fn type_name() -> Cow<'static, str> {
        "Subscription".into()
    }

    fn create_type_info(_: &mut Registry) -> String {
        "Subscription!".to_owned()
    }

    fn create_field_stream<'a>(
        &'a self,
        context: &'a Context<'_>,
    ) -> Option<Pin<Box<dyn Stream<Item = Response> + Send + 'a>>> {
        let request = match request(context) {
            Ok(request) => request,
            Err(error) => return Some(stream::iter([Response::from_errors(vec![error])]).boxed()),
        };
        let key = context.item.node.response_key().node.as_str();
        let set = &context.query_env.operation.node.selection_set.node;
        let selected = collect::one(&request, MODEL.object("Subscription"), set, key)?;
        let key = Name::new(selected.key);
        match subscribe::watch(request, selected) {
            Err(error) => Some(stream::iter([Response::from_errors(vec![located(error, context)])]).boxed()),
            Ok(changes) => Some(
                changes
                    .map(move |json| match json {
                        Ok(json) => Response::new(Value::Object(IndexMap::from([(key.clone(), raw(json))]))),
                        Err(error) => Response::from_errors(vec![located(error, context)]),
                    })
                    .boxed(),
            ),
        }
    }
}
