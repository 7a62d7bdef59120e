//! Files of forms: they are on the disk before all of them has come, and nothing stays of what nobody keeps.

use std::{
    convert::Infallible,
    path::{Path, PathBuf},
    time::Duration,
};

use axum::body::{Body, Bytes, to_bytes};
use futures_util::{StreamExt, stream};
use http::{Request, header};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tower::ServiceExt;

use crate::support::{Actor, TestApp};

const HEAD: &str = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"long.txt\"\r\n\r\n";
const END: &str = "\r\n--x--\r\n";

/// Sizes of all files below a folder.
fn sizes(folder: &Path) -> Vec<u64> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let of = |path: PathBuf| match std::fs::metadata(&path) {
        Ok(found) if found.is_dir() => sizes(&path),
        Ok(found) => vec![found.len()],
        Err(_) => Vec::new(),
    };
    entries.flat_map(|entry| of(entry.path())).collect()
}

async fn wait(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..200 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{what}");
}

async fn send(app: &TestApp, actor: &Actor, body: Body) -> (u16, Value) {
    let request = Request::post("/api/sales/leads/1/files")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x")
        .header(header::AUTHORIZATION, format!("Bearer {}", actor.token.as_deref().unwrap_or_default()))
        .body(body);
    let response = app.router.clone().oneshot(request.expect("a request")).await.expect("an answer");
    let status = response.status().as_u16();
    let bytes = to_bytes(response.into_body(), usize::MAX).await.expect("a whole answer");
    (status, serde_json::from_slice(&bytes).expect("JSON"))
}

async fn start() -> (TestApp, Actor) {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    app.insert("lead", json!({ "owner_id": admin.number })).await;
    (app, admin)
}

#[tokio::test]
async fn a_file_is_stored_while_it_comes() {
    let (app, admin) = start().await;
    let folder = app.hub.settings.files.directory.clone();
    let (sender, receiver) = mpsc::channel::<Bytes>(1);
    let chunks = stream::unfold(receiver, |mut receiver| async {
        receiver.recv().await.map(|chunk| (Ok::<_, Infallible>(chunk), receiver))
    });
    let sending = async {
        sender.send(HEAD.into()).await.expect("it is read");
        for _ in 0..16 {
            sender.send(vec![b'a'; 64 * 1024].into()).await.expect("it is read");
        }
        // Half of it has come, and most of that is no longer in memory.
        wait("nothing is stored yet", || sizes(&folder).into_iter().any(|size| size >= 512 * 1024)).await;
        for _ in 0..15 {
            sender.send(vec![b'a'; 64 * 1024].into()).await.expect("it is read");
        }
        sender.send(END.into()).await.expect("it is read");
        drop(sender);
    };
    let ((status, answer), ()) = tokio::join!(send(&app, &admin, Body::from_stream(chunks.boxed())), sending);
    assert_eq!((status, &answer["message"]), (200, &json!("Success")), "{answer}");
    assert_eq!(app.count("SELECT CAST(size_in_bytes AS bigint) FROM file").await, 31 * 64 * 1024);
    assert_eq!(sizes(&folder), [31 * 64 * 1024]);
}

#[tokio::test]
async fn nothing_stays_of_what_is_refused() {
    let (app, admin) = start().await;
    let folder = app.hub.settings.files.directory.clone();
    let form = |content: &[u8]| Body::from([HEAD.as_bytes(), content, END.as_bytes()].concat());
    let refused = [
        ("a program", form(b"MZ\x90\0\x03"), 422),
        ("too large", form(&vec![b'a'; 2_097_153]), 422),
        ("broken off", Body::from([HEAD.as_bytes(), &vec![b'a'; 200_000]].concat()), 422),
        (
            "no field of that name",
            Body::from(format!("{}text{END}", HEAD.replace("name=\"file\"", "name=\"other\""))),
            422,
        ),
    ];
    for (name, body, expected) in refused {
        let (status, answer) = send(&app, &admin, body).await;
        assert_eq!(status, expected, "{name}: {answer}");
        wait(name, || sizes(&folder).is_empty()).await;
    }
    assert_eq!(app.count("SELECT count(*) FROM file").await, 0);
}
