//! Subsidiaries for measuring a hub: N GraphQL servers in one thread, subsidiary `i` at port `base + 1 + i`. They speak
//! `subsidiary.graphql` for staff, and answer a repeated question from memory. Numbers of calls are at port `base`.
//!
//! `cargo run --release --example subsidiaries -- --n 50 --base 19500 --rows 1000 [--delay MS]`

use std::{cell::RefCell, collections::HashMap, convert::Infallible, fmt::Write, rc::Rc, time::Duration};

use async_graphql::{
    Value,
    parser::{
        parse_query,
        types::{DocumentOperations, Field, Selection, SelectionSet},
    },
};
use axum::body::{Body, Bytes};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use futures_util::StreamExt;
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::{net::TcpListener, task::LocalSet};

const SDL: &str = include_str!("../schema/subsidiary.graphql");
const FIRST: [&str; 6] = ["Ana", "Bruno", "Chloé", "Dmitri", "Esra", "Farid"];
const LAST: [&str; 5] = ["Almeida", "Bauer", "Dubois", "García", "Hansen"];
const PLACES: [&str; 5] = ["Sales", "Finance", "Engineering", "Berlin", "Porto"];

struct Subsidiary {
    index: usize,
    rows: usize,
    delay: Duration,
    answers: RefCell<HashMap<Bytes, Bytes>>,
    calls: Rc<RefCell<u64>>,
}

impl Subsidiary {
    fn answer(&self, body: &Bytes) -> Bytes {
        let request: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        let text = request["query"].as_str().unwrap_or_default();
        let document = parse_query(text).ok();
        let operation = document.as_ref().and_then(|document| match &document.operations {
            DocumentOperations::Single(operation) => Some(&operation.node.selection_set.node),
            DocumentOperations::Multiple(_) => None,
        });
        let Some(root) = operation.and_then(|set| fields(set).next()) else { return refused("That is no operation.") };
        match root.name.node.as_str() {
            "_service" => json!({ "data": { "_service": { "sdl": SDL } } }).to_string().into(),
            "__typename" => "{\"data\":{\"__typename\":\"Query\"}}".into(),
            "staff" => self.page(root).into(),
            _ => refused("Only staff are here."),
        }
    }

    fn page(&self, field: &Field) -> String {
        let first = match field.get_argument("first").map(|value| value.node.clone().into_const()) {
            Some(Some(Value::Number(number))) => usize::try_from(number.as_u64().unwrap_or(25)).unwrap_or(25),
            _ => 25,
        };
        let start = match field.get_argument("after").map(|value| value.node.clone().into_const()) {
            Some(Some(Value::String(after))) => last_number(&after),
            _ => 0,
        };
        let end = (start + first).min(self.rows);
        let mut out = String::from("{\"data\":{\"staff\":{");
        for (place, member) in fields(&field.selection_set.node).enumerate() {
            let comma = if place == 0 { "" } else { "," };
            match member.name.node.as_str() {
                "nodes" => {
                    let _ = write!(out, "{comma}\"nodes\":[");
                    for number in start..end {
                        out.push_str(if number == start { "{" } else { ",{" });
                        self.row(&member.selection_set.node, number, &mut out);
                    }
                    out.push(']');
                }
                "pageInfo" => {
                    let _ = write!(out, "{comma}\"pageInfo\":{{\"hasNextPage\":{}}}", end < self.rows);
                }
                _ => {
                    let _ = write!(out, "{comma}\"totalCount\":{}", self.rows);
                }
            }
        }
        out.push_str("}}}");
        out
    }

    /// Values go by response key, so that aliases can ask for ten different ones.
    fn row(&self, set: &SelectionSet, number: usize, out: &mut String) {
        let (source, mix) = (self.index, self.index.wrapping_mul(7919).wrapping_add(number.wrapping_mul(104_729)));
        for (place, field) in fields(set).enumerate() {
            let (key, name) = (field.response_key().node.as_str(), field.name.node.as_str());
            let comma = if place == 0 { "" } else { "," };
            let _ = write!(out, "{comma}\"{key}\":");
            let _ = match (key, name) {
                (_, "number") => write!(out, "{}", number + 1),
                (_, "isActive") => write!(out, "{}", mix % 3 != 0),
                (_, "id") => write!(out, "\"s{source}-{number}\""),
                (_, "createdAt" | "updatedAt") => {
                    write!(out, "\"20{:02}-01-{:02}T08:00:00Z\"", 10 + mix % 15, 1 + mix % 28)
                }
                (_, "email") => write!(out, "\"user{number}@subsidiary-{source}.example.com\""),
                (_, "phone") => write!(out, "\"+49 30 {:07}\"", mix % 10_000_000),
                (_, "name") => write!(out, "\"{} {}\"", FIRST[mix % 6], LAST[mix / 6 % 5]),
                ("employeeNo", _) => write!(out, "\"E{:06}\"", mix % 900_000 + 100_000),
                ("jobTitle", _) => write!(out, "\"{} \\\"L{}\\\" specialist\"", PLACES[mix % 3], mix % 5),
                _ => write!(out, "\"{}\"", PLACES[mix % 5]),
            };
        }
        out.push('}');
    }
}

