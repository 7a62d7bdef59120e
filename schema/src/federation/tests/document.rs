//! What sources are asked.

use super::*;
use crate::federation::{
    cursor::Cursor,
    question::{Field, Kind},
    sample::{field, numbers, object, question, scalar},
};

fn text(question: &Question) -> String {
    Document::write(question, 1, &[]).text
}

#[test]
fn it_asks_for_the_hubs_own_values_and_then_for_the_clients() {
    let mut question = question();
    question.filter = Some("{state: {eq: OPEN}}".into());
    question.search = Some("say \"hi\"\n".into());
    question.wants_total = true;
    question.members.push(Member::Typename { key: "__typename".into(), name: "Lead".into() });
    question.members.push(object("owner", vec![scalar("name", Kind::Text)]));
    assert_eq!(
        text(&question),
        r#"{leads(first:10,filter:{state: {eq: OPEN}},search:"say \"hi\"\n",orderBy:[{field:CREATED_AT,direction:DESC}]){nodes{_n:number _0:createdAt name owner{name}}pageInfo{hasNextPage}totalCount}}"#
    );
}

#[test]
fn aliases_and_arguments_are_the_clients() {
    let mut question = question();
    let price = Field { arguments: "currency: EUR".into(), ..field("value", true, false) };
    question.members = vec![
        Member::Scalar { key: "_n".into(), field: field("name", false, false), kind: Kind::Text },
        Member::Object {
            key: "price".into(),
            field: price,
            members: vec![Member::Tenant { key: "t".into(), slot: 0 }],
        },
    ];
    let text = text(&question);
    assert!(text.contains("{_kn:number _k0:createdAt _n:name price:value(currency: EUR){__typename}}"), "{text}");
}

#[test]
fn the_cursor_is_the_one_for_the_company() {
    let mut question = question();
    question.after = Some(Cursor::new(Vec::new(), 1, 7));
    let after = Cursor::new(Vec::new(), 1, 7).for_tenant(1);
    assert!(text(&question).contains(&format!("(first:10,after:\"{after}\",orderBy")));
}

#[test]
fn rows_of_the_viewer_are_asked_for_by_the_viewers_number() {
    let mut question = question();
    question.viewer_numbers = Some(numbers(1, 40));
    assert!(text(&question).contains("filter:{assignees:{number:{eq:40}}}"));
    question.filter = Some("{status: {eq: OPEN}}".into());
    assert!(text(&question).contains("filter:{assignees:{number:{eq:40}} status: {eq: OPEN}}"));
    question.filter = Some("{assignees: {number: {eq: 3}}}".into());
    assert!(text(&question).contains("filter:{assignees:{number:{eq:40}} and:[{assignees: {number: {eq: 3}}}]}"));
}

#[test]
fn what_a_source_lacks_is_not_asked_for() {
    let mut question = question();
    question.members = vec![
        scalar("name", Kind::Text),
        object("owner", vec![scalar("email", Kind::Text), scalar("name", Kind::Text)]),
        scalar("companyName", Kind::Text),
    ];
    question.wants_total = true;
    let lacking = ["owner.email".to_owned(), "companyName".to_owned(), "totalCount".to_owned(), "phone".to_owned()];
    let document = Document::write(&question, 1, &lacking);
    assert!(document.text.contains("name owner{name}}pageInfo{hasNextPage}}}"), "{}", document.text);
    assert_eq!(document.missing_fields, ["owner.email", "companyName"]);
    assert_eq!(document.members[2], Member::Missing { key: "companyName".into() });
}
