//! Suppressions and baselines, with the real binary.

use crate::support::*;

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: app
      image: ghcr.io/org/app:1
      securityContext:
        privileged: true # harden: ignore[privileged] until=2027-01-31 needs the host's devices
";

fn pod(change: impl Fn(String) -> String) -> String {
    change(POD.to_owned())
}

#[test]
fn a_suppressed_finding_does_not_fail_until_it_expires() {
    let folder = folder(&[("pod.yaml", POD)]);
    let check = |day: &str, args: &[&str]| {
        harden(folder.path(), &[&["check", "--profile", "baseline", "--today", day], args, &["pod.yaml"]].concat())
    };
    let run = check("2026-11-24", &[]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("no violations in 1 workload") && run.out.contains("1 suppressed"), "{}", run.out);
    let json: serde_json::Value = serde_json::from_str(&check("2026-11-24", &["--format", "json"]).out).unwrap();
    assert_eq!(json["findings"][0]["muted"]["reason"], "needs the host's devices");
    assert_eq!(json["findings"][0]["muted"]["line"], 10);
    let late = check("2027-02-01", &[]);
    assert_eq!(late.code, 1);
    assert!(
        late.out.contains("warning[expired-suppression]") && late.out.contains("error[privileged]"),
        "{}",
        late.out
    );
    assert_eq!(check("soon", &[]).code, 2);
}

#[test]
fn a_suppression_without_a_reason_holds_nothing_and_fails() {
    let text = pod(|pod| pod.replace(" until=2027-01-31 needs the host's devices", ""));
    let folder = folder(&[("pod.yaml", &text)]);
    let run = harden(folder.path(), &["check", "--profile", "baseline", "pod.yaml"]);
    assert_eq!(run.code, 1);
    assert!(run.out.contains("error[invalid-suppression]") && run.out.contains("error[privileged]"), "{}", run.out);
    assert!(run.out.contains("--> pod.yaml:10:26"), "{}", run.out);
}

#[test]
fn an_unused_suppression_is_a_warning() {
    let text = pod(|pod| pod.replace("privileged: true", "privileged: false"));
    let folder = folder(&[("pod.yaml", &text)]);
    let run = harden(folder.path(), &["check", "--profile", "baseline", "--today", "2026-11-24", "pod.yaml"]);
    assert_eq!(run.code, 0);
    assert!(run.out.contains("warning[unused-suppression]"), "{}", run.out);
    let strict = ["check", "--profile", "baseline", "--fail-on", "warning", "--today", "2026-11-24", "pod.yaml"];
    assert_eq!(harden(folder.path(), &strict).code, 1);
}

#[test]
fn an_annotation_for_a_container_that_is_not_there_says_so() {
    let annotation = |name: &str| {
        PRIVILEGED.replace(
            "  name: web\n",
            &format!("  name: web\n  annotations: {{harden/ignore.privileged.{name}: it must}}\n"),
        )
    };
    for (name, expected) in [
        ("ap", "there is no container ap, did you mean app?"),
        ("nosuch", "there is no container nosuch, expected one of: app"),
    ] {
        let folder = folder(&[("pod.yaml", &annotation(name))]);
        let run = harden(folder.path(), &["check", "--format", "concise", "pod.yaml"]);
        assert!(
            run.out.contains(&format!("pod.yaml:5:17: warning[unused-suppression] Pod web: {expected}\n")),
            "{}",
            run.out
        );
    }
}

#[test]
fn the_policy_itself_honours_no_suppression() {
    let text = pod(|pod| pod.replace("name: web", "name: web\n  annotations:\n    harden/ignore.privileged: x"));
    let folder = folder(&[("pod.yaml", &text)]);
    assert_eq!(harden(folder.path(), &["check", "--profile", "baseline", "--today", "2026-11-24", "pod.yaml"]).code, 0);
    let policy = project("dist/privileged.wasm");
    let run = harden(folder.path(), &["run", policy.to_str().unwrap(), "--request-path", "pod.yaml"]);
    assert!(run.out.contains("\"allowed\":false"), "{}", run.out);
}

