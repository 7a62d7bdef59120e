//! Files: in by the multipart request specification, out by signed links.

use axum::{
    body::{Body, to_bytes},
    http::{Request, Response, StatusCode, header},
};
use chrono::TimeDelta;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::support::{Actor, TestApp};

const ADD: &str = "mutation($lead: Int!, $file: Upload!) { addLeadFile(input: {lead: {number: $lead}, file: {upload: $file}}) \
    { file { name mediaType sizeInBytes url } errors { code field } } }";
const PDF: &[u8] = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\nnothing\n%%EOF\n";

async fn send(app: &TestApp, request: Request<Body>) -> (Response<Body>, Vec<u8>) {
    let (parts, body) = app.router.clone().oneshot(request).await.expect("an answer").into_parts();
    let bytes = to_bytes(body, usize::MAX).await.expect("a whole answer").to_vec();
    (Response::from_parts(parts, Body::empty()), bytes)
}

/// Sends a file under a name; answers the payload of the mutation.
async fn add(app: &TestApp, actor: &Actor, lead: i64, (name, content): (&str, &[u8])) -> Value {
    let operations = json!({ "query": ADD, "variables": { "lead": lead, "file": null } });
    let head = format!(
        "--x\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n{operations}\r\n\
         --x\r\nContent-Disposition: form-data; name=\"map\"\r\n\r\n{{\"0\":[\"variables.file\"]}}\r\n\
         --x\r\nContent-Disposition: form-data; name=\"0\"; filename=\"{name}\"\r\nContent-Type: text/html\r\n\r\n"
    );
    let body = [head.as_bytes(), content, b"\r\n--x--\r\n"].concat();
    let request = Request::post("/graphql")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x")
        .header(header::AUTHORIZATION, format!("Bearer {}", actor.token.as_deref().unwrap_or_default()))
        .body(Body::from(body));
    let (_, bytes) = send(app, request.expect("a request")).await;
    let json: Value = serde_json::from_slice(&bytes).expect("JSON");
    assert_eq!(json.get("errors"), None, "{json}");
    json["data"]["addLeadFile"].clone()
}

async fn get(app: &TestApp, url: &str) -> (Response<Body>, Vec<u8>) {
    let path = &url[url.find("/files/").expect("an address of a file")..];
    send(app, Request::get(path).body(Body::empty()).expect("a request")).await
}

#[tokio::test]
async fn a_file_goes_in_and_comes_out_as_a_download() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    let lead = app.insert("lead", json!({})).await;
    let payload = add(&app, &admin, lead, ("../../offer 1.pdf", PDF)).await;
    assert_eq!(payload["errors"], json!([]), "{payload}");
    let file = &payload["file"];
    // What the content is, not what the caller says; no path of the name is left.
    assert_eq!((&file["mediaType"], &file["sizeInBytes"]), (&json!("application/pdf"), &json!(PDF.len())));
    let name = file["name"].as_str().expect("a name");
    assert!(!name.contains('/') && !name.contains("..") && name.ends_with("pdf"), "{name}");
    let url = file["url"].as_str().expect("an address");
    let (response, content) = get(&app, url).await;
    assert_eq!((response.status(), content.as_slice()), (StatusCode::OK, PDF));
    let told = |name| response.headers()[name].to_str().expect("text").to_owned();
    assert_eq!(told(header::CONTENT_TYPE), "application/pdf");
    assert!(told(header::CONTENT_DISPOSITION).starts_with("attachment"));
    assert_eq!(told(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    app.pass(TimeDelta::minutes(16));
    assert_eq!(get(&app, url).await.0.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_no_file_of_a_known_kind_is_refused() {
    let app = TestApp::builder().set("files.max_bytes", "1000").start().await;
    let admin = app.administrator().await;
    let lead = app.insert("lead", json!({})).await;
    let large = [PDF, &[0; 1000]].concat();
    for (name, content, code) in [
        ("program.pdf", b"\x7fELF\x02\x01\x01".as_slice(), "UNSUPPORTED_MEDIA_TYPE"),
        ("page.png", PDF, "UNSUPPORTED_MEDIA_TYPE"),
        ("large.pdf", &large, "TOO_LARGE"),
    ] {
        let payload = add(&app, &admin, lead, (name, content)).await;
        assert_eq!((&payload["file"], &payload["errors"][0]["code"]), (&Value::Null, &json!(code)), "{name}");
    }
    assert_eq!(app.count("SELECT count(*) FROM file").await, 0);
}
