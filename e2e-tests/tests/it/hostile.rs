//! Payloads of people who mean harm: each gets a reply, and none is accepted that cannot be read.

use cases::BUNDLE;
use proptest::prelude::*;
use sandbox::{Policy, SandboxError};
use serde_json::{Value, json};

use crate::support::{payload, pod_request, policies, reply};

/// Runs the payload on every policy: all must answer within the sandbox's limits. `judge` gets the reply.
fn on_all(payload: &[u8], judge: impl Fn(&str, Result<Value, String>)) {
    for (id, policy) in policies().iter() {
        judge(id, reply(policy, payload));
    }
}

fn must_be_an_error(payload: &[u8]) {
    on_all(payload, |id, reply| {
        assert!(reply.is_err(), "{id} judges what cannot be read: {reply:?}");
    });
}

/// Containers of a crowd, for a rule and for the bundle, which keeps every rule's violations in memory.
const CROWD: usize = 10_000;
const CROWD_OF_BUNDLE: usize = 10_000;
/// The same for an UPDATE, where violations are compared with the old object's.
const UPDATED_CROWD: usize = 10_000;
const UPDATED_CROWD_OF_BUNDLE: usize = 10_000;

/// A pod spec of `count` containers without anything that rules ask for.
fn crowd(count: usize, more: &Value) -> Value {
    let container = |index: usize| json!({ "name": format!("c{index}"), "image": "app", "args": [more] });
    json!({ "containers": (0..count).map(container).collect::<Vec<_>>() })
}

/// Rules that have nothing against a bare container.
fn is_content(id: &str) -> bool {
    let request = payload(&json!({}), &pod_request(&crowd(1, &Value::Null)));
    reply(policies().get(id).unwrap(), request.as_bytes()).unwrap()["accepted"] == json!(true)
}

#[test]
fn ten_thousand_containers_of_three_megabytes() {
    let more = json!("x".repeat(220));
    for (id, policy) in policies().iter() {
        let count = if id == BUNDLE { CROWD_OF_BUNDLE } else { CROWD };
        let payload = payload(&json!({}), &pod_request(&crowd(count, &more)));
        assert!(count < CROWD || payload.len() > 2_600_000, "{}", payload.len());
        let response = reply(policy, payload.as_bytes()).unwrap();
        let message = response["message"].as_str().unwrap_or_default();
        assert_eq!(response["accepted"], json!(is_content(id)), "{id}");
        assert!(message.len() < 10_000, "{id}: a message of {} bytes", message.len());
        // A rule about the pod has one thing to say, however many containers there are.
        let is_about_the_pod = !message.contains("container \"");
        assert!(is_content(id) || is_about_the_pod || message.contains(" more"), "{id}: {message}");
    }
}

#[test]
fn many_containers_updated_and_mutated() {
    for (id, policy) in policies().iter() {
        let spec = crowd(if id == BUNDLE { UPDATED_CROWD_OF_BUNDLE } else { UPDATED_CROWD }, &Value::Null);
        let object = json!({ "kind": "Deployment", "metadata": {}, "spec": { "template": { "spec": spec } } });
        let kind = json!({ "group": "apps", "version": "v1", "kind": "Deployment" });
        let request = json!({ "operation": "UPDATE", "kind": kind, "object": object, "oldObject": object });
        for settings in [json!({}), json!({ "action": "mutate", "existingViolations": "reject" })] {
            let reply = reply(policy, payload(&settings, &request).as_bytes());
            assert!(reply.unwrap()["accepted"].is_boolean(), "{id}");
        }
    }
}

