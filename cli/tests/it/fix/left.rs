//! Lists what `harden fix` leaves of the insecure example, to the last finding, and that each of it needs a person.
//!
//! `left/PROFILE.txt` lists it (`BLESS=1` writes it, for a person to read): file, object, container, rule, and how
//! many of it; `unsafe` marks what replaces something that the author wrote.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::*;

/// Why no value can be written without asking: for each rule, what only a person knows.
const NEEDS_A_PERSON: [(&str, &str); 9] = [
    ("allow-privilege-escalation", "the API server refuses it beside `privileged: true` and SYS_ADMIN"),
    ("capabilities", "whether the program works without what it adds, and which one a misspelt name means"),
    ("host-path-volumes", "where the data are to live instead"),
    ("host-ports", "how the port is reached from then on"),
    ("image-tag", "which version"),
    ("resources", "how much the program takes"),
    ("run-as-non-root", "which user the program can run as, where the file says root"),
    ("run-as-user", "which ids the image and its volumes are made for"),
    ("volume-types", "where the data are to live instead"),
];

/// A copy of the insecure example.
fn insecure() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(examples().join("insecure")).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    folder
}

fn findings(folder: &Path, profile: &str) -> Vec<Value> {
    let run = harden(folder, &["check", "--profile", profile, "--format", "json", "."]);
    let mut report: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(report["problems"], serde_json::json!([]));
    serde_json::from_value(report["findings"].take()).unwrap()
}

/// Whether every edit that the rule knows replaces or removes what is written.
fn replaces(finding: &Value) -> bool {
    let edits = finding["fix"].as_array().unwrap();
    !edits.is_empty() && (!finding["found"].is_null() || edits.iter().any(|edit| edit["op"] == "remove"))
}

fn listed(findings: &[Value]) -> String {
    let mut lines: BTreeMap<String, usize> = BTreeMap::new();
    for finding in findings {
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let file = text(&finding["file"]);
        let object = [text(&finding["object"]["kind"]), text(&finding["object"]["name"])].join("/");
        let mark = if replaces(finding) { " unsafe" } else { "" };
        let (container, rule) = (text(&finding["container"]), text(&finding["rule"]));
        *lines.entry(format!("{} {object} {container} {rule}{mark}", file.trim_start_matches("./"))).or_default() += 1;
    }
    lines
        .into_iter()
        .map(|(line, count)| if count == 1 { line + "\n" } else { format!("{line} ({count})\n") })
        .collect()
}

fn only_what_needs_a_person_is_left(profile: &str) {
    let folder = insecure();
    let fixed = harden(folder.path(), &["fix", "--profile", profile, "."]);
    assert_eq!(fixed.code, 1, "{}{}", fixed.out, fixed.err);
    assert!(!fixed.out.contains("not edited") && !fixed.out.contains("not fixed"), "{}", fixed.out);

    let left = findings(folder.path(), profile);
    let path = project("cli/tests/it/fix/left").join(format!("{profile}.txt"));
    let actual = listed(&left);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &actual).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), actual, "{}: BLESS=1 writes it", path.display());

    let known = |rule: &Value| NEEDS_A_PERSON.iter().any(|(known, _)| rule == known);
    for finding in &left {
        assert_eq!(finding["fixable"], false, "{finding}");
        // The author decided otherwise, or nobody but a person knows a value.
        let has_no_fix = finding["fix"].as_array().unwrap().is_empty();
        assert!(replaces(finding) || (has_no_fix && known(&finding["rule"])), "{finding}");
    }
    // With leave to replace, nothing is left that a fix is known for.
    harden(folder.path(), &["fix", "--profile", profile, "--unsafe", "."]);
    for finding in findings(folder.path(), profile) {
        assert!(finding["fix"].as_array().unwrap().is_empty() && known(&finding["rule"]), "{finding}");
    }
}

#[test]
fn of_the_default_profile() {
    only_what_needs_a_person_is_left("hardening");
}

#[test]
fn of_the_restricted_standard() {
    only_what_needs_a_person_is_left("restricted");
}

#[test]
fn of_the_baseline_standard() {
    only_what_needs_a_person_is_left("baseline");
}

#[test]
fn the_default_profile_is_the_one_that_is_listed() {
    let (bare, named) = (insecure(), insecure());
    harden(bare.path(), &["fix", "."]);
    harden(named.path(), &["fix", "--profile", "hardening", "."]);
    for entry in fs::read_dir(bare.path()).unwrap() {
        let path = entry.unwrap().path();
        let other = named.path().join(path.file_name().unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), fs::read_to_string(other).unwrap(), "{}", path.display());
    }
}
