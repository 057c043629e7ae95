//! Calls of `validate`.

use sandbox::{ErrorKind, Policy};
use serde_json::{Value, json};

/// The payload of `validate`.
pub(crate) fn payload(settings: &Value, request: &Value) -> String {
    json!({ "settings": settings, "request": request }).to_string()
}

/// Returns the reply of `validate`: the response, or the guest's own error. Everything else (a trap, a timeout, too
/// much memory) fails the test.
pub(crate) fn reply(policy: &Policy, payload: &[u8]) -> Result<Value, String> {
    match policy.call("validate", payload) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes).unwrap()),
        Err(error) => match error.kind {
            ErrorKind::Guest(text) => Err(text),
            _ => panic!("{error}"),
        },
    }
}
