//! How failures look in each system, letter by letter.

use groupgraph_rest_compat::{
    failure::{Circumstances, Failure, Style, refuse},
    system::Settings,
};

const AROUND: Circumstances<'static> = Circumstances { request_id: "req-1", now: "2026-05-19T12:00:00Z" };

fn settings(style: &str) -> Settings {
    let text = format!(
        "title = 'T'\ndescription = 'D'\nprefix = ''\nstyle = '{style}'\n\
         [messages]\nFORBIDDEN = 'Not for you.'\n\
         [[failures.special]]\ncodes = ['NOT_FOUND']\nstatus = 410\nmessage = 'Gone.'\nstyle = 'error_only'\n"
    );
    toml::from_str(&text).expect("good settings")
}

fn told(style: &str, failures: &[Failure]) -> (u16, String) {
    let refusal = refuse(&settings(style), None, failures, AROUND);
    (refusal.status, refusal.body)
}

#[test]
fn each_style_has_its_body() {
    let failure = [Failure::of("MISSING_PARAMETER", "email", "is required")];
    let cases = [
        ("laravel", r#"{"message":"The email field is required."}"#),
        ("status_false", r#"{"message":"The email field is required.","status":false}"#),
        ("status_error", r#"{"message":"The email field is required.","status":"error"}"#),
        ("error_only", r#"{"error":"The email field is required."}"#),
        ("boom", r#"{"error":"Bad Request","message":"The email field is required.","statusCode":400}"#),
        (
            "halopsa",
            r#"{"error":{"code":"VALIDATION_ERROR","details":{"field":"email"},"message":"The email field is required.","request_id":"req-1","timestamp":"2026-05-19T12:00:00Z"}}"#,
        ),
        ("contact_centre", r#"{"error":{"message":"The email field is required.","rule":"Format"},"status":false}"#),
        ("repzo", r#"{"error":"The email field is required.","success":false}"#),
    ];
    for (style, body) in cases {
        assert_eq!(told(style, &failure), (400, body.to_owned()), "{style}");
    }
}

#[test]
fn laravel_lists_sentences_by_field_with_422() {
    let failures =
        [Failure::of("INVALID", "b", "is odd"), Failure::of("INVALID", "a", "is odd"), Failure::new("INVALID", "x")];
    let body =
        r#"{"errors":{"a":["The a field is odd."],"b":["The b field is odd."]},"message":"The b field is odd."}"#;
    assert_eq!(told("laravel", &failures), (422, body.to_owned()));
}

#[test]
fn the_gravest_failure_decides() {
    let of = |codes: &[&str]| told("boom", &codes.iter().map(|code| Failure::new(code, "x")).collect::<Vec<_>>()).0;
    assert_eq!(of(&["INVALID", "NOT_FOUND"]), 404);
    assert_eq!(of(&["NOT_FOUND", "UNAUTHENTICATED", "INVALID"]), 401);
    assert_eq!(of(&["INVALID", "INTERNAL"]), 500);
    assert_eq!(of(&["NO_SUCH_CODE"]), 500);
    assert_eq!(of(&[]), 500);
    assert_eq!(of(&["DUPLICATE_EMAIL"]), 409);
    assert_eq!(of(&["UPSTREAM_FAILED"]), 502);
    assert_eq!(of(&["TOO_EARLY"]), 429);
}

#[test]
fn systems_and_endpoints_have_words_of_their_own() {
    assert_eq!(told("error_only", &[Failure::new("FORBIDDEN", "x")]), (403, r#"{"error":"Not for you."}"#.to_owned()));
    let refusal = refuse(&settings("boom"), Some("special"), &[Failure::new("NOT_FOUND", "x")], AROUND);
    assert_eq!((refusal.status, refusal.body.as_str()), (410, r#"{"error":"Gone."}"#));
    assert_eq!(settings("boom").style, Style::Boom);
}
