//! Dockerfiles beside manifests, with the real binary.

#![allow(clippy::unwrap_used)]

mod support;

use support::*;

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
        same.out.contains(
            "container \"own\": spec.template.spec.containers[1].securityContext.runAsUser is 2000, but USER in app/Dockerfile:2 is 1000"
        ),
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
        (["--dockerfile", "app=web.yaml"], "web.yaml:1: expected FROM or ARG"),
    ] {
        let run = check("FROM a\n", &args);
        assert_eq!(run.code, 2);
        assert!(run.err.contains(expected), "{}", run.err);
    }
}
