//! What fuzzing has found, and where it begins: every input of the corpus does no harm.

#[path = "../../fuzz/src/lib.rs"]
mod targets;

use std::{fs, path::Path};

#[test]
fn the_corpus_does_no_harm() {
    for (name, run) in targets::TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
        let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let mut count = 0;
        for file in files {
            let path = file.expect("a file").path();
            println!("{}", path.display());
            run(&fs::read(&path).expect("readable"));
            count += 1;
        }
        assert!(count > 0, "{name} has no corpus");
    }
}
