//! Helpers shared by the tests of the contract.

mod call;

pub(crate) use call::{payload, reply};

use std::sync::LazyLock;

use e2e_tests::policies::{Policies, ids};
use serde_json::{Value, json};

/// Every compiled policy, loaded once.
pub(crate) fn policies() -> &'static Policies {
    static POLICIES: LazyLock<Policies> = LazyLock::new(|| Policies::load(&ids()).unwrap());
    &POLICIES
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
