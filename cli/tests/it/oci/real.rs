//! Against a real registry.

use std::fs;

use registry::Digest;
use serde_json::{Value, json};

use super::client::{BARE_MODULE, Client, policy, text};
use super::http::{put_blob, put_manifest, request};
use super::registry::{Demands, Registry};
use crate::support::PRIVILEGED;

/// Pushes the policy as `rest`; gives the pinned reference.
fn push(client: &Client, registry: &Registry, rest: &str) -> String {
    client.pinned(&["push", text(&policy()), &registry.reference(rest), "--insecure"])
}

#[test]
fn what_is_pushed_is_pulled() {
    let Some(registry) = Registry::start(&Demands::default()) else { return };
    let client = Client::new();
    let tagged = registry.reference("org/policies/privileged:v1");
    let pinned = push(&client, &registry, "org/policies/privileged:v1");
    assert!(pinned.starts_with(&format!("{tagged}@sha256:")), "{pinned}");
    // Again, and from elsewhere: the same digest.
    assert_eq!(push(&Client::new(), &registry, "org/policies/privileged:v1"), pinned);

    assert_eq!(client.pinned(&["pull", &tagged, "--insecure"]), pinned);
    let bytes = fs::read(policy()).unwrap();
    assert_eq!(fs::read(client.path("privileged.wasm")).unwrap(), bytes);
    assert_eq!(client.pinned(&["pull", &pinned, "--insecure", "-o", "other.wasm"]), pinned);
    assert_eq!(fs::read(client.path("other.wasm")).unwrap(), bytes);

    let standard_output = client.command(&["pull", &pinned, "--insecure", "-o", "-"]).output().unwrap();
    assert!(standard_output.status.success() && standard_output.stdout == bytes);
    assert_eq!(String::from_utf8(standard_output.stderr).unwrap().trim(), pinned);

    client.write("privileged.wasm", "mine");
    let error = client.error(&["pull", &tagged, "--insecure"]);
    assert!(error.contains("there is another `privileged.wasm` here"), "{error}");
    assert_eq!(fs::read(client.path("privileged.wasm")).unwrap(), b"mine");
}

#[test]
fn the_manifest_is_laid_out_as_kwctl_does() {
    let Some(registry) = Registry::start(&Demands::default()) else { return };
    push(&Client::new(), &registry, "privileged:v1");
    let answer = request(&registry.host(), "GET", "/v2/privileged/manifests/v1", "", b"");
    assert_eq!(answer.header("content-type"), Some("application/vnd.oci.image.manifest.v1+json"));
    let manifest: Value = serde_json::from_slice(&answer.body).unwrap();
    let module = fs::read(policy()).unwrap();
    assert_eq!(
        manifest["config"],
        json!({
            "mediaType": "application/vnd.wasm.config.v1+json",
            "digest": Digest::of(b"{}").to_string(),
            "size": 2,
        })
    );
    assert_eq!(
        manifest["layers"],
        json!([{
            "mediaType": "application/vnd.wasm.content.layer.v1+wasm",
            "digest": Digest::of(&module).to_string(),
            "size": module.len(),
        }])
    );
    assert_eq!(manifest["annotations"]["io.kubewarden.policy.title"], "privileged");
}

#[test]
fn what_another_client_laid_out_is_pulled() {
    let Some(registry) = Registry::start(&Demands::default()) else { return };
    let client = Client::new();
    let (host, repository) = (registry.host(), "kubewarden/tests/by-hand");
    let module = fs::read(policy()).unwrap();
    let digest = Digest::of(&module).to_string();
    let config = Digest::of(b"{}").to_string();
    put_blob(&host, repository, &digest, &module);
    put_blob(&host, repository, &config, b"{}");
    let manifest = |layer: &str| {
        json!({
            "schemaVersion": 2,
            "config": { "mediaType": "application/vnd.wasm.config.v1+json", "digest": config, "size": 2 },
            "layers": [{ "mediaType": layer, "digest": digest, "size": module.len() }],
            "annotations": { "io.kubewarden.kwctl": "1.30.0" },
        })
        .to_string()
    };
    let put = |tag: &str, layer: &str| {
        let content_type = "application/vnd.oci.image.manifest.v1+json";
        put_manifest(&host, repository, tag, content_type, manifest(layer).as_bytes());
        registry.reference(&format!("{repository}:{tag}"))
    };
    let reference = put("v1", "application/vnd.wasm.content.layer.v1+wasm");
    let expected = Digest::of(manifest("application/vnd.wasm.content.layer.v1+wasm").as_bytes());
    let pinned = client.pinned(&["pull", &reference, "--insecure", "-o", "by-hand.wasm"]);
    assert_eq!(pinned, format!("{reference}@{expected}"));
    assert_eq!(fs::read(client.path("by-hand.wasm")).unwrap(), module);

    let foreign = put("v2", "application/vnd.oci.image.layer.v1.tar+gzip");
    let error = client.error(&["pull", &foreign, "--insecure"]);
    assert!(error.contains("is not a policy: it has a layer of media type `application/vnd.oci.image"), "{error}");
}

