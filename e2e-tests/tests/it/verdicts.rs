//! A policy says the same natively and as wasm, byte for byte, whatever it is asked.

use hardening::bundle::Bundle;
use hardening::catalogue::{self, RuleDoc};
use hardening::evaluate::validate;
use hardening::policy::Load;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use crate::generate;
use crate::support::{answer, policies};

/// Requests, each judged by every policy.
const REQUESTS: u32 = 150;

fn compare(rules: &[RuleDoc], payload: &[u8]) {
    for (id, policy) in policies().iter() {
        let native = match rules.iter().find(|rule| rule.id == id) {
            Some(rule) => rule.validate(payload),
            None => validate(payload, Bundle::load),
        };
        let shown = |answer: Result<Vec<u8>, String>| answer.map(|bytes| String::from_utf8(bytes).unwrap());
        let (native, compiled) = (shown(native.map_err(String::from)), shown(answer(policy, payload)));
        assert_eq!(native, compiled, "{id}: {}", String::from_utf8_lossy(payload));
    }
}

fn settings() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => Just(json!({})),
        2 => Just(json!({ "action": "mutate", "overwrite": true, "unfixable": "warn" })),
        1 => Just(json!({ "action": "warn", "exemptions": [{ "containers": ["a*"] }] })),
        // Of the bundle alone; the rules say the same against it.
        2 => Just(json!({ "profile": "restricted", "version": "v1.30" })),
        2 => Just(json!({ "profile": "baseline", "version": "v1.18", "warn": "restricted" })),
        1 => Just(json!({ "profile": "restricted", "action": "mutate", "unfixable": "warn" })),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: REQUESTS, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pods(settings in settings(), new in generate::pod(), old in proptest::option::of(generate::pod())) {
        let request = json!({
            "operation": if old.is_some() { "UPDATE" } else { "CREATE" },
            "kind": { "group": "", "version": "v1", "kind": "Pod" }, "namespace": "default",
            "object": new, "oldObject": old,
        });
        compare(&catalogue::every(), json!({ "settings": settings, "request": request }).to_string().as_bytes());
    }

    /// Torn objects are refused for the same reason.
    #[test]
    fn broken_pods(
        settings in settings(), pod in generate::pod(), at in any::<Index>(), gone in 0..9usize,
        new in proptest::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(b"\"{}[]:,\\0e-".to_vec())], 0..3),
    ) {
        let request = json!({ "operation": "CREATE", "kind": { "group": "", "kind": "Pod" }, "object": pod });
        let mut payload = json!({ "settings": settings, "request": request }).to_string().into_bytes();
        let start = at.index(payload.len());
        let end = (start + gone).min(payload.len());
        payload.splice(start..end, new);
        compare(&catalogue::every(), &payload);
    }
}
