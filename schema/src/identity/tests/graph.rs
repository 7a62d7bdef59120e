//! The mutations as clients send them: what the schema lets through, and what callers who are nobody see of it.

use async_graphql::Request;
use serde_json::{Value, json};

use super::*;

impl Fixture {
    async fn ask(&self, token: Option<&str>, document: &str) -> Value {
        let viewer = authenticate(&self.hub, token).await.unwrap();
        let response = crate::schema(self.hub.clone()).execute(Request::new(document).data(viewer)).await;
        serde_json::from_str(&serde_json::to_string(&response).unwrap()).unwrap()
    }
}

#[tokio::test]
async fn whoever_signs_in_is_shown_and_may_go_on() {
    let fixture = Fixture::new().await;
    let document = format!(
        "mutation {{ signIn(input: {{email: \"{EMAIL}\", password: \"{PASSWORD}\"}}) {{
             accessToken refreshToken expiresAt staff {{ number name }} errors {{ code }} }} }}"
    );
    let answer = fixture.ask(None, &document).await;
    let payload = &answer["data"]["signIn"];
    assert_eq!(payload["staff"], json!({"number": fixture.ada, "name": "Ada"}), "{answer}");
    assert_eq!((&payload["errors"], &payload["expiresAt"]), (&json!([]), &json!("2027-01-15T08:15:00Z")));
    let token = payload["accessToken"].as_str().unwrap();
    let query = "{ viewer { staff { name } token { kind name } accessTokens { kind } permissions } }";
    let viewer = fixture.ask(Some(token), query).await;
    assert_eq!(viewer["data"]["viewer"]["staff"]["name"], "Ada", "{viewer}");
    assert_eq!(viewer["data"]["viewer"]["token"], json!({"kind": "DEVICE", "name": "Unnamed device"}));
    assert_eq!(viewer["data"]["viewer"]["accessTokens"], json!([{"kind": "DEVICE"}]));
}

#[tokio::test]
async fn wrong_passwords_are_data() {
    let fixture = Fixture::new().await;
    let document = format!(
        "mutation {{ signIn(input: {{email: \"{EMAIL}\", password: \"wrong horse\"}}) {{
             accessToken staff {{ number }} errors {{ code field }} }} }}"
    );
    let answer = fixture.ask(None, &document).await;
    let expected = json!({"accessToken": null, "staff": null, "errors": [{"code": "INVALID", "field": null}]});
    assert_eq!(answer["data"]["signIn"], expected, "{answer}");
}

#[tokio::test]
async fn the_narrow_token_sets_the_password_and_nothing_else() {
    let fixture = Fixture::new().await;
    let code = fixture.code().await;
    let document =
        format!("mutation {{ verifyPasswordCode(input: {{email: \"{EMAIL}\", code: \"{code}\"}}) {{ token }} }}");
    let answer = fixture.ask(None, &document).await;
    let token = answer["data"]["verifyPasswordCode"]["token"].as_str().unwrap();
    for document in [
        "{ viewer { staff { name } } }",
        "{ staff { nodes { name } } }",
        "{ leads { nodes { name } } }",
        "mutation { signOut(input: {}) { revokedCount } }",
        "mutation { createAccessToken(input: {kind: PERSONAL, name: \"x\"}) { secret } }",
        "mutation { changePassword(input: {currentPassword: \"x\", password: \"battery staple\"}) { staff { name } } }",
    ] {
        let answer = fixture.ask(Some(token), document).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{document}: {answer}");
    }
    let document = format!(
        "mutation {{ resetPassword(input: {{code: \"{code}\", password: \"battery staple\"}}) {{
             staff {{ name }} errors {{ code }} }} }}"
    );
    let anonymous = fixture.ask(None, &document).await;
    assert_eq!(anonymous["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{anonymous}");
    let answer = fixture.ask(Some(token), &document).await;
    assert_eq!(answer["data"]["resetPassword"], json!({"staff": {"name": "Ada"}, "errors": []}), "{answer}");
}

#[tokio::test]
async fn tokens_are_made_and_revoked() {
    let fixture = Fixture::new().await;
    let (session, _) = fixture.session().await;
    let create = "mutation { createAccessToken(input: {
        kind: PERSONAL, name: \"Tool\", permissions: [\"leads.read\"], expiresAt: \"2027-02-01T00:00:00+01:00\"}) {
        accessToken { number kind permissions expiresAt } secret errors { code field } } }";
    let answer = fixture.ask(Some(&session), create).await;
    let payload = &answer["data"]["createAccessToken"];
    let token = &payload["accessToken"];
    assert_eq!((&token["kind"], &token["permissions"]), (&json!("PERSONAL"), &json!(["leads.read"])), "{answer}");
    assert_eq!(token["expiresAt"], "2027-01-31T23:00:00Z");
    let revoke = format!(
        "mutation {{ revokeAccessToken(input: {{accessToken: {{number: {}}}}}) {{
             accessToken {{ revokedAt }} errors {{ code }} }} }}",
        token["number"]
    );
    let answer = fixture.ask(Some(&session), &revoke).await;
    assert_eq!(answer["data"]["revokeAccessToken"]["accessToken"]["revokedAt"], "2027-01-15T08:00:00Z", "{answer}");
    assert!(fixture.viewer(payload["secret"].as_str().unwrap()).await.is_err());
}