#[test]
fn check_fix_and_run_take_a_policy_from_the_registry() {
    let Some(registry) = Registry::start(&Demands::default()) else { return };
    let client = Client::new();
    let pinned = push(&client, &registry, "privileged:v1");
    client.write("pod.yaml", PRIVILEGED);
    let check = client.harden(&["check", "pod.yaml", "--policy", &pinned, "--insecure"]);
    assert_eq!(check.code, 1, "{}", check.err);
    assert!(check.out.contains("error[privileged]: Pod web, container \"app\": "), "{}", check.out);
    let check = client.harden(&["check", "pod.yaml", "--policy", &registry.reference("privileged:v1"), "--insecure"]);
    assert!(check.code == 1 && check.out.contains("error[privileged]"), "{}", check.err);
    let run = client.harden(&["run", &pinned, "-r", "pod.yaml", "--insecure"]);
    assert!(run.code == 0 && run.out.contains("\"allowed\":false"), "{}{}", run.out, run.err);
    let settings = r#"{"action":"mutate","overwrite":true}"#;
    let fix = client.harden(&["fix", "pod.yaml", "--policy", &pinned, "--insecure", "--settings-json", settings]);
    assert_eq!(fix.code, 0, "{}{}", fix.out, fix.err);
    assert!(fs::read_to_string(client.path("pod.yaml")).unwrap().contains("privileged: false"));

    client.write("app/pod.yaml", PRIVILEGED);
    client.write("app/harden.yaml", format!("rules: {{privileged: false}}\npolicies:\n  - module: {pinned}\n"));
    let check = client.harden(&["check", "app", "--insecure"]);
    assert!(check.code == 1 && check.out.contains("error[privileged]"), "{}{}", check.out, check.err);

    let missing = registry.reference("privileged:v2");
    for args in [&["check", "pod.yaml", "--policy", &missing], &["fix", "pod.yaml", "--policy", &missing]] {
        let error = client.error(&[&args[..], &["--insecure"]].concat());
        assert!(error.contains("has no tag `v2` in `privileged`"), "{error}");
    }
    let run = client.harden(&["run", &missing, "-r", "pod.yaml", "--insecure"]);
    assert!(run.code == 1 && run.err.contains("has no tag `v2`"), "{}", run.err);
}

#[test]
fn a_pinned_policy_needs_no_registry_once_it_is_in_the_cache() {
    let Some(registry) = Registry::start(&Demands::default()) else { return };
    let client = Client::new();
    let tagged = registry.reference("privileged:v1");
    let pinned = push(&client, &registry, "privileged:v1");
    let module = Digest::of(&fs::read(policy()).unwrap());
    client.pinned(&["pull", &tagged, "--insecure"]);

    // A damaged entry is fetched again.
    let entry = client.path(&format!("cache/harden/oci/blobs/sha256/{}", module.hex()));
    fs::write(&entry, "damaged").unwrap();
    client.pinned(&["pull", &pinned, "--insecure", "-o", "again.wasm"]);
    assert_eq!(fs::read(client.path("again.wasm")).unwrap(), fs::read(policy()).unwrap());
    assert_eq!(Digest::of(&fs::read(&entry).unwrap()), module);

    drop(registry);
    assert_eq!(client.pinned(&["pull", &pinned, "--insecure", "-o", "offline.wasm"]), pinned);
    let error = client.error(&["pull", &tagged, "--insecure"]);
    assert!(error.contains("Connection refused"), "a tag is always asked for: {error}");
    let error = Client::new().error(&["pull", &pinned, "--insecure"]);
    assert!(error.contains("Connection refused"), "another user's cache is empty: {error}");
    fs::write(&entry, "damaged").unwrap();
    let error = client.error(&["pull", &pinned, "--insecure"]);
    assert!(error.contains("Connection refused"), "damaged, and not to be had: {error}");
}

