//! The files of all systems, inside the binary. It must not know what is in them.

use std::{collections::BTreeMap, path::Path};

use rust_embed::Embed;

#[derive(Embed)]
#[folder = "systems"]
struct Files;

/// Files by path, such as `havosoft/lead/list.graphql`.
pub type Sources = BTreeMap<String, String>;

/// The files that were there when the program was built.
#[must_use]
pub fn embedded() -> Sources {
    let read = |path: &str| {
        let content = Files::get(path).map(|file| String::from_utf8_lossy(&file.data).into_owned());
        content.unwrap_or_default()
    };
    let is_ours = |path: &str| Path::new(path).extension().is_some_and(|kind| kind == "graphql" || kind == "toml");
    Files::iter().filter(|path| is_ours(path)).map(|path| (path.to_string(), read(&path))).collect()
}
