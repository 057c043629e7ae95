//! `harden schema`, with the real binary.

use std::path::Path;

use crate::support::*;

#[test]
fn the_schemas_are_those_that_are_published() {
    for (args, file) in [
        (&["schema"][..], "harden"),
        (&["schema", "harden.yaml"], "harden"),
        (&["schema", "harden-test.yaml"], "harden-test"),
        (&["schema", "harden.lock"], "lock"),
        (&["schema", "report"], "report"),
        (&["schema", "try"], "try"),
        (&["schema", "user"], "user"),
    ] {
        let run = harden(Path::new("."), args);
        let published = std::fs::read_to_string(project(&format!("docs/{file}.schema.json"))).unwrap();
        assert_eq!((run.code, run.err.as_str(), run.out), (0, "", published), "{args:?}");
    }
    let unknown = harden(Path::new("."), &["schema", "pod"]);
    assert!(unknown.code == 2 && unknown.err.contains("harden-test.yaml"), "{}", unknown.err);
}
