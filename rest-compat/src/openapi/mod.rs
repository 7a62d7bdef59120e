//! `OpenAPI` 3.1 of the systems, from their operations and the schema. It must not know where they are served.

mod answer;
mod request;
mod scalar;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::{
    catalog::{Catalog, System},
    endpoint::Endpoint,
    failure::{self, Style},
    input::Inputs,
};

/// The document of one system that stands below a prefix.
#[must_use]
pub fn of_system(catalog: &Catalog, system: &System, prefix: &str) -> Value {
    let settings = &system.settings;
    let info = json!({ "title": settings.title, "description": settings.description, "version": "1" });
    document(&info, prefix, &paths(catalog, system, ""), &[system])
}

/// One document for several systems and their prefixes.
#[must_use]
pub fn of_all(catalog: &Catalog, systems: &[(&System, &str)]) -> Value {
    let mut all = Map::new();
    for (system, prefix) in systems {
        all.extend(paths(catalog, system, prefix));
    }
    let info = json!({
        "title": "REST interfaces",
        "description": "The interfaces of all older systems over one GraphQL schema.",
        "version": "1",
    });
    document(&info, "", &all, &systems.iter().map(|(system, _)| *system).collect::<Vec<_>>())
}

fn document(info: &Value, prefix: &str, paths: &Map<String, Value>, systems: &[&System]) -> Value {
    let url = if prefix.is_empty() { "/" } else { prefix };
    let mut schemas = Map::new();
    for system in systems {
        let rules = system.settings.failures.values().flatten().filter_map(|rule| rule.style);
        for style in rules.chain([system.settings.style]) {
            schemas.insert(name(style).to_owned(), failure_schema(style));
        }
    }
    let mut tags: Vec<String> =
        systems.iter().flat_map(|system| system.endpoints.iter().map(|endpoint| tag(system, endpoint))).collect();
    tags.sort();
    tags.dedup();
    json!({
        "openapi": "3.1.0",
        "info": info,
        "servers": [{ "url": url }],
        "tags": tags.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": { "bearer": { "type": "http", "scheme": "bearer" } },
        },
    })
}

fn tag(system: &System, endpoint: &Endpoint) -> String {
    format!("{}: {}", system.name, endpoint.noun.replace('_', " "))
}

fn paths(catalog: &Catalog, system: &System, prefix: &str) -> Map<String, Value> {
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for endpoint in &system.endpoints {
        let item = paths.entry(format!("{prefix}{}", endpoint.path)).or_default();
        item.insert(endpoint.method.as_str().to_lowercase(), operation(catalog, system, endpoint));
    }
    paths.into_iter().map(|(path, item)| (path, Value::Object(item))).collect()
}

fn operation(catalog: &Catalog, system: &System, endpoint: &Endpoint) -> Value {
    let mut operation = Map::new();
    operation.insert("operationId".into(), endpoint.name.clone().into());
    operation.insert("summary".into(), endpoint.summary.clone().into());
    operation.insert("tags".into(), json!([tag(system, endpoint)]));
    let security = if endpoint.is_public { json!([]) } else { json!([{ "bearer": [] }]) };
    operation.insert("security".into(), security);
    let parameters = request::parameters(&catalog.inputs, system, endpoint);
    if !parameters.is_empty() {
        operation.insert("parameters".into(), parameters.into());
    }
    if let Some(body) = request::body(&catalog.inputs, system, endpoint) {
        operation.insert("requestBody".into(), body);
    }
    operation.insert("responses".into(), responses(&catalog.inputs, system, endpoint));
    Value::Object(operation)
}

fn responses(inputs: &Inputs, system: &System, endpoint: &Endpoint) -> Value {
    let mut responses = Map::new();
    let mut schema = answer::schema(inputs, endpoint);
    let rules = endpoint.failures.as_ref().and_then(|table| system.settings.failures.get(table));
    let refusals = rules.into_iter().flatten().filter(|rule| rule.status == Some(endpoint.status));
    let refusals: Vec<Value> = refusals.filter_map(|rule| answer::refusal(rule.body.as_deref()?)).collect();
    if !refusals.is_empty() {
        let all: Vec<Value> = std::iter::once(schema).chain(refusals).collect();
        schema = json!({ "anyOf": all });
    }
    let success = json!({ "description": "Done.", "content": { "application/json": { "schema": schema } } });
    responses.insert(endpoint.status.to_string(), success);
    for (status, style) in failure::statuses(&system.settings, endpoint.failures.as_deref(), &codes(endpoint)) {
        // What is refused with a status of success has the form that its table says.
        if status < 400 {
            continue;
        }
        let reason = http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
        let schema = json!({ "$ref": format!("#/components/schemas/{}", name(style)) });
        responses.insert(
            status.to_string(),
            json!({
                "description": reason.unwrap_or("Failure"),
                "content": { "application/json": { "schema": schema } },
            }),
        );
    }
    Value::Object(responses)
}

/// The codes that an endpoint can answer with.
fn codes(endpoint: &Endpoint) -> Vec<&'static str> {
    let mut codes = vec!["RATE_LIMITED", failure::INTERNAL, "OVERLOADED"];
    if !endpoint.is_public {
        codes.extend(["UNAUTHENTICATED", "FORBIDDEN"]);
    }
    if endpoint.path.contains('{') {
        codes.push(failure::NOT_FOUND);
    }
    if !endpoint.parameters.is_empty() {
        codes.extend([failure::MISSING, failure::WRONG, failure::MALFORMED]);
    }
    if !matches!(endpoint.method, http::Method::GET | http::Method::DELETE) {
        codes.extend(["INVALID", "WRONG_STATE", "TOO_LARGE"]);
    }
    codes
}

fn name(style: Style) -> &'static str {
    match style {
        Style::Laravel => "Failure",
        Style::StatusFalse => "FailureWithStatus",
        Style::StatusError => "FailureWithStatusWord",
        Style::ErrorOnly => "FailureSentence",
        Style::Boom => "BoomFailure",
        Style::Halopsa => "HalopsaFailure",
        Style::ContactCentre => "ContactCentreFailure",
        Style::Repzo => "RepzoFailure",
    }
}

fn failure_schema(style: Style) -> Value {
    let text = json!({ "type": "string" });
    let object = |properties: Value, required: Value| json!({ "type": "object", "properties": properties, "required": required });
    match style {
        Style::Laravel => object(
            json!({
                "message": text,
                "errors": { "type": "object", "additionalProperties": { "type": "array", "items": text } },
            }),
            json!(["message"]),
        ),
        Style::StatusFalse => {
            object(json!({ "status": { "const": false }, "message": text }), json!(["status", "message"]))
        }
        Style::StatusError => {
            object(json!({ "status": { "const": "error" }, "message": text }), json!(["status", "message"]))
        }
        Style::ErrorOnly => object(json!({ "error": text }), json!(["error"])),
        Style::Boom => object(
            json!({ "statusCode": { "type": "integer" }, "error": text, "message": text }),
            json!(["statusCode", "error", "message"]),
        ),
        Style::Halopsa => object(
            json!({ "error": object(
                json!({ "code": text, "message": text, "details": { "type": "object" }, "timestamp": text, "request_id": text }),
                json!(["code", "message", "timestamp", "request_id"]),
            ) }),
            json!(["error"]),
        ),
        Style::ContactCentre => object(
            json!({
                "status": { "const": false },
                "error": object(json!({ "message": text, "rule": text }), json!(["message", "rule"])),
            }),
            json!(["status", "error"]),
        ),
        Style::Repzo => object(json!({ "success": { "const": false }, "error": text }), json!(["success", "error"])),
    }
}