#[test]
fn a_cache_that_cannot_be_written_is_no_obstacle() {
    let Some(registry) = Registry::start(&Demands::default()) else { return };
    let client = Client::new();
    let pinned = push(&client, &registry, "privileged:v1");
    client.write("cache", "not a folder");
    let run = client.harden(&["pull", &pinned, "--insecure"]);
    assert_eq!((run.code, run.out.trim()), (0, pinned.as_str()), "{}", run.err);
    assert!(run.err.contains("warning: cannot write to the cache"), "{}", run.err);
}

#[test]
fn what_is_not_there_or_is_something_else_is_said() {
    let Some(registry) = Registry::start(&Demands::default()) else { return };
    let client = Client::new();
    let pinned = push(&client, &registry, "org/privileged:v1");
    let other = Digest::of(b"other");
    let wrong_digest = registry.reference(&format!("org/privileged@{other}"));
    for (reference, expected) in [
        (registry.reference("org/privileged:v9"), "has no tag `v9` in `org/privileged`".to_owned()),
        (registry.reference("org/nothing:v1"), "has no tag `v1` in `org/nothing`".to_owned()),
        (wrong_digest, format!("has no manifest {other} in `org/privileged`")),
        (registry.host() + "/org/privileged:v1", "does not begin with `registry://`".to_owned()),
        (registry.reference("org/privileged"), "has neither tag nor digest".to_owned()),
    ] {
        let error = client.error(&["pull", &reference, "--insecure"]);
        assert!(error.contains(&expected) && error.contains(&reference), "{error}");
    }
    // The registry's disk was tampered with.
    let blob = registry.blob(&Digest::of(&fs::read(policy()).unwrap()).to_string());
    let mut bytes = fs::read(&blob).unwrap();
    bytes[100] ^= 1;
    fs::write(&blob, bytes).unwrap();
    let error = Client::new().error(&["pull", &pinned, "--insecure"]);
    assert!(error.contains("sends something else for the module"), "{error}");
}

#[test]
fn only_policies_are_pushed_and_only_to_a_tag() {
    let Some(registry) = Registry::start(&Demands::default()) else { return };
    let client = Client::new();
    client.write("bare.wasm", BARE_MODULE);
    client.write("text.wasm", "no module");
    let to = registry.reference("bare:v1");
    let policy = policy();
    let policy = text(&policy);
    for (file, reference, expected) in [
        ("bare.wasm", to.as_str(), "`bare.wasm` has no Kubewarden metadata"),
        ("text.wasm", &to, "`text.wasm` is not a WebAssembly module"),
        ("missing.wasm", &to, "cannot read policy `missing.wasm`"),
        (policy, &format!("{to}@{}", Digest::of(b"x")), "name a tag, and no digest"),
        (policy, &registry.reference("bare"), "has neither tag nor digest"),
        (policy, "bare:v1", "does not begin with `registry://`"),
    ] {
        let error = client.error(&["push", file, reference, "--insecure"]);
        assert!(error.contains(expected), "{error}");
    }
    let forced = client.harden(&["push", "bare.wasm", &to, "--insecure", "--force"]);
    assert!(
        forced.code == 0 && forced.err.contains("warning: the policy has no Kubewarden metadata"),
        "{}",
        forced.err
    );
    let pulled = client.harden(&["pull", &to, "--insecure", "-o", "pulled.wasm"]);
    assert!(pulled.code == 0 && pulled.err.contains("has no Kubewarden metadata"), "{}", pulled.err);
    assert_eq!(fs::read(client.path("pulled.wasm")).unwrap(), BARE_MODULE);
}
