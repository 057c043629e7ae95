//! Registries that lie, refuse, are slow or busy, or have something unusual.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use registry::Digest;
use serde_json::{Value, json};

use super::world::{OfPlatform, pod};
use crate::oci::client::Client;
use crate::oci::fake::{Fake, Reply};
use crate::support::Run;

/// Answers by path, `manifests/v1` or `blobs/sha256:…`, whatever the repository.
type Answers = BTreeMap<String, Reply>;

/// An image of one platform as a registry serves it under the tag `v1`.
fn single(image: &OfPlatform) -> Answers {
    let digest = Digest::of(&image.configuration);
    BTreeMap::from([
        ("manifests/v1".to_owned(), Reply::ok(image.manifest.clone())),
        (format!("manifests/{}", Digest::of(&image.manifest)), Reply::ok(image.manifest.clone())),
        (format!("blobs/{digest}"), Reply::ok(image.configuration.clone())),
    ])
}

fn image(user: &str) -> OfPlatform {
    OfPlatform::new("amd64", &json!({ "User": user }), false)
}

/// A registry with these answers.
fn serve(answers: Answers) -> Fake {
    Fake::start(move |_, line, _| {
        if line == "GET /v2/" {
            return Reply::ok("");
        }
        let path = line.split(' ').nth(1).unwrap().trim_start_matches("/v2/");
        let parts: Vec<&str> = path.rsplitn(3, '/').collect();
        let name = format!("{}/{}", parts[1], parts[0]);
        match (answers.get(&name).cloned(), line.starts_with("HEAD")) {
            // A HEAD says the digest; its body stays away.
            (Some(Reply::Status(200, "", body)), true) => head(&Digest::of(&body)),
            (Some(reply), _) => reply,
            (None, _) => Reply::Status(404, "", Vec::new()),
        }
    })
}

fn head(digest: &Digest) -> Reply {
    let header = format!("Docker-Content-Digest: {digest}\r\n");
    Reply::Status(200, Box::leak(header.into_boxed_str()), Vec::new())
}

/// Locks a pod with the image `app:v1` of the registry.
fn lock(fake: &Fake, args: &[&str]) -> (Client, Run) {
    let client = Client::new();
    client.write("pod.yaml", pod(&format!("{}/app:v1", fake.host())));
    let run = client.harden(&[&["images", "lock", "--insecure"], args].concat());
    (client, run)
}

/// The error of locking from such a registry.
fn refused(answers: Answers, args: &[&str]) -> String {
    let fake = serve(answers);
    let (client, run) = lock(&fake, args);
    assert_eq!(run.code, 2, "{}{}", run.out, run.err);
    assert!(!client.path("harden.lock").exists(), "nothing wrong is kept");
    let expected = format!("error: ./pod.yaml:7:14: cannot resolve `{}/app:v1`: ", fake.host());
    assert!(run.err.starts_with(&expected), "{}", run.err);
    run.err
}

#[test]
fn a_registry_that_lies_about_a_digest_is_an_error() {
    let (mine, other) = (image("1"), image("2"));
    let index = OfPlatform::index(std::slice::from_ref(&mine));
    let header = format!("Docker-Content-Digest: {}\r\n", Digest::of(b"something else"));
    let header: &'static str = Box::leak(header.into_boxed_str());
    let with = |name: String, reply: Reply| {
        let mut answers = single(&mine);
        answers.insert(name, reply);
        answers
    };
    let of_index = |child: Reply| {
        let mut answers = with(format!("manifests/{}", Digest::of(&mine.manifest)), child);
        answers.insert("manifests/v1".to_owned(), Reply::ok(index.clone()));
        answers
    };
    let configuration = format!("blobs/{}", Digest::of(&mine.configuration));
    let mut same_length = mine.configuration.clone();
    same_length[3] ^= 1;
    for (answers, expected) in [
        (
            with("manifests/v1".to_owned(), Reply::Status(200, header, mine.manifest.clone())),
            "sends something else for the tag `v1`: its digest is ",
        ),
        (of_index(Reply::ok(other.manifest.clone())), "sends something else for the manifest sha256:"),
        (with(configuration.clone(), Reply::ok(same_length)), "sends something else for the configuration sha256:"),
        (with(configuration.clone(), Reply::ok("{}")), "sends 2 bytes for the configuration sha256:"),
        (with(configuration, Reply::Endless), "bytes, which is all that may come"),
    ] {
        let error = refused(answers, &[]);
        assert!(error.contains(expected), "{expected}: {error}");
    }
}