#[test]
fn deep_nesting() {
    for depth in [100, 120, 126, 127, 128, 200, 5_000, 100_000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let deep = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            // Where nobody looks, where an object should be, and where a template is searched for.
            let places = [
                format!(r#"{{"kind":"Pod","metadata":{{"x":{deep}}},"spec":{{"containers":[{{"name":"a"}}]}}}}"#),
                format!(r#"{{"kind":"Pod","spec":{deep}}}"#),
                format!(r#"{{"kind":"Widget","spec":{{"template":{deep}}}}}"#),
                deep.clone(),
            ];
            for object in places {
                let payload = format!(r#"{{"request":{{"operation":"CREATE","object":{object}}}}}"#);
                on_all(payload.as_bytes(), |id, reply| {
                    let is_pod = object.contains("Pod");
                    let accepted = reply.is_ok_and(|response| response["accepted"] == json!(true));
                    assert!(!accepted || !is_pod || is_content(id), "{id} accepts a pod at depth {depth}");
                });
            }
        }
    }
}

#[test]
fn a_pod_that_is_120_deep_is_judged() {
    let deep = format!("{}1{}", "[".repeat(110), "]".repeat(110));
    let spec = format!(r#"{{"containers":[{{"name":"a","securityContext":{{"privileged":true}},"x":{deep}}}]}}"#);
    let request = format!(r#"{{"operation":"CREATE","object":{{"kind":"Pod","spec":{spec}}}}}"#);
    let response = policies().get("privileged").unwrap().validate("{}", &request).unwrap();
    assert!(!response.accepted);
}

#[test]
fn invalid_utf8() {
    let before = br#"{"request":{"operation":"CREATE","object":{"kind":"Pod","metadata":{"name":""#;
    let after = br#""},"spec":{"containers":[{"name":"a"}]}}}}"#;
    for bytes in [&b"\xff"[..], b"\xc3", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xc0\x80", b"a\x80b"] {
        must_be_an_error(&[before, bytes, after].concat());
    }
}

#[test]
fn control_characters_and_broken_escapes() {
    for name in ["\n", "\0", "\\u12", "\\x41", "\\ud800x"] {
        let payload = format!(
            r#"{{"request":{{"operation":"CREATE","object":{{"kind":"Pod","metadata":{{"namespace":"{name}"}},"spec":{{"containers":[{{}}]}}}}}}}}"#
        );
        must_be_an_error(payload.as_bytes());
    }
}

#[test]
fn duplicate_keys_wherever_a_rule_looks() {
    let good = r#""containers":[{"name":"a"}]"#;
    for object in [
        r#"{"kind":"Pod","kind":"ConfigMap","spec":{"containers":[{}]}}"#.to_owned(),
        format!(r#"{{"kind":"Pod","spec":{{{good}}},"spec":{{{good}}}}}"#),
        format!(r#"{{"kind":"Pod","spec":{{{good},{good}}}}}"#),
        r#"{"kind":"Pod","spec":{"containers":[{"name":"a","name":"b"}]}}"#.to_owned(),
        r#"{"kind":"Pod","spec":{"containers":[{"securityContext":{"privileged":true,"privileged":false}}]}}"#
            .to_owned(),
        r#"{"kind":"Pod","spec":{"containers":[{"securityContext":{"priv\u0069leged":true,"privileged":false}}]}}"#
            .to_owned(),
    ] {
        must_be_an_error(format!(r#"{{"request":{{"operation":"CREATE","object":{object}}}}}"#).as_bytes());
    }
    must_be_an_error(br#"{"request":{"operation":"DELETE","operation":"CREATE","object":{"kind":"Pod","spec":{"containers":[{}]}}}}"#);
    must_be_an_error(br#"{"request":{"operation":"DELETE"},"request":{"operation":"DELETE"}}"#);
    must_be_an_error(br#"{"settings":{},"settings":{},"request":{"operation":"DELETE"}}"#);
}

#[test]
fn a_string_of_one_megabyte() {
    let long = "x".repeat(1 << 20);
    let spec = json!({ "containers": [{ "name": long, "image": long, "securityContext": { "privileged": true } }] });
    on_all(payload(&json!({}), &pod_request(&spec)).as_bytes(), |id, reply| {
        assert!(reply.unwrap()["accepted"].is_boolean(), "{id}");
    });
    let annotated = json!({
        "operation": "CREATE",
        "object": { "kind": "Pod", "metadata": { "annotations": { long: "y" } }, "spec": { "containers": [{}] } },
    });
    on_all(payload(&json!({}), &annotated).as_bytes(), |id, reply| {
        assert!(reply.unwrap()["accepted"].is_boolean(), "{id}");
    });
}

#[test]
fn no_glob_takes_long() {
    let text = "a".repeat(100_000);
    let spec = json!({ "containers": [{ "name": "app", "image": text }] });
    let settings = json!({ "exemptions": [{ "images": ["a*a*a*a*a*b", "*a*a*a*a*a*a*b*"] }] });
    on_all(payload(&settings, &pod_request(&spec)).as_bytes(), |id, reply| {
        assert!(reply.unwrap()["accepted"].is_boolean(), "{id}");
    });
}

#[test]
fn every_truncation_is_an_error() {
    let whole = payload(&json!({ "action": "warn" }), &pod_request(&json!({ "containers": [{ "name": "é😀" }] })));
    let bundle = policies().get(BUNDLE).unwrap();
    for end in 0..whole.len() {
        assert!(reply(bundle, &whole.as_bytes()[..end]).is_err(), "cut at {end}");
    }
    must_be_an_error(b"");
}

#[test]
fn other_shapes_are_errors() {
    for text in ["null", "[]", "7", "\"text\"", "{}", r#"{"request":null}"#, r#"{"request":[]}"#, r#"{"request":{}}"#] {
        must_be_an_error(text.as_bytes());
    }
    for object in ["true", "7", "\"Pod\"", "[]", r#"[{"kind":"Pod"}]"#, "{}"] {
        must_be_an_error(format!(r#"{{"request":{{"operation":"CREATE","object":{object}}}}}"#).as_bytes());
    }
}

#[test]
fn settings_cannot_do_harm_either() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let many = json!({ "exemptions": vec![json!({ "containers": ["*"] }); 20_000] }).to_string();
    for (id, policy) in policies().iter() {
        for settings in
            [deep.as_str(), &format!(r#"{{"action":{deep}}}"#), &many, &format!("\"{}\"", "x".repeat(1 << 20))]
        {
            let verdict: Result<_, SandboxError> = policy.validate_settings(settings);
            assert!(verdict.is_ok(), "{id}: {:?}", verdict.err());
        }
    }
}

/// One policy after another, so that all are used.
fn some_policy(number: usize) -> (&'static str, &'static Policy) {
    let all: Vec<_> = policies().iter().collect();
    all[number % all.len()]
}

/// JSON of any shape whose keys are those that rules look at.
fn any_json() -> impl Strategy<Value = Value> {
    let key = prop::sample::select(vec![
        "kind",
        "apiVersion",
        "metadata",
        "annotations",
        "namespace",
        "spec",
        "template",
        "jobTemplate",
        "containers",
        "initContainers",
        "ephemeralContainers",
        "name",
        "image",
        "securityContext",
        "privileged",
        "capabilities",
        "drop",
        "add",
        "resources",
        "limits",
        "requests",
        "cpu",
        "volumes",
        "volumeMounts",
        "runAsUser",
        "os",
        "x",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(vec!["Pod", "Deployment", "Widget", "ALL", "", "1Gi"]).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(8, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..6)
                .prop_map(|pairs| pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Bytes that are no JSON object with a request are errors.
    #[test]
    fn arbitrary_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400), number in any::<usize>()) {
        let (id, policy) = some_policy(number);
        prop_assert!(reply(policy, &bytes).is_err(), "{id}");
    }

    /// A good request with some bytes changed: a reply, whatever it is.
    #[test]
    fn damaged_requests(edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6), number in any::<usize>()) {
        let spec = json!({ "containers": [{ "name": "app", "image": "app:1", "securityContext": { "privileged": false } }] });
        let mut bytes = payload(&json!({ "action": "mutate" }), &pod_request(&spec)).into_bytes();
        for (index, byte) in edits {
            let at = index.index(bytes.len());
            bytes[at] = byte;
        }
        let (_, policy) = some_policy(number);
        let readable = serde_json::from_slice::<Value>(&bytes).is_ok();
        let reply = reply(policy, &bytes);
        prop_assert!(readable || reply.is_err(), "{reply:?}");
    }

    /// JSON of any shape as the object: a reply, and no Pod is accepted without a list of containers.
    #[test]
    fn arbitrary_objects(object in any_json(), old in any_json(), number in any::<usize>()) {
        let request = json!({ "operation": "UPDATE", "kind": { "kind": "Pod" }, "object": object, "oldObject": old });
        let (id, policy) = some_policy(number);
        let accepted = reply(policy, payload(&json!({}), &request).as_bytes()).is_ok_and(|r| r["accepted"] == json!(true));
        let containers = object["spec"]["containers"].as_array().is_some_and(|list| !list.is_empty());
        prop_assert!(!accepted || object.is_null() || containers, "{id} accepts {object}");
    }

    /// JSON of any shape as the object of a kind that nobody knows: a reply.
    #[test]
    fn arbitrary_unknown_kinds(object in any_json(), number in any::<usize>()) {
        let request = json!({ "operation": "CREATE", "kind": { "group": "x.io", "kind": "Widget" }, "object": object });
        let settings = json!({ "podTemplates": ["/spec", "/*/*", "/spec/template/spec/containers/0"], "unknownKinds": "reject" });
        let (id, policy) = some_policy(number);
        let reply = reply(policy, payload(&settings, &request).as_bytes());
        prop_assert!(object.is_null() || reply.is_err() || !reply.is_ok_and(|r| r["accepted"].is_null()), "{id}");
    }

    /// Settings of any shape: valid or not, and an error in `validate` if not.
    #[test]
    fn arbitrary_settings(settings in any_json(), number in any::<usize>()) {
        let (id, policy) = some_policy(number);
        let verdict = policy.validate_settings(&settings.to_string()).unwrap();
        let reply = reply(policy, payload(&settings, &pod_request(&json!({ "containers": [{}] }))).as_bytes());
        prop_assert_eq!(verdict.valid, reply.is_ok(), "{}: {}", id, settings);
    }
}
