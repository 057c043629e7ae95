//! Dockerfiles beside manifests, with the real binary.

use crate::support::*;

const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      securityContext:
        runAsUser: 1000
        runAsGroup: 1000
      containers:
        - name: app
          image: ghcr.io/org/app:1.2
        - name: own
          image: ghcr.io/org/app@sha256:0123456789012345678901234567890123456789012345678901234567890123
          securityContext:
            runAsUser: 2000
        - name: other
          image: ghcr.io/org/other:1
          securityContext:
            runAsUser: 3000
";

fn check(dockerfile: &str, args: &[&str]) -> Run {
    let folder = folder(&[("web.yaml", DEPLOYMENT), ("app/Dockerfile", dockerfile)]);
    let all = [&["check", "--profile", "privileged", "web.yaml"], args].concat();
    harden(folder.path(), &all)
}

const MAPPED: [&str; 2] = ["--dockerfile", "ghcr.io/org/app=app/Dockerfile"];

#[test]
fn the_ids_must_be_those_of_the_image() {
    let same = check("FROM alpine:3\nUSER 1000:1000\n", &MAPPED);
    assert_eq!(same.code, 1, "{}", same.out);
    assert!(same.out.contains("1 violation in"), "only the container that overrides: {}", same.out);
    assert!(
        same.out.contains("container \"own\": securityContext.runAsUser is 2000, but USER in app/Dockerfile:2 is 1000"),
        "{}",
        same.out
    );
    let other = check("FROM alpine:3\nUSER 1000:50\n", &MAPPED);
    assert!(other.out.contains("runAsGroup is 1000, but USER in app/Dockerfile:2 is 50"), "{}", other.out);
}

#[test]
fn root_names_and_silence_are_shown_in_the_dockerfile() {
    for (dockerfile, expected) in [
        ("FROM alpine:3\nUSER root\n", "error[dockerfile-user]: USER is root"),
        ("FROM alpine:3\nUSER 1000:0\n", "error[dockerfile-user]: USER is root"),
        ("FROM scratch\n", "error[dockerfile-user]: no USER: an image from scratch runs as root"),
        ("FROM alpine:3\nUSER app\n", "warning[dockerfile-user]: USER is \"app\", a name"),
        ("FROM alpine:3\n", "warning[dockerfile-user]: no USER: the image runs as whoever alpine:3 does"),
    ] {
        let run = check(dockerfile, &MAPPED);
        assert!(run.out.contains(expected) && run.out.contains("--> app/Dockerfile:"), "{dockerfile}: {}", run.out);
    }
}

