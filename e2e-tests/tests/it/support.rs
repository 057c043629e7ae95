//! The compiled policies, and calls of them.

use std::sync::LazyLock;

use e2e_tests::policies::{Policies, ids};
use sandbox::{ErrorKind, Policy};
use serde_json::{Value, json};

/// Every compiled policy, loaded once.
pub(crate) fn policies() -> &'static Policies {
    static POLICIES: LazyLock<Policies> = LazyLock::new(|| Policies::load(&ids()).unwrap());
    &POLICIES
}

/// The payload of `validate`.
pub(crate) fn payload(settings: &Value, request: &Value) -> String {
    json!({ "settings": settings, "request": request }).to_string()
}

/// Returns the bytes that `validate` answers, or the guest's own error. Everything else (a trap, a timeout, too much
/// memory) fails the test.
pub(crate) fn answer(policy: &Policy, payload: &[u8]) -> Result<Vec<u8>, String> {
    policy.call("validate", payload).map_err(|error| match error.kind {
        ErrorKind::Guest(text) => text,
        // The beginning tells them apart; the whole may have megabytes.
        _ => panic!("{error}: {}", String::from_utf8_lossy(&payload[..payload.len().min(2_000)])),
    })
}

/// Returns the response of `validate`, as [`answer`] does.
pub(crate) fn reply(policy: &Policy, payload: &[u8]) -> Result<Value, String> {
    answer(policy, payload).map(|bytes| serde_json::from_slice(&bytes).unwrap())
}

/// A request to create a pod.
pub(crate) fn pod_request(spec: &Value) -> Value {
    let metadata = json!({ "name": "e2e", "namespace": "default" });
    json!({
        "uid": "u", "operation": "CREATE", "kind": { "group": "", "version": "v1", "kind": "Pod" },
        "object": { "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec },
    })
}

/// JSON pointers to every scalar below `value`.
pub(crate) fn scalars(value: &Value) -> Vec<String> {
    let below = |(key, value): (String, &Value)| -> Vec<String> {
        scalars(value).into_iter().map(|rest| format!("/{key}{rest}")).collect()
    };
    match value {
        Value::Object(members) => members.iter().flat_map(|(key, value)| below((key.clone(), value))).collect(),
        Value::Array(items) => {
            items.iter().enumerate().flat_map(|(index, value)| below((index.to_string(), value))).collect()
        }
        _ => vec![String::new()],
    }
}
