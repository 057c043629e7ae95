//! Every policy, natively.

use std::sync::LazyLock;

use hardening::bundle::Bundle;
use hardening::catalogue::{self, RuleDoc};
use hardening::evaluate;
use hardening::json;
use hardening::policy::Load;
use hardening::unjudged::Unjudged;
use serde_json::de::IoRead;
use serde_json::{Deserializer, Value};

/// A rule's policy, or the bundle.
#[derive(Clone, Copy)]
pub(crate) enum Policy {
    Rule(&'static RuleDoc),
    Bundle,
}

/// Every policy.
pub(crate) fn all() -> impl Iterator<Item = Policy> {
    static RULES: LazyLock<Vec<RuleDoc>> = LazyLock::new(catalogue::all);
    RULES.iter().map(Policy::Rule).chain([Policy::Bundle])
}

impl Policy {
    pub(crate) fn id(self) -> &'static str {
        match self {
            Policy::Rule(rule) => rule.id,
            Policy::Bundle => "hardening",
        }
    }

    /// The bytes that `validate` answers with.
    pub(crate) fn answer(self, payload: &[u8]) -> Result<Vec<u8>, Unjudged> {
        match self {
            Policy::Rule(rule) => rule.validate(payload),
            Policy::Bundle => evaluate::validate(payload, Bundle::load),
        }
    }

    /// Returns the answer of `validate`.
    pub(crate) fn validate(self, payload: &[u8]) -> Result<Value, String> {
        let bytes = self.answer(payload)?;
        match serde_json::from_slice(&bytes) {
            Ok(answer) => Ok(answer),
            // What a repair did not touch is handed back as it came, half a surrogate or 1e999 included.
            Err(error) if serde_json::from_slice::<Value>(payload).is_err() => Err(error.to_string()),
            Err(error) => unreadable(self.id(), &error, &bytes),
        }
    }

    /// Returns the complaint about settings.
    pub(crate) fn refusal(self, settings: &str) -> Option<String> {
        match self {
            Policy::Rule(rule) => rule.refusal(settings),
            Policy::Bundle => match json::raw(settings) {
                Ok(raw) => Bundle::load(Some(raw)).err().map(|error| error.to_string()),
                Err(error) => Some(error.to_string()),
            },
        }
    }
}

#[allow(clippy::panic)]
fn unreadable(id: &str, error: &serde_json::Error, bytes: &[u8]) -> ! {
    panic!("{id} answers with what is not JSON ({error}): {}", String::from_utf8_lossy(bytes))
}

/// Whether `bytes` are one JSON value of UTF-8 text, by `serde_json` alone and to any depth.
pub(crate) fn is_json(bytes: &[u8]) -> bool {
    let mut deserializer = Deserializer::new(IoRead::new(bytes));
    let read: Result<serde::de::IgnoredAny, _> = serde::Deserialize::deserialize(&mut deserializer);
    read.is_ok() && deserializer.end().is_ok() && std::str::from_utf8(bytes).is_ok()
}

/// The violations that an answer lists.
pub(crate) fn violations(answer: &Value) -> Vec<Value> {
    let list = answer["audit_annotations"]["violations"].as_str().unwrap_or("[]");
    serde_json::from_str(list).unwrap_or_default()
}
