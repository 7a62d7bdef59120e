//! Every resource of the catalogue through its REST endpoints, driven by its field descriptions: a valid record is made,
//! found, changed and removed; wrong input is refused by the name of its field.

use groupgraph_schema::catalog::{Access, Field, Kind, Operation, Resource, catalog};
use http::Method;
use serde_json::{Map, Value, json};

use super::maker::{Maker, one, plain, rows, wrong};
use crate::support::{TestApp, app::HEAD_OFFICE};

/// An id of no record.
const NOBODY: &str = "ffffffffffffffffffffffff";

/// Methods and paths of all endpoints that follow from a resource; `walk` calls each in a happy and in a bad way.
pub fn endpoints(resource: &Resource) -> Vec<(Method, String)> {
    let mut endpoints = Vec::new();
    for base in std::iter::once(&resource.path).chain(&resource.also) {
        let one = format!("{base}/{{id}}");
        endpoints.push((Method::GET, base.clone()));
        for (operation, method, path) in [
            (Operation::Create, Method::POST, base),
            (Operation::Get, Method::GET, &one),
            (Operation::Update, Method::PUT, &one),
            (Operation::Update, Method::PATCH, &one),
            (Operation::Remove, Method::DELETE, &one),
        ] {
            if resource.has(operation) {
                endpoints.push((method, path.clone()));
            }
        }
        if resource.bulk {
            endpoints.push((Method::POST, format!("{base}/remove")));
        }
    }
    endpoints
}

/// Whether what was sent comes back; members that the server writes and secrets aside.
fn check_shown(resource: &Resource, sent: &Map<String, Value>, found: &Value, when: &str) {
    for (name, value) in sent {
        let Some(field) = resource.fields.get(name) else { continue };
        if field.hidden || WRITTEN.contains(&(resource.name.as_str(), name.as_str())) {
            continue;
        }
        assert_eq!(found.get(name), Some(value), "{} {when}: {name} of {found}", resource.name);
    }
}

/// Fields that rules set whatever is said.
const WRITTEN: [(&str, &str); 0] = [];

/// A field whose change says something, with a valid value and what a rule does not mind.
fn changeable(resource: &'static Resource) -> Option<(&'static String, &'static Field)> {
    let may = |field: &Field| {
        field.on == Access::Always
            && !field.list
            && !field.is_shape()
            && field.target.is_none()
            && !field.hidden
            && !matches!(field.kind, Kind::Object | Kind::Any | Kind::Boolean)
    };
    // Texts first: sums, days and states have rules of their own.
    let all = || resource.fields.iter().filter(|(_, field)| may(field));
    all().find(|(name, field)| field.kind == Kind::Text && *name != "status").or_else(|| all().next())
}

#[tokio::test]
async fn each_endpoint_takes_what_is_right_and_refuses_what_is_wrong() {
    let app = TestApp::builder().set("limits.requests_per_minute", "0").start().await;
    let mut maker = Maker::new(&app, (HEAD_OFFICE, "head-office")).await;
    for resource in &catalog().resources {
        for base in std::iter::once(&resource.path).chain(&resource.also) {
            let (sent, id) = maker.record(resource).await;
            listed(&maker, base, &id).await;
            if resource.has(Operation::Create) {
                refused(&mut maker, resource, base).await;
            }
            if resource.has(Operation::Get) {
                found(&maker, (resource, base), &sent, &id).await;
            }
            if resource.has(Operation::Update) {
                changed(&maker, (resource, base), &id).await;
            }
            if resource.has(Operation::Remove) {
                removed(&maker, (resource, base), &id).await;
            }
            if resource.bulk {
                removed_together(&mut maker, (resource, base)).await;
            }
        }
    }
}

async fn listed(maker: &Maker<'_>, base: &str, id: &str) {
    let found = maker.call(&Method::GET, &format!("{base}?_id={id}"), &Value::Null).await;
    assert_eq!(found.status, 200, "{base}: {}", found.text);
    let ids: Vec<Value> = rows(&found).iter().map(|row| row["_id"].clone()).collect();
    assert_eq!(ids, [json!(id)], "{base}");
    let none = maker.call(&Method::GET, &format!("{base}?_id={NOBODY}"), &Value::Null).await;
    assert_eq!(rows(&none), Vec::<Value>::new(), "{base}");
    for (query, name) in [("limit=0&per_page=0", "must be from 1"), ("sort=no_such_field", "sort")] {
        let answer = maker.call(&Method::GET, &format!("{base}?{query}"), &Value::Null).await;
        assert_eq!(answer.status, 400, "{base}?{query}: {}", answer.text);
        assert!(answer.text.contains(name), "{base}?{query}: {}", answer.text);
    }
}