#[test]
fn the_configuration_names_stages_and_args() {
    let config = "\
profile: privileged
dockerfiles:
  - image: ghcr.io/org/*
    path: app/Dockerfile
    target: run
    args: {ID: 2000}
";
    let dockerfile = "ARG ID=1\nFROM alpine AS run\nARG ID\nUSER ${ID}\nFROM alpine AS test\nUSER 0\n";
    let folder = folder(&[("web.yaml", DEPLOYMENT), ("app/Dockerfile", dockerfile), ("harden.yaml", config)]);
    let run = harden(folder.path(), &["check", "web.yaml"]);
    assert!(
        run.out.contains("securityContext.runAsUser is 1000, but USER in") && run.out.contains("is 2000"),
        "{}",
        run.out
    );
    assert!(run.out.contains("runAsUser is 3000, but USER in"), "{}", run.out);
    assert!(!run.out.contains("containers[1]"), "{}", run.out);
}

#[test]
fn what_cannot_be_read_is_an_error() {
    for (args, expected) in [
        (["--dockerfile", "app"], "write IMAGE=PATH"),
        (["--dockerfile", "app=missing"], "cannot read Dockerfile `missing`"),
        (["--dockerfile", "app=web.yaml"], "web.yaml:1:1: Dockerfile of app: expected FROM or ARG"),
    ] {
        let run = check("FROM a\n", &args);
        assert_eq!(run.code, 2);
        assert!(run.out.contains(expected) || run.err.contains(expected), "{}{}", run.out, run.err);
    }
}

#[test]
fn a_missing_dockerfile_is_an_error_at_its_line_of_the_configuration() {
    let config = "profile: privileged\ndockerfiles:\n  - image: ghcr.io/org/app\n    path: no/Dockerfile\n";
    let folder = folder(&[("harden.yaml", config), ("pod.yaml", BARE)]);
    for args in
        [&["check", "--format", "concise"][..], &["check", "--baseline", "known.json", "--write-baseline"], &["fix"]]
    {
        let run = harden(folder.path(), &[args, &["pod.yaml"]].concat());
        let said = run.out + &run.err;
        assert_eq!(run.code, 2, "{said}");
        for part in [
            "harden.yaml:4:5: dockerfiles[0].path: cannot read Dockerfile `no/Dockerfile`: No such file",
            "pod.yaml:8:14: ",
        ] {
            assert!(said.contains(part), "{args:?}: {part} is missing in:\n{said}");
        }
    }
}

/// Two containers of one image, one of another; the first has a user already.
const BARE: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: half
      image: ghcr.io/org/app:1.2
      securityContext:
        runAsUser: 5
    - name: app
      image: ghcr.io/org/app:1.2
    - name: other
      image: ghcr.io/org/other:1
";

const ONLY_IDS: &str = "profile: privileged\nrules: {run-as-user: {user: {default: 9000}, group: {default: 9000}}}\n";

/// Fixes a pod, with the settings and the Dockerfile given.
fn fixed(pod: &str, config: &str, dockerfile: &str) -> (Run, String) {
    let folder = folder(&[("pod.yaml", pod), ("app/Dockerfile", dockerfile), ("harden.yaml", config)]);
    let run = harden(folder.path(), &["fix", MAPPED[0], MAPPED[1], "pod.yaml"]);
    (run, std::fs::read_to_string(folder.path().join("pod.yaml")).unwrap())
}

#[test]
fn a_fix_takes_the_ids_of_the_image_before_the_default() {
    let (run, text) = fixed(BARE, ONLY_IDS, "FROM alpine:3\nUSER 1234:5678\n");
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let pod: serde_yaml_ng::Value = serde_yaml_ng::from_str(&text).unwrap();
    let ids = |context: &serde_yaml_ng::Value| (context["runAsUser"].as_u64(), context["runAsGroup"].as_u64());
    let container = |index: usize| ids(&pod["spec"]["containers"][index]["securityContext"]);
    assert_eq!(container(0), (Some(5), Some(5678)), "what was written stays: {text}");
    assert_eq!(container(1), (Some(1234), Some(5678)), "{text}");
    assert_eq!(container(2), (None, None), "{text}");
    assert_eq!(
        ids(&pod["spec"]["securityContext"]),
        (Some(9000), Some(9000)),
        "the other image gets the default: {text}"
    );
}

#[test]
fn a_fix_without_a_default_has_the_ids_of_the_image_alone() {
    let config = "profile: privileged\nrules: {run-as-user: true}\n";
    let (run, text) = fixed(BARE, config, "FROM alpine:3\nUSER 1234:5678\n");
    assert_eq!(run.code, 1, "{}", run.out);
    assert_eq!(text.matches("1234").count() + text.matches("5678").count(), 3, "{text}");
    assert!(run.out.contains("\"other\"") && !run.out.contains("\"app\""), "{}", run.out);
    // A group that USER does not name stays for a person.
    let (run, text) = fixed(BARE, config, "FROM alpine:3\nUSER 1234\n");
    assert!(text.contains("runAsUser: 1234") && !text.contains("runAsGroup"), "{text}");
    assert!(run.out.contains("runAsGroup is not set"), "{}", run.out);
    // What was fixed is fixed once.
    let (_, again) = fixed(&text, config, "FROM alpine:3\nUSER 1234\n");
    assert_eq!(again, text);
}

#[test]
fn names_and_root_are_not_filled_in() {
    let config = "profile: privileged\nrules: {run-as-user: true}\n";
    for user in ["USER app", "USER 0:0", "USER root", ""] {
        let (_, text) = fixed(BARE, config, &format!("FROM alpine:3\n{user}\n"));
        assert_eq!(text, BARE, "{user}");
    }
    let suppressed =
        BARE.replace("    - name: app", "    - name: app # harden: ignore[run-as-user] it drops root itself");
    let (_, text) = fixed(&suppressed, config, "FROM alpine:3\nUSER 1234\n");
    assert_eq!(text, suppressed);
}

#[test]
fn a_fix_reads_the_dockerfiles_of_the_configuration() {
    let config = "profile: privileged\nrules: {run-as-user: true}\ndockerfiles: [{image: ghcr.io/org/app, path: app/Dockerfile}]\n";
    let files = [("pod.yaml", BARE), ("app/Dockerfile", "FROM alpine:3\nUSER 1234:5678\n"), ("harden.yaml", config)];
    let folder = folder(&files);
    let run = harden(folder.path(), &["fix", "--diff", "pod.yaml"]);
    assert!(run.out.contains("+        runAsUser: 1234"), "{}{}", run.out, run.err);
    let missing = harden(folder.path(), &["fix", "--dockerfile", "x=nowhere", "pod.yaml"]);
    assert_eq!(missing.code, 2);
    assert!(missing.out.contains("cannot read Dockerfile `nowhere`"), "{}", missing.out);
}

#[test]
fn b2_what_check_offers_is_what_fix_writes() {
    let config = "profile: privileged\nrules: {run-as-user: {user: {default: 10001}, group: {default: 10001}}}\ndockerfiles: [{image: ghcr.io/org/app, path: app/Dockerfile, target: run}]\n";
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - name: app\n    image: ghcr.io/org/app:2\n";
    let files =
        [("pod.yaml", pod), ("app/Dockerfile", "FROM alpine:3 AS run\nUSER 1000:1000\n"), ("harden.yaml", config)];
    let folder = folder(&files);
    for format in ["text", "json", "sarif", "gitlab", "html"] {
        let run = harden(folder.path(), &["check", "--format", format, "pod.yaml"]);
        assert!(run.code == 1 && !run.out.contains("10001"), "{format}: {}{}", run.out, run.err);
    }
    let sarif = harden(folder.path(), &["check", "--format", "sarif", "pod.yaml"]).out;
    assert!(sarif.contains("runAsUser: 1000") && sarif.contains("runAsGroup: 1000"), "{sarif}");
    assert_eq!(harden(folder.path(), &["fix", "pod.yaml"]).code, 0);
    let fixed = std::fs::read_to_string(folder.path().join("pod.yaml")).unwrap();
    assert!(fixed.contains("runAsUser: 1000\n") && fixed.contains("runAsGroup: 1000\n"), "{fixed}");
    assert_eq!(harden(folder.path(), &["check", "pod.yaml"]).code, 0);
}
