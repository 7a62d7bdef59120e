//! Rows are copied as asked, or refused.

use super::*;
use crate::federation::sample::{field, object, scalar};

fn list(key: &str, members: Vec<Member>) -> Member {
    Member::Object { key: key.into(), field: field(key, true, true), members }
}

fn required(key: &str) -> Member {
    Member::Scalar { key: key.into(), field: field(key, false, false), kind: Kind::Text }
}

fn write(members: &[Member], row: &str) -> Result<String, WrongShape> {
    let raw: &RawValue = serde_json::from_str(row).expect("valid JSON");
    let mut projection = Projection { tenant_json: &|_| r#"{"id":"T"}"#, out: String::new() };
    projection.object(members, &Members::parse(raw)?, 0)?;
    Ok(projection.out)
}

#[test]
fn members_come_in_the_clients_order_with_the_hubs_own() {
    let members = [
        Member::Typename { key: "__typename".into(), name: "Lead".into() },
        scalar("name", Kind::Text),
        Member::Missing { key: "gone".into() },
        object("owner", vec![scalar("number", Kind::Int), Member::Tenant { key: "tenant".into(), slot: 0 }]),
        list("members", vec![scalar("name", Kind::Text)]),
    ];
    let expected = r#"{"__typename":"Lead","name":"A \"b\" \u00e9","gone":null,"owner":{"number":7,"tenant":{"id":"T"}},"members":[{"name":"x"},{"name":null}]}"#;
    let in_order = r#"{"name":"A \"b\" \u00e9","owner":{"number": 7 },"members":[{"name":"x"}, {"name":null}]}"#;
    assert_eq!(write(&members, in_order).as_deref(), Ok(expected));
    let shuffled = r#"{"members":[{"name":"x","more":[1,2]},{"name":null}],"extra":{},"owner":{"number":7},"na\u006de":"A \"b\" \u00e9"}"#;
    assert_eq!(write(&members, shuffled).as_deref(), Ok(expected));
    let nulls = r#"{"name":null,"owner":null,"members":null}"#;
    let expected = r#"{"__typename":"Lead","name":null,"gone":null,"owner":null,"members":null}"#;
    assert_eq!(write(&members, nulls).as_deref(), Ok(expected));
}

#[test]
fn another_form_is_refused_with_its_path() {
    let members =
        [required("name"), object("owner", vec![scalar("number", Kind::Int)]), list("members", vec![required("name")])];
    let table = [
        (r#"{"owner":null,"members":null}"#, "name is absent"),
        (r#"{"name":null,"owner":null,"members":null}"#, "name is null"),
        (r#"{"name":5,"owner":null,"members":null}"#, "name is no text"),
        (r#"{"name":"a","owner":"b","members":null}"#, "owner is no object"),
        (r#"{"name":"a","owner":{"number":"7"},"members":null}"#, "owner.number is no whole number of 32 bits"),
        (r#"{"name":"a","owner":{},"members":null}"#, "owner.number is absent"),
        (r#"{"name":"a","owner":null,"members":{}}"#, "members is no list"),
        (r#"{"name":"a","owner":null,"members":[null]}"#, "members is no object"),
        (r#"{"name":"a","owner":null,"members":[{"name":[]}]}"#, "members.name is no text"),
    ];
    for (row, message) in table {
        assert_eq!(write(&members, row), Err(WrongShape(message.into())), "{row}");
    }
}

#[test]
fn kinds_are_told_apart_by_their_bytes() {
    let words = Kind::Enum(["OPEN".to_owned()].into());
    let table = [
        (Kind::Int, "-5", true),
        (Kind::Int, "3000000000", false),
        (Kind::Int, "1.0", false),
        (Kind::Long, "3000000000", true),
        (Kind::Float, "1e3", true),
        (Kind::Float, "\"1\"", false),
        (Kind::Boolean, "true", true),
        (Kind::Boolean, "1", false),
        (Kind::Text, "\"1\"", true),
        (words.clone(), "\"OPEN\"", true),
        (words, "\"SHUT\"", false),
        (Kind::Json, "{\"a\":1}", true),
        (Kind::Json, "null", false),
    ];
    for (kind, json, holds) in table {
        assert_eq!(kind.holds(json), holds, "{kind:?} {json}");
    }
}
