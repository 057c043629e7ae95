use std::rc::Rc;

use serde_json::{Value, json};

use super::*;
use crate::evaluate;
use crate::host::{Host, NoAnswer};
use crate::policy::{Load, Single};
use crate::rules::testing::settings_error;

const DIGEST: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// A registry whose every image has this answer.
struct Answering(Result<Vec<u8>, NoAnswer>);

impl Host for Answering {
    fn ask(&self, capability: Capability, reference: &str) -> Result<Vec<u8>, NoAnswer> {
        assert_eq!((capability, reference), (Capability::ManifestConfig, "docker.io/library/app:1"));
        self.0.clone()
    }
}

fn configured(user: &str, os: &str) -> Vec<u8> {
    let config = json!({ "User": user, "Volumes": { "/data": {} }, "ExposedPorts": { "80/tcp": {} } });
    json!({ "digest": DIGEST, "manifest": {}, "config": { "os": os, "architecture": "amd64", "config": config } })
        .to_string()
        .into_bytes()
}

/// The settings with an entry that says the same as [`configured`].
fn locked(user: &str, os: &str) -> Value {
    let facts = json!({ "user": user, "volumes": ["/data"], "exposedPorts": ["80/tcp"] });
    let platform = json!({ "digest": DIGEST, "facts": { "image": facts } });
    let entry = json!({ "digest": DIGEST, "platforms": { (format!("{os}/amd64")): platform } });
    json!({ "images": { "docker.io/library/app:1": entry } })
}

/// The answer about a pod whose container has this security context.
fn answer(settings: &Value, host: Option<Result<Vec<u8>, NoAnswer>>, context: &Value) -> Result<Value, String> {
    let container = json!({ "name": "c", "image": "app:1", "securityContext": context });
    let object = json!({ "metadata": {}, "spec": { "containers": [container] } });
    let request = json!({ "operation": "CREATE", "kind": { "kind": "Pod" }, "object": object });
    let payload = json!({ "settings": settings, "request": request }).to_string();
    let host = host.map(|reply| Rc::new(Answering(reply)) as Rc<dyn Host>);
    let answer = evaluate::validate_on(host, payload.as_bytes(), Single::<ImageUser>::load).map_err(String::from)?;
    Ok(serde_json::from_slice(&answer).unwrap())
}

#[test]
fn every_form_of_user_has_one_verdict_whoever_says_it() {
    for (user, os, context, expected) in [
        ("1000", "linux", json!({}), None),
        ("1000:1000", "linux", json!({}), None),
        ("1000:1000", "linux", json!({"runAsUser": 1000, "runAsGroup": 1000}), None),
        ("1000:1000", "linux", json!({"runAsUser": 5}), Some("must be 1000, as USER of the image says")),
        ("1000:1000", "linux", json!({"runAsUser": 1000, "runAsGroup": 5}), Some("runAsGroup is 5")),
        ("1000:0", "linux", json!({}), Some("its group is root's")),
        ("app", "linux", json!({}), Some("a name: Kubernetes cannot tell")),
        ("app:app", "linux", json!({"runAsNonRoot": true}), Some("the kubelet refuses to start it")),
        ("app", "linux", json!({"runAsUser": 7}), None),
        ("0:1000", "linux", json!({}), Some("which runs as root")),
        ("", "linux", json!({}), Some("because its USER is not set")),
        ("root", "linux", json!({"runAsNonRoot": true}), Some("the kubelet refuses to start it")),
        ("root", "linux", json!({"runAsUser": 7}), None),
        ("2147483648", "linux", json!({}), Some("ids end at 2147483647")),
        ("ContainerUser", "windows", json!({}), Some("made for Windows")),
    ] {
        let by_settings = answer(&locked(user, os), None, &context).unwrap();
        let by_host = answer(&json!({}), Some(Ok(configured(user, os))), &context).unwrap();
        assert_eq!(by_settings, by_host, "{user} {context}");
        let message = by_settings["message"].as_str().unwrap_or_default();
        assert_eq!(by_settings["accepted"], expected.is_none(), "{user} {context}: {message}");
        assert!(message.contains(expected.unwrap_or_default()), "{user} {context}: {message}");
    }
}

