//! Signing in and out, sessions and passwords, through the public door.

use chrono::TimeDelta;
use serde_json::json;

use crate::support::{Actor, TestApp};

const EMAIL: &str = "ada@example.com";
const PASSWORD: &str = "correct horse";

async fn with_ada() -> TestApp {
    let app = TestApp::start().await;
    let hash = app.hub.identity.hash_password(PASSWORD).await.expect("a hash");
    app.person(json!({ "name": "Ada", "email": EMAIL, "password_hash": hash })).await;
    app
}

fn sign_in(email: &str, password: &str) -> String {
    format!(
        "mutation {{ signIn(input: {{email: \"{email}\", password: \"{password}\"}}) {{ accessToken refreshToken staff {{ name }} \
         errors {{ code field message }} }} }}"
    )
}

impl TestApp {
    /// A new session of Ada: the caller and the refresh token.
    async fn session(&self) -> (Actor, String) {
        let answer = self.anonymous().query(&sign_in(EMAIL, PASSWORD)).await;
        assert_eq!(answer.errors("signIn"), []);
        (Actor::new(self, Some(answer.text("signIn.accessToken")), 1), answer.text("signIn.refreshToken"))
    }

    async fn refresh(&self, token: &str) -> crate::support::actor::Answer {
        let query = "mutation($token: String!) { refreshSession(input: {refreshToken: $token}) \
            { accessToken refreshToken errors { code field message } } }";
        self.anonymous().query_with(query, json!({ "token": token })).await
    }

    fn last_mail(&self) -> String {
        let files = std::fs::read_dir(&self.hub.settings.mail.folder).expect("a folder");
        let mut files: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
        files.sort();
        std::fs::read_to_string(files.last().expect("a mail")).expect("text")
    }
}

async fn is_signed_in(actor: &Actor) -> bool {
    let answer = actor.query("{ viewer { staff { name } } }").await;
    match answer.status {
        200 => answer.text("viewer.staff.name") == "Ada",
        status => {
            assert_eq!((status, answer.code()), (401, "UNAUTHENTICATED"));
            false
        }
    }
}

#[tokio::test]
async fn the_right_password_opens() {
    let app = with_ada().await;
    let (ada, _) = app.session().await;
    assert!(is_signed_in(&ada).await);
    app.pass(TimeDelta::minutes(16));
    assert!(!is_signed_in(&ada).await, "access tokens live for a quarter of an hour");
}

#[tokio::test]
async fn unknown_and_wrong_look_the_same() {
    let app = with_ada().await;
    let nobody = app.anonymous();
    let wrong = nobody.query(&sign_in(EMAIL, "battery staple")).await;
    let unknown = nobody.query(&sign_in("nobody@example.com", "battery staple")).await;
    assert_eq!(wrong.json, unknown.json);
    assert!(!wrong.errors("signIn").is_empty());
    for _ in 0..5 {
        nobody.query(&sign_in(EMAIL, "battery staple")).await;
    }
    let locked = nobody.query(&sign_in(EMAIL, PASSWORD)).await;
    assert!(!locked.errors("signIn").is_empty(), "too many attempts lock the account");
    app.pass(TimeDelta::minutes(16));
    app.session().await;
}

#[tokio::test]
async fn refresh_tokens_rotate_and_reuse_ends_the_family() {
    let app = with_ada().await;
    let (_, first) = app.session().await;
    let (other, _) = app.session().await;
    let second = app.refresh(&first).await;
    assert_eq!(second.errors("refreshSession"), []);
    let ada = Actor::new(&app, Some(second.text("refreshSession.accessToken")), 1);
    assert!(is_signed_in(&ada).await);
    let reused = app.refresh(&first).await;
    assert!(!reused.errors("refreshSession").is_empty());
    let after = app.refresh(&second.text("refreshSession.refreshToken")).await;
    assert!(!after.errors("refreshSession").is_empty(), "the family is revoked");
    assert!(!is_signed_in(&ada).await);
    assert!(is_signed_in(&other).await, "another device is another family");
}

#[tokio::test]
async fn signing_out_ends_one_or_all() {
    let app = with_ada().await;
    let (one, _) = app.session().await;
    let (two, _) = app.session().await;
    let (three, refresh) = app.session().await;
    let out = "signOut(input: {isEverywhere: false}) { errors { code field message } }";
    one.done(out).await;
    assert_eq!((is_signed_in(&one).await, is_signed_in(&two).await), (false, true));
    two.done("signOut(input: {isEverywhere: true}) { errors { code field message } }").await;
    assert_eq!((is_signed_in(&two).await, is_signed_in(&three).await), (false, false));
    assert!(!app.refresh(&refresh).await.errors("refreshSession").is_empty());
}

