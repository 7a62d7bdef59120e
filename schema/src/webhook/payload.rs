//! The body of an event: its type, its time, and the row as it is when it is told first.

use std::sync::LazyLock;

use async_graphql::{
    Variables,
    parser::{
        parse_query,
        types::{DocumentOperations, ExecutableDocument, OperationDefinition},
    },
};
use serde_json::json;

use groupgraph_entities::webhook;

use super::event::{Content, instant};
use crate::{
    engine::{
        MODEL, id,
        plan::ROOT,
        request::{Operation, Request},
        resolve::read_unscoped,
        scope,
    },
    error::Error,
    hub::Hub,
    viewer::{Permissions, Reach, Viewer},
};

/// The dialect of older receivers.
const HALOPSA: &str = "HALOPSA";

static DOCUMENT: LazyLock<ExecutableDocument> =
    LazyLock::new(|| parse_query(include_str!("payload.graphql")).expect("a test reads the payloads"));

/// Writes the body. Of a row that is gone only its id is told.
///
/// # Errors
/// The database is out of reach.
pub(super) async fn write(
    hub: &Hub,
    endpoint: &webhook::Model,
    content: &Content,
    delivery: &str,
) -> Result<String, Error> {
    let tenant = endpoint.tenant_id;
    let id = id::encode(&content.of, hub.instance, content.number);
    let row = read(hub, tenant, content).await?;
    let data = row.unwrap_or_else(|| json!({ "id": id, "number": content.number }).to_string());
    if endpoint.dialect == HALOPSA {
        let event = content.kind.replacen("deal.", "opportunity.", 1);
        let (id, event, at) = (json!(delivery), json!(event), instant(content.timestamp));
        return Ok(format!("{{\"id\":{id},\"event\":{event},\"created_at\":\"{at}\",\"data\":{data}}}"));
    }
    Ok(format!("{{\"type\":{},\"timestamp\":\"{}\",\"data\":{data}}}", json!(content.kind), instant(content.timestamp)))
}

/// The row with the rights of an endpoint: everything of its company, or of all.
async fn read(hub: &Hub, tenant: Option<i64>, content: &Content) -> Result<Option<String>, Error> {
    let Some(fragment) = DOCUMENT.fragments.get(content.of.as_str()) else { return Ok(None) };
    let Some((object, table)) = MODEL.rows(&content.of) else { return Ok(None) };
    let viewer = Viewer {
        // A machine without a token of its own.
        token: Some(0),
        tenant,
        tenants: tenant.map_or(Reach::All, |tenant| Reach::Some(vec![tenant])),
        permissions: Permissions::All,
        ..Viewer::default()
    };
    let variables = Variables::default();
    let operation = Operation { definition: definition(), fragments: &DOCUMENT.fragments, variables: &variables };
    let request = Request { operation: Some(operation), ..Request::bare(hub, &viewer) };
    let conditions = scope::visible(&request, table, ROOT);
    let sets = [&fragment.node.selection_set.node];
    let rows = read_unscoped(&request, object, &sets, &[content.number], conditions).await?;
    Ok(rows.into_iter().next().flatten())
}

fn definition() -> &'static OperationDefinition {
    match &DOCUMENT.operations {
        DocumentOperations::Single(definition) => &definition.node,
        DocumentOperations::Multiple(_) => unreachable!("the document has one operation without a name"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhook::event::EVENTS;

    #[test]
    fn each_type_has_a_payload() {
        for event in EVENTS {
            assert!(DOCUMENT.fragments.contains_key(event.of), "{}", event.of);
        }
    }
}
