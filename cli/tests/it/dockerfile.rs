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
        same.out.contains(
            "container \"own\": securityContext.runAsUser is 2000, must be 1000, as USER in app/Dockerfile:2 says"
        ),
        "{}",
        same.out
    );
    let other = check("FROM alpine:3\nUSER 1000:50\n", &MAPPED);
    assert!(other.out.contains("runAsGroup is 1000, must be 50, as USER in app/Dockerfile:2 says"), "{}", other.out);
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
    let says = "must be 2000, as USER in app/Dockerfile:4 says";
    assert!(run.out.contains(&format!("securityContext.runAsUser is 1000, {says}")), "{}", run.out);
    assert!(run.out.contains(&format!("runAsUser is 3000, {says}")), "{}", run.out);
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
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    assert!(run.out.contains("1 left") && run.out.contains("runAsUser is 5, must be 1234"), "{}", run.out);
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

const DIGEST: &str = "sha256:86e0e091d0da6bde2456dbb48306f3956bbeb2eae1b5b9a43045843f69fe4aaa";

/// A lock that knows the image, which runs as this user.
fn locked(user: &str) -> String {
    let build = serde_json::json!({ "digest": DIGEST, "facts": { "image": { "user": user } } });
    let entry = serde_json::json!({ "digest": DIGEST, "platforms": { "linux/amd64": build } });
    serde_json::json!({ "version": 1, "images": { "ghcr.io/org/app:1.2": entry } }).to_string()
}

/// A pod that runs the image as this user.
fn pod_as(user: u32) -> String {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n";
    format!("{pod}  - {{name: app, image: 'ghcr.io/org/app:1.2', securityContext: {{runAsUser: {user}}}}}\n")
}

#[test]
fn the_lock_knows_what_runs_and_the_dockerfile_what_will_be_built() {
    let config = "profile: privileged\ndockerfiles: [{image: ghcr.io/org/app, path: Dockerfile}]\n";
    let with = |lock: Option<&str>, user: u32, args: &[&str]| {
        let pod = pod_as(user);
        let mut files = vec![("pod.yaml", pod.as_str()), ("Dockerfile", "FROM a\nUSER 7\n"), ("harden.yaml", config)];
        files.extend(lock.map(|lock| ("harden.lock", lock)));
        let folder = folder(&files);
        harden(folder.path(), &[&["check", "pod.yaml"], args].concat())
    };
    let lock = locked("5");
    // One image has one finding, of the source that counts.
    for (lock, user, found) in [
        (None, 7, None),
        (
            None,
            5,
            Some(
                "error[dockerfile-user]: Pod web, container \"app\": securityContext.runAsUser is 5, must be 7, as USER in Dockerfile:2 says",
            ),
        ),
        (Some(lock.as_str()), 5, None),
        (
            Some(lock.as_str()),
            7,
            Some(
                "error[image-user]: Pod web, container \"app\": securityContext.runAsUser is 7, must be 5, as USER of the image says",
            ),
        ),
    ] {
        let run = with(lock, user, &[]);
        assert_eq!(run.code, i32::from(found.is_some()), "{user}: {}{}", run.out, run.err);
        assert!(found.is_none_or(|found| run.out.contains(found)), "{user}: {}", run.out);
        assert_eq!(run.out.matches("error[").count(), usize::from(found.is_some()), "{user}: {}", run.out);
    }
    // Each source answers to its own name.
    for (lock, rule, code) in [
        (None, "dockerfile-user", 1),
        (None, "image-user", 0),
        (Some(lock.as_str()), "dockerfile-user", 0),
        (Some(lock.as_str()), "image-user", 1),
    ] {
        let user = if lock.is_some() { 7 } else { 5 };
        let run = with(lock, user, &["--rule", rule]);
        assert_eq!(run.code, code, "{rule}: {}{}", run.out, run.err);
    }
}

#[test]
fn what_users_wrote_for_findings_from_dockerfiles_holds() {
    let config = "profile: privileged\ndockerfiles: [{image: ghcr.io/org/app, path: Dockerfile}]\n";
    let check = |pod: &str, config: &str, others: &[(&str, &str)]| {
        let files = [("pod.yaml", pod), ("Dockerfile", "FROM a\nUSER 7\n"), ("harden.yaml", config)];
        let folder = folder(&[&files, others].concat());
        harden(folder.path(), &["check", "pod.yaml"])
    };
    let pod = pod_as(5);
    assert_eq!(check(&pod, config, &[]).code, 1);
    let suppressed = pod.replace("}}\n", "}} # harden: ignore[dockerfile-user] the volume is theirs\n");
    assert_eq!(check(&suppressed, config, &[]).code, 0);
    let annotated =
        pod.replace("{name: web}", "{name: web, annotations: {harden/ignore.dockerfile-user: the volume is theirs}}");
    assert_eq!(check(&annotated, config, &[]).code, 0);
    // As it stood in a baseline before the rule `image-user` judged by Dockerfiles.
    let entry = serde_json::json!({
        "file": "pod.yaml", "apiVersion": "v1", "kind": "Pod", "name": "web", "rule": "dockerfile-user",
        "container": "app", "path": "spec.containers[].securityContext.runAsUser",
    });
    let baseline = serde_json::json!({ "version": 1, "findings": [entry] }).to_string();
    let known = check(&pod, &format!("{config}baseline: known.json\n"), &[("known.json", &baseline)]);
    assert_eq!(known.code, 0, "{}{}", known.out, known.err);
    // Settings of the rule that judges hold whatever its source is.
    for settings in ["image-user: {requireSameIds: false}", "image-user: false", "image-user: warn"] {
        let run = check(&pod, &format!("{config}rules: {{{settings}}}\n"), &[]);
        assert_eq!(run.code, 0, "{settings}: {}{}", run.out, run.err);
    }
}