#[test]
fn a_moved_tag_is_believed_only_with_the_bytes() {
    let (old, new) = (image("1"), image("2"));
    let promise = head(&Digest::of(&new.manifest));
    let manifest = old.manifest.clone();
    let answers = single(&old);
    // The head says that the tag has moved, the bytes say that it has not.
    let fake = Fake::start(move |_, line, _| match line {
        line if line.starts_with("HEAD ") => promise.clone(),
        line if line.ends_with("/manifests/v1") => Reply::ok(manifest.clone()),
        line => {
            answers.iter().find(|(path, _)| line.ends_with(*path)).map_or(Reply::ok(""), |(_, reply)| reply.clone())
        }
    });
    let (client, run) = lock(&fake, &[]);
    assert_eq!(run.code, 0, "{}", run.err);
    let check = client.harden(&["images", "lock", "--check", "--insecure"]);
    assert_eq!(check.code, 0, "{}{}", check.out, check.err);
}

#[test]
fn where_nothing_has_moved_a_head_suffices() {
    let fake = serve(single(&image("1")));
    let (client, run) = lock(&fake, &[]);
    assert_eq!(run.code, 0, "{}", run.err);
    let before = fake.asked().len();
    for args in [&["--check"][..], &["--update", "*"]] {
        let run = client.harden(&[&["images", "lock", "--insecure"], args].concat());
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    }
    let asked: Vec<String> =
        fake.asked()[before..].iter().map(|request| request.lines().next().unwrap().to_owned()).collect();
    assert_eq!(asked.iter().filter(|line| line.starts_with("HEAD /v2/app/manifests/v1 ")).count(), 2, "{asked:?}");
    assert!(asked.iter().all(|line| line.starts_with("HEAD ") || line.starts_with("GET /v2/ ")), "{asked:?}");
    let before = fake.asked().len();
    assert_eq!(client.harden(&["images", "lock", "--insecure"]).code, 0);
    assert_eq!(fake.asked().len(), before, "what is in the lock is not asked for again");
}

#[test]
fn a_busy_registry_is_asked_again_when_it_says_and_no_sooner() {
    let answers = single(&image("1"));
    let turns = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&turns);
    let fake = Fake::start(move |_, line, _| {
        if line.contains("/manifests/") && counted.fetch_add(1, Ordering::SeqCst) < 2 {
            return Reply::Status(429, "Retry-After: 1\r\n", b"slowly".to_vec());
        }
        answers.iter().find(|(path, _)| line.ends_with(*path)).map_or(Reply::ok(""), |(_, reply)| reply.clone())
    });
    let start = Instant::now();
    let (_, run) = lock(&fake, &[]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(start.elapsed().as_secs() >= 2 && turns.load(Ordering::SeqCst) == 3, "{:?}", start.elapsed());

    let mut answers = single(&image("1"));
    answers.insert("manifests/v1".to_owned(), Reply::Status(429, "Retry-After: 3600\r\n", Vec::new()));
    let error = refused(answers, &[]);
    assert!(error.contains("takes no more requests for now and asks to wait 3600 s"), "{error}");
}

#[test]
fn what_was_resolved_is_kept_although_another_reference_failed() {
    let mine = image("1");
    let fake = serve(single(&mine));
    let client = Client::new();
    let host = fake.host();
    client.write("a.yaml", pod(&format!("{host}/app:v1")));
    client.write("b.yaml", pod(&format!("{host}/app:v2")));
    client.write("c.yaml", pod("127.0.0.1:1/app:v1"));
    client.write("d.yaml", "a: [\n");
    let run = client.harden(&["images", "lock", "--insecure"]);
    assert_eq!(run.code, 2, "{}{}", run.out, run.err);
    let lines: Vec<&str> = run.err.lines().collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[0].contains("d.yaml:2:1: is not valid YAML"), "{lines:?}");
    assert!(lines[1].contains("c.yaml:7:14: cannot resolve `127.0.0.1:1/app:v1`: cannot talk to "), "{lines:?}");
    assert!(lines[2].contains("has no tag `v2` in `app`"), "{lines:?}");
    let lock = fs::read_to_string(client.path("harden.lock")).unwrap();
    assert!(lock.contains(&format!("\"{host}/app:v1\"")) && !lock.contains("app:v2"), "{lock}");
    let before = fake.asked().len();
    client.harden(&["images", "lock", "--insecure"]);
    let again = fake.asked()[before..].iter().filter(|request| request.contains("/v1 ")).count();
    assert_eq!(again, 0, "the next run asks only for what is missing");
}