async fn refused(maker: &mut Maker<'_>, resource: &'static Resource, base: &str) {
    let body = maker.body(resource).await;
    let created = maker.call(&Method::POST, base, &body.clone().into()).await;
    assert_eq!(created.status, 201, "{base}: {}", created.text);
    check_shown(resource, &body, one(&created), "as it was made");
    let body = maker.body(resource).await;
    let (mut tried, before) = (0, count(maker, base).await);
    for (name, field) in resource.fields.iter().filter(|(_, field)| field.on == Access::Always) {
        let mut bodies: Vec<Map<String, Value>> = Vec::new();
        if let Some(wrong) = wrong(field) {
            bodies.push(
                body.iter().map(|(name, value)| (name.clone(), value.clone())).chain([(name.clone(), wrong)]).collect(),
            );
        }
        if field.required {
            bodies.push(
                body.iter()
                    .filter(|(other, _)| *other != name)
                    .map(|(name, value)| (name.clone(), value.clone()))
                    .collect(),
            );
        }
        for body in bodies {
            let answer = maker.call(&Method::POST, base, &body.clone().into()).await;
            assert_eq!(answer.status, 400, "{base}: {name} {} was taken: {}", json!(body.get(name)), answer.text);
            assert!(answer.text.contains(name.as_str()), "{base}: {name} is not named: {}", answer.text);
            tried += 1;
        }
    }
    let answer = maker.call(&Method::POST, base, &json!([])).await;
    assert_eq!(answer.status, 400, "{base}: no object: {}", answer.text);
    assert_eq!(count(maker, base).await, before, "{base}: {tried} refusals left something behind");
}

/// Records of a resource.
async fn count(maker: &Maker<'_>, base: &str) -> usize {
    let answer = maker.call(&Method::GET, &format!("{base}?per_page=100&limit=100"), &Value::Null).await;
    rows(&answer).len()
}

async fn found(maker: &Maker<'_>, (resource, base): (&Resource, &str), sent: &Map<String, Value>, id: &str) {
    let answer = maker.call(&Method::GET, &format!("{base}/{id}"), &Value::Null).await;
    assert_eq!((answer.status, &one(&answer)["_id"]), (200, &json!(id)), "{base}: {}", answer.text);
    check_shown(resource, sent, one(&answer), "as it is found");
    for other in [NOBODY, "nonsense"] {
        let answer = maker.call(&Method::GET, &format!("{base}/{other}"), &Value::Null).await;
        assert_eq!(answer.status, 404, "{base}/{other}: {}", answer.text);
    }
}

async fn changed(maker: &Maker<'_>, (resource, base): (&'static Resource, &str), id: &str) {
    let path = format!("{base}/{id}");
    let now = one(&maker.call(&Method::GET, &path, &Value::Null).await).clone();
    // One family repeats with a change what creation requires.
    let needed = resource.fields.iter().filter(|(_, field)| field.required && !field.hidden);
    let needed: Map<String, Value> =
        needed.filter_map(|(name, _)| Some((name.clone(), now.get(name)?.clone()))).collect();
    for (method, serial) in [(Method::PUT, 7_001), (Method::PATCH, 7_002)] {
        let mut body = needed.clone();
        if let Some((name, field)) = changeable(resource) {
            body.insert(name.clone(), plain(field, serial, method == Method::PUT));
        }
        let answer = maker.call(&method, &path, &body.clone().into()).await;
        assert_eq!(answer.status, 200, "{method} {path} {}: {}", json!(body), answer.text);
        check_shown(resource, &body, one(&answer), "as it was changed");
        let mut bad = resource.fields.iter().filter(|(_, field)| field.on != Access::Server);
        if let Some((name, wrong)) = bad.find_map(|(name, field)| Some((name, wrong(field)?))) {
            let mut body = needed.clone();
            body.insert(name.clone(), wrong);
            let answer = maker.call(&method, &path, &body.into()).await;
            assert_eq!(answer.status, 400, "{method} {path}: {name}: {}", answer.text);
            assert!(answer.text.contains(name.as_str()), "{method} {path}: {name} is not named: {}", answer.text);
        }
        let answer = maker.call(&method, &format!("{base}/{NOBODY}"), &body.into()).await;
        assert_eq!(answer.status, 404, "{method} {base}: {}", answer.text);
    }
}

async fn removed(maker: &Maker<'_>, (resource, base): (&Resource, &str), id: &str) {
    let path = format!("{base}/{id}");
    let answer = maker.call(&Method::DELETE, &path, &Value::Null).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    for method in [Method::DELETE, Method::GET] {
        if method == Method::DELETE || resource.has(Operation::Get) {
            let answer = maker.call(&method, &path, &Value::Null).await;
            assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text);
        }
    }
    let list = maker.call(&Method::GET, &format!("{base}?_id={id}"), &Value::Null).await;
    assert_eq!(rows(&list), Vec::<Value>::new(), "{path}");
}

async fn removed_together(maker: &mut Maker<'_>, (resource, base): (&'static Resource, &str)) {
    let (first, second) = (maker.record(resource).await.1, maker.record(resource).await.1);
    let path = format!("{base}/remove");
    let answer = maker.call(&Method::POST, &path, &json!({ "ids": [first, second, NOBODY] })).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    let list = maker.call(&Method::GET, &format!("{base}?_id={first}&_id={second}"), &Value::Null).await;
    assert_eq!(rows(&list), Vec::<Value>::new(), "{path}");
    let answer = maker.call(&Method::POST, &path, &json!({})).await;
    assert!(answer.status == 400 && answer.text.contains("ids"), "{path}: {}", answer.text);
}
