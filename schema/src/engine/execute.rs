//! Runs a query or mutation that is known to be valid: root fields of a query at the same time, those of a mutation one
//! after the other. Each is finished JSON, carried through the response as a raw value. It must not know HTTP.

use std::{net::IpAddr, sync::Mutex};

use async_graphql::{
    Name, PathSegment, Positioned, Response, ServerError, UploadValue, Value,
    indexmap::IndexMap,
    parser::types::{Field, OperationType, Selection, SelectionSet},
};
use futures_util::future::join_all;

use super::{
    MODEL,
    collect::{Item, Selected, collect},
    model::Object,
    mutate,
    request::{Operation, Request},
    resolve,
    roots::raw,
};
use crate::{error::Error, upload::Arrived, verb::Call};

/// What came with a request beside its document and variables.
#[derive(Clone, Copy, Default)]
pub struct Enclosed<'a> {
    /// Files of a multipart request, by position.
    pub uploads: &'a [UploadValue],
    /// Contents of files that were stored while the request came.
    pub arrived: Option<&'a Arrived>,
    /// Address of the caller, for limits.
    pub address: Option<IpAddr>,
}

/// Runs the operation of a request. Root fields that failed are missing in the data, and have an error with their path.
pub async fn execute(request: &Request<'_>, operation: Operation<'_>, enclosed: Enclosed<'_>) -> Response {
    let set = &operation.definition.selection_set.node;
    let is_mutation = operation.definition.ty == OperationType::Mutation;
    let root = MODEL.object(if is_mutation { "Mutation" } else { "Query" });
    let items = collect(request, root, &[set]);
    let outcomes = if is_mutation {
        let mut outcomes = Vec::with_capacity(items.len());
        for item in &items {
            outcomes.push(value(item, root, |selected| change(request, selected, enclosed)).await);
        }
        outcomes
    } else {
        join_all(items.iter().map(|item| value(item, root, |selected| resolve::query(request, selected)))).await
    };
    let (mut data, mut errors) = (IndexMap::with_capacity(items.len()), Vec::new());
    for (item, outcome) in items.iter().zip(outcomes) {
        match outcome {
            Ok(value) => {
                data.insert(Name::new(item.key()), value);
            }
            Err(error) => errors.push(located(request, set, item.key(), error)),
        }
    }
    let mut response = Response::new(Value::Object(data));
    response.errors = errors;
    response
}

async fn value<'a, Json: Future<Output = Result<String, Error>>>(
    item: &'a Item<'a>,
    root: &Object,
    resolve: impl FnOnce(&'a Selected<'a>) -> Json,
) -> Result<Value, Error> {
    match item {
        Item::Typename { .. } => Ok(Value::String(root.name.clone())),
        Item::Field(selected) => resolve(selected).await.map(raw),
    }
}

async fn change(request: &Request<'_>, selected: &Selected<'_>, enclosed: Enclosed<'_>) -> Result<String, Error> {
    let nothing = Value::Object(IndexMap::new());
    let call = Call {
        hub: request.hub,
        viewer: request.viewer,
        input: selected.arguments.get("input").unwrap_or(&nothing),
        uploads: enclosed.uploads,
        arrived: enclosed.arrived,
        address: enclosed.address,
        changes: Mutex::default(),
        events: Mutex::default(),
    };
    mutate::run(request, &call, selected).await
}

fn located(request: &Request<'_>, set: &SelectionSet, key: &str, error: Error) -> ServerError {
    let pos = first(request, set, key).map(|found| found.pos).unwrap_or_default();
    let path = vec![PathSegment::Field(key.to_owned())];
    ServerError { path, ..error.into_server_error(pos) }
}

/// The first field with the response key, in the order in which they run.
fn first<'a>(request: &Request<'a>, set: &'a SelectionSet, key: &str) -> Option<&'a Positioned<Field>> {
    set.items.iter().find_map(|selection| match &selection.node {
        Selection::Field(field) => (field.node.response_key().node == key).then_some(field),
        Selection::InlineFragment(fragment) => first(request, &fragment.node.selection_set.node, key),
        Selection::FragmentSpread(spread) => {
            let fragment = request.fragment(&spread.node.fragment_name.node)?;
            first(request, &fragment.selection_set.node, key)
        }
    })
}
