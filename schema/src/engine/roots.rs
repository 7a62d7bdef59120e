//! The three root types for async-graphql: it parses, validates and introspects; everything below a root field is
//! resolved here at once, and carried through its response as raw JSON.

use std::{borrow::Cow, pin::Pin};

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, Name, ObjectType, OutputType, Positioned, Response, ServerResult,
    SubscriptionType, Value,
    indexmap::IndexMap,
    parser::types::{Field, Selection, SelectionSet},
    registry::Registry,
    resolver_utils::{resolve_container, resolve_container_serial},
};
use futures_util::{Stream, StreamExt, stream};

use super::{
    DOCUMENT, MODEL,
    collect::{self, Selected},
    mutate, registry,
    request::{Operation, Request},
    resolve, subscribe,
};
use crate::{
    error::Error,
    gate::Trusted,
    hub::Hub,
    upload::Arrived,
    verb::{Call, CallerAddress},
    viewer::Viewer,
};

/// Rows of a page that an operation of the operator may ask for.
const MOST_OF_TRUSTED: usize = 10_000;

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
    let hub = context.data::<Hub>().map_err(data)?;
    let viewer = context.data::<Viewer>().map_err(data)?;
    let operation = Operation {
        definition: &context.query_env.operation.node,
        fragments: &context.query_env.fragments,
        variables: &context.query_env.variables,
    };
    // The operator's own operations answer lists that have no pages.
    let max_page = match context.data_opt::<Trusted>() {
        Some(Trusted) => hub.settings.graphql.max_page.max(MOST_OF_TRUSTED),
        None => hub.settings.graphql.max_page,
    };
    Ok(Request { hub, viewer, operation: Some(operation), max_page })
}

/// The selected root field of a context, merged with others of the same response key.
fn selected<'a>(request: &Request<'a>, root: &str, context: &'a Context<'_>) -> Option<Selected<'a>> {
    let key = context.item.node.response_key().node.as_str();
    let set = &context.query_env.operation.node.selection_set.node;
    collect::one(request, MODEL.object(root), set, key)
}

impl ContainerType for Query {
    async fn resolve_field(&self, context: &Context<'_>) -> ServerResult<Option<Value>> {
        let request = request(context)?;
        let Some(selected) = selected(&request, "Query", context) else { return Ok(None) };
        let json = resolve::query(&request, &selected).await;
        json.map(|json| Some(raw(json))).map_err(|error| located(error, context))
    }
}

impl ContainerType for Mutation {
    async fn resolve_field(&self, context: &Context<'_>) -> ServerResult<Option<Value>> {
        let request = request(context)?;
        let key = context.item.node.response_key().node.as_str();
        let set = &context.query_env.operation.node.selection_set.node;
        // A repeated response key asks for more of one call, not for a second one.
        if first(&request, set, key).is_some_and(|found| !std::ptr::eq(found, &raw const context.item.node)) {
            return Ok(Some(Value::Null));
        }
        let Some(selected) = selected(&request, "Mutation", context) else { return Ok(None) };
        let nothing = Value::Object(IndexMap::new());
        let call = Call {
            hub: request.hub,
            viewer: request.viewer,
            input: selected.arguments.get("input").unwrap_or(&nothing),
            uploads: &context.query_env.uploads,
            arrived: context.data_opt::<std::sync::Arc<Arrived>>().map(|arrived| &**arrived),
            address: context.data_opt::<CallerAddress>().map(|address| address.0),
            changes: std::sync::Mutex::default(),
            events: std::sync::Mutex::default(),
        };
        let json = mutate::run(&request, &call, &selected).await;
        json.map(|json| Some(raw(json))).map_err(|error| located(error, context))
    }
}

fn located(error: Error, context: &Context<'_>) -> async_graphql::ServerError {
    context.set_error_path(error.into_server_error(context.item.pos))
}

/// The first field with the response key, in the order in which they run.
fn first<'a>(request: &Request<'a>, set: &'a SelectionSet, key: &str) -> Option<&'a Field> {
    set.items.iter().find_map(|selection| match &selection.node {
        Selection::Field(field) => (field.node.response_key().node == key).then_some(&field.node),
        Selection::InlineFragment(fragment) => first(request, &fragment.node.selection_set.node, key),
        Selection::FragmentSpread(spread) => {
            let fragment = request.fragment(&spread.node.fragment_name.node)?;
            first(request, &fragment.selection_set.node, key)
        }
    })
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
        let selected = selected(&request, "Subscription", context)?;
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
