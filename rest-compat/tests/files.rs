//! The operation files against the schema, and files that are wrong.

use groupgraph_rest_compat::{
    Catalog,
    sources::{self, Sources},
};

const SDL: &str = include_str!("../../schema/schema.graphql");

#[test]
fn all_files_fit_the_schema() {
    if let Err(problems) = Catalog::check(SDL, &sources::embedded()) {
        panic!("\n{problems}");
    }
}

#[test]
fn each_endpoint_says_what_it_is_for() {
    let catalog = Catalog::check(SDL, &sources::embedded()).expect("the files fit the schema");
    for endpoint in catalog.systems.iter().flat_map(|system| &system.endpoints) {
        assert!(endpoint.summary.ends_with('.'), "{}: begin with a comment that is a sentence", endpoint.name);
    }
}

const SYSTEM: &str = "title = 'T'\ndescription = 'D'\nprefix = '/t'\nstyle = 'boom'\n";

fn problems(operation: &str) -> String {
    let sources: Sources = [("t/system.toml", SYSTEM), ("t/deal/get.graphql", operation)]
        .map(|(path, text)| (path.into(), text.into()))
        .into();
    Catalog::check(SDL, &sources).map_or_else(|problems| problems.to_string(), |_| String::new())
}

#[test]
fn all_problems_are_listed_by_file_and_line() {
    let found = problems(
        "query A($id: Int!, $x: Nothing) @rest(method: GET, path: \"/deals/{id}\") {\n  deal(by: { number: $id }) {\n    titel\n    \
         status @as(form: LOUD)\n  }\n}",
    );
    let lines: Vec<&str> = found.lines().collect();
    assert!(lines.iter().any(|line| line.starts_with("t/deal/get.graphql:1: ") && line.contains("Nothing")), "{found}");
    assert!(lines.iter().any(|line| line.starts_with("t/deal/get.graphql:3: ") && line.contains("titel")), "{found}");
    assert!(lines.iter().any(|line| line.starts_with("t/deal/get.graphql:4: ") && line.contains("LOUD")), "{found}");
}

#[test]
fn what_graphql_allows_may_still_be_wrong() {
    let cases = [
        ("query A { roles { name } }", "no @rest"),
        ("query A @rest(method: GET, path: \"/{id}\") { roles { name } }", "No variable takes {id}"),
        (
            "query A @rest(method: GET, path: \"/a\") { roles { name @as(form: WORD, words: \"X\") } }",
            "no table words.X",
        ),
        ("query A @rest(method: GET, path: \"/a\") { roles @as(form: SPREAD) { name } }", "a list cannot be spread"),
        (
            "query A @rest(method: GET, path: \"/a\") { roles @as(form: PICK) { name number } }",
            "PICK takes the only member",
        ),
        ("query A @rest(method: GET, path: \"/a\", failures: \"x\") { roles { name } }", "no table failures.x"),
        (
            "query A @rest(method: GET, path: \"/a\") { viewer @as(form: SPREAD) { unitsAchieved } unitsAchieved: roles { name } }",
            "two members unitsAchieved",
        ),
        (
            "query A($x: Int!) @rest(method: GET, path: \"/a/{x}\") { team(by: {number: $x}) { name } }\n\
             query B($y: Int!) @rest(method: GET, path: \"/a/{y}\") { team(by: {number: $y}) { name } }",
            "A and B have the same route",
        ),
    ];
    for (operation, expected) in cases {
        let found = problems(operation);
        assert!(found.contains(expected), "{operation}\n{found}");
    }
}
