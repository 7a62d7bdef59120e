//! Payslips: kept at the hub, linked at a subsidiary.

use axum::{body::to_bytes, http::Request};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::TimeDelta;
use serde_json::json;
use tower::ServiceExt;

use crate::support::{
    Actor, TestApp,
    actor::Answer,
    app::HEAD_OFFICE,
    group::{Group, PDF},
};

/// What a signed link leads to: status and body.
async fn fetch(app: &TestApp, url: &str) -> (u16, Vec<u8>) {
    let path = &url[url.find("/files/").expect("a link to a file")..];
    let request = Request::get(path).body(axum::body::Body::empty()).expect("a request");
    let response = app.router.clone().oneshot(request).await.expect("an answer");
    let status = response.status().as_u16();
    (status, to_bytes(response.into_body(), usize::MAX).await.expect("a body").to_vec())
}

impl Group {
    async fn slips(&self, who: &Actor) -> Answer {
        who.query("{ payslips { nodes { number fileName url isSynced syncedAt month year delivery { status } } } }")
            .await
    }
}

#[tokio::test]
async fn a_payslip_is_kept_here_and_linked_there() {
    let group = Group::start().await;
    let slip = group.slip(PDF).await;
    let row = group.slips(&group.admin).await.data("payslips.nodes.0").clone();
    assert_eq!((&row["isSynced"], &row["fileName"]), (&json!(false), &json!("may.pdf")));
    group.hub.deliver().await;
    let row = group.slips(&group.admin).await.data("payslips.nodes.0").clone();
    assert_eq!((&row["isSynced"], &row["delivery"]["status"]), (&json!(true), &json!("DELIVERED")));
    let there = group.slips(&group.there).await;
    assert_eq!(there.text("payslips.nodes.0.fileName"), "may.pdf");
    let link = there.text("payslips.nodes.0.url");
    assert_eq!(fetch(&group.hub, &link).await, (200, PDF.to_vec()));
    group.hub.pass(TimeDelta::days(29));
    assert_eq!(fetch(&group.hub, &link).await.0, 200);
    // Another one of the same month replaces it, here and there; the old link dies.
    let other = [PDF, b"% corrected"].concat();
    assert_eq!(group.slip(&other).await, slip);
    assert_eq!(fetch(&group.hub, &link).await.0, 404);
    assert_eq!(group.slips(&group.admin).await.data("payslips.nodes.0.isSynced"), &json!(false));
    group.hub.deliver().await;
    let link = group.slips(&group.there).await.text("payslips.nodes.0.url");
    assert_eq!(fetch(&group.hub, &link).await, (200, other));
    assert_eq!(group.hub.count("SELECT COUNT(*) FROM file").await, 1);
    group.hub.pass(TimeDelta::days(31));
    assert_eq!(fetch(&group.hub, &link).await.0, 404);
}

#[tokio::test]
async fn a_payslip_is_a_pdf_by_its_content() {
    let group = Group::start().await;
    let wrong = |content: &[u8]| group.slip_mutation(content).split(" { payslip").next().expect("a call").to_owned();
    for (content, code) in [
        (&b"no document"[..], "UNSUPPORTED_MEDIA_TYPE"),
        (b"MZ\x90\0\x03", "UNSUPPORTED_MEDIA_TYPE"),
        (b"<html>%PDF-", "UNSUPPORTED_MEDIA_TYPE"),
    ] {
        assert_eq!(group.admin.failures(&wrong(content)).await, [(code.to_owned(), "document".to_owned())]);
    }
    let large = TestApp::builder().set("server.max_body_bytes", "20000000").set("graphql.max_cost", "1000000");
    let large = large.start().await;
    let admin = large.administrator().await;
    large.insert("source", json!({
        "name": "Own", "mode": "LOCAL", "timeout_ms": 1000, "max_answer_bytes": 1000, "max_concurrency": 1, "cache_seconds": 0,
    }))
    .await;
    let query =
        "mutation($input: StorePayslipInput!) { storePayslip(input: $input) { errors { code field message } } }";
    for (size, expected) in [(10_000_000, vec![]), (10_000_001, vec![("TOO_LARGE".to_owned(), "document".to_owned())])]
    {
        let mut content = PDF.to_vec();
        content.resize(size, b' ');
        let input = json!({
            "tenant": { "number": HEAD_OFFICE }, "remoteStaffNumber": admin.number, "month": "MAY", "year": 2026,
            "document": { "base64": BASE64_STANDARD.encode(content) },
        });
        let answer = admin.query_with(query, json!({ "input": input })).await;
        assert_eq!(answer.errors("storePayslip"), expected, "{size}");
    }
}
