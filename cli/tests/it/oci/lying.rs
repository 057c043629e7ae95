//! Against servers that are no good registries.

use registry::Digest;
use serde_json::json;

use super::client::{Client, policy, text};
use super::fake::{Fake, Reply};

pub(crate) const MODULE: &[u8] = b"\0asm\x01\0\0\0 and more";

/// A policy's manifest for `module`.
pub(crate) fn manifest_of(module: &[u8]) -> Vec<u8> {
    with_size(module, module.len() as u64)
}

fn with_size(module: &[u8], size: u64) -> Vec<u8> {
    let layer = json!({
        "mediaType": "application/vnd.wasm.content.layer.v1+wasm",
        "digest": Digest::of(module).to_string(),
        "size": size,
    });
    json!({ "schemaVersion": 2, "config": {}, "layers": [layer] }).to_string().into_bytes()
}

/// Returns the answers of a registry with one manifest and one module.
pub(crate) fn registry_of(manifest: &[u8], module: &[u8]) -> impl Fn(&str) -> Reply + Send + 'static {
    serving(Reply::ok(manifest), Reply::ok(module))
}

fn serving(manifest: Reply, module: Reply) -> impl Fn(&str) -> Reply + Send + 'static {
    move |line| match line {
        "GET /v2/" => Reply::ok(""),
        line if line.contains("/manifests/") => manifest.clone(),
        line if line.contains("/blobs/") => module.clone(),
        _ => Reply::Status(404, "", Vec::new()),
    }
}

/// The error of pulling `rest` from a server with these answers.
fn pull(rest: &str, manifest: Reply, module: Reply) -> String {
    let answer = serving(manifest, module);
    let fake = Fake::start(move |_, line, _| answer(line));
    let client = Client::new();
    let error = client.error(&["pull", &fake.reference(rest), "--insecure"]);
    assert!(error.contains(&format!("cannot pull `{}`: ", fake.reference(rest))), "{error}");
    let cached = client.path("cache/harden/oci/blobs/sha256").join(Digest::of(MODULE).hex());
    assert!(!cached.exists(), "nothing wrong is kept");
    error
}

#[test]
fn connections_that_are_cut_are_an_error() {
    let good = || Reply::ok(manifest_of(MODULE));
    for (manifest, module) in [
        (Reply::Nothing, Reply::Nothing),
        (Reply::Length(1000, manifest_of(MODULE)), Reply::Nothing),
        (good(), Reply::Nothing),
        (good(), Reply::Length(MODULE.len(), MODULE[..5].to_vec())),
    ] {
        let error = pull("policy:v1", manifest, module);
        assert!(error.contains("cannot talk to 127.0.0.1:"), "{error}");
    }
    let fake = Fake::start(|_, _, _| Reply::Nothing);
    let error = Client::new().error(&["push", text(&policy()), &fake.reference("policy:v1"), "--insecure"]);
    assert!(error.contains("cannot talk to 127.0.0.1:"), "{error}");
}

#[test]
fn other_bytes_than_promised_are_refused() {
    let manifest = || Reply::ok(manifest_of(MODULE));
    let mut other = MODULE.to_vec();
    other[9] ^= 1;
    let error = pull("policy:v1", manifest(), Reply::ok(other));
    assert!(error.contains("sends something else for the module sha256:"), "{error}");

    let pinned = format!("policy@{}", Digest::of(&manifest_of(b"what the user saw")));
    let error = pull(&pinned, manifest(), Reply::ok(MODULE));
    assert!(error.contains("sends something else for the manifest sha256:"), "{error}");
    let both = pinned.replace('@', ":v1@");
    assert!(pull(&both, manifest(), Reply::ok(MODULE)).contains("something else for the manifest"));
}

