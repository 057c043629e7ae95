//! What the compiled policies about images say: by the settings, and by what their host answers over waPC.

use std::sync::{Arc, Mutex};

use sandbox::{HostCall, HostCalls, Refusal};
use serde_json::{Value, json};

use crate::support::{payload, policies, reply};

const DIGEST: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const USER: &str = "image-user";
const PIN: &str = "image-digest";

/// A host that has one answer, and keeps what it was asked.
struct Answering {
    answer: Result<Vec<u8>, Refusal>,
    asked: Mutex<Vec<String>>,
}

impl HostCalls for Answering {
    fn answer(&self, call: &HostCall<'_>) -> Result<Vec<u8>, Refusal> {
        let image = call.image().unwrap_or_else(|| panic!("not a reference: {:?}", call.payload));
        self.asked.lock().unwrap().push(format!("{} {image}", call.capability()));
        self.answer.clone()
    }
}

/// A verdict, or the guest's error, and what the host was asked.
type Outcome = (Result<Value, String>, Vec<String>);

/// Asks the compiled policy `id` about a pod with one container, which runs `app:1`.
fn ask(id: &str, settings: &Value, answer: Result<Vec<u8>, Refusal>, context: &Value) -> Outcome {
    let host = Arc::new(Answering { answer, asked: Mutex::default() });
    let policy = policies().get(id).unwrap().answered_by(Arc::<Answering>::clone(&host));
    let container = json!({ "name": "c", "image": "app:1", "securityContext": context });
    let object = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "p", "namespace": "n" },
        "spec": { "containers": [container] },
    });
    let kind = json!({ "group": "", "version": "v1", "kind": "Pod" });
    let request = json!({ "uid": "u", "operation": "CREATE", "kind": kind, "object": object });
    let verdict = reply(&policy, payload(settings, &request).as_bytes());
    let asked = host.asked.lock().unwrap().clone();
    (verdict, asked)
}

/// The reply of Kubewarden's hosts to `oci/v1/oci_manifest_config`.
fn configured(user: &str, os: &str) -> Vec<u8> {
    let run = json!({ "User": user, "Volumes": { "/data": {} }, "ExposedPorts": { "80/tcp": {} } });
    let config = json!({ "os": os, "architecture": "amd64", "config": run, "rootfs": { "type": "layers" } });
    json!({ "digest": DIGEST, "manifest": { "schemaVersion": 2 }, "config": config }).to_string().into_bytes()
}

/// The settings with an entry of `harden.lock` that says the same as [`configured`].
fn locked(user: &str, os: &str) -> Value {
    let facts = json!({ "user": user, "volumes": ["/data"], "exposedPorts": ["80/tcp"], "os": os });
    let platform = json!({ "digest": DIGEST, "facts": { "image": facts } });
    let entry = json!({ "digest": DIGEST, "platforms": { (format!("{os}/amd64")): platform } });
    json!({ "images": { "docker.io/library/app:1": entry } })
}

/// `USER`, the platform, and how the message about it reads where the manifest sets nothing; none if it is accepted.
const USERS: [(&str, &str, Option<&str>); 15] = [
    ("1000", "linux", None),
    ("1000:1000", "linux", None),
    ("1000:app", "linux", None),
    ("2147483647", "linux", None),
    ("app", "linux", Some("whose USER is \"app\", a name")),
    ("app:app", "linux", Some("whose USER is \"app:app\", a name")),
    ("app:1000", "linux", Some("a name: Kubernetes cannot tell")),
    ("", "linux", Some("its USER is not set")),
    ("root", "linux", Some("its USER is \"root\"")),
    ("0", "linux", Some("its USER is \"0\"")),
    ("0:1000", "linux", Some("its USER is \"0:1000\"")),
    ("1000:0", "linux", Some("its group is root's")),
    ("2147483648", "linux", Some("ids end at 2147483647")),
    ("99999999999999999999", "linux", Some("ids end at 2147483647")),
    ("ContainerUser", "windows", Some("made for Windows")),
];

#[test]
fn every_form_of_user_has_one_verdict_by_the_lock_and_by_the_host() {
    let contexts = [
        json!({}),
        json!({ "runAsNonRoot": true }),
        json!({ "runAsUser": 1000 }),
        json!({ "runAsUser": 5, "runAsGroup": 6 }),
        json!({ "runAsUser": 0 }),
        json!({ "readOnlyRootFilesystem": true, "capabilities": { "drop": ["ALL"] } }),
    ];
    for (user, os, expected) in USERS {
        for context in &contexts {
            for action in ["reject", "warn", "mutate"] {
                let mut settings = locked(user, os);
                settings["action"] = action.into();
                let (by_lock, nothing) = ask(USER, &settings, Err(Refusal::Failed("asked".to_owned())), context);
                let (by_host, asked) = ask(USER, &json!({ "action": action }), Ok(configured(user, os)), context);
                assert_eq!(by_lock, by_host, "{user:?} {context} {action}");
                assert!(nothing.is_empty(), "{user:?}: what the lock knows is not asked: {nothing:?}");
                assert!(!asked.is_empty(), "{user:?}");
                for question in asked {
                    assert_eq!(question, "oci/v1/oci_manifest_config docker.io/library/app:1");
                }
            }
        }
        let verdict = ask(USER, &json!({}), Ok(configured(user, os)), &contexts[0]).0.unwrap();
        assert_eq!(verdict["accepted"], expected.is_none(), "{user:?}: {verdict}");
        let message = verdict["message"].as_str().unwrap_or_default();
        assert!(message.contains(expected.unwrap_or_default()), "{user:?}: {message}");
    }
}