#[test]
fn what_nobody_knows_is_never_accepted() {
    let replies = [
        None,
        Some(Err(NoAnswer("the registry is on fire".to_owned()))),
        Some(Ok(b"<html>".to_vec())),
        Some(Ok(b"\xff".to_vec())),
        Some(Ok(b"{}".to_vec())),
        Some(Ok(br#"{"config":{"os":"linux","architecture":"amd64","config":{"User":5}}}"#.to_vec())),
        Some(Ok(br#"{"config":{"os":"linux","architecture":"amd64","config":{"User":"5","user":"0"}}}"#.to_vec())),
    ];
    for reply in replies {
        let refused = answer(&json!({}), reply.clone(), &json!({})).unwrap();
        assert_eq!(refused["accepted"], false, "{reply:?}");
        assert!(refused["message"].as_str().unwrap().contains("which cannot be judged"), "{refused}");
        let error = answer(&json!({ "unanswered": "error", "action": "warn" }), reply.clone(), &json!({})).unwrap_err();
        assert!(error.contains("cannot be judged") && !error.contains("fire"), "{error}");
    }
    let bare = json!({ "images": { "docker.io/library/app:1": { "digest": DIGEST, "platforms": {} } } });
    assert!(answer(&bare, None, &json!({})).unwrap()["message"].as_str().unwrap().contains("has no facts"));
}

#[test]
fn it_fills_in_ids_and_volumes_and_only_names_a_capability() {
    let mut settings = locked("101:102", "linux");
    settings["action"] = "mutate".into();
    let context = json!({ "readOnlyRootFilesystem": true, "capabilities": { "drop": ["ALL"] } });
    let mutated = answer(&settings, None, &context).unwrap();
    let container = &mutated["mutated_object"]["spec"]["containers"][0];
    let ids = (&container["securityContext"]["runAsUser"], &container["securityContext"]["runAsGroup"]);
    assert_eq!(ids, (&json!(101), &json!(102)), "{mutated}");
    assert_eq!(container["volumeMounts"][0]["mountPath"], "/data");
    assert_eq!(mutated["mutated_object"]["spec"]["volumes"][0]["emptyDir"], json!({}));
    assert!(mutated["warnings"].to_string().contains("NET_BIND_SERVICE"), "{mutated}");
    assert!(!mutated["mutated_object"].to_string().contains("NET_BIND_SERVICE"));
    for user in ["", "app"] {
        let mut settings = locked(user, "linux");
        settings["action"] = "mutate".into();
        assert_eq!(answer(&settings, None, &json!({})).unwrap()["accepted"], false, "{user}");
    }
}

#[test]
fn entries_are_read_as_strictly_as_the_lock() {
    let with =
        |name: &str, entry: &Value| settings_error::<ImageUser>(&json!({ "images": { name: entry } }).to_string());
    let facts = |facts: Value| {
        let platforms = json!({ "linux/amd64": { "digest": DIGEST, "facts": facts } });
        with("docker.io/library/app:1", &json!({ "digest": DIGEST, "platforms": platforms }))
    };
    let whole = json!({ "user": "a", "uid": 1, "gid": 2, "volumes": ["/a"], "exposedPorts": ["1/tcp"], "os": "linux" });
    assert_eq!(facts(json!({ "image": whole, "dockerfile": {}, "try": { "uid": 1 } })), None);
    for (error, expected) in [
        (facts(json!({ "image": { "shell": "sh" } })), "facts.image.shell: unknown setting"),
        (facts(json!({ "guess": {} })), "facts.guess: unknown setting, expected one of: image, dockerfile, try"),
        (facts(json!({ "image": { "uid": -1 } })), "facts.image.uid: "),
        (facts(json!({ "image": { "volumes": "/a" } })), "facts.image.volumes: "),
        (with("app:1", &json!({ "digest": DIGEST })), "must be written in full, as docker.io/library/app:1"),
        (with("App", &json!({ "digest": DIGEST })), "is not the name of an image"),
        (with("docker.io/library/app:1", &json!({ "digest": "sha256:1" })), "digest: must be sha256:"),
        (with("docker.io/library/app:1", &json!({})), "digest: must be sha256:"),
        (with("docker.io/library/app:1", &json!(null)), "must be an object"),
        (
            with("docker.io/library/app:1", &json!({ "digest": DIGEST, "platforms": { "linux": {} } })),
            "OS/ARCHITECTURE",
        ),
        (settings_error::<ImageUser>(r#"{"images": []}"#), "images: must be an object"),
        (settings_error::<ImageUser>(r#"{"images": {"a": {}, "a": {}}}"#), "is given twice"),
    ] {
        assert!(error.as_ref().is_some_and(|error| error.contains(expected)), "{expected}: {error:?}");
    }
}
