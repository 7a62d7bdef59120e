//! What is documented is served, but for lists that may only become shorter.

use std::{collections::BTreeSet, fs, path::Path};

use groupgraph::http::catalog;

fn lines(path: &str) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rest").join(path);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines().map(unnamed).collect()
}

/// Names of parameters do not matter.
fn unnamed(line: &str) -> String {
    let parts = line.trim().split('/').map(|part| if part.starts_with('{') { "{}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

#[test]
fn every_documented_path_is_served_or_listed_as_missing() {
    for system in &catalog().expect("the files are good").systems {
        let name = &system.name;
        let documented = lines(&format!("{name}/inventory.txt"));
        let uncovered = lines(&format!("{name}/uncovered.txt"));
        let route = |endpoint: &groupgraph_rest_compat::endpoint::Endpoint| {
            unnamed(&format!("{} {}", endpoint.method, endpoint.path))
        };
        let served: BTreeSet<String> = system.endpoints.iter().map(route).collect();
        let extra: Vec<_> = served.difference(&documented).collect();
        assert!(extra.is_empty(), "{name}: nobody documents {extra:?}");
        let missing: BTreeSet<String> = documented.difference(&served).cloned().collect();
        assert_eq!(missing, uncovered, "{name}: tests/rest/{name}/uncovered.txt must name what is not served yet");
    }
}