#[tokio::test]
async fn a_mailed_code_sets_a_new_password() {
    let app = with_ada().await;
    let (ada, _) = app.session().await;
    let nobody = app.anonymous();
    nobody
        .done(&format!("requestPasswordCode(input: {{email: \"{EMAIL}\"}}) {{ errors {{ code field message }} }}"))
        .await;
    app.deliver().await;
    let mail = app.last_mail();
    let code = mail.split_once("password is ").expect("the mail names the code").1[..4].to_owned();
    let verified = nobody
        .done(&format!("verifyPasswordCode(input: {{email: \"{EMAIL}\", code: \"{code}\"}}) {{ token errors {{ code field message }} }}"))
        .await;
    let narrow = Actor::new(&app, Some(verified.text("verifyPasswordCode.token")), 0);
    let reset = format!(
        "resetPassword(input: {{code: \"{code}\", password: \"battery staple\", passwordConfirmation: \"battery staple\"}})"
    );
    assert_eq!(narrow.query("{ leads { totalCount } }").await.code(), "UNAUTHENTICATED");
    assert_eq!(
        nobody.query(&format!("mutation {{ {reset} {{ errors {{ code }} }} }}")).await.code(),
        "UNAUTHENTICATED"
    );
    narrow.done(&format!("{reset} {{ errors {{ code field message }} }}")).await;
    assert!(!is_signed_in(&ada).await, "the old sessions are over");
    assert!(!nobody.query(&sign_in(EMAIL, PASSWORD)).await.errors("signIn").is_empty());
    assert_eq!(nobody.query(&sign_in(EMAIL, "battery staple")).await.errors("signIn"), []);
}

#[tokio::test]
async fn personal_tokens_are_shown_once_and_narrowed() {
    let app = TestApp::start().await;
    let rep = app.staff("Rep", &["leads.read"]).await;
    let make = |words: &str| {
        format!(
            "createAccessToken(input: {{kind: PERSONAL, name: \"Tool\", permissions: [{words}]}}) {{ accessToken {{ id name }} \
             secret errors {{ code field message }} }}"
        )
    };
    let token = rep.done(&make("\"leads.read\"")).await;
    let narrow = Actor::new(&app, Some(token.text("createAccessToken.secret")), rep.number);
    assert_eq!(narrow.query("{ leads { totalCount } }").await.number("leads.totalCount"), 0);
    let more = rep.query(&format!("mutation {{ {} }}", make("\"deals.read\""))).await;
    assert!(!more.errors("createAccessToken").is_empty(), "nobody gives away more than they have");
    let id = token.text("createAccessToken.accessToken.id");
    rep.done(&format!(
        "revokeAccessToken(input: {{accessToken: {{id: \"{id}\"}}}}) {{ errors {{ code field message }} }}"
    ))
    .await;
    assert_eq!(narrow.query("{ leads { totalCount } }").await.status, 401);
}

#[tokio::test]
async fn a_mail_waits_in_the_outbox_and_not_beyond_its_worth() {
    let app = with_ada().await;
    let admin = app.administrator().await;
    let query = "{ deliveries { nodes { kind status tenant { name } lastError attempts { error } } } }";
    for _ in 0..2 {
        let asked =
            "mutation { requestPasswordCode(input: {email: \"ada@example.com\"}) { errors { code field message } } }";
        assert_eq!(app.anonymous().query(asked).await.errors("requestPasswordCode"), []);
    }
    let waiting = admin.query(query).await;
    assert_eq!(waiting.data("deliveries.nodes.0.status"), "PENDING");
    assert_eq!(waiting.data("deliveries.nodes.0.kind"), "MAIL");
    assert!(app.count("SELECT COUNT(*) FROM delivery WHERE payload_sealed LIKE 'v1.%'").await == 2, "it holds a code");
    app.execute("UPDATE delivery SET next_attempt_at = '2026-05-19T12:20:00+00:00' WHERE id = 2").await;
    assert_eq!(app.deliver().await, 1);
    assert_eq!(admin.query(query).await.data("deliveries.nodes.1.status"), "DELIVERED");
    app.pass(TimeDelta::minutes(21));
    assert_eq!(app.deliver().await, 1);
    let late = admin.query(query).await;
    assert_eq!(late.data("deliveries.nodes.0.status"), "FAILED");
    assert_eq!(late.data("deliveries.nodes.0.lastError"), "EXPIRED: It is worth nothing any more.");
}
