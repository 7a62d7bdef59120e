//! The fault drill: whatever sources do, memory stays bounded, the answer is in time, and the rest is complete.

use std::{
    collections::HashMap,
    env, fs,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::{BoxFuture, join_all};

use super::{
    Federation,
    breaker::BreakerState,
    fake::{Behaviour, Fake, Lead, endpoint, source},
    fanout::Means,
    question::{Answer, Question, Status},
    sample::{answered, question},
};
use crate::{hub::Clock, settings};

fn assert_anybody(_: &str) -> Arc<str> {
    "somebody".into()
}

fn nothing_own(_: String) -> BoxFuture<'static, String> {
    Box::pin(async { String::new() })
}

const MEANS: Means<'static> =
    Means { assert: &assert_anybody, subject: "staff:1", local: &nothing_own, assign: &nothing_assigned };

fn nothing_assigned(_: i64, _: &'static str, _: Vec<String>) -> BoxFuture<'static, Option<HashMap<String, i32>>> {
    Box::pin(async { None })
}

async fn ask(federation: &Federation, question: &Question) -> Answer {
    federation.answer(question, MEANS).await.expect("failures are reported")
}

fn leads(count: i32) -> Vec<Lead> {
    (1..=count).map(|number| Lead { number, second: number.unsigned_abs() * 7919 % 500 }).collect()
}

fn open_to_all() -> settings::Sources {
    settings::Sources { allow_private_addresses: true, deadline_ms: 400, ..settings::Sources::default() }
}

fn hub(settings: &settings::Sources, urls: &[&str]) -> Federation {
    let federation = Federation::new(settings, Clock::system());
    federation.registry.replace(urls.iter().zip(1..).map(|(url, tenant)| source(tenant, url)).collect());
    federation
}

fn quick() -> Question {
    Question { deadline: Duration::from_millis(400), ..question() }
}

/// Whether this is a process for one test alone; if not, such a one has just run it. Memory is told by process.
fn is_alone(test: &str) -> bool {
    const ALONE: &str = "GROUPGRAPH_TEST_ALONE";
    if env::var_os(ALONE).is_some() {
        return true;
    }
    let name = format!("federation::drill::{test}");
    let program = env::current_exe().expect("this is a program");
    let status = Command::new(program).args([&name, "--exact"]).env(ALONE, "1").status().expect("it starts");
    assert!(status.success(), "{name} failed in a process of its own");
    false
}

/// Memory of this process in MB.
fn memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) / 1024
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_sources_cost_little_and_are_named() {
    if !is_alone("hostile_sources_cost_little_and_are_named") {
        return;
    }
    let good = Fake::start(leads(5)).await;
    let megabyte = "x".repeat(1_000_000);
    let table = [
        (Behaviour::Hang, Status::TimedOut, "TIMED_OUT"),
        (Behaviour::Drip, Status::TimedOut, "TIMED_OUT"),
        (Behaviour::Large(200), Status::Invalid, "TOO_LARGE"),
        (Behaviour::Endless, Status::Invalid, "TOO_LARGE"),
        (Behaviour::Bomb(200), Status::Invalid, "TOO_LARGE"),
        (Behaviour::Say(200, format!("<html>{megabyte}")), Status::Invalid, "TOO_LARGE"),
        (Behaviour::Say(200, "[".repeat(200_000)), Status::Invalid, "MALFORMED"),
        (Behaviour::Say(200, r#"{"data":"#.repeat(25_000)), Status::Invalid, "MALFORMED"),
        (Behaviour::Say(200, r#"{"data":{"leads":[]}}"#.into()), Status::Invalid, "WRONG_SHAPE"),
        (Behaviour::Redirect("http://127.0.0.1:1/".into()), Status::Invalid, "REDIRECT"),
        (Behaviour::Reset, Status::Unreachable, "CONNECTION_LOST"),
        (Behaviour::Cut, Status::Unreachable, "CONNECTION_LOST"),
    ];
    let before = memory();
    for (behaviour, status, code) in table {
        let bad = [Fake::start(leads(5)).await, Fake::start(leads(5)).await];
        for fake in &bad {
            fake.behave(behaviour.clone());
        }
        let federation = hub(&open_to_all(), &[&bad[0].url, &good.url, &bad[1].url]);
        for round in 0..3 {
            let start = Instant::now();
            let answer = ask(&federation, &Question { deadline: Duration::from_secs(1), ..question() }).await;
            let case = format!("{code}, round {round}: {:?}", answer.reports);
            assert!(start.elapsed() < Duration::from_secs(3), "{case}");
            assert_eq!(answer.len(), 5, "{case}");
            for report in [&answer.reports[0], &answer.reports[2]] {
                assert_eq!((report.status, report.code), (status, Some(code)), "{case}");
            }
        }
    }
    assert!(memory() < before + 50, "{before} MB before, {} MB after", memory());
}

#[tokio::test]
async fn a_call_that_failed_in_passing_is_made_again_within_the_budget() {
    let fake = Fake::start(leads(3)).await;
    let federation = hub(&open_to_all(), &[&fake.url]);
    fake.behave_once(Behaviour::Say(502, String::new()));
    let answer = ask(&federation, &quick()).await;
    assert_eq!((answer.len(), answer.reports[0].status, fake.calls()), (3, Status::Ok, 2));
    // The budget is spent, and each call earns a tenth of a second try.
    let down = Fake::start(leads(3)).await;
    down.behave(Behaviour::Say(502, String::new()));
    let federation = hub(&open_to_all(), &[&down.url]);
    for _ in 0..5 {
        ask(&federation, &quick()).await;
    }
    assert_eq!(down.calls(), 6, "five calls and one second try");
    for _ in 0..8 {
        let answer = ask(&federation, &quick()).await;
        assert_eq!(answer.reports[0].code, Some("BREAKER_OPEN"));
    }
    assert_eq!(down.calls(), 6);
}

#[tokio::test]
async fn a_source_that_asks_for_peace_gets_it() {
    let fake = Fake::start(leads(3)).await;
    let federation = hub(&open_to_all(), &[&fake.url]);
    fake.behave(Behaviour::Busy(30));
    let answer = ask(&federation, &quick()).await;
    assert_eq!((answer.reports[0].status, answer.reports[0].code), (Status::Refused, Some("RATE_LIMITED")));
    fake.behave(Behaviour::Good);
    let answer = ask(&federation, &quick()).await;
    assert_eq!((answer.reports[0].code, fake.calls()), (Some("BREAKER_OPEN"), 1));
}

#[tokio::test]
async fn a_source_that_is_back_is_found_without_a_client() {
    let fake = Fake::start(leads(3)).await;
    let federation = hub(&open_to_all(), &[&fake.url]);
    fake.behave(Behaviour::Say(500, String::new()));
    for _ in 0..6 {
        ask(&federation, &quick()).await;
    }
    let live = federation.registry.source(1).expect("there").live.clone();
    assert_eq!(live.figures().1, BreakerState::Open);
    fake.behave(Behaviour::Good);
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        if live.figures().1 == BreakerState::Closed {
            break;
        }
    }
    assert_eq!(live.figures().1, BreakerState::Closed);
    assert_eq!(ask(&federation, &quick()).await.len(), 3);
}

#[tokio::test]
async fn the_same_question_at_the_same_time_is_one_call() {
    let fake = Fake::start(leads(3)).await;
    fake.behave(Behaviour::Late(Duration::from_millis(100)));
    let federation = hub(&open_to_all(), &[&fake.url]);
    let (one, other) = (quick(), Question { first: 2, ..quick() });
    let somebody_else = Means { subject: "staff:2", ..MEANS };
    let mut answers = join_all((0..20).map(|_| ask(&federation, &one))).await;
    assert_eq!(fake.calls(), 1);
    answers.push(ask(&federation, &one).await);
    assert_eq!(fake.calls(), 2, "nobody joins a call that has ended");
    for answer in &answers {
        assert_eq!((answer.len(), answer.reports[0].status), (3, Status::Ok));
    }
    let others = async { federation.answer(&one, somebody_else).await.expect("reported") };
    tokio::join!(ask(&federation, &one), ask(&federation, &other), others);
    assert_eq!(fake.calls(), 5, "other rows, or another viewer, is another call");

    let alone = hub(&settings::Sources { share_calls: false, ..open_to_all() }, &[&fake.url]);
    join_all((0..4).map(|_| ask(&alone, &one))).await;
    assert_eq!(fake.calls(), 9);
}

#[tokio::test]
async fn who_joins_a_call_outlives_who_made_it() {
    let fake = Fake::start(leads(3)).await;
    fake.behave(Behaviour::Late(Duration::from_millis(200)));
    let federation = hub(&open_to_all(), &[&fake.url]);
    let hurried = Question { deadline: Duration::from_millis(50), ..question() };
    let patient = quick();
    let (hurried, patient) = tokio::join!(ask(&federation, &hurried), ask(&federation, &patient));
    assert_eq!(hurried.reports[0].code, Some("TIMED_OUT"));
    assert_eq!((patient.len(), fake.calls()), (3, 1));
}

#[tokio::test]
async fn a_slow_call_gets_a_second_one_beside_it() {
    let fake = Fake::start(leads(3)).await;
    let settings = settings::Sources { hedge_percent: 100, share_calls: false, ..open_to_all() };
    let federation = hub(&settings, &[&fake.url]);
    for _ in 0..40 {
        ask(&federation, &quick()).await;
    }
    assert_eq!(fake.calls(), 40);
    fake.behave_once(Behaviour::Hang);
    let answer = ask(&federation, &quick()).await;
    assert_eq!((answer.len(), answer.reports[0].status, fake.calls()), (3, Status::Ok, 42));
    let sparing = hub(&settings::Sources { hedge_percent: 0, ..settings }, &[&fake.url]);
    for _ in 0..40 {
        ask(&sparing, &quick()).await;
    }
    fake.behave_once(Behaviour::Hang);
    assert_eq!(ask(&sparing, &quick()).await.reports[0].code, Some("TIMED_OUT"));
}

#[tokio::test]
async fn an_answer_is_used_again_and_stands_in_for_a_failed_call() {
    let fake = Fake::start(leads(3)).await;
    let now = Arc::new(std::sync::Mutex::new(chrono::DateTime::UNIX_EPOCH));
    let read = now.clone();
    let clock = Clock::from_fn(move || *read.lock().expect("no panic"));
    let later = |seconds| *now.lock().expect("no panic") += Duration::from_secs(seconds);
    let federation = Federation::new(&settings::Sources { stale_seconds: 60, ..open_to_all() }, clock);
    let mut cached = source(1, &fake.url);
    let address = endpoint(&fake.url);
    cached.endpoint = Some(super::registry::Endpoint { cache: Duration::from_secs(10), ..address });
    federation.registry.replace(vec![cached]);

    let fresh = ask(&federation, &quick()).await;
    assert_eq!((fresh.reports[0].cached_at, fake.calls()), (None, 1));
    later(5);
    let again = ask(&federation, &quick()).await;
    assert_eq!((again.reports[0].status, fake.calls()), (Status::Ok, 1));
    assert_eq!(again.reports[0].cached_at, Some(chrono::DateTime::UNIX_EPOCH));
    assert_eq!(answered(&again), answered(&fresh));
    federation.answer(&quick(), Means { subject: "staff:2", ..MEANS }).await.expect("reported");
    assert_eq!(fake.calls(), 2, "another viewer may see other rows");

    later(30);
    fake.behave(Behaviour::Say(500, String::new()));
    let stale = ask(&federation, &quick()).await;
    assert_eq!(answered(&stale), answered(&fresh));
    let report = &stale.reports[0];
    assert_eq!((report.status, report.code), (Status::Unreachable, Some("SERVER_ERROR")));
    assert_eq!((report.cached_at, report.row_count), (Some(chrono::DateTime::UNIX_EPOCH), 3));
    assert!(report.is_failed());
    later(60);
    assert!(ask(&federation, &quick()).await.is_empty(), "too old");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_sources_answer_one_page_over_few_connections() {
    if !is_alone("a_thousand_sources_answer_one_page_over_few_connections") {
        return;
    }
    let fakes = join_all((0..20).map(|_| Fake::start(leads(20)))).await;
    let federation = Federation::new(
        &settings::Sources { max_connections: 64, deadline_ms: 120_000, ..open_to_all() },
        Clock::system(),
    );
    // Fifty companies share a server, but no connection: each has an address of its own.
    let sources = (0..1000_u16).map(|index| {
        let fake = &fakes[usize::from(index) % fakes.len()];
        let url = fake.url.replace("127.0.0.1", &format!("127.0.{}.{}", index / 250, index % 250 + 1));
        let mut source = source(i64::from(index) + 1, &url);
        let address = endpoint(&url);
        source.endpoint = Some(super::registry::Endpoint { timeout: Duration::from_mins(2), ..address });
        source
    });
    federation.registry.replace(sources.collect());
    let before = memory();
    let question = Question { first: 100, deadline: Duration::from_mins(2), ..question() };
    let answer = ask(&federation, &question).await;
    let failed: Vec<_> = answer.reports.iter().filter(|report| report.status != Status::Ok).collect();
    assert!(failed.is_empty(), "{failed:?}");
    assert_eq!((answer.len(), answer.reports.len()), (100, 1000));
    assert!(answer.has_next_page);
    assert!(memory() < before + 150, "{before} MB before, {} MB after", memory());
    // The most of each server at its own time: together more than there ever were at once.
    let open: usize = fakes.iter().map(Fake::most_connections).sum();
    assert!(open <= 2 * 64, "{open} connections at the same time");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_are_walked_while_a_source_dies_and_comes_back() {
    let fakes = join_all((0..12).map(|_| Fake::start(leads(500)))).await;
    let urls: Vec<&str> = fakes.iter().map(|fake| fake.url.as_str()).collect();
    let federation = hub(&settings::Sources { deadline_ms: 20_000, ..open_to_all() }, &urls);
    let mut question = Question { first: 100, deadline: Duration::from_secs(20), ..question() };
    let mut rows = Vec::new();
    let mut pages = 0;
    loop {
        // A client that wants all rows asks again for a page from which a source is missing.
        let mut answer = ask(&federation, &question).await;
        if pages == 20 {
            fakes[3].behave(Behaviour::Reset);
            let partial = ask(&federation, &question).await;
            assert_eq!(partial.reports[3].code, Some("CONNECTION_LOST"));
            assert!(partial.len() <= 100);
            fakes[3].behave(Behaviour::Good);
            answer = ask(&federation, &question).await;
        }
        assert!(answer.reports.iter().all(|report| report.status == Status::Ok), "{:?}", answer.reports);
        rows.extend((0..answer.len()).map(|row| {
            let cursor = answer.cursor(row).expect("a row has a cursor");
            super::cursor::Cursor::read(&cursor, &question.order).expect("our own")
        }));
        pages += 1;
        if !answer.has_next_page {
            break;
        }
        question.after = rows.last().cloned();
    }
    assert_eq!((rows.len(), pages), (6000, 60));
    assert!(rows.windows(2).all(|pair| pair[0] < pair[1]), "each row once, in order");
}
