//! The hub's own rows as a source: the operation that other sources get over HTTP, answered here for the viewer.

use async_graphql::{
    Variables,
    parser::{parse_query, types::DocumentOperations},
};
use serde_json::json;

use crate::{
    engine::{
        MODEL,
        collect::{Item, collect},
        request::{Operation, Request},
        resolve::{self, List},
        totals,
    },
    error::Error,
    hub::Hub,
    viewer::Viewer,
};

/// The answer as a source would give it: `{"data": {…}}`, or `errors` with what a client may read.
pub async fn answer(hub: &Hub, viewer: &Viewer, text: String) -> String {
    match run(hub, viewer, &text).await {
        Ok(data) => format!("{{\"data\":{data}}}"),
        Err(Error::Client(error)) => {
            json!({ "errors": [{ "message": error.to_string(), "extensions": { "code": error.code() } }] }).to_string()
        }
        Err(Error::Internal(error)) => {
            tracing::error!(%error, "the hub's own rows cannot be read");
            json!({ "errors": [{ "message": "The hub's own rows cannot be read." }] }).to_string()
        }
    }
}

async fn run(hub: &Hub, viewer: &Viewer, text: &str) -> Result<String, Error> {
    let document = parse_query(text).map_err(Error::internal)?;
    let DocumentOperations::Single(definition) = &document.operations else {
        return Err(Error::internal("the federation writes one operation"));
    };
    let variables = Variables::default();
    let operation = Operation { definition: &definition.node, fragments: &document.fragments, variables: &variables };
    // The federation asks for one row more than the page has, to know whether more follow.
    let max_page = hub.settings.graphql.max_page + 1;
    let request = Request { hub, viewer, operation: Some(operation), max_page };
    let items = collect(&request, MODEL.object("Query"), &[&definition.node.selection_set.node]);
    let Some(Item::Field(selected)) = items.into_iter().next() else {
        return Err(Error::internal("the federation asks for one field"));
    };
    resolve::authorize(&request, selected.field)?;
    if let Some(of) = totals::of(selected.field) {
        return Ok(format!("{{\"{}\":{}}}", selected.key, totals::write(&request, &selected, of).await?));
    }
    let of = selected.field.of.connected().ok_or_else(|| Error::internal("the federation asks for a list"))?;
    let (object, table) = MODEL.rows(of).expect("connections are of rows");
    let list = List { object, order: &table.order, conditions: Vec::new() };
    let json = list.connection(&request, &selected).await?;
    Ok(format!("{{\"{}\":{json}}}", selected.key))
}
