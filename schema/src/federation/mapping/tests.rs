//! A foreign server of people, asked by mappings of each kind.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Mapping, MappingText, Paging, check,
    document::{Identity, MappedDocument},
    numbers::Numbers,
    pages::Asking,
};
use crate::federation::{
    collection::Collection,
    condition::{Compared, Condition, Operator, Test},
    cursor::{Cursor, Place},
    flights::Outcome,
    key::{KeyKind, OrderKey},
    question::{Fault, Kind, Member, Question},
    sample::{field, object, question, scalar},
};

const DOCUMENT: &str =
    "query People($first: Int = 10, $after: Cursor, $offset: Int, $orderBy: [Order!], $isActive: Boolean) {
  people(first: $first, after: $after, offset: $offset, orderBy: $orderBy, condition: {active: $isActive}) {
    totalCount
    nodes {
      number: key
      name: fullName
      email: contact { address }
      isActive: active
      createdAt: hired
      position__number: title
      position__name: title
      role: group { number: id name }
    }
    pageInfo { hasNextPage endCursor }
  }
}";

fn text(paging: Paging) -> MappingText {
    MappingText {
        document: DOCUMENT.into(),
        rows_path: "people.nodes".into(),
        paging,
        conversions: json!({
            "number": "TRAILING_DIGITS",
            "isActive": "BOOLEAN",
            "createdAt": "UNIX_SECONDS",
            "position__number": "ASSIGNED_NUMBER",
            "orderBy": { "CREATED_AT_ASC": ["HIRED_ASC"], "CREATED_AT_DESC": ["HIRED_DESC"] },
        }),
    }
}

fn mapping(paging: Paging) -> Mapping {
    Mapping::read(Collection::Staff, text(paging)).expect("a good mapping")
}

fn by(path: &str, kind: KeyKind) -> OrderKey {
    let field = if path == "number" { "NUMBER" } else { "CREATED_AT" };
    OrderKey { field: field.into(), is_descending: false, path: path.into(), kind }
}

fn required(name: &str, kind: Kind) -> Member {
    Member::Scalar { key: name.into(), field: field(name, false, false), kind }
}

/// Everything of a person, in an order of the client's own.
fn asked(order: OrderKey) -> Question {
    Question {
        collection: Collection::Staff,
        order: vec![order],
        members: vec![
            required("name", Kind::Text),
            required("id", Kind::Text),
            scalar("email", Kind::Text),
            object(
                "position",
                vec![required("id", Kind::Text), required("number", Kind::Int), required("name", Kind::Text)],
            ),
            object("role", vec![required("name", Kind::Text)]),
            Member::Scalar { key: "since".into(), field: field("createdAt", true, false), kind: Kind::Text },
            required("isActive", Kind::Boolean),
            Member::Tenant { key: "tenant".into(), slot: 0 },
        ],
        ..question()
    }
}

/// People with keys `p-1`, `p-2`, …, hired in another order, with a title in common.
struct Server {
    people: Vec<Value>,
    bodies: Mutex<Vec<Value>>,
}

impl Server {
    fn of(count: usize) -> Self {
        let people = (1..=count).map(|key| {
            json!({
                "key": format!("p-{key}"), "fullName": format!("Person {key}"), "active": key % 2,
                "hired": 1_800_000_000 + (key * 7) % 5, "contact": {"address": format!("{key}@x.example")},
                "title": if key % 3 == 0 { Value::Null } else { json!(format!("Title {}", key % 3)) },
                "group": {"id": 5, "name": "Sales"},
            })
        });
        Self { people: people.collect(), bodies: Mutex::default() }
    }

