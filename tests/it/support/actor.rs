//! Who calls, and what comes back.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, header},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tower::ServiceExt;

use super::app::{HEAD_OFFICE, TestApp};

/// A caller of an instance.
#[derive(Clone)]
pub struct Actor {
    router: Router,
    pub token: Option<String>,
    /// Row of the person; 0 for nobody and machines.
    pub number: i64,
}

impl Actor {
    pub fn new(app: &TestApp, token: Option<String>, number: i64) -> Self {
        Self { router: app.router.clone(), token, number }
    }

    /// The same caller at another replica.
    pub fn at(&self, app: &TestApp) -> Self {
        Self { router: app.router.clone(), ..self.clone() }
    }

    pub async fn query(&self, query: &str) -> Answer {
        self.query_with(query, json!({})).await
    }

    pub async fn query_with(&self, query: &str, variables: Value) -> Answer {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let mut request = Request::post("/graphql").header(header::CONTENT_TYPE, "application/json");
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.body(Body::from(body)).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let status = response.status().as_u16();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.expect("a whole answer");
        let json = serde_json::from_slice(&bytes)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&bytes)));
        Answer { status, json, query: query.to_owned() }
    }

    /// Runs a mutation of one root field and expects no failure.
    pub async fn done(&self, mutation: &str) -> Answer {
        let answer = self.query(&format!("mutation {{ {mutation} }}")).await;
        let name = mutation.split(|letter: char| !letter.is_ascii_alphanumeric()).next().unwrap_or_default();
        assert_eq!(answer.errors(name), Vec::<(String, String)>::new(), "{answer:?}");
        answer
    }

    /// Runs a mutation of one root field; answers code and field of each expected failure.
    pub async fn failures(&self, mutation: &str) -> Vec<(String, String)> {
        let answer = self.query(&format!("mutation {{ {mutation} {{ errors {{ code field message }} }} }}")).await;
        let name = mutation.split('(').next().unwrap_or_default();
        answer.errors(name)
    }
}

/// An answer of the server.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub json: Value,
    pub query: String,
}

impl Answer {
    /// What is at a path such as `leads.nodes.0.name`; null where there is nothing. Any GraphQL error fails the test.
    pub fn data(&self, path: &str) -> &Value {
        assert!(self.json.get("errors").is_none(), "{self:?}");
        self.at(path)
    }

    /// The same, beside errors.
    pub fn at(&self, path: &str) -> &Value {
        path.split('.').fold(&self.json["data"], |value, part| match part.parse::<usize>() {
            Ok(index) if value.is_array() => &value[index],
            _ => &value[part],
        })
    }

    /// The texts of one member of the rows of a list.
    pub fn texts(&self, path: &str, member: &str) -> Vec<String> {
        let rows = self.data(path).as_array().unwrap_or_else(|| panic!("no list at {path}: {self:?}"));
        rows.iter().map(|row| row[member].as_str().unwrap_or_else(|| panic!("{row}")).to_owned()).collect()
    }

    /// The numbers of the rows of a list.
    pub fn numbers(&self, path: &str) -> Vec<i64> {
        let rows = self.data(path).as_array().unwrap_or_else(|| panic!("no list at {path}: {self:?}"));
        rows.iter().map(|row| row["number"].as_i64().unwrap_or_else(|| panic!("{row}"))).collect()
    }

    pub fn text(&self, path: &str) -> String {
        self.data(path).as_str().unwrap_or_else(|| panic!("no text at {path}: {self:?}")).to_owned()
    }

    pub fn number(&self, path: &str) -> i64 {
        self.data(path).as_i64().unwrap_or_else(|| panic!("no number at {path}: {self:?}"))
    }

    /// Code of the first GraphQL error; empty without one.
    pub fn code(&self) -> &str {
        self.json["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
    }

    /// Message of the first GraphQL error; empty without one.
    pub fn message(&self) -> &str {
        self.json["errors"][0]["message"].as_str().unwrap_or_default()
    }

    /// Code and field of each expected failure of a mutation.
    pub fn errors(&self, mutation: &str) -> Vec<(String, String)> {
        let errors = self.data(mutation)["errors"].as_array().unwrap_or_else(|| panic!("no errors asked: {self:?}"));
        let part = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let field = |value: &Value| value.as_array().into_iter().flatten().map(part).collect::<Vec<_>>().join(".");
        errors.iter().map(|error| (part(&error["code"]), field(&error["field"]))).collect()
    }
}

impl TestApp {
    /// A person of the head office who holds these permission words.
    pub async fn staff(&self, name: &str, permissions: &[&str]) -> Actor {
        self.staff_of(HEAD_OFFICE, name, permissions).await
    }

    pub async fn staff_of(&self, company: i64, name: &str, permissions: &[&str]) -> Actor {
        let role = self.insert("role", json!({ "name": format!("Role of {name}"), "permissions": permissions })).await;
        let number = self.person(json!({ "tenant_id": company, "name": name, "role_id": role })).await;
        let token = json!({ "kind": "PERSONAL", "staff_id": number, "tenant_id": company });
        self.signed_in(name, token, number).await
    }

    /// A person of the head office who may do everything.
    pub async fn administrator(&self) -> Actor {
        let number = self.person(json!({ "name": "Admin", "is_administrator": true })).await;
        let token = json!({ "kind": "PERSONAL", "staff_id": number, "tenant_id": HEAD_OFFICE });
        self.signed_in("Admin", token, number).await
    }

    /// An administrator of the head office who signs in with this token; answers the number of the person.
    pub async fn with_token(&self, name: &str, secret: &str) -> i64 {
        let number = self.person(json!({ "name": name, "given_name": name, "is_administrator": true })).await;
        let token = json!({
            "kind": "PERSONAL", "name": name, "staff_id": number, "tenant_id": HEAD_OFFICE,
            "secret_hash": BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(secret)), "last_used_at": self.now().to_rfc3339(),
        });
        self.insert("access_token", token).await;
        number
    }

    /// An API key for all companies.
    pub async fn machine(&self, permissions: &[&str]) -> Actor {
        self.signed_in("machine", json!({ "kind": "API_KEY", "permissions": permissions }), 0).await
    }

    /// An API key for one company.
    pub async fn machine_of(&self, company: i64, permissions: &[&str]) -> Actor {
        let token = json!({ "kind": "API_KEY", "tenant_id": company, "permissions": permissions });
        self.signed_in("machine", token, 0).await
    }

    /// A row of `staff`; address and password hash come from nothing.
    pub async fn person(&self, mut row: Value) -> i64 {
        let email = format!("{}@example.com", row["name"].as_str().unwrap_or("x").to_lowercase().replace(' ', "."));
        row["email"] = row.get("email").cloned().unwrap_or_else(|| email.into());
        self.insert("staff", row).await
    }

    async fn signed_in(&self, name: &str, mut token: Value, number: i64) -> Actor {
        let prefix = if token["kind"] == "API_KEY" { "ggk_" } else { "ggp_" };
        let secret = format!("{prefix}{}", uuid::Uuid::new_v4());
        token["name"] = name.into();
        token["secret_hash"] = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&secret)).into();
        // Else its first use is noted beside the answer.
        token["last_used_at"] = self.now().to_rfc3339().into();
        self.insert("access_token", token).await;
        Actor::new(self, Some(secret), number)
    }
}
