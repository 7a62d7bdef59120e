//! Whatever one source does, the rows of the others arrive, and the report says what happened.

use std::{
    collections::HashMap,
    io::Write as _,
    time::{Duration, Instant},
};

use futures_util::future::join_all;

use super::*;
use crate::federation::{
    breaker::BreakerState,
    collection::Collection,
    condition::Condition,
    contract::CollectionState,
    cursor::Cursor,
    fake::{Behaviour, Fake, Lead, endpoint, federation, source},
    handshake::Dialect,
    question::Question,
    registry::Source,
    sample::{answered, numbers, question},
};

const NOBODY: &str = "http://127.0.0.1:1/graphql";

fn leads(count: i32) -> Vec<Lead> {
    (1..=count).map(|number| Lead { number, second: number.unsigned_abs() * 7919 % 50 }).collect()
}

fn assert_anybody(_: &str) -> Arc<str> {
    "somebody".into()
}

/// None of these sources is the hub itself.
fn nothing_own(_: String) -> BoxFuture<'static, String> {
    Box::pin(async { String::new() })
}

const MEANS: Means<'static> =
    Means { assert: &assert_anybody, subject: "staff:1", local: &nothing_own, assign: &in_turn };

/// Numbers in the order of the keys.
fn in_turn(_: i64, _: &'static str, keys: Vec<String>) -> BoxFuture<'static, Option<HashMap<String, i32>>> {
    Box::pin(async move { Some(keys.into_iter().zip(1..).collect()) })
}

async fn ask(federation: &Federation, question: &Question) -> Answer {
    federation.answer(question, MEANS).await.expect("failures are reported")
}

fn quick() -> Question {
    Question { deadline: Duration::from_millis(300), ..question() }
}

#[tokio::test]
async fn a_source_that_is_down_leaves_the_rows_of_the_others() {
    let (one, three) = (Fake::start(leads(3)).await, Fake::start(leads(4)).await);
    let federation = federation(&[&one.url, NOBODY, &three.url]);
    let answer = ask(&federation, &Question { wants_total: true, ..quick() }).await;
    assert_eq!(answer.len(), 7);
    assert_eq!(answer.total, None, "one did not count");
    assert!(!answer.has_next_page);
    for (index, row) in answered(&answer).iter().enumerate() {
        assert!(row.contains(&format!("\"tenant\":{{\"number\":{}}}", answer.tenant(index))), "{row}");
    }
    let brief: Vec<_> = answer.reports.iter().map(|report| (report.status, report.code, report.row_count)).collect();
    let expected = [(Status::Ok, None, 3), (Status::Unreachable, Some("CONNECT_FAILED"), 0), (Status::Ok, None, 4)];
    assert_eq!(brief, expected);
    assert_eq!(one.header("authorization").as_deref(), Some("Bearer the credential"));
    assert_eq!(one.header("groupgraph-assertion").as_deref(), Some("somebody"));

    let strict = Question { mode: SourceErrorMode::Fail, ..quick() };
    let failed = federation.answer(&strict, MEANS).await.expect_err("one failed");
    assert_eq!(failed.reports.iter().map(|report| report.tenant).collect::<Vec<_>>(), [2]);
}

#[tokio::test]
async fn walking_all_pages_returns_each_row_once_in_order() {
    let fakes = [Fake::start(leads(200)).await, Fake::start(leads(200)).await, Fake::start(leads(200)).await];
    let federation = federation(&fakes.each_ref().map(|fake| fake.url.as_str()));
    for is_descending in [false, true] {
        let mut question = Question { first: 37, wants_total: true, ..question() };
        question.order[0].is_descending = is_descending;
        let mut cursors: Vec<Cursor> = Vec::new();
        loop {
            let answer = ask(&federation, &question).await;
            let read = |text: String| Cursor::read(&text, &question.order).expect("our own cursor");
            cursors.extend((0..answer.len()).filter_map(|row| answer.cursor(row)).map(read));
            if !answer.has_next_page {
                break;
            }
            assert_eq!(answer.len(), 37);
            question.after = cursors.last().cloned();
        }
        assert_eq!(cursors.len(), 600);
        assert!(cursors.windows(2).all(|pair| pair[0] < pair[1]), "strictly ascending");
    }
}

#[tokio::test]
async fn each_way_to_fail_has_its_status_and_code() {
    let (good, bad) = (Fake::start(leads(2)).await, Fake::start(leads(2)).await);
    let sink = Fake::start(Vec::new()).await;
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(&vec![b' '; 20_000_000]).expect("memory");
    let bomb = packer.finish().expect("memory");
    assert!(bomb.len() < 100_000);
    let say = |status, body: &str| Behaviour::Say(status, body.to_owned());
    let refusal = r#"{"errors":[{"message":"no","extensions":{"code":"FORBIDDEN"}}]}"#;
    let table = [
        (Behaviour::Hang, Status::TimedOut, "TIMED_OUT"),
        (Behaviour::Endless, Status::Invalid, "TOO_LARGE"),
        (Behaviour::Packed(bomb.into()), Status::Invalid, "TOO_LARGE"),
        (Behaviour::Packed("no gzip".into()), Status::Invalid, "MALFORMED"),
        (say(200, &" ".repeat(1_000_001)), Status::Invalid, "TOO_LARGE"),
        (say(200, "<html>It works!</html>"), Status::Invalid, "MALFORMED"),
        (say(200, &"[".repeat(200_000)), Status::Invalid, "MALFORMED"),
        (say(200, r#"{"data":{"leads":[]}}"#), Status::Invalid, "WRONG_SHAPE"),
        (say(400, r#"{"errors":[{"message":"Unknown field"}]}"#), Status::Invalid, "SOURCE_ERRORS"),
        (say(404, ""), Status::Invalid, "WRONG_STATUS"),
        (say(502, "<html>"), Status::Unreachable, "SERVER_ERROR"),
        (say(401, ""), Status::Refused, "UNAUTHENTICATED"),
        (say(403, ""), Status::Refused, "FORBIDDEN"),
        (say(200, refusal), Status::Refused, "FORBIDDEN"),
        (say(429, ""), Status::Refused, "RATE_LIMITED"),
        (Behaviour::Redirect(sink.url.clone()), Status::Invalid, "REDIRECT"),
    ];
    for (behaviour, status, code) in table {
        let case = format!("{status:?} {code}");
        let federation = federation(&[&good.url, &bad.url]);
        // A busy machine takes its time for all but silence.
        let patience = if matches!(behaviour, Behaviour::Hang) { 300 } else { 3_000 };
        bad.behave(behaviour);
        let question = Question { deadline: Duration::from_millis(patience), ..question() };
        let answer = ask(&federation, &question).await;
        assert_eq!(answer.len(), 2, "{case}");
        assert_eq!((answer.reports[1].status, answer.reports[1].code), (status, Some(code)), "{:?}", answer.reports[1]);
        assert!(answer.reports[1].message.is_some() && answer.reports[1].is_failed(), "{case}");
    }
    assert_eq!(sink.calls(), 0, "nothing follows a redirect");
}

#[tokio::test]
async fn the_deadline_answers_with_what_has_arrived() {
    let (quick_one, late, hanging) =
        (Fake::start(leads(1)).await, Fake::start(leads(1)).await, Fake::start(leads(1)).await);
    late.behave(Behaviour::Late(Duration::from_millis(50)));
    hanging.behave(Behaviour::Hang);
    let federation = federation(&[&quick_one.url, &late.url, &hanging.url]);
    let start = Instant::now();
    // Busy machines answer late, but a second is much.
    let question = Question { deadline: Duration::from_secs(1), ..question() };
    let answer = ask(&federation, &question).await;
    let took = start.elapsed();
    assert!(took >= Duration::from_secs(1) && took < Duration::from_secs(2), "{took:?}");
    assert_eq!(answer.len(), 2);
    let statuses: Vec<Status> = answer.reports.iter().map(|report| report.status).collect();
    assert_eq!(statuses, [Status::Ok, Status::Ok, Status::TimedOut]);
}

#[tokio::test]
async fn five_failures_open_the_breaker_and_the_source_is_left_alone() {
    let (good, bad) = (Fake::start(leads(1)).await, Fake::start(leads(1)).await);
    bad.behave(Behaviour::Hang);
    let federation = federation(&[&good.url, &bad.url]);
    let hurried = Question { deadline: Duration::from_millis(50), ..question() };
    for _ in 0..6 {
        ask(&federation, &hurried).await;
    }
    let live = federation.registry.source(2).expect("there").live.clone();
    assert_eq!(live.figures().1, BreakerState::Closed, "a client in a hurry condemns nobody");
    for _ in 0..5 {
        ask(&federation, &quick()).await;
    }
    assert_eq!(live.figures().1, BreakerState::Open);
    assert!((live.figures().0.error_rate - 1.0).abs() < f64::EPSILON);
    let calls = bad.calls();
    let start = Instant::now();
    let answer = ask(&federation, &quick()).await;
    assert!(start.elapsed() < Duration::from_millis(200), "nobody waits for it");
    assert_eq!(bad.calls(), calls);
    assert_eq!((answer.reports[1].status, answer.reports[1].code), (Status::Skipped, Some("BREAKER_OPEN")));
    assert!(answer.reports[1].is_failed());
    assert_eq!(answer.len(), 1);
}

#[tokio::test]
async fn calls_beyond_the_limit_of_a_source_fail_at_once() {
    let fake = Fake::start(leads(1)).await;
    fake.behave(Behaviour::Hang);
    let federation = federation(&[&fake.url]);
    let different = |number: i32| Question { search: Some(number.to_string()), ..quick() };
    let questions: Vec<Question> = (0..9).map(different).collect();
    let answers = join_all(questions.iter().map(|question| ask(&federation, question))).await;
    let busy = answers.iter().filter(|answer| answer.reports[0].code == Some("BUSY")).count();
    assert_eq!((busy, fake.calls()), (1, 8));
}

/// What a source offers of leads.
fn offer(source: &mut Source) -> &mut CollectionState {
    Arc::make_mut(source.collections.get_mut(&Collection::Leads).expect("offered"))
}

#[tokio::test]
async fn a_source_that_lacks_a_filter_is_not_asked() {
    let fake = Fake::start(leads(2)).await;
    let federation = federation(&[]);
    let mut sources: Vec<Source> = (1..=2).map(|tenant| source(tenant, &fake.url)).collect();
    for (source, able) in sources.iter_mut().zip(["state", "owner"]) {
        offer(source).filterable_fields = vec![able.into()];
    }
    federation.registry.replace(sources);
    let condition = Some(Condition::Not(Box::new(Condition::Unknown("state".into()))));
    let answer = ask(&federation, &Question { condition, ..quick() }).await;
    let codes: Vec<_> = answer.reports.iter().map(|report| report.code).collect();
    assert_eq!(codes, [None, Some("FILTER_NOT_OFFERED")]);
    assert!(answer.reports[1].is_failed(), "its rows may belong to the answer");
    assert_eq!(fake.calls(), 1);
}

#[tokio::test]
async fn sources_that_cannot_or_need_not_answer_are_skipped() {
    let fake = Fake::start(leads(2)).await;
    let federation = federation(&[]);
    let mut sources: Vec<Source> = (1..=8).map(|tenant| source(tenant, &fake.url)).collect();
    sources[1].state = "SUSPENDED".into();
    sources[2].state = "FAILED".into();
    sources[3].state = "PENDING".into();
    sources[4].lease_expires_at = Some(DateTime::UNIX_EPOCH);
    sources[5].collections.clear();
    offer(&mut sources[6]).orderable_fields.clear();
    federation.registry.replace(sources);
    let question = Question { visible: Some((1..=7).collect()), wants_total: true, ..quick() };
    let answer = ask(&federation, &question).await;
    let codes: Vec<_> = answer.reports.iter().map(|report| report.code.unwrap_or("OK")).collect();
    assert_eq!(codes, ["OK", "SUSPENDED", "FAILED", "PENDING", "LEASE_EXPIRED", "NOT_OFFERED", "ORDER_NOT_OFFERED"]);
    assert_eq!(fake.calls(), 1);

    let chosen = Question { tenants: Some(vec![8]), wants_total: true, ..quick() };
    let answer = ask(&federation, &chosen).await;
    assert_eq!((answer.len(), answer.total, fake.calls()), (2, Some(2), 2));
    assert!(answer.reports[..7].iter().all(|report| report.code == Some("NOT_SELECTED") && !report.is_failed()));

    let own = Question { viewer_numbers: Some(numbers(8, 5)), ..quick() };
    let answer = ask(&federation, &own).await;
    assert_eq!((answer.reports[0].code, answer.reports[7].code), (Some("NOT_MAPPED"), None));
}

#[tokio::test]
async fn a_handshake_names_what_is_missing() {
    let fake = Fake::start(leads(2)).await;
    let federation = federation(&[]);
    let check = federation.check(&endpoint(&fake.url), "", &Dialect::Native).await;
    assert!(check.is_accepted);
    assert_eq!(check.collections.len(), 12);
    for state in &check.collections {
        assert_eq!(state.is_offered, state.collection == Collection::Leads, "{state:?}");
    }
    let clients =
        check.collections.iter().find(|state| state.collection == Collection::Clients).expect("all are there");
    assert_eq!(clients.message.as_deref(), Some("A row was asked for in vain. Only leads are here."));

    fake.behave(Behaviour::Say(401, String::new()));
    let check = federation.check(&endpoint(&fake.url), "", &Dialect::Native).await;
    assert!(!check.is_accepted);
    assert_eq!(check.messages, ["The schema cannot be read. It answered with status 401."]);
}

#[tokio::test]
async fn private_addresses_are_not_called() {
    let fake = Fake::start(leads(2)).await;
    let federation = Federation::new(&crate::settings::Sources::default(), crate::hub::Clock::system());
    federation.registry.replace(vec![source(1, &fake.url), source(2, "https://localhost/graphql")]);
    let answer = ask(&federation, &quick()).await;
    assert!(answer.reports.iter().all(|report| report.code == Some("ADDRESS_REFUSED")), "{:?}", answer.reports);
    assert_eq!(fake.calls(), 0);
}
