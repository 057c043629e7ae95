//! What the reports promise of a fix, the fix does: both make the same edits by the same means.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::*;

/// The cells of the matrix that are clean, and those that will be after a fix.
fn clean(folder: &Path, args: &[&str]) -> (usize, usize) {
    let run = harden(folder, &[&["check", "--format", "matrix"], args, &["pod.yaml"]].concat());
    // `11 of 17 cells clean (64 %); 14 (82 %) after `harden fix``
    let line = run.out.lines().find(|line| line.contains(" cells clean")).unwrap_or_else(|| panic!("{}", run.out));
    let number = |text: &str| text.split(' ').next().unwrap().parse::<usize>().unwrap();
    (number(line), line.split_once("; ").map_or_else(|| number(line), |(_, after)| number(after)))
}

/// The rules whose results carry a fix in SARIF.
fn offered(folder: &Path, args: &[&str]) -> Vec<(String, String)> {
    let run = harden(folder, &[&["check", "--format", "sarif"], args, &["pod.yaml"]].concat());
    let log: Value = serde_json::from_str(&run.out).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap().iter().filter(|result| result.get("fixes").is_some());
    results.map(|result| (result["ruleId"].as_str().unwrap().to_owned(), result["fixes"].to_string())).collect()
}

fn keeps_its_promise(files: &[(&str, &str)], args: &[&str]) -> (String, Vec<(String, String)>) {
    let folder = folder(files);
    let offered = offered(folder.path(), args);
    let (before, promised) = clean(folder.path(), args);
    let run = harden(folder.path(), &[&["fix"], args, &["pod.yaml"]].concat());
    let (after, still) = clean(folder.path(), args);
    assert_eq!((after, still), (promised, promised), "{before} before\n{}", run.out);
    (fs::read_to_string(folder.path().join("pod.yaml")).unwrap(), offered)
}

/// Review of the command line, bug 2: what a mutating rule hides from a check is no reason to promise more.
#[test]
fn a_rule_that_may_overwrite_promises_nothing() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n    - name: app\n      \
               image: a/b:1\n      securityContext: {privileged: true}\n";
    for action in ["{action: mutate, overwrite: true}", "{action: mutate}"] {
        let config = format!("rules: {{privileged: {action}}}\n");
        let (text, offered) = keeps_its_promise(&[("pod.yaml", pod), ("harden.yaml", &config)], &[]);
        assert!(text.contains("privileged: true"), "{text}");
        assert!(offered.iter().all(|(rule, _)| rule != "allow-privilege-escalation"), "{action}: {offered:?}");
        assert!(!text.contains("allowPrivilegeEscalation"), "the API server refuses it: {text}");
    }
}

/// Bug 3: ids of a Dockerfile, and a context that an anchor shares.
#[test]
fn what_a_fix_can_is_promised() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n    - {name: a, image: app:1, \
               securityContext: &sc {privileged: false}}\n    - {name: b, image: app:1, securityContext: *sc}\n";
    let files = [("pod.yaml", pod), ("Dockerfile", "FROM alpine:3\nUSER 1000:1000\n")];
    let (text, offered) = keeps_its_promise(&files, &["--dockerfile", "app=Dockerfile"]);
    assert!(text.contains("runAsUser: 1000") && text.contains("allowPrivilegeEscalation: false"), "{text}");
    for rule in ["run-as-user", "allow-privilege-escalation", "capabilities", "read-only-root-filesystem"] {
        assert_eq!(
            offered.iter().filter(|(known, _)| known == rule).count(),
            if rule == "run-as-user" { 4 } else { 2 }
        );
    }
}

/// A field of the wrong type is named, and does not keep the rest from being fixed.
#[test]
fn a_field_of_the_wrong_type_is_named_and_the_rest_is_fixed() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n    - name: app\n      \
               image: a/b:1\n      securityContext:\n        privileged: \"false\"\n";
    let folder = folder(&[("pod.yaml", pod)]);
    let run = harden(folder.path(), &["fix", "pod.yaml"]);
    let text = fs::read_to_string(folder.path().join("pod.yaml")).unwrap();
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(run.out.contains("privileged is the string \"false\", must be true or false"), "{}", run.out);
    assert!(text.starts_with(pod) && text.contains("allowPrivilegeEscalation: false"), "{text}");
}
