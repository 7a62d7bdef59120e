//! Counting once per fragment gives what writing fragments out gives.

use std::fmt::Write;

use async_graphql::parser::{
    parse_query,
    types::{ExecutableDocument, Selection, SelectionSet},
};
use proptest::{collection::vec, prelude::*};

use crate::gate::measure::Measure;

/// A selection of a made-up document.
#[derive(Clone, Debug)]
enum Made {
    Field {
        has_alias: bool,
        inner: Vec<Made>,
    },
    Inline(Vec<Made>),
    /// One of the fragments that come later.
    Spread(usize),
}

fn made() -> impl Strategy<Value = Vec<Made>> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(|has_alias| Made::Field { has_alias, inner: Vec::new() }),
        any::<usize>().prop_map(Made::Spread),
    ];
    let selection = leaf.prop_recursive(3, 12, 3, |inner| {
        let inner = vec(inner, 1..3);
        prop_oneof![
            (any::<bool>(), inner.clone()).prop_map(|(has_alias, inner)| Made::Field { has_alias, inner }),
            inner.prop_map(Made::Inline),
        ]
    });
    vec(selection, 1..4)
}

/// The text of a set in fragment `place`; it spreads only later ones, so nothing is a circle.
fn written(set: &[Made], place: usize, fragments: usize) -> String {
    let part = |made: &Made| match made {
        Made::Field { has_alias, inner } => {
            let alias = if *has_alias { "a: " } else { "" };
            format!("{alias}f {}", if inner.is_empty() { String::new() } else { written(inner, place, fragments) })
        }
        Made::Inline(inner) => format!("... on T {}", written(inner, place, fragments)),
        Made::Spread(any) if place < fragments => format!("...F{}", place + any % (fragments - place)),
        Made::Spread(_) => "f".to_owned(),
    };
    format!("{{ {} }}", set.iter().map(part).collect::<Vec<_>>().join(" "))
}

/// Depth, nesting, aliases, fields of the set itself, and selections, all written out.
fn naive(document: &ExecutableDocument, set: &SelectionSet) -> [u64; 5] {
    let mut sum = [0; 5];
    for selection in &set.items {
        let inner = match &selection.node {
            Selection::Field(field) => {
                let [depth, nesting, aliases, _, selections] = naive(document, &field.node.selection_set.node);
                [depth + 1, nesting, aliases + u64::from(field.node.alias.is_some()), 1, selections]
            }
            Selection::InlineFragment(fragment) => naive(document, &fragment.node.selection_set.node),
            Selection::FragmentSpread(spread) => {
                let fragment = &document.fragments[&spread.node.fragment_name.node];
                naive(document, &fragment.node.selection_set.node)
            }
        };
        sum[0] = sum[0].max(inner[0]);
        sum[1] = sum[1].max(inner[1] + 1);
        sum[2] += inner[2];
        sum[3] += inner[3];
        sum[4] += inner[4] + 1;
    }
    sum
}

proptest! {
    #[test]
    fn as_many_as_when_written_out(sets in vec(made(), 1..6)) {
        let fragments = sets.len() - 1;
        let mut text = written(&sets[0], 0, fragments);
        for (index, set) in sets[1..].iter().enumerate() {
            write!(text, " fragment F{index} on T {}", written(set, index + 1, fragments)).unwrap();
        }
        let document = parse_query(&text).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        let measure = Measure::of(&document).unwrap();
        let counted = [measure.depth, measure.nesting, measure.aliases, measure.root_fields, measure.selections];
        prop_assert_eq!(counted, naive(&document, &operation.node.selection_set.node), "{}", text);
    }
}

#[test]
fn operations_are_added_up_but_for_their_depth_and_width() {
    let text = "query A { a: f { f } f @skip(if: true) } query B @x @y { ...F } fragment F on T { f { f { f } } }";
    let measure = Measure::of(&parse_query(text).unwrap()).unwrap();
    let expected = Measure {
        depth: 3,
        nesting: 4,
        aliases: 1,
        root_fields: 2,
        selections: 7,
        directives: 3,
        directives_together: 2,
    };
    assert_eq!(measure, expected);
}

#[test]
fn circles_are_found_wherever_they_are() {
    for text in [
        "{ ...A } fragment A on T { f { ...A } }",
        "{ f } fragment A on T { ...B } fragment B on T { ... on T { ...A } }",
    ] {
        let refusal = Measure::of(&parse_query(text).unwrap()).unwrap_err();
        assert_eq!(refusal.code(), "GRAPHQL_VALIDATION_FAILED", "{text}");
    }
}