    fn answer(&self, body: &str) -> String {
        let body: Value = serde_json::from_str(body).expect("a body");
        let variables = body["variables"].clone();
        let query = body["query"].as_str().expect("a query").to_owned();
        self.bodies.lock().expect("no panic").push(body);
        let mut people: Vec<&Value> = self.people.iter().collect();
        if variables["orderBy"][0].is_string() {
            people.sort_by_key(|person| person["hired"].as_i64());
        }
        let start = variables["after"].as_str().map_or(0, |after| after[1..].parse::<usize>().expect("a cursor"));
        let start = start + usize::try_from(variables["offset"].as_i64().unwrap_or(0)).expect("positive");
        let first = variables["first"].as_u64().map_or(people.len(), |first| usize::try_from(first).expect("small"));
        let end = (start + first).min(people.len());
        // The selection of a row, field for field, with the aliases of the hub.
        let row = query.split("{people").nth(1).expect("the list").split_once("{nodes").expect("the rows").1;
        let nodes: Vec<Value> = people[start.min(end)..end].iter().map(|person| select(row, person).0).collect();
        json!({"data": {"people": {
            "nodes": nodes, "totalCount": people.len(),
            "pageInfo": {"hasNextPage": end < people.len(), "endCursor": format!("c{end}")},
        }}})
        .to_string()
    }
}

/// The object that a selection makes of a value, and what follows the selection.
fn select<'a>(text: &'a str, from: &Value) -> (Value, &'a str) {
    let mut rest = text.strip_prefix('{').expect("a selection");
    let mut out = serde_json::Map::new();
    while !rest.starts_with('}') {
        rest = rest.trim_start();
        let end = rest.find([' ', '{', '}']).expect("an end");
        let (key, name) = rest[..end].split_once(':').unwrap_or((&rest[..end], &rest[..end]));
        rest = &rest[end..];
        let mut value = from[name].clone();
        if rest.starts_with('{') {
            let (inner, after) = select(rest, &value);
            if !value.is_null() {
                value = inner;
            }
            rest = after;
        }
        out.insert(key.to_owned(), value);
    }
    (Value::Object(out), &rest[1..])
}

/// What a source gave, row by row.
#[derive(Debug)]
struct Given {
    rows: Vec<(Cursor, String)>,
    has_more: bool,
    total: Option<i64>,
    places: Vec<Place>,
}

async fn page(server: &Server, mapping: &Mapping, question: &Question, after: Option<&Place>) -> Result<Given, Fault> {
    let numbers = Arc::new(Numbers::default());
    let identity = Identity { tenant: 1, instance: Uuid::nil(), numbers: &numbers };
    let document = MappedDocument::write(mapping, question, identity)?;
    let assign = |_, _, keys: Vec<String>| -> BoxFuture<'static, Option<HashMap<String, i32>>> {
        Box::pin(async move { Some(keys.into_iter().map(|key| (key.clone(), i32::from(key.as_bytes()[6]))).collect()) })
    };
    let call = |body: Bytes| -> BoxFuture<'_, Outcome> {
        Box::pin(async move { Ok(Arc::new(server.answer(str::from_utf8(&body).expect("text")))) })
    };
    let asking = Asking { question, identity, assign: &assign, source: 1, bound: 200 };
    let reading = asking.page(&document, after, &call).await?;
    let rows = (0..reading.rows.len().min(question.first)).map(|row| {
        let mut json = String::new();
        reading.rows.copy_row(row, &mut json);
        (reading.rows.cursor(row, &question.order), json)
    });
    Ok(Given { rows: rows.collect(), has_more: reading.has_more, total: reading.total, places: reading.places })
}