#[test]
fn sizes_are_held() {
    let size = MODULE.len() as u64;
    for (promised, sent, expected) in [
        (size - 1, Reply::ok(MODULE), format!("sends more than {} bytes", size - 1)),
        (size + 1, Reply::ok(MODULE), format!("sends {size} bytes for the module")),
        (1 << 40, Reply::Endless, "no more than 134217728 are taken".to_owned()),
        (size, Reply::Endless, format!("sends more than {size} bytes")),
        (size, Reply::Length(1 << 40, MODULE.to_vec()), format!("sends more than {size} bytes")),
    ] {
        let error = pull("policy:v1", Reply::ok(with_size(MODULE, promised)), sent);
        assert!(error.contains(&expected), "{error}");
    }
    let error = pull("policy:v1", Reply::Endless, Reply::Nothing);
    assert!(error.contains("tag `v1`: ") && error.contains("sends more than 4194304 bytes"), "{error}");
}

#[test]
fn what_is_no_policy_is_refused() {
    let layer = |media_type: &str| {
        let manifest = String::from_utf8(manifest_of(MODULE)).unwrap();
        Reply::ok(manifest.replace("application/vnd.wasm.content.layer.v1+wasm", media_type))
    };
    for (manifest, expected) in [
        (Reply::ok("<html>Welcome</html>"), "no manifest but something else"),
        (Reply::ok(""), "sends an empty manifest"),
        (Reply::ok(r#"{"schemaVersion":2,"manifests":[]}"#), "list of images for several platforms"),
        (layer("application/vnd.docker.image.rootfs.diff.tar.gzip"), "layer of media type `application/vnd.docker."),
        (layer("application/wasm"), "layer of media type `application/wasm`"),
        (Reply::Status(500, "", b"<html>".to_vec()), "answered 500 Internal Server Error\n"),
        (Reply::Status(301, "Location: /v2/elsewhere\r\n", Vec::new()), "has no tag `v1` in `policy`"),
    ] {
        let error = pull("policy:v1", manifest, Reply::ok(MODULE));
        assert!(error.contains(expected), "{expected}: {error}");
    }
    // The digests are right, the content is no module.
    let fake = Fake::start(|_, line, _| registry_of(&manifest_of(b"text"), b"text")(line));
    let error = Client::new().error(&["pull", &fake.reference("policy:v1"), "--insecure"]);
    assert!(error.contains("is not a WebAssembly module"), "{error}");
}

#[test]
fn a_registry_that_keeps_something_else_is_found_out() {
    // It takes everything and gives back another manifest.
    let fake = Fake::start(|_, line, _| match line.split(' ').next() {
        Some("GET") if line.contains("/manifests/") => Reply::ok(manifest_of(MODULE)),
        Some("POST" | "PATCH") => Reply::Status(202, "Location: /v2/policy/blobs/uploads/1\r\n", Vec::new()),
        Some("PUT") => Reply::Status(201, "Location: /v2/policy/done\r\n", Vec::new()),
        _ => Reply::ok(""),
    });
    let push =
        |fake: &Fake| Client::new().error(&["push", text(&policy()), &fake.reference("policy:v1"), "--insecure"]);
    let error = push(&fake);
    assert!(error.contains("took the manifest sha256:") && error.contains("under the tag"), "{error}");

    // Whatever it says to an upload, there is an error and no panic that reaches the user.
    for (post, other) in [
        (Reply::Status(403, "", Vec::new()), Reply::Nothing),
        (Reply::Status(202, "", Vec::new()), Reply::Nothing),
        (Reply::Status(200, "", Vec::new()), Reply::Nothing),
        (Reply::Status(202, "Location: nowhere\r\n", Vec::new()), Reply::Nothing),
        (Reply::Status(202, "Location: /up\r\n", Vec::new()), Reply::Status(200, "Location: nowhere\r\n", Vec::new())),
        (Reply::Status(202, "Location: /up\r\n", Vec::new()), Reply::Status(507, "", b"{}".to_vec())),
    ] {
        let fake = Fake::start(move |_, line, _| match line.split(' ').next() {
            Some("GET") => Reply::ok(""),
            Some("POST") => post.clone(),
            _ => other.clone(),
        });
        let error = push(&fake);
        assert!(error.contains("cannot push to `registry://127.0.0.1:"), "{error}");
    }
}
