//! What policies ask their host about images is answered from the lock: in `run`, `test` and `check`.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::world::{locked, pod};
use crate::support::{Run, folder, harden, project};

/// `USER`, and the operating system of the image.
const USERS: [(&str, &str); 15] = [
    ("1000", "linux"),
    ("1000:1000", "linux"),
    ("1000:app", "linux"),
    ("2147483647", "linux"),
    ("app", "linux"),
    ("app:app", "linux"),
    ("app:1000", "linux"),
    ("", "linux"),
    ("root", "linux"),
    ("0", "linux"),
    ("0:1000", "linux"),
    ("1000:0", "linux"),
    ("2147483648", "linux"),
    ("99999999999999999999", "linux"),
    ("ContainerUser", "windows"),
];

/// The key of the image with one of these users.
fn key(at: usize) -> String {
    format!("docker.io/library/app:{at}")
}

/// A lock with an image for each of the users.
fn every_user() -> String {
    let facts = |user: &str, os: &str| {
        let mut facts = serde_json::to_value(images::Facts::of_user(user.to_owned())).unwrap();
        facts["os"] = os.into();
        json!({ (format!("{os}/amd64")): { "image": facts } })
    };
    let all: Vec<(String, Value)> =
        USERS.iter().enumerate().map(|(at, (user, os))| (key(at), facts(user, os))).collect();
    locked(&all.iter().map(|(key, facts)| (key.as_str(), facts)).collect::<Vec<_>>())
}

/// Asks a compiled policy with `harden run`.
fn run(folder: &Path, id: &str, args: &[&str]) -> Run {
    let policy = project(&format!("dist/{id}.wasm")).display().to_string();
    harden(folder, &[&["run", &policy], args].concat())
}

fn answer(run: &Run) -> Value {
    serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}{}", run.out, run.err))
}

/// The path and the message of each violation in a list, sorted.
fn listed(list: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = list.as_array().into_iter().flatten();
    let mut all: Vec<_> = all.map(|one| (text(&one["path"]), text(&one["message"]))).collect();
    all.sort();
    all
}

#[test]
fn every_form_of_user_has_one_verdict_by_lock_by_settings_and_by_host_call() {
    let lock = every_user();
    let entries: Value = serde_json::from_str::<Value>(&lock).unwrap()["images"].take();
    for context in ["{}", "{runAsNonRoot: true}", "{runAsUser: 5, runAsGroup: 6}"] {
        let manifest = |at: usize| format!("{}      securityContext: {context}\n", pod(&format!("app:{at}")));
        let files: Vec<(String, String)> = (0..USERS.len()).map(|at| (format!("pod{at}.yaml"), manifest(at))).collect();
        let mut all: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        all.extend([("harden.yaml", "profile: privileged\n"), ("harden.lock", lock.as_str())]);
        let folder = folder(&all);
        let report = answer(&harden(folder.path(), &["check", "--format", "json", "."]));
        for (at, (user, _)) in USERS.iter().enumerate() {
            let file = format!("pod{at}.yaml");
            let by_host = answer(&run(folder.path(), "image-user", &["-r", &file]));
            let settings = json!({ "images": { (key(at)): entries[&key(at)] } }).to_string();
            // A folder without a lock: nothing can answer but the settings.
            let bare = crate::support::folder(&[(&file, &manifest(at))]);
            let by_settings = answer(&run(bare.path(), "image-user", &["-r", &file, "--settings-json", &settings]));
            assert_eq!(by_host, by_settings, "{user:?} {context}");
            let is_of_file = |one: &&Value| one["file"].as_str().is_some_and(|path| path.ends_with(&file));
            let found = report["findings"].as_array().unwrap().iter().filter(is_of_file);
            let by_lock = listed(&found.cloned().collect());
            let violations = by_settings["auditAnnotations"]["violations"].as_str().unwrap_or("[]");
            let of_run = listed(&serde_json::from_str(violations).unwrap());
            assert_eq!(by_lock, of_run, "{user:?} {context}");
            assert_eq!(by_host["allowed"], by_lock.is_empty(), "{user:?} {context}");
        }
    }
}