#[tokio::test]
async fn rows_take_the_clients_shape() {
    let server = Server::of(3);
    let rows = page(&server, &mapping(Paging::None), &asked(by("number", KeyKind::Number)), None).await.expect("rows");
    let first: Value = serde_json::from_str(&rows.rows[0].1).expect("JSON");
    let text = &rows.rows[0].1;
    assert!(text.starts_with(r#"{"name":"Person 1","id":""#), "{text}");
    assert_eq!(first["email"], "1@x.example");
    assert_eq!(first["position"], json!({"id": first["position"]["id"], "number": 49, "name": "Title 1"}));
    assert_eq!(first["role"], json!({"name": "Sales"}));
    assert_eq!((&first["since"], &first["isActive"]), (&json!("2027-01-15T08:00:02Z"), &json!(true)));
    assert_eq!(first["tenant"], json!({"number": 1}));
    let third: Value = serde_json::from_str(&rows.rows[2].1).expect("JSON");
    assert_eq!(third["position"], Value::Null);
    let body = &server.bodies.lock().expect("no panic")[0];
    let query = body["query"].as_str().expect("text");
    assert!(!query.contains("pageInfo{") || !query.contains("totalCount"), "only what is needed: {query}");
}

#[tokio::test]
async fn what_can_be_copied_is_copied_and_equal() {
    let document = "{people{nodes{number: key name: fullName role: group{number:id name} email: title}}}";
    let plain = MappingText {
        document: document.into(),
        conversions: json!({"number": "TRAILING_DIGITS", "isActive": {"constant": true}}),
        ..text(Paging::None)
    };
    let mapping = Mapping::read(Collection::Staff, plain).expect("a good mapping");
    let members = asked(by("number", KeyKind::Number)).members;
    let wanted = |member: &Member| !["position", "since"].contains(&member.key());
    let members: Vec<Member> = members.into_iter().filter(wanted).collect();
    let question = Question { first: 5, members, ..asked(by("number", KeyKind::Number)) };
    let numbers = Arc::new(Numbers::default());
    let identity = Identity { tenant: 1, instance: Uuid::nil(), numbers: &numbers };
    let written = MappedDocument::write(&mapping, &question, identity).expect("a document");
    assert!(written.layout.is_some(), "{written:?}");
    let copied = page(&Server::of(4), &mapping, &question, None).await.expect("rows");
    // Behind a cursor rows are parsed.
    let before =
        Cursor::new(vec![crate::federation::key::Key::read_leaf("0", &question.order[0]).expect("a key")], 1, 0);
    let parsed = page(&Server::of(4), &mapping, &Question { after: Some(before), ..question.clone() }, None).await;
    let parsed = parsed.expect("rows");
    assert_eq!(copied.rows.len(), 4);
    for (one, other) in copied.rows.iter().zip(&parsed.rows) {
        assert_eq!(one.1, other.1);
        assert_eq!(one.0, other.0);
    }
}

#[tokio::test]
async fn every_paging_walks_all_rows_once() {
    for paging in [Paging::Cursor, Paging::Offset, Paging::None] {
        let (server, mapping) = (Server::of(23), mapping(paging));
        for order in [by("createdAt", KeyKind::Instant), by("number", KeyKind::Number)] {
            let mut question = Question { first: 4, ..asked(order) };
            let (mut seen, mut place) = (Vec::new(), None);
            loop {
                let rows = page(&server, &mapping, &question, place.as_ref()).await.expect("rows");
                // A merged page takes some of the rows only.
                let taken = rows.rows.len().min(3);
                seen.extend(rows.rows[..taken].iter().map(|(cursor, _)| cursor.clone()));
                place = rows.places.get(taken).cloned();
                question.after = seen.last().cloned();
                if !rows.has_more && taken == rows.rows.len() {
                    break;
                }
            }
            let mut numbers: Vec<i64> = seen.iter().map(Cursor::number).collect();
            assert!(seen.windows(2).all(|pair| pair[0].keys() <= pair[1].keys()), "{paging:?}");
            numbers.sort_unstable();
            assert_eq!(numbers, (1..=23).collect::<Vec<_>>(), "{paging:?}");
        }
    }
}

#[tokio::test]
async fn a_source_that_lost_its_place_goes_on_after_ours() {
    let server = Server::of(23);
    let mut question = Question { first: 4, ..asked(by("createdAt", KeyKind::Instant)) };
    let all =
        page(&server, &mapping(Paging::None), &Question { first: 23, ..question.clone() }, None).await.expect("all");
    question.after = Some(all.rows[9].0.clone());
    let rows = page(&server, &mapping(Paging::Cursor), &question, None).await.expect("rows");
    assert!(rows.rows.iter().all(|(cursor, _)| *cursor > all.rows[9].0));
    assert_eq!(rows.rows.len(), 4);
}

#[tokio::test]
async fn what_the_hub_cannot_order_is_said() {
    let fault = page(&Server::of(201), &mapping(Paging::Offset), &asked(by("number", KeyKind::Number)), None).await;
    assert_eq!(fault.expect_err("too many").code, "HUB_LIMIT");
    let fault = page(&Server::of(201), &mapping(Paging::None), &asked(by("number", KeyKind::Number)), None).await;
    assert_eq!(fault.expect_err("too many").code, "HUB_LIMIT");
    let pushed =
        page(&Server::of(201), &mapping(Paging::Offset), &asked(by("createdAt", KeyKind::Instant)), None).await;
    assert_eq!(pushed.expect("its own order").rows.len(), 10);
    let question = Question { search: Some("x".into()), ..asked(by("number", KeyKind::Number)) };
    let fault = page(&Server::of(1), &mapping(Paging::None), &question, None).await;
    assert_eq!(fault.expect_err("no search").code, "SEARCH_NOT_OFFERED");
}

fn test(name: &str, path: &str, value: Value, kind: Compared) -> Condition {
    let operator = Operator::from_word(name.rsplit_once('.').map_or("eq", |(_, word)| word)).expect("an operator");
    Condition::Test(Test { name: name.into(), paths: vec![path.into()], operator, value, kind })
}

#[tokio::test]
async fn conditions_go_down_where_the_server_knows_them_and_the_hub_does_the_rest() {
    let active = || test("isActive", "isActive", json!(true), Compared::Flag);
    let titled = || test("position.name.eq", "position.name", json!("title 1"), Compared::Text);
    let early = || test("createdAt.lte", "createdAt", json!("2027-01-15T08:00:01Z"), Compared::Instant);
    let table = [
        (Condition::All(vec![titled()]), (1..=23).filter(|key| key % 3 == 1).collect::<Vec<i64>>()),
        (Condition::All(vec![active()]), (1..=23).filter(|key| key % 2 == 1).collect()),
        (Condition::Not(Box::new(titled())), (1..=23).filter(|key| key % 3 != 1).collect()),
        (Condition::Any(vec![titled(), early()]), (1..=23).filter(|key| key % 3 == 1 || (key * 7) % 5 <= 1).collect()),
        (Condition::All(vec![active(), early()]), (1..=23).filter(|key| key % 2 == 1 && (key * 7) % 5 <= 1).collect()),
    ];
    for paging in [Paging::Cursor, Paging::Offset, Paging::None] {
        for (condition, expected) in &table {
            let server = Server::of(23);
            for order in [by("createdAt", KeyKind::Instant), by("number", KeyKind::Number)] {
                let question =
                    Question { first: 30, wants_total: true, condition: Some(condition.clone()), ..asked(order) };
                let rows = page(&server, &mapping(paging), &question, None).await.expect("rows");
                let mut numbers: Vec<i64> = rows.rows.iter().map(|(cursor, _)| cursor.number()).collect();
                numbers.sort_unstable();
                assert_eq!(numbers, *expected, "{paging:?} {condition:?}");
                let is_counted = rows.total.is_none_or(|total| usize::try_from(total).ok() == Some(expected.len()));
                assert!(is_counted, "{:?} of {}", rows.total, expected.len());
            }
        }
    }
    let unknown =
        Question { condition: Some(Condition::Unknown("isMine".into())), ..asked(by("number", KeyKind::Number)) };
    let fault = page(&Server::of(1), &mapping(Paging::None), &unknown, None).await.expect_err("refused");
    assert_eq!((fault.code, fault.message.as_str()), ("FILTER_NOT_OFFERED", "It cannot be filtered by isMine."));
    let lacking = test("familyName.eq", "familyName", json!("x"), Compared::Text);
    let unmapped = Question { condition: Some(lacking), ..asked(by("number", KeyKind::Number)) };
    let fault = page(&Server::of(1), &mapping(Paging::None), &unmapped, None).await.expect_err("refused");
    assert_eq!(fault.code, "FILTER_NOT_OFFERED");
}

#[tokio::test]
async fn a_filter_that_meets_nothing_for_long_is_said() {
    let nobody = || test("name.eq", "name", json!("nobody"), Compared::Text);
    let question = Question { condition: Some(nobody()), ..asked(by("createdAt", KeyKind::Instant)) };
    let fault = page(&Server::of(2_000), &mapping(Paging::Offset), &question, None).await.expect_err("too long");
    assert_eq!(fault.code, "HUB_LIMIT");
    let question = Question { condition: Some(nobody()), ..asked(by("createdAt", KeyKind::Instant)) };
    let rows = page(&Server::of(500), &mapping(Paging::Cursor), &question, None).await.expect("it ends");
    assert!(rows.rows.is_empty() && !rows.has_more);
}

#[test]
fn a_promise_names_what_is_missing() {
    let promised = check::promise(&mapping(Paging::Cursor));
    assert!(promised.is_offered, "{promised:?}");
    assert!(promised.missing_fields.contains(&"familyName".to_owned()), "{promised:?}");
    assert_eq!(promised.orderable_fields, ["CREATED_AT"]);
    assert_eq!(promised.filterable_fields, ["isActive"]);
    let without =
        MappingText { document: "{people{nodes{number:key}}}".into(), conversions: json!({}), ..text(Paging::None) };
    let promised = check::promise(&Mapping::read(Collection::Staff, without).expect("a poor mapping"));
    assert!(!promised.is_offered);
    assert_eq!(promised.message.as_deref(), Some("Required, but not mapped: name, isActive."));
}

#[test]
fn wrong_mappings_are_told_apart() {
    let good = text(Paging::Cursor);
    let with = |document: &str| MappingText { document: document.into(), ..good.clone() };
    let converted = |conversions: Value| MappingText { conversions, ..good.clone() };
    let table = [
        (with("people"), "document", "no GraphQL"),
        (with("mutation{people{nodes{name}}}"), "document", "must be a query"),
        (with("{a{b}} fragment f on T{x}"), "document", "must hold one query"),
        (with("{people{nodes{...f}}}"), "document", "Fragments"),
        (with("query($first:Int,$after:String){people{nodes{number:key}}}"), "conversions", "no field"),
        (MappingText { rows_path: "people.items".into(), ..good.clone() }, "rowsPath", "selects no items"),
        (MappingText { rows_path: "people.nodes.name".into(), ..good.clone() }, "rowsPath", "Nothing is selected"),
        (with(&DOCUMENT.replace("name: fullName", "nickname: fullName")), "document", "no field nickname"),
        (with(&DOCUMENT.replace("number: key", "id: key")), "document", "no field id"),
        (with(&DOCUMENT.replace("contact { address }", "contact { address other }")), "document", "one value"),
        (with(&DOCUMENT.replace("$isActive", "$since")), "document", "$since is no paging variable"),
        (with(&DOCUMENT.replace(" endCursor", "")), "document", "endCursor"),
        (converted(json!([])), "conversions", "must be an object"),
        (converted(json!({"name": "MAGIC"})), "conversions", "name has no conversion"),
        (converted(json!({"name": "BOOLEAN"})), "conversions", "cannot make values of name"),
        (converted(json!({"familyName": {"constant": 1}})), "conversions", "1 is no value"),
        (converted(json!({"familyName": "TEXT"})), "conversions", "no field familyName to convert"),
    ];
    for (text, member, said) in table {
        let fault = Mapping::read(Collection::Staff, text.clone()).expect_err("a wrong mapping");
        assert_eq!(fault.member, member, "{fault}");
        assert!(fault.message.contains(said), "{fault} lacks {said}");
    }
}