#[test]
fn a_slow_registry_is_waited_for_as_long_as_somebody_says() {
    let mine = image("1");
    for slow in [Reply::Trickle(mine.manifest.clone()), Reply::Silence] {
        let mut answers = single(&mine);
        answers.insert("manifests/v2".to_owned(), slow);
        let fake = serve(answers);
        let client = Client::new();
        client.write("a.yaml", pod(&format!("{}/app:v2", fake.host())));
        client.write("b.yaml", pod(&format!("{}/app:v1", fake.host())));
        let start = Instant::now();
        let run = client.harden(&["images", "lock", "--insecure", "--timeout", "1", "--jobs", "1"]);
        let took = start.elapsed().as_millis();
        assert!((1000..8000).contains(&took), "{took} ms");
        let expected = format!("error: ./a.yaml:7:14: cannot resolve `{}/app:v2`: ", fake.host());
        assert!(run.code == 2 && run.err.starts_with(&expected), "{}{}", run.out, run.err);
        assert!(run.err.contains("1 s"), "{}", run.err);
        let lock = fs::read_to_string(client.path("harden.lock")).unwrap();
        assert!(lock.contains("/app:v1\"") && !lock.contains("app:v2"), "the rest is resolved and written: {lock}");
    }
    let (_, run) = lock(&serve(single(&mine)), &["--timeout", "0"]);
    assert!(run.code == 2 && run.err.contains("--timeout <SECONDS>"), "{}", run.err);
}

