//! Schemas as SDL and as introspection answers.

use super::*;

#[test]
fn sdl_and_introspection_give_the_same_outline() {
    let sdl = r#"
        schema { query: Root }
        "What can be asked." type Root { leads(first: Int, by: [Word!]! @required): [Lead!] }
        type Lead { name: String! @required }
        extend type Lead { word: Word @required }
        enum Word { ONE @required TWO }
        input Filter { word: Word @required }
    "#;
    let introspection = r#"{"__schema":{"queryType":{"name":"Root"},"types":[
        {"kind":"OBJECT","name":"Root","fields":[{"name":"leads","args":[{"name":"first","type":{"kind":"SCALAR","name":"Int"}},
            {"name":"by","type":{"kind":"NON_NULL","ofType":{"kind":"LIST","ofType":{"kind":"NON_NULL","ofType":{"kind":"ENUM","name":"Word"}}}}}],
            "type":{"kind":"LIST","ofType":{"kind":"NON_NULL","ofType":{"kind":"OBJECT","name":"Lead"}}}}]},
        {"kind":"OBJECT","name":"Lead","fields":[{"name":"name","type":{"kind":"NON_NULL","ofType":{"kind":"SCALAR","name":"String"}}},
            {"name":"word","type":{"kind":"ENUM","name":"Word"}}]},
        {"kind":"ENUM","name":"Word","enumValues":[{"name":"ONE"},{"name":"TWO"}]},
        {"kind":"INPUT_OBJECT","name":"Filter","inputFields":[{"name":"word","type":{"kind":"ENUM","name":"Word"}}]}]}}"#;
    let outlines =
        [Outline::from_sdl(sdl).expect("SDL"), Outline::from_introspection(introspection).expect("an answer")];
    for outline in &outlines {
        let leads = outline.query().and_then(|query| query.field("leads")).expect("the field");
        assert_eq!(leads.of, TypeReference { name: "Lead".into(), is_list: true, is_nullable: true });
        assert_eq!(leads.arguments[1].of, TypeReference { name: "Word".into(), is_list: true, is_nullable: false });
        let lead = outline.named("Lead").expect("the type");
        assert_eq!(lead.fields.len(), 2);
        assert!(!lead.fields[0].of.is_nullable);
        assert!(outline.named("Word").is_some_and(|word| word.has_word("TWO")));
        assert_eq!(outline.named("Filter").map(|filter| filter.fields.len()), Some(1));
    }
    let required = outlines[0].named("Word").expect("the type").words.iter().map(|word| word.is_required);
    assert_eq!(required.collect::<Vec<_>>(), [true, false]);
}

#[test]
fn what_is_no_schema_is_refused() {
    let deep = format!("type Query {{ a: {}Int{} }}", "[".repeat(100_000), "]".repeat(100_000));
    for text in ["type {", "query { a }}", &deep] {
        assert!(Outline::from_sdl(text).is_err(), "{}", &text[..10.min(text.len())]);
    }
    assert!(Outline::from_introspection("{}").is_err());
}
