//! `--rule`: judging and fixing by some of the rules only.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::support::*;

/// Judges the examples with these options; gives the rules of the findings.
fn found(folder: &Path, args: &[&str]) -> (i32, BTreeSet<String>) {
    let run = harden(folder, &[&["check", "--format", "json"], args].concat());
    let report: Value = serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {}", run.err));
    let findings = report["findings"].as_array().unwrap().iter();
    (run.code, findings.map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect())
}

fn rules(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(ToString::to_string).collect()
}

#[test]
fn only_the_rules_that_are_named_judge() {
    let examples = examples();
    let folder = examples.as_path();
    let every = found(folder, &["--no-config", "insecure"]).1;
    assert!(every.len() > 8, "{every:?}");
    for rule in ["privileged", "seccomp-profile", "resources"] {
        assert_eq!(found(folder, &["--no-config", "--rule", rule, "insecure"]), (1, rules(&[rule])));
    }
    let two = ["--no-config", "--rule", "privileged", "--rule", "image-tag", "insecure"];
    assert_eq!(found(folder, &two), (1, rules(&["image-tag", "privileged"])));
    assert_eq!(found(folder, &["--no-config", "--rule", "privileged", "hardened"]), (0, rules(&[])));
    // One that the profile does not have is asked for all the same.
    let beyond = ["--no-config", "--profile", "baseline", "--rule", "read-only-root-filesystem", "insecure"];
    assert_eq!(found(folder, &beyond), (1, rules(&["read-only-root-filesystem"])));
    let settings = ["--no-config", "--settings-json", r#"{"warn": "restricted"}"#, "--rule", "privileged", "insecure"];
    assert_eq!(found(folder, &settings), (1, rules(&["privileged"])));
}

#[test]
fn rules_may_be_a_list() {
    let folder = folder(&[("pod.yaml", PRIVILEGED)]);
    let list = found(folder.path(), &["--rule", "privileged,resources", "pod.yaml"]);
    assert_eq!(list, found(folder.path(), &["--rule", "privileged", "--rule", "resources", "pod.yaml"]));
    assert_eq!(list, (1, rules(&["privileged", "resources"])));
    let run = harden(folder.path(), &["check", "--rule", "privileged,resorces", "pod.yaml"]);
    assert!(run.code == 2 && run.err.contains("there is no rule resorces, did you mean resources?"), "{}", run.err);
}

#[test]
fn the_settings_of_the_rule_and_of_overrides_hold() {
    let files = [
        ("pod.yaml", PRIVILEGED),
        ("old/pod.yaml", PRIVILEGED),
        ("harden.yaml", "rules: {privileged: warn}\noverrides:\n  - {paths: [old/], rules: {privileged: false}}\n"),
    ];
    let folder = folder(&files);
    let (code, found) = found(folder.path(), &["--rule", "privileged", "."]);
    // Asked for by name, it judges where the configuration switches it off, too.
    assert_eq!((code, found), (1, rules(&["privileged"])));
    let run = harden(folder.path(), &["check", "--rule", "privileged", "pod.yaml"]);
    assert!(run.code == 0 && run.out.contains("warning[privileged]"), "{}", run.out);
}

#[test]
fn only_the_rules_that_are_named_fix() {
    let folder = folder(&[("pod.yaml", PRIVILEGED)]);
    let run = harden(folder.path(), &["fix", "--rule", "seccomp-profile", "pod.yaml"]);
    let fixed = std::fs::read_to_string(folder.path().join("pod.yaml")).unwrap();
    assert_eq!(run.code, 0, "{}", run.out);
    let added: Vec<&str> =
        fixed.lines().filter(|line| !PRIVILEGED.lines().any(|old| old == *line)).map(str::trim).collect();
    assert_eq!(added, ["securityContext:", "seccompProfile:", "type: RuntimeDefault"], "{fixed}");
    assert!(PRIVILEGED.lines().all(|line| fixed.lines().any(|new| new == line)), "{fixed}");
}

#[test]
fn what_concerns_other_rules_is_not_said_to_be_unused() {
    let text = format!("# harden: ignore[privileged] needed by the driver\n{PRIVILEGED}");
    let folder = folder(&[("pod.yaml", text.as_str())]);
    let clean = harden(folder.path(), &["check", "pod.yaml"]);
    assert!(!clean.out.contains("unused-suppression"), "{}", clean.out);
    let baseline = ["check", "--baseline", "known.json"];
    assert_eq!(harden(folder.path(), &[&baseline[..], &["--write-baseline", "pod.yaml"]].concat()).code, 0);
    let run = harden(folder.path(), &[&baseline[..], &["--rule", "host-namespaces", "pod.yaml"]].concat());
    assert!(run.code == 0 && !run.out.contains("warning"), "{}{}", run.out, run.err);
    let run =
        harden(folder.path(), &[&baseline[..], &["--rule", "privileged", "--write-baseline", "pod.yaml"]].concat());
    assert!(run.code == 2 && run.err.contains("cannot be used with"), "{}", run.err);
    // A Dockerfile is compared by a rule of its own.
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("Dockerfile", "FROM scratch\nUSER 1000\n");
    write("harden.yaml", "dockerfiles: [{image: nosuch, path: Dockerfile}]\n");
    let run = harden(folder.path(), &["check", "--rule", "host-namespaces"]);
    assert!(run.code == 0 && !run.out.contains("warning"), "{}{}", run.out, run.err);
    // It is shown by its path from here.
    let run = harden(folder.path(), &["check", "--rule", "dockerfile-user"]);
    assert!(run.out.contains("is built from Dockerfile: ") && run.out.contains(" --> harden.yaml:1:"), "{}", run.out);
}

#[test]
fn f17_every_rule_of_a_finding_is_explained() {
    let known = lint::own_rules::OWN_RULES.iter().map(|rule| rule.id).chain(lint::config::known_ids());
    for rule in known {
        let run = harden(Path::new("."), &["explain", rule]);
        assert!(run.code == 0 && run.out.starts_with(&format!("# {rule}: ")), "{rule}: {}{}", run.out, run.err);
    }
    let run = harden(Path::new("."), &["explain", "unused-supression"]);
    assert!(run.err.contains("did you mean unused-suppression?"), "{}", run.err);
}

#[test]
fn an_unknown_rule_is_an_error() {
    let folder = folder(&[("pod.yaml", PRIVILEGED)]);
    for command in ["check", "fix", "matrix"] {
        let run = harden(folder.path(), &[command, "--rule", "seccomp-profil", "pod.yaml"]);
        assert_eq!(run.code, 2, "{command}: {}", run.out);
        assert!(run.err.contains("there is no rule seccomp-profil, did you mean seccomp-profile?"), "{}", run.err);
    }
    assert_eq!(std::fs::read_to_string(folder.path().join("pod.yaml")).unwrap(), PRIVILEGED);
}
