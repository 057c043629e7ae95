//! Settings: what every policy makes of them.

use crate::policies;

/// A request that every policy can judge, and most refuse.
const REQUEST: &str = r#"{"operation":"CREATE","kind":{"group":"","kind":"Pod"},"name":"n","namespace":"default",
    "object":{"metadata":{"name":"n"},"spec":{"containers":[{"name":"a","image":"nginx",
    "resources":{"limits":{"cpu":"1","memory":"1Gi"}}}],"volumes":[{"name":"v","hostPath":{"path":"/a"}}]}}}"#;

/// Reads `bytes` as the settings of every policy. Those that are refused judge nothing, the others judge.
pub fn run(bytes: &[u8]) {
    let Ok(settings) = std::str::from_utf8(bytes) else { return };
    let is_json = policies::is_json(bytes);
    for policy in policies::all() {
        let refusal = policy.refusal(settings);
        assert!(refusal.is_some() || is_json, "{} takes settings that are not JSON", policy.id());
        if !is_json {
            continue;
        }
        let payload = [r#"{"settings":"#, settings, r#","request":"#, REQUEST, "}"].concat();
        let answer = policy.validate(payload.as_bytes());
        match (&refusal, &answer) {
            // The payload nests the settings one level deeper than they are alone.
            (None, Err(error)) => assert!(error.contains("malformed JSON"), "{}: {error}", policy.id()),
            (Some(refusal), Ok(_)) => refused_and_used(policy.id(), refusal),
            _ => {}
        }
    }
}

#[allow(clippy::panic)]
fn refused_and_used(id: &str, refusal: &str) -> ! {
    panic!("{id} judges by settings that it refuses: {refusal}")
}
