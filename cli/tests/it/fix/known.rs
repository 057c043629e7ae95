//! `harden fix` in a project with a baseline.

use std::fs;

use super::{DEPLOYMENT, FEW, fix};
use crate::support::*;

/// A project all of whose findings are in its baseline.
fn project() -> tempfile::TempDir {
    let folder = folder(&[("web.yaml", DEPLOYMENT)]);
    let args = ["check", "--settings-json", FEW, "--write-baseline", "--baseline", "known.json", "web.yaml"];
    assert_eq!(harden(folder.path(), &args).code, 0);
    folder
}

#[test]
fn b5_known_findings_do_not_fail_a_fix() {
    let folder = project();
    let run = fix(folder.path(), &["--baseline", "known.json", "web.yaml"]);
    assert!(run.out.contains("2 fixed in 1 of 1 file, 0 left and 1 known"), "they may be fixed: {}", run.out);
    assert_eq!(run.code, 0, "{}", run.out);
    assert!(!run.out.contains("[image-tag]"), "{}", run.out);

    let new = DEPLOYMENT.replace("name: web   #", "name: other   #");
    fs::write(folder.path().join("web.yaml"), new).unwrap();
    let run = fix(folder.path(), &["--baseline", "known.json", "web.yaml"]);
    assert!(run.code == 1 && run.out.contains("1 left\n"), "the image of another container is new: {}", run.out);
    assert_eq!(fix(folder.path(), &["--baseline", "nowhere.json", "web.yaml"]).code, 2);
}

#[test]
fn b5_so_do_those_of_the_configurations_baseline() {
    let folder = project();
    assert_eq!(fix(folder.path(), &["web.yaml"]).code, 1);
    fs::write(folder.path().join("harden.yaml"), "baseline: known.json\n").unwrap();
    let run = fix(folder.path(), &["web.yaml"]);
    assert!(run.code == 0 && run.out.contains("0 left and 1 known"), "{}", run.out);
}
