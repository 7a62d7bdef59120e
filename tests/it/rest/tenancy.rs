//! No company meets the records of another, by whichever endpoint of whichever resource.

use groupgraph_schema::catalog::{Access, Operation, Resource, catalog};
use http::Method;
use serde_json::{Map, Value, json};

use super::{
    maker::{Maker, one, rows},
    walk::endpoints,
};
use crate::support::{
    TestApp,
    app::{DAUGHTER, HEAD_OFFICE},
};

#[tokio::test]
async fn no_company_meets_records_of_another() {
    let app = TestApp::builder().set("limits.requests_per_minute", "0").start().await;
    let mut own = Maker::new(&app, (HEAD_OFFICE, "head-office")).await;
    let mut stranger = Maker::new(&app, (DAUGHTER, "daughter")).await;
    for resource in &catalog().resources {
        let (base, (_, id), theirs) = (&resource.path, own.record(resource).await, stranger.record(resource).await.1);
        for query in
            ["", "?company_namespace=head-office", "?company_namespace=daughter", "?search=text", &format!("?_id={id}")]
        {
            let list = stranger.call(&Method::GET, &format!("{base}{query}"), &Value::Null).await;
            assert_eq!(list.status, 200, "{base}{query}: {}", list.text);
            assert!(!json!(rows(&list)).to_string().contains(&id), "{base}{query}: {}", list.text);
        }
        let before = own.call(&Method::GET, &format!("{base}?_id={id}"), &Value::Null).await.text;
        let body: Value = stranger.body(resource).await.into();
        let mut calls: Vec<(Method, String, Value)> = Vec::new();
        for (method, path) in endpoints(resource).into_iter().filter(|(_, path)| path.contains("{id}")) {
            calls.push((method, path.replace("{id}", &id), body.clone()));
        }
        for action in super::actions(base).into_iter().filter(|(_, path)| path.contains("{id}")) {
            calls.push((action.0, action.1.replace("{id}", &id), action_body(resource)));
        }
        for (method, path, body) in calls {
            let body = if [Method::GET, Method::DELETE].contains(&method) { Value::Null } else { body };
            let answer = stranger.call(&method, &path, &body).await;
            assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text);
        }
        if resource.bulk {
            stranger.call(&Method::POST, &format!("{base}/remove"), &json!({ "ids": [id] })).await;
        }
        referred(&stranger, resource, (&own, &theirs)).await;
        let after = own.call(&Method::GET, &format!("{base}?_id={id}"), &Value::Null).await.text;
        assert_eq!(after, before, "{base}: the stranger has left a trace");
        assert!(before.contains(&format!("\"_id\":\"{id}\"")), "{base}: {before}");
    }
}

#[tokio::test]
async fn no_company_converts_documents_of_another() {
    let app = TestApp::builder().set("limits.requests_per_minute", "0").start().await;
    let mut own = Maker::new(&app, (HEAD_OFFICE, "head-office")).await;
    let stranger = Maker::new(&app, (DAUGHTER, "daughter")).await;
    for (name, kind) in [("Proforma", "proforma"), ("FullInvoice", "invoice"), ("Payment", "receipt")] {
        let resource = catalog().resource(name).expect("a resource");
        let body = json!({ "documentType": kind, "documentId": own.record(resource).await.1 });
        for (who, status) in [(&own, 200), (&stranger, 400)] {
            let answer = who.call(&Method::POST, "/quick-convert-to-pdf", &body).await;
            assert_eq!(answer.status, status, "{kind}: {}", answer.text);
        }
    }
}

/// What actions take, all in one.
fn action_body(resource: &Resource) -> Value {
    let status = resource.fields.get("status").and_then(|field| field.one_of.first());
    json!({ "status": status, "payment_date": "2026-05-19", "payment_amount": 1 })
}

/// A record cannot name one of another company.
async fn referred(stranger: &Maker<'_>, resource: &Resource, (own, theirs): (&Maker<'_>, &str)) {
    let of_others = resource.fields.iter().filter(|(_, field)| field.on == Access::Always);
    for (name, field) in of_others {
        let Some(Some(foreign)) = field.target.as_ref().map(|target| own.made.get(target.as_str()).cloned().flatten())
        else {
            continue;
        };
        if !resource.has(Operation::Update) {
            continue;
        }
        let value = if field.list { json!([foreign]) } else { json!(foreign) };
        let path = format!("{}/{theirs}", resource.path);
        let mut body: Map<String, Value> = one(&stranger.call(&Method::GET, &path, &Value::Null).await)
            .as_object()
            .map(|now| now.iter().filter(|(name, _)| resource.fields.get(*name).is_some_and(|field| field.required)))
            .map(|now| now.map(|(name, value)| (name.clone(), value.clone())).collect())
            .unwrap_or_default();
        body.insert(name.clone(), value);
        let answer = stranger.call(&Method::PUT, &path, &body.into()).await;
        assert_eq!(answer.status, 400, "{path}: {name}: {}", answer.text);
        assert!(answer.text.contains(name.as_str()), "{path}: {name}: {}", answer.text);
    }
}