#[test]
fn platforms_are_chosen_and_kept() {
    let of = |architecture| OfPlatform::new(architecture, &json!({ "User": architecture }), false);
    let all = [of("amd64"), of("arm64"), of("s390x")];
    let mut answers: Answers = all.iter().flat_map(single).collect();
    let index = OfPlatform::index(&all);
    answers.insert(format!("manifests/{}", Digest::of(&index)), Reply::ok(index.clone()));
    answers.insert("manifests/v1".to_owned(), Reply::ok(index));
    let platforms = |client: &Client| -> Vec<String> {
        let lock: Value = serde_json::from_str(&fs::read_to_string(client.path("harden.lock")).unwrap()).unwrap();
        let entry = lock["images"].as_object().unwrap().values().next().unwrap();
        entry["platforms"].as_object().unwrap().keys().cloned().collect()
    };
    let fake = serve(answers.clone());
    let (client, run) = lock(&fake, &[]);
    assert_eq!((run.code, platforms(&client)), (0, vec!["linux/amd64".to_owned(), "linux/arm64".to_owned()]));
    let run = client.harden(&["images", "lock", "--insecure", "--platform", "linux/s390x,linux/x86_64"]);
    assert_eq!((run.code, platforms(&client).len()), (0, 3), "{}", run.err);
    let run = client.harden(&["images", "lock", "--insecure", "--update", "*", "--platform", "linux/s390x"]);
    assert_eq!((run.code, platforms(&client).len()), (0, 3), "{}", run.err);
    let (client, run) = lock(&fake, &["--platform", "linux/s390x"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let run = client.harden(&["images", "lock", "--insecure", "--update", "*", "--platform", "linux/amd64"]);
    assert_eq!((run.code, platforms(&client).len()), (0, 2), "{}", run.err);
    let (client, run) = lock(&fake, &["--platform", "linux/s390x"]);
    assert_eq!((run.code, platforms(&client)), (0, vec!["linux/s390x".to_owned()]), "{}", run.err);

    let error = refused(answers, &["--platform", "linux/arm/v7"]);
    assert!(
        error.contains("is not built for linux/arm/v7; --platform chooses among linux/amd64, linux/arm64, linux/s390x"),
        "{error}"
    );
    let error = refused(single(&image("1")), &["--platform", "linux/arm64"]);
    assert!(error.contains("is not built for linux/arm64"), "{error}");
    let mut foreign = single(&of("s390x"));
    foreign.insert("manifests/v1".to_owned(), Reply::ok(OfPlatform::index(&[of("s390x")])));
    let error = refused(foreign, &[]);
    assert!(error.contains("is not built for linux/amd64 or linux/arm64"), "{error}");
    let (_, run) = lock(&serve(single(&image("1"))), &["--platform", "amd64"]);
    assert!(run.code == 2 && run.err.contains("write OS/ARCHITECTURE"), "{}", run.err);
}

#[test]
fn what_is_not_an_image_is_refused_by_name() {
    let with = |manifest: Value| Answers::from([("manifests/v1".to_owned(), Reply::ok(manifest.to_string()))]);
    for (answers, expected) in [
        (with(json!({ "schemaVersion": 1, "fsLayers": [] })), "a Docker manifest of schema 1"),
        (with(json!({ "schemaVersion": 2 })), "either layers or manifests"),
        (Answers::from([("manifests/v1".to_owned(), Reply::ok("<html>"))]), "no manifest but something else"),
        (Answers::from([("manifests/v1".to_owned(), Reply::ok(""))]), "sends an empty manifest"),
        (Answers::from([("manifests/v1".to_owned(), Reply::Nothing)]), "cannot talk to 127.0.0.1:"),
        (Answers::from([("manifests/v1".to_owned(), Reply::Status(401, "", Vec::new()))]), "wants a login"),
        (Answers::from([("manifests/v1".to_owned(), Reply::Status(500, "", Vec::new()))]), "answered 500"),
        (Answers::new(), "has no tag `v1` in `app`"),
    ] {
        let error = refused(answers, &[]);
        assert!(error.contains(expected), "{expected}: {error}");
    }
    // An artifact, as an image volume may mount one, is locked without platforms.
    let config = json!({ "mediaType": "application/vnd.oci.empty.v1+json", "digest": Digest::of(b"{}"), "size": 2 });
    let (client, run) = lock(&serve(with(json!({ "schemaVersion": 2, "config": config, "layers": [] }))), &[]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(fs::read_to_string(client.path("harden.lock")).unwrap().contains("\"platforms\": {}"));
}

#[test]
fn a_dockerfile_s_user_is_a_fact_beside_the_image_s() {
    let fake = serve(single(&image("5")));
    let client = Client::new();
    client.write("pod.yaml", pod(&format!("{}/app:v1", fake.host())));
    let config = |user: &str| {
        client.write("Dockerfile", format!("FROM alpine\nUSER {user}\n"));
        client.write("harden.yaml", format!("dockerfiles: [{{image: '{}/app', path: Dockerfile}}]\n", fake.host()));
    };
    let facts = || -> Value {
        let lock: Value = serde_json::from_str(&fs::read_to_string(client.path("harden.lock")).unwrap()).unwrap();
        let entry = lock["images"].as_object().unwrap().values().next().unwrap();
        entry["platforms"]["linux/amd64"]["facts"].clone()
    };
    let of_image = json!({ "user": "5", "uid": 5, "os": "linux" });
    for (user, of_dockerfile) in [("7:app", json!({ "user": "7:app", "uid": 7 })), ("web", json!({ "user": "web" }))] {
        config(user);
        let run = client.harden(&["images", "lock", "--insecure"]);
        assert_eq!(run.code, 0, "{}", run.err);
        assert_eq!(facts(), json!({ "image": of_image, "dockerfile": of_dockerfile }));
    }
    fs::remove_file(client.path("Dockerfile")).unwrap();
    let run = client.harden(&["images", "lock", "--insecure"]);
    assert!(run.code == 2 && run.err.contains("cannot read Dockerfile"), "{}", run.err);
    assert_eq!(facts(), json!({ "image": of_image }), "what nobody says any more is gone");
}

#[test]
fn a_mirror_is_asked_in_place_of_the_registry() {
    let fake = serve(single(&image("65532:65532")));
    let client = Client::new();
    client.write("pod.yaml", pod("nginx:v1"));
    let mirror = format!("docker.io={}/hub", fake.host());
    let run = client.harden(&["images", "lock", "--insecure", "--mirror", &mirror]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(fake.asked().iter().any(|request| request.starts_with("GET /v2/hub/library/nginx/manifests/v1 ")));
    let lock = fs::read_to_string(client.path("harden.lock")).unwrap();
    assert!(lock.contains("\"docker.io/library/nginx:v1\"") && !lock.contains("127.0.0.1"), "{lock}");
    let run = client.harden(&["images", "lock", "--mirror", "docker.io"]);
    assert!(run.code == 2 && run.err.contains("write REGISTRY=HOST"), "{}", run.err);
}
