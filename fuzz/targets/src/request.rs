//! Requests: every policy, with several settings each.

use std::sync::LazyLock;

use hardening::catalogue::IDS;
use hardening::json;
use hardening::request::{AdmissionRequest, Payload};
use sandbox::{self, Engine, ErrorKind, Options, SandboxError};
use serde_json::{Map, Value};

use crate::policies::{self, Policy};

/// Settings that every policy takes.
const ANY: [&str; 3] =
    ["{}", r#"{"action":"warn","existingViolations":"reject","podTemplates":["/spec/*/template"]}"#, MUTATE];
const MUTATE: &str = r#"{"action":"mutate","overwrite":true,"unfixable":"warn"}"#;

/// Settings that only the bundle takes.
static OF_BUNDLE: LazyLock<[String; 4]> = LazyLock::new(|| {
    // What has no value to fill in by default has one here.
    let with_values = serde_json::json!({
        "run-as-user": { "user": { "default": 10001 }, "group": { "default": 10001 } },
        "read-only-root-filesystem": { "writablePaths": ["/tmp"] },
        "resources": { "limits": { "memory": { "default": "64Mi" } }, "requests": { "cpu": { "default": "10m" } } },
    });
    let all = IDS.iter().map(|id| ((*id).to_owned(), with_values.get(id).cloned().unwrap_or(true.into())));
    let all: Value = all.collect::<Map<_, _>>().into();
    [
        serde_json::json!({ "profile": "baseline", "version": "v1.20", "warn": "restricted", "warnVersion": "latest" }),
        serde_json::json!({ "profile": "restricted" }),
        serde_json::json!({ "profile": "restricted", "action": "mutate", "unfixable": "warn" }),
        serde_json::json!({ "action": "mutate", "overwrite": true, "unfixable": "warn", "rules": all }),
    ]
    .map(|settings| settings.to_string())
});

/// `bytes` as the admission request, with every settings, and as the whole payload.
///
/// Text that is not JSON is never judged. A repair changes nothing when it is repeated. The compiled bundle answers
/// with the bytes of the native one.
pub fn run(bytes: &[u8]) {
    for policy in policies::all() {
        judge(policy, "", bytes);
        for settings in ANY {
            judge(policy, settings, &payload(settings, bytes));
        }
    }
    for settings in OF_BUNDLE.iter() {
        judge(Policy::Bundle, settings, &payload(settings, bytes));
    }
    compiled_agrees(bytes);
    for settings in ANY.into_iter().chain(OF_BUNDLE.iter().map(String::as_str)) {
        compiled_agrees(&payload(settings, bytes));
    }
}

static COMPILED: LazyLock<Option<sandbox::Policy>> = LazyLock::new(|| {
    // Room for every test that runs at once.
    let loaded = Engine::new(Options { pool: 16, ..Options::default() }).and_then(|engine| embedded::bundle(&engine));
    loaded.inspect_err(|error| eprintln!("{error}")).ok()
});

fn compiled_agrees(payload: &[u8]) {
    let Some(compiled) = COMPILED.as_ref() else { return };
    let answers = (Policy::Bundle.answer(payload), compiled.call("validate", payload));
    let agree = match &answers {
        (Ok(native), Ok(wasm)) => native == wasm,
        // The sandbox shortens what a policy says.
        (Err(_), Err(SandboxError { kind: ErrorKind::Guest(_), .. })) => true,
        _ => false,
    };
    assert!(agree, "native and compiled, of {}: {answers:?}", String::from_utf8_lossy(payload));
}

fn payload(settings: &str, request: &[u8]) -> Vec<u8> {
    [br#"{"settings":"#, settings.as_bytes(), br#","request":"#, request, b"}"].concat()
}

fn judge(policy: Policy, settings: &str, payload: &[u8]) {
    let answer = policy.validate(payload);
    assert!(answer.is_err() || policies::is_json(payload), "{} judges what is not JSON", policy.id());
    let Ok(answer) = answer else { return };
    assert_eq!(policy.validate(payload).as_ref(), Ok(&answer), "{} is not the same twice", policy.id());
    let listed = policies::violations(&answer);
    let refuses = listed.iter().any(|violation| violation["rejects"] == true);
    assert!(answer["accepted"] == true || refuses || answer["message"].is_string(), "{}: {answer}", policy.id());
    assert!(answer["accepted"] != true || !refuses, "{} accepts what it refuses: {answer}", policy.id());
    if answer["mutated_object"].is_object() {
        repeat(policy, settings, payload, &answer["mutated_object"]);
    }
}

/// Judges what a repair made: it is accepted, and there is nothing left that could be repaired.
fn repeat(policy: Policy, settings: &str, payload: &[u8], repaired: &Value) {
    let text = std::str::from_utf8(payload).unwrap_or_default();
    let Ok(Payload { request: Some(request), .. }) = json::read_object(text) else { return };
    // Settings of the payload's own are not known here.
    if settings.is_empty() {
        return;
    }
    let request = with_object(&request, &repaired.to_string());
    let again = policy.validate(&self::payload(settings, request.as_bytes()));
    let Ok(again) = again else { unrepeatable(policy, &again, &request) };
    let listed = policies::violations(&again);
    let is_left = |violation: &Value| violation["fixable"] == true && violation["rejects"] == true;
    if again["accepted"] != true || !again["mutated_object"].is_null() || listed.iter().any(is_left) {
        unrepeatable(policy, &Ok(again), &request);
    }
}

/// The request with another object.
fn with_object(request: &AdmissionRequest<'_>, object: &str) -> String {
    let mut out = format!(r#"{{"object":{object}"#);
    let mut text = |key: &str, value: Option<&str>| {
        if let Some(value) = value {
            out.push_str(&[",", &json::string(key), ":", &json::string(value)].concat());
        }
    };
    text("operation", request.operation.as_deref());
    text("namespace", request.namespace.as_deref());
    text("name", request.name.as_deref());
    text("subResource", request.sub_resource.as_deref());
    if let Some(kind) = &request.kind {
        let of = |text: &Option<json::Text<'_>>| json::string(text.as_deref().unwrap_or_default());
        out.push_str(&format!(r#","kind":{{"group":{},"kind":{}}}"#, of(&kind.group), of(&kind.kind)));
    }
    if let Some(old) = request.old_object {
        out.push_str(&[r#","oldObject":"#, old.get()].concat());
    }
    out + "}"
}

#[allow(clippy::panic)]
fn unrepeatable(policy: Policy, answer: &Result<Value, String>, request: &str) -> ! {
    panic!("{} says about what it repaired: {answer:?}\n{request}", policy.id())
}
