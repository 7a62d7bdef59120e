//! Stored documents: registered by callers, and trusted ones of the operator.

use std::fs;

use axum::http::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{GRAPHQL_JSON, JSON, Server};
use crate::http::documents::Documents;

const QUERY: &str = "query Who { __typename }";

fn hash(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

fn persisted(hash: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

#[tokio::test]
async fn a_document_is_registered_once_and_named_from_then_on() {
    let server = Server::start(&[]).await;
    let named = json!({ "extensions": persisted(&hash(QUERY)) });
    for (accept, status) in [(JSON, StatusCode::OK), (GRAPHQL_JSON, StatusCode::BAD_REQUEST)] {
        let unknown = server.ask(accept, named.clone()).await;
        assert_eq!((unknown.status, unknown.code().as_str()), (status, "PERSISTED_QUERY_NOT_FOUND"));
        assert_eq!(unknown.json()["errors"][0]["message"], "PersistedQueryNotFound");
    }
    let wrong = json!({ "query": QUERY, "extensions": persisted(&hash("other")) });
    let wrong = server.ask(JSON, wrong).await;
    assert_eq!((wrong.status, wrong.code().as_str()), (StatusCode::BAD_REQUEST, "BAD_REQUEST"));
    let sent = json!({ "query": QUERY, "extensions": persisted(&hash(QUERY)) });
    assert_eq!(server.ask(JSON, sent).await.json()["data"]["__typename"], "Query");
    assert_eq!(server.ask(JSON, named.clone()).await.json()["data"]["__typename"], "Query");
    let extensions = named["extensions"].to_string();
    let query: String =
        url::form_urlencoded::Serializer::new(String::new()).append_pair("extensions", &extensions).finish();
    assert_eq!(server.get(&format!("/graphql?{query}"), JSON).await.json()["data"]["__typename"], "Query");
    for malformed in [json!({ "persistedQuery": 1 }), json!({ "persistedQuery": {} })] {
        let answer = server.ask(JSON, json!({ "extensions": malformed })).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::BAD_REQUEST, "BAD_REQUEST"));
    }
}

#[tokio::test]
async fn only_trusted_documents_run_where_so_set() {
    let folder = std::env::temp_dir().join(format!("groupgraph-documents-{}", uuid::Uuid::new_v4()));
    fs::create_dir_all(folder.join("inner")).unwrap();
    fs::write(folder.join("inner/who.graphql"), QUERY).unwrap();
    let relay = folder.join("relay.json");
    fs::write(&relay, json!({ "who": QUERY }).to_string()).unwrap();
    let apollo = folder.join("apollo.json");
    let operations = json!([{ "id": "who", "name": "Who", "type": "query", "body": QUERY }]);
    fs::write(
        &apollo,
        json!({ "format": "apollo-persisted-query-manifest", "version": 1, "operations": operations }).to_string(),
    )
    .unwrap();
    for (path, id) in [(&folder, hash(QUERY)), (&relay, "who".into()), (&apollo, "who".into())] {
        let path = path.to_str().unwrap();
        let server = Server::start(&[("graphql.trusted_documents", path), ("graphql.only_trusted", "true")]).await;
        for parameters in [
            json!({ "documentId": id }),
            json!({ "documentId": format!("sha256:{}", hash(QUERY)) }),
            json!({ "query": QUERY }),
            json!({ "extensions": persisted(&hash(QUERY)) }),
        ] {
            assert_eq!(server.ask(JSON, parameters).await.json()["data"]["__typename"], "Query");
        }
        let other = "{ __typename }";
        for parameters in [json!({ "query": other }), json!({ "query": other, "extensions": persisted(&hash(other)) })]
        {
            assert_eq!(server.ask(JSON, parameters).await.code(), "DOCUMENT_NOT_TRUSTED");
        }
        assert_eq!(server.ask(JSON, json!({ "documentId": "other" })).await.code(), "PERSISTED_QUERY_NOT_FOUND");
    }
    fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn trusted_documents_are_free_of_limits() {
    let manifest = std::env::temp_dir().join(format!("groupgraph-manifest-{}.json", uuid::Uuid::new_v4()));
    let deep = "{ viewer { id } }";
    fs::write(&manifest, json!({ "deep": deep }).to_string()).unwrap();
    let flags = [("graphql.max_depth", "1"), ("graphql.trusted_documents", manifest.to_str().unwrap())];
    let server = Server::start(&flags).await;
    assert_ne!(server.ask(JSON, json!({ "documentId": "deep" })).await.code(), "TOO_DEEP");
    assert_eq!(server.ask(JSON, json!({ "query": "{ viewer { number } }" })).await.code(), "TOO_DEEP");
    fs::remove_file(manifest).unwrap();
}

#[tokio::test]
async fn a_server_without_its_documents_does_not_start() {
    let server = Server::start(&[]).await;
    for (path, only_trusted) in [(Some("/nowhere".into()), false), (None, true)] {
        let mut settings = server.hub.settings.graphql.clone();
        (settings.trusted_documents, settings.only_trusted) = (path, only_trusted);
        assert!(Documents::load(&settings).is_err());
    }
}
