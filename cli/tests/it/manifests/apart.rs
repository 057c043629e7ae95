//! The policies outside the bundle, with the entries of the lock as their settings.

use std::collections::BTreeSet;
use std::fs;

use serde_json::json;

use super::*;
use crate::images::world::{locked, pod};

fn lock() -> String {
    let facts = |user: &str| json!({ "linux/amd64": { "image": images::Facts::of_user(user.to_owned()) } });
    locked(&[("docker.io/library/app:1", &facts("")), ("docker.io/library/app:2", &facts("1000:1000"))])
}

/// The objects that are written in a folder with these files.
fn written(files: &[(&str, &str)], args: &[&str]) -> Vec<Value> {
    let folder = folder(files);
    let run = harden(folder.path(), &[["manifests"].as_slice(), &REGISTRY, args].concat());
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{args:?}");
    let objects = read(&run.out);
    for object in &objects {
        assert_eq!(crd::problems(object), Vec::<String>::new(), "{args:?}:\n{}", run.out);
        typed(object);
    }
    objects
}

#[test]
fn they_are_written_if_somebody_asks_with_the_entries_of_the_lock() {
    let lock = lock();
    let entries = serde_json::from_str::<Value>(&lock).unwrap()["images"].clone();
    let files = |config: &'static str| [("harden.yaml", config), ("harden.lock", lock.as_str())];
    assert_eq!(names(&written(&files("{}\n"), &[])), ["hardening"], "nobody asks");
    for (config, args) in [
        ("{}\n", &["--with", "image-user", "--with", "image-digest"][..]),
        ("rules: {image-user: true, image-digest: reject}\n", &[]),
    ] {
        let objects = written(&files(config), args);
        assert_eq!(names(&objects), ["hardening", "hardening-image-digest", "hardening-image-user"], "{config}");
        for object in &objects[1..] {
            assert_eq!(object["spec"]["settings"]["images"], entries, "{config}");
            assert_eq!(object["spec"]["mutating"], false);
        }
        let module = objects[2]["spec"]["module"].as_str().unwrap();
        assert!(module.starts_with("registry://ghcr.io/example/policies/image-user:v"), "{module}");
        assert!(
            objects[0]["spec"]["settings"].get("images").is_none() && !objects[0].to_string().contains("image-user")
        );
    }
    let config =
        "rules: {image-user: {requireSameIds: false, action: mutate}}\nexemptions: [{names: [x], reason: r}]\n";
    let settings = written(&files(config), &[])[1]["spec"]["settings"].clone();
    assert_eq!((&settings["requireSameIds"], &settings["exemptions"][0]["names"]), (&json!(false), &json!(["x"])));
    let mutating = written(&files("rules: {image-digest: true}\n"), &["--mutating"]);
    assert_eq!(
        (&mutating[1]["spec"]["mutating"], &mutating[1]["spec"]["settings"]["action"]),
        (&json!(true), &json!("mutate"))
    );
    let given = written(&files("{}\n"), &["--settings-json", r#"{"unknownKinds":"reject"}"#, "--with", "image-user"]);
    assert_eq!(given[1]["spec"]["settings"]["unknownKinds"], "reject");
    let alone = written(&[("other.lock", &lock)], &["--no-config", "--lock", "other.lock", "--with", "image-user"]);
    assert_eq!(alone[1]["spec"]["settings"]["images"], entries);
    let bare = written(&[("harden.lock", lock.as_str())], &["--no-config", "--with", "image-user"]);
    assert_eq!(bare[1]["spec"]["settings"], json!({}), "the policy asks its host about every image");
    for layout in ["rules", "group"] {
        let objects = written(&files("rules: {image-user: true}\n"), &["--layout", layout]);
        let all = serde_json::to_string(&objects).unwrap();
        assert!(all.contains("docker.io/library/app:2") && all.contains("image-user"), "{layout}");
    }
}

#[test]
fn a_policy_server_of_its_own_allows_what_they_call() {
    let create = ["--policy-server", "strict", "--create-policy-server", "--kind", "AdmissionPolicy", "-n", "prod"];
    let capabilities = |with: &[&str]| {
        let objects = written(&[], &[&create[..], with].concat());
        objects[0]["spec"].get("namespacedPoliciesCapabilities").cloned()
    };
    let (digest, user) = (["--with", "image-digest"], ["--with", "image-user"]);
    assert_eq!(capabilities(&[]), None);
    assert_eq!(capabilities(&user), Some(json!(["oci/v1/oci_manifest_config"])));
    let both = json!(["oci/v1/manifest_digest", "oci/v1/oci_manifest_config"]);
    assert_eq!(capabilities(&[digest, user].concat()), Some(both));
}

#[test]
fn what_is_wrong_is_said() {
    let lock = lock();
    for (config, args, expected) in [
        ("rules: {image-user: {requireSameId: true}}\n", &[][..], "requireSameId"),
        ("rules: {image-digest: {unanswered: accept}}\n", &[], "unanswered"),
        ("rules: {image-user: mutate}\n", &["--layout", "group"], "policies in a group cannot change objects"),
        ("{}\n", &["--with", "image-users"], "image-user"),
        ("{}\n", &["--lock", "nowhere", "--with", "image-user"], "there is no lock `nowhere`"),
        ("{}\n", &["--lock", "harden.yaml", "--with", "image-user"], "harden.yaml is not a lock"),
    ] {
        let folder = folder(&[("harden.yaml", config), ("harden.lock", &lock)]);
        let run = harden(folder.path(), &[["manifests"].as_slice(), &REGISTRY, args].concat());
        assert!(run.code == 2 && run.err.contains(expected) && run.out.is_empty(), "{args:?} {config}: {}", run.err);
    }
}

/// The policy in the cluster, with the settings that are written, finds in objects what a check with the lock finds.
#[test]
fn the_cluster_says_what_the_laptop_says() {
    let with = |context: &str| format!("{}      securityContext: {{{context}}}\n", pod("app:2"));
    let manifests = [
        pod("app:1"),
        pod("app:2"),
        with("runAsUser: 5"),
        with("runAsUser: 1000, readOnlyRootFilesystem: true"),
        with("runAsNonRoot: true"),
    ];
    let config = "profile: privileged\nrules: {image-user: true, image-tag: true}\n";
    let folder = folder(&[("harden.yaml", config), ("harden.lock", &lock())]);
    let policies = harden(folder.path(), &[["manifests"].as_slice(), &REGISTRY].concat());
    let policies = read(&policies.out);
    let settings = policies[1]["spec"]["settings"].to_string();
    let wasm = project("dist/image-user.wasm");
    let mut found = 0;
    for manifest in &manifests {
        fs::write(folder.path().join("pod.yaml"), manifest).unwrap();
        let check = harden(folder.path(), &["check", "--rule", "image-user", "--format", "json", "pod.yaml"]);
        let report: Value = serde_json::from_str(&check.out).unwrap();
        let messages = |list: &Value| -> BTreeSet<String> {
            let list = list.as_array().cloned().unwrap_or_default();
            list.iter().map(|one| format!("{} {}", one["path"], one["message"])).collect()
        };
        let object = read(manifest).remove(0);
        fs::write(folder.path().join("pod.json"), object.to_string()).unwrap();
        let args = ["run", wasm.to_str().unwrap(), "--request-path", "pod.json", "--settings-json", &settings];
        let mut command = harden_command();
        command.current_dir(folder.path()).env("HARDEN_CACHE", folder.path().join("cache")).args(args);
        let answer = crate::support::run(command.output().unwrap());
        let answer: Value =
            serde_json::from_str(&answer.out).unwrap_or_else(|_| panic!("{}{}", answer.out, answer.err));
        let listed = answer["auditAnnotations"]["violations"].as_str().unwrap_or("[]");
        let there = messages(&serde_json::from_str(listed).unwrap());
        assert_eq!(messages(&report["findings"]), there, "{manifest}");
        found += there.len();
    }
    assert!(found >= 2, "{found}");
}

#[test]
fn a_lock_that_no_cluster_can_hold_is_refused_with_its_size() {
    let entry =
        |at: usize| (format!("registry.example/app:{at}"), json!({ "linux/amd64": { "image": { "user": "7" } } }));
    let of = |count: usize| {
        let entries: Vec<_> = (0..count).map(entry).collect();
        locked(&entries.iter().map(|(key, facts)| (key.as_str(), facts)).collect::<Vec<_>>())
    };
    let write = |count: usize| {
        let folder = folder(&[("harden.lock", &of(count))]);
        harden(folder.path(), &[["manifests", "--with", "image-user"].as_slice(), &REGISTRY].concat())
    };
    let some = write(10);
    assert_eq!((some.code, some.err.as_str()), (0, ""));
    let many = write(2_000);
    assert_eq!(many.code, 0, "{}", many.err);
    assert!(
        many.err.contains("warning: hardening-image-user has ") && many.err.contains("--server-side"),
        "{}",
        many.err
    );
    let most = write(6_000);
    assert_eq!((most.code, most.out.as_str()), (2, ""), "{}", most.err);
    assert!(most.err.contains(" bytes together, and a PolicyServer takes no more than 1048576"), "{}", most.err);
}
