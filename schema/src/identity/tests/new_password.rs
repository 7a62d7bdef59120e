//! Codes by mail, resetting and changing passwords.

use chrono::TimeDelta;
use serde_json::json;

use super::*;

const NEW: &str = "battery staple";

impl Fixture {
    /// Asks for a code and reads it from the mail.
    pub async fn code(&self) -> String {
        self.anonymous("requestPasswordCode", json!({"email": EMAIL})).await.unwrap();
        let mail = self.mails().await.pop().unwrap();
        let (_, rest) = mail.split_once("password is ").unwrap();
        rest[..4].to_owned()
    }

    async fn verify(&self, email: &str, code: &str) -> Outcome {
        self.anonymous("verifyPasswordCode", json!({"email": email, "code": code})).await
    }
}

fn wrong(code: &str) -> String {
    format!("{:04}", (code.parse::<u32>().unwrap() + 1) % 10_000)
}

#[tokio::test]
async fn a_mailed_code_sets_a_new_password() {
    let fixture = Fixture::new().await;
    let (session, _) = fixture.session().await;
    let code = fixture.code().await;
    let token = text(&fixture.verify(EMAIL, &code).await, "token");
    let narrow = fixture.viewer(&token).await.unwrap();
    assert!(!narrow.is_signed_in() && narrow.may("password.reset") && !narrow.may("leads.read"));
    let input = json!({"code": code, "password": NEW, "passwordConfirmation": NEW});
    assert_eq!(row(&fixture.call(&narrow, "resetPassword", input.clone()).await, "staff"), fixture.ada);
    assert_eq!(fixture.last_log().await.description, "Password reset by mailed code");
    assert_eq!(super::code(fixture.call(&narrow, "resetPassword", input).await), Code::WrongState);
    assert!(matches!(fixture.viewer(&token).await, Err(AuthenticateError::Revoked)));
    assert!(matches!(fixture.viewer(&session).await, Err(AuthenticateError::Revoked)));
    assert!(fixture.sign_in(EMAIL, PASSWORD).await.is_err());
    assert!(fixture.sign_in(EMAIL, NEW).await.is_ok());
    assert!(fixture.verify(EMAIL, &code).await.is_err());
}

#[tokio::test]
async fn an_unknown_address_gets_the_same_answers() {
    let fixture = Fixture::new().await;
    let request = async |email: &str, is_resend: bool| {
        fixture.anonymous("requestPasswordCode", json!({"email": email, "isResend": is_resend})).await
    };
    let known = text(&request(EMAIL, false).await, "expiresAt");
    assert_eq!(text(&request("nobody@example.com", false).await, "expiresAt"), known);
    assert_eq!(fixture.mails().await.len(), 1);
    let expected = failure(request(EMAIL, true).await);
    assert_eq!(expected.0, Code::TooEarly);
    assert_eq!(failure(request("nobody@example.com", true).await), expected);
    fixture.pass(TimeDelta::minutes(2));
    assert!(request(EMAIL, true).await.is_ok() && request("nobody@example.com", true).await.is_ok());
    assert_eq!(failure(fixture.verify("nobody@example.com", "0000").await), failure(fixture.verify(EMAIL, "x").await));
}

#[tokio::test]
async fn five_wrong_tries_burn_a_code() {
    let fixture = Fixture::new().await;
    let code = fixture.code().await;
    for _ in 0..5 {
        assert_eq!(super::code(fixture.verify(EMAIL, &wrong(&code)).await), Code::Invalid);
    }
    assert_eq!(super::code(fixture.verify(EMAIL, &code).await), Code::Invalid);
    let code = fixture.code().await;
    for _ in 0..4 {
        assert!(fixture.verify(EMAIL, &wrong(&code)).await.is_err());
    }
    assert!(fixture.verify(EMAIL, &code).await.is_ok());
}

#[tokio::test]
async fn nobody_guesses_on_with_ever_more_codes() {
    let fixture = Fixture::new().await;
    for round in 0..4 {
        let code = fixture.code().await;
        for _ in 0..5 {
            assert_eq!(super::code(fixture.verify(EMAIL, &wrong(&code)).await), Code::Invalid, "{round}");
        }
    }
    let code = fixture.code().await;
    assert_eq!(super::code(fixture.verify(EMAIL, &code).await), Code::TooEarly);
    for _ in 5..10 {
        fixture.code().await;
    }
    let outcome = fixture.anonymous("requestPasswordCode", json!({"email": EMAIL})).await;
    assert_eq!(super::code(outcome), Code::TooEarly);
}

#[tokio::test]
async fn a_code_ends_by_time_and_by_the_next_one() {
    let fixture = Fixture::new().await;
    let first = fixture.code().await;
    fixture.pass(TimeDelta::minutes(15));
    assert!(fixture.verify(EMAIL, &first).await.is_err());
    let second = fixture.code().await;
    let third = fixture.code().await;
    if second != third {
        assert!(fixture.verify(EMAIL, &second).await.is_err());
    }
    let token = text(&fixture.verify(EMAIL, &third).await, "token");
    fixture.pass(TimeDelta::minutes(15));
    assert!(matches!(fixture.viewer(&token).await, Err(AuthenticateError::Expired)));
}

#[tokio::test]
async fn resetting_needs_token_code_and_a_fit_password() {
    let fixture = Fixture::new().await;
    let code = fixture.code().await;
    let token = text(&fixture.verify(EMAIL, &code).await, "token");
    let narrow = fixture.viewer(&token).await.unwrap();
    let reset = async |viewer: &Viewer, code: &str, password: &str, confirmation: &str| {
        let input = json!({"code": code, "password": password, "passwordConfirmation": confirmation});
        let (code, field, _) = failure(fixture.call(viewer, "resetPassword", input).await);
        (code, field)
    };
    assert_eq!(reset(&narrow, &code, "short", "short").await, (Code::Invalid, "password".into()));
    assert_eq!(reset(&narrow, &code, NEW, PASSWORD).await, (Code::Invalid, "passwordConfirmation".into()));
    assert_eq!(reset(&narrow, &wrong(&code), NEW, NEW).await, (Code::Invalid, "code".into()));
    assert_eq!(reset(&fixture.grace().await, &code, NEW, NEW).await, (Code::WrongState, String::new()));
}

#[tokio::test]
async fn the_viewer_changes_the_password() {
    let fixture = Fixture::new().await;
    let viewer = fixture.ada().await;
    let change = async |current: &str, password: &str| {
        fixture.call(&viewer, "changePassword", json!({"currentPassword": current, "password": password})).await
    };
    assert_eq!(failure(change("wrong horse", NEW).await).1, "currentPassword");
    assert_eq!(failure(change(PASSWORD, "short").await).1, "password");
    assert_eq!(row(&change(PASSWORD, NEW).await, "staff"), fixture.ada);
    assert_eq!(fixture.last_log().await.description, "Password changed");
    assert!(fixture.sign_in(EMAIL, NEW).await.is_ok());
    for _ in 0..5 {
        assert_eq!(code(change("wrong horse", NEW).await), Code::Invalid);
    }
    assert_eq!(code(change(NEW, PASSWORD).await), Code::TooEarly);
}
