//! Records of any resource of the catalogue, made over REST from the descriptions of their fields.

use std::collections::HashMap;

use futures_util::future::{BoxFuture, FutureExt};
use groupgraph_schema::{
    catalog::{Access, Field, Kind, Namespace, Operation, Resource, catalog},
    permission,
};
use http::Method;
use serde_json::{Map, Value, json};

use super::cases::{Answer, Call, send};
use crate::support::{Actor, TestApp};

const PREFIX: &str = "/api/repzo";

/// Somebody who makes records.
pub struct Maker<'a> {
    app: &'a TestApp,
    actor: Actor,
    /// Namespace of the company.
    company: &'static str,
    tenant: i64,
    /// Ids of records to refer to, by resource; none while one is being made.
    pub made: HashMap<&'static str, Option<String>>,
    serial: u32,
}

impl<'a> Maker<'a> {
    pub async fn new(app: &'a TestApp, company: (i64, &'static str)) -> Self {
        let (tenant, company) = company;
        let words = ["records", "clients", "invoices", "tickets", "products", "staff"];
        let words: Vec<String> = words.iter().flat_map(|of| [format!("{of}.read"), format!("{of}.write")]).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).filter(|word| permission::is_known(word)).collect();
        let actor = app.staff_of(tenant, "Keeper", &words).await;
        Self { app, actor, company, tenant, made: HashMap::new(), serial: 0 }
    }

    pub async fn call(&self, method: &Method, path: &str, body: &Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let (path, token) = (format!("{PREFIX}{path}"), self.actor.token.as_deref());
        send(self.app, Call { method: method.clone(), path, token, body, ..Call::default() }).await
    }

    /// The id of a record of that resource, made when it is first needed; none inside a circle.
    fn reference(&mut self, of: &'static str) -> BoxFuture<'_, Option<String>> {
        async move {
            if !self.made.contains_key(of) {
                self.made.insert(of, None);
                let resource = catalog().resource(of).expect("references lead to resources");
                let id = self.record(resource).await.1;
                self.made.insert(of, Some(id));
            }
            self.made[of].clone()
        }
        .boxed()
    }

    /// A new record: what was sent, and its id.
    pub async fn record(&mut self, resource: &'static Resource) -> (Map<String, Value>, String) {
        if !resource.has(Operation::Create) {
            self.serial += 1;
            let id = format!("{:08x}{:016x}", self.tenant, self.serial);
            let row =
                json!({ "tenant_id": self.tenant, "kind": resource.name, "object_id": id, "body": { "key": "x" } });
            self.app.insert("record", row).await;
            return (Map::new(), id);
        }
        let body = self.body(resource).await;
        let answer = self.call(&Method::POST, &resource.path, &body.clone().into()).await;
        assert_eq!(answer.status, 201, "{}: {}\n{}", resource.name, answer.text, json!(body));
        let id = one(&answer)["_id"].as_str().unwrap_or_else(|| panic!("{}", answer.text)).to_owned();
        (body, id)
    }

    fn fresh(&mut self, resource: &'static Resource) -> BoxFuture<'_, String> {
        async move { self.record(resource).await.1 }.boxed()
    }

    /// A body with every field that a new record may have.
    pub async fn body(&mut self, resource: &'static Resource) -> Map<String, Value> {
        self.serial += 1;
        let mut body = Map::new();
        for (name, field) in resource.fields.iter().filter(|(_, field)| field.on == Access::Always) {
            let value = match field.target.as_deref().and_then(|target| catalog().resource(target)) {
                // Together with the others it must not be there already.
                Some(target) if resource.unique.contains(name) => Some(json!(self.fresh(target).await)),
                _ => self.value(field).await,
            };
            if let Some(value) = value {
                body.insert(name.clone(), value);
            }
        }
        match resource.namespace {
            Some(Namespace::Text) => drop(body.insert("company_namespace".into(), self.company.into())),
            _ => drop(body.insert("company_namespace".into(), json!([self.company]))),
        }
        body
    }

    /// A value that the field allows; none of a reference inside a circle.
    fn value<'b>(&'b mut self, field: &'static Field) -> BoxFuture<'b, Option<Value>> {
        async move {
            let one = if let Some(target) = &field.target {
                json!(self.reference(target).await?)
            } else if field.is_shape() {
                let mut shape = Map::new();
                for (name, member) in &field.fields {
                    if let Some(value) = self.value(member).await {
                        shape.insert(name.clone(), value);
                    } else if member.required {
                        return None;
                    }
                }
                shape.into()
            } else {
                plain(field, self.serial, false)
            };
            Some(if field.list { json!([one]) } else { one })
        }
        .boxed()
    }
}

/// A value of a field that is neither a reference nor a shape; another one for changes.
pub fn plain(field: &Field, serial: u32, is_other: bool) -> Value {
    let word = if is_other { field.one_of.last() } else { field.one_of.first() };
    if let Some(word) = word {
        return json!(word);
    }
    let within = |usual: f64| {
        let least = field.min.map_or(usual, |min| usual.max(min));
        field.max.map_or(least, |max| least.min(max))
    };
    match field.kind {
        Kind::Email => json!(format!("r{serial}@example.com")),
        Kind::Uri => json!(format!("https://example.com/{serial}")),
        Kind::Date => json!(if is_other { "2026-06-03" } else { "2026-05-02" }),
        Kind::Time => json!(if is_other { "09:15" } else { "08:30" }),
        Kind::Instant => json!(if is_other { "2026-06-03T09:15:00.000Z" } else { "2026-05-02T08:30:00.000Z" }),
        #[expect(clippy::cast_possible_truncation, reason = "limits are small")]
        Kind::Integer => json!(within(if is_other { 3.0 } else { 2.0 }) as i64),
        Kind::Number => json!(within(if is_other { 3.0 } else { 2.0 })),
        Kind::Boolean => json!(is_other),
        Kind::Object => json!({ "a": serial }),
        Kind::Any => json!(format!("any {serial}")),
        Kind::Text => {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "limits are small")]
            let limit = |limit: Option<f64>, usual: usize| limit.map_or(usual, |limit| limit as usize);
            let text = format!("{}{serial}", if is_other { "other " } else { "text " });
            let text: String = text.chars().take(limit(field.max, usize::MAX)).collect();
            json!(format!("{text:x<width$}", width = limit(field.min, 0)))
        }
    }
}

/// A value that the field does not allow; none if it takes anything of its place.
pub fn wrong(field: &Field) -> Option<Value> {
    let takes_text = matches!(field.kind, Kind::Text | Kind::Any) && field.one_of.is_empty() && field.pattern.is_none();
    let is_free = takes_text && field.target.is_none() && !field.is_shape();
    let one = match field.max.filter(|_| !field.list) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "limits are small")]
        Some(max) if is_free => json!("x".repeat(max as usize + 1)),
        _ if is_free => return None,
        _ => json!("nonsense"),
    };
    Some(if field.list { json!([one]) } else { one })
}

/// The record of an answer, whatever its envelope.
pub fn one(answer: &Answer) -> &Value {
    let inner = ["data", "result"].into_iter().map(|name| &answer.json[name]).find(|inner| inner.is_object());
    inner.unwrap_or(&answer.json)
}

/// The records of a list.
pub fn rows(answer: &Answer) -> Vec<Value> {
    let list = answer.json["data"].as_array().or(answer.json["result"].as_array());
    list.cloned().unwrap_or_else(|| panic!("{}", answer.text))
}
