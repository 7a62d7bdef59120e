//! The `OpenAPI` documents: committed ones are those that the program makes, and they are served.

use std::path::Path;

use axum::{
    body::{Body, to_bytes},
    http::Request,
};
use groupgraph::http::catalog;
use groupgraph_rest_compat::openapi;
use serde_json::Value;
use tower::ServiceExt;

use crate::support::TestApp;

/// `UPDATE_OPENAPI=1` writes the committed ones anew.
#[test]
fn committed_documents_are_those_of_the_operation_files() {
    let catalog = catalog().expect("the files are good");
    let mut documents: Vec<(String, Value)> = catalog
        .systems
        .iter()
        .map(|system| (system.name.clone(), openapi::of_system(catalog, system, &system.settings.prefix)))
        .collect();
    let all: Vec<_> = catalog.systems.iter().map(|system| (system, system.settings.prefix.as_str())).collect();
    documents.push(("all".into(), openapi::of_all(catalog, &all)));
    for (name, document) in documents {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("rest-compat/openapi/{name}.json"));
        let text = serde_json::to_string_pretty(&document).expect("JSON") + "\n";
        if std::env::var_os("UPDATE_OPENAPI").is_some() {
            std::fs::write(&path, &text).expect("the document can be written");
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == text, "{} is old: UPDATE_OPENAPI=1 cargo test --test it documents", path.display());
    }
}

async fn get(app: &TestApp, path: &str) -> (u16, String, String) {
    let request = Request::get(path).body(Body::empty()).expect("a request");
    let response = app.router.clone().oneshot(request).await.expect("an answer");
    let media_type = response.headers()["content-type"].to_str().expect("text").to_owned();
    let status = response.status().as_u16();
    let bytes = to_bytes(response.into_body(), usize::MAX).await.expect("a whole answer");
    (status, media_type, String::from_utf8_lossy(&bytes).into_owned())
}

#[tokio::test]
async fn documents_and_their_page_are_served() {
    let app = TestApp::builder().set("rest.crm.prefix", "/elsewhere").start().await;
    let (status, media_type, text) = get(&app, "/openapi/crm.json").await;
    assert_eq!((status, media_type.as_str()), (200, "application/json"));
    let document: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(document["servers"][0]["url"], "/elsewhere");
    assert!(get(&app, "/openapi/all.json").await.2.contains("/elsewhere/prospects/list"));
    assert_eq!(get(&app, "/openapi/nothing.json").await.0, 404);
    let (status, media_type, page) = get(&app, "/docs").await;
    assert_eq!((status, media_type.as_str()), (200, "text/html; charset=utf-8"));
    assert!(page.contains("/openapi/all.json"));
    assert_eq!(get(&app, "/docs/rapidoc-min.js").await.1, "text/javascript; charset=utf-8");
}