fn fields(set: &SelectionSet) -> impl Iterator<Item = &Field> {
    set.items.iter().filter_map(|selection| match &selection.node {
        Selection::Field(field) => Some(&field.node),
        _ => None,
    })
}

/// The number in a cursor `[order values …, number]`; rows are in the order of their numbers.
fn last_number(after: &str) -> usize {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(after).unwrap_or_default();
    let parts: Vec<serde_json::Value> = serde_json::from_slice(&bytes).unwrap_or_default();
    let value = parts.first().and_then(serde_json::Value::as_u64).unwrap_or(0);
    let number = parts.last().and_then(serde_json::Value::as_u64).unwrap_or(0);
    // Rows with the same order value follow only if their number is greater.
    usize::try_from(if number < value { value - 1 } else { value }).unwrap_or(0)
}

fn refused(message: &str) -> Bytes {
    json!({ "errors": [{ "message": message }] }).to_string().into()
}

async fn serve(subsidiary: Rc<Subsidiary>, port: u16) {
    let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("the port is free");
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let _ = stream.set_nodelay(true);
        let subsidiary = subsidiary.clone();
        let handle = service_fn(move |request: Request<Incoming>| {
            let subsidiary = subsidiary.clone();
            async move { Ok::<_, Infallible>(respond(&subsidiary, request.into_body()).await) }
        });
        tokio::task::spawn_local(http1::Builder::new().serve_connection(TokioIo::new(stream), handle));
    }
}

async fn respond(subsidiary: &Subsidiary, body: Incoming) -> Response<Body> {
    let mut body = Body::new(body).into_data_stream();
    let mut asked = body.next().await.and_then(Result::ok).unwrap_or_default();
    while let Some(Ok(more)) = body.next().await {
        asked = [asked, more].concat().into();
    }
    *subsidiary.calls.borrow_mut() += 1;
    if !subsidiary.delay.is_zero() {
        tokio::time::sleep(subsidiary.delay).await;
    }
    let known = subsidiary.answers.borrow().get(&asked).cloned();
    let answer = known.unwrap_or_else(|| {
        let answer = subsidiary.answer(&asked);
        let mut answers = subsidiary.answers.borrow_mut();
        if answers.len() > 64 {
            answers.clear();
        }
        answers.insert(asked, answer.clone());
        answer
    });
    Response::builder().header("content-type", "application/json").body(Body::from(answer)).expect("it has a header")
}

async fn count(calls: Rc<RefCell<u64>>, port: u16) {
    let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("the port is free");
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let calls = calls.clone();
        let handle = service_fn(move |_: Request<Incoming>| {
            let body = Body::from(format!("{}\n", calls.borrow()));
            async move { Ok::<_, Infallible>(Response::new(body)) }
        });
        tokio::task::spawn_local(http1::Builder::new().serve_connection(TokioIo::new(stream), handle));
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str, default: u64| {
        let pair = arguments.chunks(2).find(|pair| pair[0] == name);
        pair.and_then(|pair| pair.get(1)?.parse().ok()).unwrap_or(default)
    };
    let (sources, base) = (number("--n", 50), u16::try_from(number("--base", 19_500)).expect("a port"));
    let (rows, delay) = (number("--rows", 1_000), Duration::from_millis(number("--delay", 0)));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    LocalSet::new().block_on(&runtime, async move {
        let calls = Rc::new(RefCell::new(0));
        for index in 0..u16::try_from(sources).expect("ports are few") {
            let rows = usize::try_from(rows).expect("few");
            let answers = RefCell::default();
            let subsidiary = Subsidiary { index: index.into(), rows, delay, answers, calls: calls.clone() };
            tokio::task::spawn_local(serve(Rc::new(subsidiary), base + 1 + index));
        }
        count(calls, base).await;
    });
}
