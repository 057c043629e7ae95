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

/// How many findings a check says that a fix repairs, and how many it repairs.
fn promised_and_fixed(folder: &Path, args: &[&str]) -> (usize, usize) {
    let check = harden(folder, &[&["check"], args].concat()).out;
    let fix = harden(folder, &[&["fix"], args].concat()).out;
    let number = |text: &str, end: &str| {
        let (before, _) = text.split_once(end)?;
        before.rsplit(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    };
    (number(&check, " of them fixed by").unwrap_or(0), number(&fix, " fixed in ").unwrap_or_else(|| panic!("{fix}")))
}

const TWO: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n    - name: a\n      image: a/b:1\n    \
                   # harden: ignore[seccomp-profile] it runs on another node\n    - name: b\n      image: a/b:1\n";

/// Another policy's own settings decide what it repairs; where a built-in rule wants the same, that is done.
#[test]
fn what_another_policy_lists_is_no_promise() {
    for (config, expected) in [
        ("profile: privileged\npolicies: [{module: p.wasm}]\n", 0),
        ("rules: {image-tag: false}\npolicies: [{module: p.wasm}]\n", 11),
    ] {
        let folder = folder(&[("pod.yaml", TWO), ("harden.yaml", config)]);
        fs::copy(project("dist/allow-privilege-escalation.wasm"), folder.path().join("p.wasm")).unwrap();
        assert_eq!(promised_and_fixed(folder.path(), &["pod.yaml"]), (expected, expected), "{config}");
    }
    let folder = folder(&[(
        "pod.yaml",
        &TWO.replace("name: b\n", "name: b\n      securityContext: {allowPrivilegeEscalation: true}\n"),
    )]);
    let policy = project("dist/allow-privilege-escalation.wasm").display().to_string();
    let run = harden(folder.path(), &["fix", "--policy", &policy, "pod.yaml"]);
    for why in
        ["` repairs it with `action: mutate` in its", "` repairs it with `action: mutate` and `overwrite: true` in its"]
    {
        assert!(run.code == 1 && run.out.contains(why), "{why}: {}", run.out);
    }
    assert_eq!(promised_and_fixed(folder.path(), &["--policy", &policy, "pod.yaml"]), (0, 0));
}

#[test]
fn warnings_are_repaired_as_promised() {
    let config = "profile: baseline\nwarn: restricted\nrules: {read-only-root-filesystem: warn}\n";
    let folder = folder(&[("pod.yaml", TWO), ("harden.yaml", config)]);
    let (promised, fixed) = promised_and_fixed(folder.path(), &["pod.yaml"]);
    assert!(promised == fixed && fixed > 8, "{promised} {fixed}");
}

#[test]
fn what_is_beside_a_suppressed_container_is_repaired_as_promised() {
    let folder = folder(&[("pod.yaml", TWO)]);
    assert_eq!(promised_and_fixed(folder.path(), &["--rule", "seccomp-profile", "pod.yaml"]), (1, 1));
    let text = fs::read_to_string(folder.path().join("pod.yaml")).unwrap();
    let (first, second) = text.split_once("# harden").unwrap();
    assert!(first.contains("RuntimeDefault") && !second.contains("RuntimeDefault"), "{text}");
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
