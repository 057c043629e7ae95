//! `harden.yaml`, with the real binary.

use crate::support::*;

/// A pod with everything written but a privileged container and a bad tag.
const POD: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: app
      image: ghcr.io/org/app:latest
      securityContext:
        privileged: true
";

const BASELINE: &str = "profile: baseline\n";

#[test]
fn it_is_found_upwards_and_not_judged_itself() {
    let folder = folder(&[("harden.yaml", BASELINE), ("deploy/web/pod.yaml", POD)]);
    for path in ["deploy/web/pod.yaml", "deploy", "."] {
        let run = harden(folder.path(), &["check", path]);
        assert_eq!(run.code, 1, "{}{}", run.out, run.err);
        assert!(run.out.contains("1 violation in 1 of 1 workload; 1 file read"), "{path}: {}", run.out);
    }
    let inside = harden_with_stdin(&folder.path().join("deploy"), &["check", "-"], POD);
    assert!(inside.out.contains("1 violation in"), "{}", inside.out);
    let without = harden(folder.path(), &["check", "--no-config", "deploy"]);
    assert!(without.out.contains("error[image-tag]") && without.out.contains("[seccomp-profile]"), "{}", without.out);
}

#[test]
fn a_bad_key_is_shown_where_it_stands() {
    for (config, message) in [
        ("profile: baseline\nfailon: high\n", "harden.yaml:2:1: failon: unknown setting"),
        (
            "rules:\n  image-tag:\n    requireDigest: sure\n",
            "harden.yaml:3:5: rules.image-tag.requireDigest: must be true or false",
        ),
        (
            "overrides:\n  - paths: [x]\n    rules:\n      image-tag: maybe\n",
            "rules.image-tag: must be an object of settings",
        ),
        ("a: b: c\n", "is not valid YAML"),
        ("profile: baseline\n---\nprofile: baseline\n", "a second document"),
    ] {
        let folder = folder(&[("harden.yaml", config), ("pod.yaml", POD), ("x", POD)]);
        let run = harden(folder.path(), &["check", "pod.yaml", "x"]);
        assert_eq!(run.code, 2, "{}", run.out);
        assert!(run.err.contains(message), "{config}: {}", run.err);
    }
}

#[test]
fn overrides_exclude_and_threshold_hold_for_their_files() {
    let config = "\
profile: baseline
exclude: [generated/]
overrides:
  - paths: [vendor/]
    reason: not ours
    rules: {privileged: warn}
";
    let files = [("harden.yaml", config), ("vendor/pod.yaml", POD), ("generated/pod.yaml", POD)];
    let folder = folder(&files);
    let run = harden(folder.path(), &["check", "."]);
    assert_eq!(run.code, 0, "{}", run.out);
    assert!(run.out.contains("warning[privileged]") && run.out.contains("1 file read"), "{}", run.out);
    assert_eq!(harden(folder.path(), &["check", "--fail-on", "warning", "."]).code, 1);
    assert_eq!(harden(folder.path(), &["check", "generated/pod.yaml"]).code, 1, "a file that is named is judged");
    let high = harden(folder.path(), &["check", "--no-config", "--fail-on", "critical", "generated"]);
    assert!(high.out.contains("error[privileged]") && high.out.contains("warning[image-tag]"), "{}", high.out);
}

#[test]
fn the_command_line_wins() {
    let folder = folder(&[("harden.yaml", "profile: privileged\n"), ("pod.yaml", POD)]);
    assert_eq!(harden(folder.path(), &["check", "pod.yaml"]).code, 0);
    assert_eq!(harden(folder.path(), &["check", "--profile", "baseline", "pod.yaml"]).code, 1);
    assert_eq!(harden(folder.path(), &["check", "--settings-json", r#"{"profile":"baseline"}"#, "pod.yaml"]).code, 1);
    let bad = harden(folder.path(), &["check", "--profile", "strict", "pod.yaml"]);
    assert_eq!(bad.code, 2);
    assert!(bad.err.contains("must be one of: hardening, privileged, baseline, restricted"), "{}", bad.err);
}

#[test]
fn fix_takes_the_configuration() {
    let folder = folder(&[("harden.yaml", "rules: {resources: false}\n"), ("pod.yaml", POD)]);
    let run = harden(folder.path(), &["fix", "--diff", "pod.yaml"]);
    assert!(
        run.out.contains("+") && !run.out.contains("resources") && !run.err.contains("resources"),
        "{}{}",
        run.out,
        run.err
    );
}

#[test]
fn outputs_are_written_where_they_should() {
    let config = "outputs:\n  - format: text\n  - {format: json, path: reports/harden.json}\n";
    let folder = folder(&[("harden.yaml", config), ("deploy/pod.yaml", POD)]);
    let run = harden(folder.path(), &["check", "deploy"]);
    assert!(run.out.contains("error[privileged]"), "{}", run.out);
    let read = |path: &str| std::fs::read_to_string(folder.path().join(path)).unwrap();
    let report: serde_json::Value = serde_json::from_str(&read("reports/harden.json")).unwrap();
    assert_eq!(report["summary"]["errors"].as_u64().unwrap() as usize, report["findings"].as_array().unwrap().len());
    let run = harden(folder.path(), &["check", "--format", "json=a.json", "--format", "text", "deploy"]);
    assert!(run.out.contains("error[privileged]") && read("a.json").starts_with('{'), "{}", run.out);
    let unwritable = harden(folder.path(), &["check", "--format", "json", "-o", "deploy", "deploy"]);
    assert_eq!(unwritable.code, 2);
    assert!(unwritable.err.contains("cannot write report `deploy`"), "{}", unwritable.err);
}

#[test]
fn a_further_policy_judges_besides() {
    let config =
        "profile: privileged\npolicies:\n  - module: privileged.wasm\n    settings: {requireExplicit: false}\n";
    let folder = folder(&[("harden.yaml", config), ("pod.yaml", POD)]);
    std::fs::copy(project("dist/privileged.wasm"), folder.path().join("privileged.wasm")).unwrap();
    let run = harden(folder.path(), &["check", "pod.yaml"]);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    assert!(run.out.contains("error[privileged]") && run.out.contains("1 violation in"), "{}", run.out);
}