#[test]
fn a_baseline_keeps_known_findings_from_failing() {
    let plain = pod(|pod| pod.replace(" # harden: ignore[privileged] until=2027-01-31 needs the host's devices", ""));
    let folder = folder(&[("deploy/pod.yaml", &plain), ("harden.yaml", "profile: baseline\nbaseline: known.json\n")]);
    let harden = |args: &[&str]| harden(folder.path(), args);
    let missing = harden(&["check", "deploy"]);
    assert_eq!(missing.code, 2);
    assert!(
        missing.err.contains("cannot read baseline") && missing.err.contains("--write-baseline"),
        "{}",
        missing.err
    );
    let written = harden(&["check", "--write-baseline", "deploy"]);
    assert_eq!((written.code, written.out.as_str()), (0, ""));
    assert!(written.err.contains("wrote 1 finding to"), "{}", written.err);
    let known = harden(&["check", "deploy"]);
    assert_eq!(known.code, 0, "{}", known.out);
    assert!(known.out.contains("1 known from the baseline"), "{}", known.out);

    // Moved lines and another container before it make no new finding; the same in another file does.
    let moved =
        plain.replace("  containers:\n", "  containers:\n    - name: first\n      image: ghcr.io/org/first:1\n");
    std::fs::write(folder.path().join("deploy/pod.yaml"), format!("# moved\n{moved}")).unwrap();
    assert_eq!(harden(&["check", "deploy"]).code, 0);
    std::fs::write(folder.path().join("deploy/other.yaml"), &plain).unwrap();
    let more = harden(&["check", "deploy"]);
    assert!(more.code == 1 && more.out.contains("--> deploy/other.yaml"), "{}", more.out);
    std::fs::remove_file(folder.path().join("deploy/other.yaml")).unwrap();

    // One more of the same kind in the same container is new; what is gone is said.
    let host = plain.replace("spec:\n", "spec:\n  hostPID: true\n").replace("privileged: true", "privileged: false");
    std::fs::write(folder.path().join("deploy/pod.yaml"), &host).unwrap();
    let changed = harden(&["check", "deploy"]);
    assert_eq!(changed.code, 1);
    assert!(changed.out.contains("error[host-namespaces]"), "{}", changed.out);
    assert!(
        changed.out.contains(
            "warning[gone-from-baseline]: 1 known finding is gone, deploy/pod.yaml: Pod web, container app: [privileged]"
        ),
        "{}",
        changed.out
    );
    let pruned = harden(&["baseline", "prune", "deploy"]);
    assert!(
        pruned.code == 0 && pruned.out.ends_with("known.json: 1 known finding removed, 0 left\n"),
        "{}",
        pruned.out
    );
    assert!(!harden(&["check", "deploy"]).out.contains("gone-from-baseline"));
    std::fs::write(folder.path().join("known.json"), "{\"version\": 2, \"findings\": []}").unwrap();
    assert!(harden(&["check", "deploy"]).err.contains("version 2, not 1"));
}

#[test]
fn a_baseline_of_some_files_keeps_what_is_known_of_the_others() {
    let folder = folder(&[("a/pod.yaml", PRIVILEGED), ("b/pod.yaml", PRIVILEGED), ("c/pod.yaml", PRIVILEGED)]);
    let write = |paths: &[&str]| {
        let run = harden(folder.path(), &[&["check", "--baseline", "known.json", "--write-baseline"], paths].concat());
        assert_eq!(run.code, 0, "{}", run.err);
        let text = std::fs::read_to_string(folder.path().join("known.json")).unwrap();
        ["a", "b", "c"].map(|name| text.contains(&format!("\"{name}/pod.yaml\"")))
    };
    assert_eq!(write(&["a", "b", "c"]), [true; 3]);
    std::fs::remove_file(folder.path().join("c/pod.yaml")).unwrap();
    std::fs::write(folder.path().join("a/pod.yaml"), "# nothing\n").unwrap();
    assert_eq!(write(&["a"]), [false, true, false], "a has none any more, b was not looked at, c is gone");
    let check = harden(folder.path(), &["check", "--baseline", "known.json", "."]);
    assert_eq!(check.code, 0, "{}", check.out);
}
