//! Answers of sources, good and bad.

use super::*;
use crate::federation::sample::{question, written};

fn read_answer(body: &str, question: &Question) -> Result<Reading, Fault> {
    read(&Arc::new(body.to_owned()), question, &Document::write(question, 1, &[]), 1)
}

fn row(number: i32, day: u32) -> String {
    format!(r#"{{"_n":{number},"_0":"2026-01-{day:02}T00:00:00Z","name":"Lead {number}"}}"#)
}

fn answer(rows: &[String], rest: &str) -> String {
    let nodes = rows.join(",");
    format!(r#"{{"data":{{"leads":{{"nodes":[{nodes}],"pageInfo":{{"hasNextPage":false}}}}}}{rest}}}"#)
}

#[test]
fn a_good_answer_gives_finished_rows() {
    let body = answer(&[row(2, 9), row(1, 8), row(7, 8)], "");
    let reading = read_answer(&body, &question()).expect("a good answer");
    let rows = written(&reading.rows);
    assert_eq!(rows[0], r#"{"name":"Lead 2","tenant":{"number":1}}"#);
    assert_eq!(rows.len(), 3);
    assert!(!reading.has_more);
    assert_eq!(reading.error, None);
    assert_eq!(reading.total, None);
}

#[test]
fn errors_beside_data_make_it_partial_and_without_data_the_reason() {
    let errors = r#","errors":[{"message":"owner\u0007 is slow","extensions":{"code":"X"}}]"#;
    let reading = read_answer(&answer(&[row(1, 1)], errors), &question()).expect("data is there");
    assert_eq!(reading.error, Some(Fault::new(Status::Partial, "SOURCE_ERRORS", "owner is slow")));
    let refusal = r#"{"data":null,"errors":[{"message":"no","extensions":{"code":"FORBIDDEN"}}]}"#;
    let fault = read_answer(refusal, &question()).expect_err("refused");
    assert_eq!((fault.status, fault.code), (Status::Refused, "FORBIDDEN"));
    let invalid = r#"{"errors":[{"message":"Unknown field"}]}"#;
    let fault = read_answer(invalid, &question()).expect_err("no data");
    assert_eq!((fault.status, fault.code), (Status::Invalid, "SOURCE_ERRORS"));
}

#[test]
fn whoever_asks_for_no_rows_gets_none_of_those_that_there_are() {
    let body = r#"{"data":{"leads":{"nodes":[],"pageInfo":{"hasNextPage":true}}}}"#;
    let reading = read_answer(body, &Question { first: 0, ..question() }).expect("a good answer");
    assert_eq!((reading.rows.len(), reading.has_more), (0, false));
}

#[test]
fn what_breaks_the_contract_gives_no_rows() {
    let deep = "[".repeat(200_000);
    let many: Vec<String> = (1..12).map(|number| row(number, 1)).collect();
    let page = |nodes: &str, has_next: &str| {
        format!(r#"{{"data":{{"leads":{{"nodes":{nodes},"pageInfo":{{"hasNextPage":{has_next}}}}}}}}}"#)
    };
    let table = [
        ("", "MALFORMED"),
        ("<html>", "MALFORMED"),
        (deep.as_str(), "MALFORMED"),
        ("[]", "WRONG_SHAPE"),
        ("{}", "WRONG_SHAPE"),
        (r#"{"data":{}}"#, "WRONG_SHAPE"),
        (r#"{"data":[]}"#, "WRONG_SHAPE"),
        (r#"{"data":{"leads":null}}"#, "WRONG_SHAPE"),
        (&page("{}", "false"), "WRONG_SHAPE"),
        (&page("[null]", "false"), "WRONG_SHAPE"),
        (&page("[]", "true"), "WRONG_SHAPE"),
        (&page("[]", "null"), "WRONG_SHAPE"),
        (&answer(&[row(1, 1).replace("\"_n\":1", "\"_n\":\"1\"")], ""), "WRONG_SHAPE"),
        (&answer(&[row(1, 1).replace("2026", "soon")], ""), "WRONG_SHAPE"),
        (&answer(&[row(1, 1).replace("\"Lead 1\"", "{}")], ""), "WRONG_SHAPE"),
        (&answer(&[row(1, 1), row(2, 2)], ""), "OUT_OF_ORDER"),
        (&answer(&[row(2, 1), row(1, 1)], ""), "OUT_OF_ORDER"),
        (&answer(&[row(1, 1), row(1, 1)], ""), "OUT_OF_ORDER"),
        (&answer(&many, ""), "TOO_MANY_ROWS"),
    ];
    for (body, code) in table {
        let fault = read_answer(body, &question()).expect_err("a broken contract");
        assert_eq!((fault.status, fault.code), (Status::Invalid, code), "{}", &body[..body.len().min(100)]);
    }
}

#[test]
fn rows_before_the_cursor_are_refused() {
    let mut question = question();
    let first = read_answer(&answer(&[row(1, 5)], ""), &question).expect("a good answer");
    question.after = Some(first.rows.cursor(0, &question.order));
    assert!(read_answer(&answer(&[row(2, 5)], ""), &question).is_ok());
    let fault = read_answer(&answer(&[row(1, 5)], ""), &question).expect_err("the same row again");
    assert_eq!(fault.code, "OUT_OF_ORDER");
}