#[test]
fn run_answers_from_the_nearest_lock_or_the_one_that_is_named() {
    let lock = locked(&[("docker.io/library/app:1", &json!({ "linux/amd64": { "image": { "user": "7" } } }))]);
    let files = [("sub/pod.yaml", pod("app:1")), ("sub/harden.yaml", String::new()), ("sub/harden.lock", lock)];
    let folder = folder(&files.each_ref().map(|(name, text)| (*name, text.as_str())));
    let ask = |id: &str, args: &[&str]| run(folder.path(), id, &[&["-r", "sub/pod.yaml"], args].concat());
    assert_eq!(answer(&ask("image-user", &[]))["allowed"], true);
    let pinned = answer(&ask("image-digest", &[]));
    assert!(pinned["status"]["message"].as_str().unwrap().contains("must be pinned to its digest: app:1@sha256:"));
    fs::rename(folder.path().join("sub/harden.lock"), folder.path().join("my.lock")).unwrap();
    assert_eq!(answer(&ask("image-user", &["--lock", "my.lock"]))["allowed"], true);
    // What the lock does not know is refused, and the refusal says what to do.
    for (lock, manifest, expected) in [
        (None, "app:1", "there is no harden.lock that knows docker.io/library/app:1: `harden images lock` writes it"),
        (Some("my.lock"), "app:2", "docker.io/library/app:2 is not in harden.lock: `harden images lock` adds it"),
    ] {
        fs::write(folder.path().join("sub/pod.yaml"), pod(manifest)).unwrap();
        let args: Vec<&str> = lock.iter().flat_map(|lock| ["--lock", lock]).collect();
        let refused = answer(&ask("image-user", &args));
        assert_eq!(refused["allowed"], false);
        let message = refused["status"]["message"].as_str().unwrap();
        assert!(message.contains(expected), "{message}");
    }
    let missing = ask("image-user", &["--lock", "none.lock"]);
    assert_eq!(missing.code, 1);
    assert!(missing.err.contains("there is no lock `none.lock`"), "{}", missing.err);
    // A policy that asks nothing needs no lock, however broken.
    fs::write(folder.path().join("sub/harden.lock"), "{").unwrap();
    assert_eq!(answer(&ask("privileged", &[]))["allowed"], false);
    let message = answer(&ask("image-user", &[]))["status"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("harden.lock cannot be used"), "{message}");
}

#[test]
fn suites_and_further_policies_get_the_answers_of_the_lock() {
    let lock = locked(&[("docker.io/library/app:1", &json!({ "linux/amd64": { "image": { "user": "0" } } }))]);
    let module = fs::read(project("dist/image-user.wasm")).unwrap();
    let suite = "\
policies: [{policy: image-user.wasm}]
tests:
  - name: root is refused
    file: pod.yaml
    expect: {verdict: denied, message: which runs as root}
  - name: nobody knows it
    file: other.yaml
    expect: {verdict: denied, message: is not in harden.lock}
";
    let (known, other) = (pod("app:1"), pod("app:2"));
    let folder = folder(&[
        ("pod.yaml", &known),
        ("other.yaml", &other),
        ("harden.lock", &lock),
        ("harden-test.yaml", suite),
        ("harden.yaml", "profile: privileged\nrules: {image-user: false}\npolicies: [{module: image-user.wasm}]\n"),
    ]);
    fs::write(folder.path().join("image-user.wasm"), module).unwrap();
    let test = harden(folder.path(), &["test", "."]);
    assert_eq!(test.code, 0, "{}{}", test.out, test.err);
    let check = harden(folder.path(), &["check", "pod.yaml", "other.yaml"]);
    assert_eq!(check.code, 1, "{}{}", check.out, check.err);
    assert!(check.out.contains("which runs as root, because its USER is \"0\""), "{}", check.out);
    assert!(check.out.contains("docker.io/library/app:2 is not in harden.lock"), "{}", check.out);
    let alone = harden(folder.path(), &["check", "--policy", "image-user.wasm", "--lock", "harden.lock", "pod.yaml"]);
    assert!(alone.out.contains("which runs as root"), "{}{}", alone.out, alone.err);
}
