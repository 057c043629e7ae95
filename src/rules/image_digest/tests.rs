use std::rc::Rc;

use serde_json::{Value, json};

use super::*;
use crate::evaluate;
use crate::host::{Host, NoAnswer};
use crate::policy::{Load, Single};

const DIGEST: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// A registry with one answer.
struct Answering(&'static str);

impl Host for Answering {
    fn ask(&self, capability: Capability, _: &str) -> Result<Vec<u8>, NoAnswer> {
        assert_eq!(capability, Capability::ManifestDigest);
        Ok(self.0.as_bytes().to_vec())
    }
}

fn answer(settings: &Value, reply: Option<&'static str>, image: &str) -> Value {
    let volume = json!({ "name": "v", "image": { "reference": image } });
    let spec = json!({ "containers": [{ "name": "c", "image": image }], "volumes": [volume] });
    let object = json!({ "metadata": {}, "spec": spec });
    let request = json!({ "operation": "CREATE", "kind": { "kind": "Pod" }, "object": object });
    let payload = json!({ "settings": settings, "request": request }).to_string();
    let host = reply.map(|reply| Rc::new(Answering(reply)) as Rc<dyn Host>);
    let answer = evaluate::validate_on(host, payload.as_bytes(), Single::<ImageDigest>::load).unwrap();
    serde_json::from_slice(&answer).unwrap()
}

const REPLY: &str = r#"{"digest":"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}"#;

#[test]
fn a_tag_is_pinned_by_the_settings_or_by_the_host() {
    let entry = json!({ "images": { "docker.io/library/app:1": { "digest": DIGEST, "platforms": {} } } });
    for (mut settings, reply) in [(entry, None), (json!({}), Some(REPLY))] {
        let refused = answer(&settings, reply, "app:1");
        assert_eq!(refused["accepted"], false);
        let message = refused["message"].as_str().unwrap();
        assert!(
            message.contains(&format!("app:1@{DIGEST}")) && message.contains("volumes[0].image.reference"),
            "{message}"
        );
        settings["action"] = "mutate".into();
        let mutated = answer(&settings, reply, "app:1");
        let spec = &mutated["mutated_object"]["spec"];
        let pinned = json!(format!("app:1@{DIGEST}"));
        assert_eq!((&spec["containers"][0]["image"], &spec["volumes"][0]["image"]["reference"]), (&pinned, &pinned));
        assert_eq!(answer(&settings, None, &format!("app:1@{DIGEST}"))["accepted"], true, "what is pinned is pinned");
    }
    let latest = answer(&json!({ "action": "mutate" }), Some(REPLY), "app");
    assert_eq!(latest["mutated_object"]["spec"]["containers"][0]["image"], format!("app:latest@{DIGEST}"));
}

#[test]
fn what_nobody_knows_is_never_accepted() {
    for reply in [None, Some(""), Some("<html>"), Some("{}"), Some(r#"{"digest":"latest"}"#), Some(r#"{"digest":5}"#)] {
        for action in ["reject", "mutate"] {
            let refused = answer(&json!({ "action": action }), reply, "app:1");
            assert!(refused["accepted"] == false && refused["mutated_object"].is_null(), "{reply:?}: {refused}");
        }
    }
    assert_eq!(answer(&json!({}), Some(REPLY), "No Image")["accepted"], false);
}
