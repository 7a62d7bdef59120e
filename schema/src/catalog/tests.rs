//! The catalogue: sound, and every mistake named with its file.

use super::*;

fn problems(files: &[(&str, &str)]) -> Vec<String> {
    let files: Vec<_> = files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    Catalog::load(&files).map_or_else(|problems| problems, |_| Vec::new())
}

const HEAD: &str = "plural = \"things\"\nroot = \"things\"\npath = \"/thing\"\nfamily = \"B\"\n";

#[test]
fn the_catalogue_is_sound() {
    assert_eq!(checked().err(), None);
    assert!(!catalog().resources.is_empty());
}

#[test]
fn every_mistake_is_named() {
    let bad = format!(
        "{HEAD}search = [\"nowhere\"]\n[fields]\nname = {{ ref = \"Nothing\" }}\nsize = {{ type = \"number\", min = 2, max = 1 }}\n\
         color = {{ one_of = [\"red\"], default = \"blue\" }}\ncode = {{ pattern = \"[\" }}\nlist = {{ column = \"x\" }}\n"
    );
    let found =
        problems(&[("thing.toml", &bad), ("other.toml", "plural = 1"), ("third.toml", &format!("{HEAD}[fields]\n"))]);
    let all = found.join("\n");
    for wanted in [
        "other.toml:1:",
        "Thing: nowhere is no plain field",
        "Thing: name refers to Nothing",
        "Thing: size: min is greater",
        "Thing: color: the default",
        "Thing: code:",
        "Thing: list names a column",
        "Third: the root field things is there already",
        "Third: the path /thing is there already",
    ] {
        assert!(all.contains(wanted), "{wanted}\n{all}");
    }
}

#[test]
fn an_unknown_word_is_a_mistake() {
    let found = problems(&[("thing.toml", &format!("{HEAD}colour = 1\n[fields]\n"))]);
    assert!(found[0].contains("colour"), "{found:?}");
}
