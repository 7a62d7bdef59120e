//! What holds for all endpoints.

use groupgraph::http::catalog;
use http::Method;

use super::cases::{Call, send};
use crate::support::TestApp;

fn path(prefix: &str, template: &str) -> String {
    let filled = template.split('/').map(|part| if part.starts_with('{') { "1" } else { part });
    format!("{prefix}{}", filled.collect::<Vec<_>>().join("/"))
}

#[tokio::test]
async fn nobody_gets_nothing() {
    let app = TestApp::builder().set("limits.anonymous_requests_per_minute", "0").start().await;
    for system in &catalog().expect("the files are good").systems {
        for endpoint in system.endpoints.iter().filter(|endpoint| !endpoint.is_public) {
            let path = path(&system.settings.prefix, &endpoint.path);
            for token in [None, Some("0|no-such-token")] {
                let call = Call { method: endpoint.method.clone(), path: path.clone(), token, ..Call::default() };
                let answer = send(&app, call).await;
                assert_eq!(answer.status, 401, "{}: {}", endpoint.name, answer.text);
                let said = [&answer.json["message"], &answer.json["error"], &answer.json["error"]["message"]];
                assert!(said.iter().any(|said| said.is_string()), "{}: {}", endpoint.name, answer.text);
            }
        }
    }
}

#[tokio::test]
async fn paths_and_methods_that_are_not_there() {
    let app = TestApp::start().await;
    let call = |method: Method, path: &str| Call { method, path: path.into(), ..Call::default() };
    let answer = send(&app, call(Method::GET, "/api/sales/nothing")).await;
    assert_eq!((answer.status, answer.text.as_str()), (404, r#"{"message":"Record not found."}"#));
    let answer = send(&app, call(Method::DELETE, "/api/sales/leads")).await;
    assert_eq!((answer.status, answer.allow.as_str()), (405, "GET, POST"));
    let answer = send(&app, call(Method::GET, "/api/crm/nothing")).await;
    assert_eq!(answer.json["statusCode"], 404);
    // What is nobody's is not Havosoft's either.
    let answer = send(&app, call(Method::GET, "/nothing")).await;
    assert_eq!(answer.json["errors"][0]["extensions"]["code"], "NOT_FOUND");
}

#[tokio::test]
async fn a_system_may_have_its_own_prefix_host_or_limit() {
    let app = TestApp::builder()
        .set("rest.havosoft.prefix", "/old")
        .set("rest.crm.host", "crm.example")
        .set("rest.crm.prefix", "")
        .set("rest.crm.requests_per_minute", "2")
        .start()
        .await;
    let call = |path: &str, host| Call { path: path.into(), host, ..Call::default() };
    assert_eq!(send(&app, call("/old/api/sales/positions", None)).await.status, 200);
    assert_eq!(
        send(&app, call("/api/sales/positions", None)).await.json["errors"][0]["extensions"]["code"],
        "NOT_FOUND"
    );
    let statuses = [401, 401, 429];
    for status in statuses {
        assert_eq!(send(&app, call("/prospects/list", Some("crm.example:80"))).await.status, status);
    }
}