#[test]
fn the_numbers_of_an_image_are_filled_in() {
    let answer = Ok(configured("1000:2000", "linux"));
    let verdict = ask(USER, &json!({ "action": "mutate" }), answer, &json!({})).0.unwrap();
    let context = &verdict["mutated_object"]["spec"]["containers"][0]["securityContext"];
    assert_eq!(*context, json!({ "runAsUser": 1000, "runAsGroup": 2000 }), "{verdict}");
}

/// Answers from which nobody can tell who runs, nor which bytes.
fn useless() -> Vec<Result<Vec<u8>, Refusal>> {
    let mut answers = vec![
        Err(Refusal::Failed("the registry is on fire".to_owned())),
        Err(Refusal::Failed(String::new())),
        Err(Refusal::Failed("\n\u{202e}".repeat(9_000))),
        Err(Refusal::Unavailable("oci".to_owned())),
        Ok(b"\xff\xfe".to_vec()),
        Ok(b"\0asm".to_vec()),
    ];
    let texts = ["", "<html>", "null", "true", "7", "[]", "\"sha256:aa\"", "{}", "{\"config\":", "{} {}"];
    answers.extend(texts.map(|text| Ok(text.into())));
    answers
}

/// Asks `id` with each of the answers, whatever the settings say about it.
fn never_accepts(id: &str, answers: Vec<Result<Vec<u8>, Refusal>>) {
    for answer in answers {
        for action in ["reject", "mutate"] {
            let shown = format!("{id} {action} {answer:?}");
            let verdict = ask(id, &json!({ "action": action }), answer.clone(), &json!({})).0.unwrap();
            assert_eq!(verdict["accepted"], false, "{shown}: {verdict}");
            assert_eq!(verdict["mutated_object"], Value::Null, "{shown}");
            let message = verdict["message"].as_str().unwrap();
            assert!(message.contains("which cannot be judged: the host"), "{shown}: {message}");
            assert!(message.len() < 1_000 && !message.contains(['\n', '\u{202e}']), "{shown}: {message:?}");
        }
        // `error` refuses the request whatever `action` says.
        for action in ["reject", "warn", "mutate"] {
            let settings = json!({ "action": action, "unanswered": "error" });
            let error = ask(id, &settings, answer.clone(), &json!({})).0.unwrap_err();
            assert!(error.contains("spec.containers[0].image cannot be judged: the host"), "{id} {answer:?}: {error}");
        }
    }
}

#[test]
fn a_host_that_does_not_say_the_user_is_never_an_accept() {
    let mut answers = useless();
    let run = |run: Value| json!({ "config": { "os": "linux", "architecture": "amd64", "config": run } });
    let shapes = [
        json!({ "digest": DIGEST }),
        json!({ "config": null }),
        json!({ "config": "1000" }),
        json!({ "config": [] }),
        json!({ "config": { "config": { "User": "1000" } } }),
        json!({ "config": { "os": "linux", "config": { "User": "1000" } } }),
        json!({ "config": { "os": 5, "architecture": "amd64", "config": { "User": "1000" } } }),
        run(json!("1000")),
        run(json!({ "User": 1000 })),
        run(json!({ "User": ["1000"] })),
        run(json!({ "User": "1000", "user": "1000" })),
        run(json!({ "User": "1000", "u\u{17f}er": "root" })),
        run(json!({ "User": "1000", "Volumes": ["/data"] })),
        run(json!({ "User": "1000", "ExposedPorts": "80" })),
    ];
    answers.extend(shapes.map(|shape| Ok(shape.to_string().into_bytes())));
    answers
        .push(Ok(br#"{"config":{"os":"linux","architecture":"amd64","config":{"User":"1000","User":"0"}}}"#.to_vec()));
    never_accepts(USER, answers);
}

#[test]
fn a_host_that_does_not_say_the_digest_is_never_an_accept() {
    let mut answers = useless();
    let shapes = [
        json!({ "digest": null }),
        json!({ "digest": 5 }),
        json!({ "digest": "" }),
        json!({ "digest": "latest" }),
        json!({ "digest": DIGEST[..70] }),
        json!({ "digest": DIGEST.to_ascii_uppercase() }),
        json!({ "digest": [DIGEST] }),
        json!({ "digests": DIGEST }),
        json!({ "digest": DIGEST, "Digest": DIGEST }),
    ];
    answers.extend(shapes.map(|shape| Ok(shape.to_string().into_bytes())));
    never_accepts(PIN, answers);
}

#[test]
fn a_digest_is_the_same_by_the_lock_and_by_the_host() {
    let reply = || Ok(json!({ "digest": DIGEST }).to_string().into_bytes());
    for action in ["reject", "warn", "mutate"] {
        let mut settings = locked("1000", "linux");
        settings["action"] = action.into();
        let (by_lock, nothing) = ask(PIN, &settings, Err(Refusal::Failed("asked".to_owned())), &json!({}));
        let (by_host, asked) = ask(PIN, &json!({ "action": action }), reply(), &json!({}));
        assert_eq!(by_lock, by_host, "{action}");
        assert!(nothing.is_empty(), "{nothing:?}");
        assert_eq!(asked[0], "oci/v1/manifest_digest docker.io/library/app:1");
        let verdict = by_host.unwrap();
        assert_eq!(verdict["accepted"], action != "reject", "{verdict}");
        let image = &verdict["mutated_object"]["spec"]["containers"][0]["image"];
        let pinned = if action == "mutate" { json!(format!("app:1@{DIGEST}")) } else { Value::Null };
        assert_eq!(*image, pinned, "{verdict}");
    }
}
