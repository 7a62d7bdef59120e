//! How schemas compare with the contract.

use super::*;

fn outline(change: impl Fn(String) -> String) -> Outline {
    // A description cannot stand alone, and no line is in the way of a replacement.
    let lines = SUBSIDIARY.lines().filter(|line| !line.trim_start().starts_with("\"\"\""));
    let sdl: String = lines.flat_map(|line| [line, "\n"]).collect();
    Outline::from_sdl(&change(sdl)).expect("SDL")
}

#[test]
fn the_contract_fulfils_itself_and_offers_what_it_names() {
    let schema = outline(|sdl| sdl);
    for collection in Collection::all() {
        let state = compare(&schema, collection);
        assert!(state.is_offered, "{state:?}");
        assert!(state.missing_fields.is_empty(), "{state:?}");
        assert!(state.orderable_fields.contains(&required_order().0.to_owned()));
        assert!(state.filterable_fields.contains(&"number".to_owned()));
        assert!(!required_members(collection).is_empty());
    }
}

#[test]
fn what_is_optional_is_named_and_what_is_required_decides() {
    let without =
        outline(|sdl| sdl.replace("  givenName: String @optional\n", "").replace("  totalCount: Int! @optional\n", ""));
    let state = compare(&without, Collection::Leads);
    assert!(state.is_offered);
    let missing: Vec<&str> = state.missing_fields.iter().map(String::as_str).collect();
    assert_eq!(missing, ["givenName", "owner.givenName", "totalCount"]);

    let table: [(&str, &str, &str); 6] = [
        ("  state: LeadState! @required\n", "", "nodes.state"),
        ("  state: LeadState! @required\n", "state: Lead", "nodes.state"),
        ("nodes: [Lead!]! @required", "nodes: Lead", "nodes"),
        ("createdAt: DateTimeFilter @required", "", "filter.createdAt"),
        ("  CREATED_AT @required\n", "", "order CREATED_AT"),
        ("after: String @required, ", "", "argument after"),
    ];
    for (text, instead, named) in table {
        let state = compare(&outline(|sdl| sdl.replace(text, instead)), Collection::Leads);
        assert!(!state.is_offered, "without {text}");
        let message = state.message.expect("a reason");
        assert!(message.contains(named), "{message}");
    }
}

#[test]
fn a_schema_of_something_else_offers_nothing() {
    let schema = Outline::from_sdl("type Query { hello: String leads: Int }").expect("SDL");
    for collection in Collection::all() {
        let state = compare(&schema, collection);
        assert!(!state.is_offered && state.message.is_some(), "{state:?}");
    }
}

#[test]
fn kinds_follow_the_contract() {
    assert_eq!(kind("Int"), Some(Kind::Int));
    assert_eq!(kind("Decimal"), Some(Kind::Text));
    assert_eq!(kind("ID"), Some(Kind::Text));
    assert_eq!(kind("Lead"), None);
    assert!(matches!(kind("LeadState"), Some(Kind::Enum(words)) if words.contains(&"OPEN".to_owned())));
}

#[test]
fn our_own_schema_offers_all_of_it() {
    let schema = Outline::from_sdl(&crate::sdl()).expect("SDL");
    for collection in Collection::all() {
        let state = compare(&schema, collection);
        assert!(state.is_offered && state.missing_fields.is_empty(), "{state:?}");
    }
}
