//! `fsGroup` and `supplementalGroups`: a default is filled in, and nobody minds where it is not.

use super::super::super::testing::*;
use super::*;

const SETTINGS: &str = r#"{"user":{"require":"any"},"group":{"require":"any"},
    "fsGroup":{"default":2000},"supplementalGroups":{"ranges":[{"min":100}],"default":3000}}"#;

/// The pod's security context after `action: mutate`.
fn filled(settings: &str, spec: &str) -> serde_json::Value {
    mutated::<RunAsUser>(settings, spec).unwrap()["spec"]["securityContext"].clone()
}

#[test]
fn defaults_are_filled_in_where_nothing_is_set() {
    for (context, expected) in [
        (r#""containers":[{"name":"a"}]"#, r#"{"fsGroup":2000,"supplementalGroups":[3000]}"#),
        (
            r#""securityContext":{"fsGroup":null,"supplementalGroups":[]},"containers":[{"name":"a"}]"#,
            r#"{"fsGroup":2000,"supplementalGroups":[3000]}"#,
        ),
        (
            r#""securityContext":{"fsGroup":7},"containers":[{"name":"a"}]"#,
            r#"{"fsGroup":7,"supplementalGroups":[3000]}"#,
        ),
        (
            r#""securityContext":{"supplementalGroups":[100,200]},"containers":[{"name":"a"}]"#,
            r#"{"supplementalGroups":[100,200],"fsGroup":2000}"#,
        ),
    ] {
        let expected: serde_json::Value = serde_json::from_str(expected).unwrap();
        assert_eq!(filled(SETTINGS, &format!("{{{context}}}")), expected, "{context}");
    }
}

#[test]
fn what_is_not_filled_in_is_nobodys_business() {
    let plain = r#"{"containers":[{"name":"a"}]}"#;
    // Without a default, or on Windows.
    let ranges = SETTINGS.replace(r#""default":2000"#, "").replace(r#","default":3000"#, "");
    assert_eq!(filled(&ranges, plain), serde_json::Value::Null);
    assert_eq!(filled(SETTINGS, r#"{"os":{"name":"windows"},"containers":[{"name":"a"}]}"#), serde_json::Value::Null);
    // Where the rule only looks, where a container is exempt, where the API server takes no change.
    let exempt = SETTINGS.replacen('{', r#"{"exemptions":[{"containers":["b"]}],"#, 1);
    let pod = r#"{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"name":"a"},{"name":"b"}]}}"#;
    for (settings, action, operation) in [
        (SETTINGS, "reject", "CREATE"),
        (SETTINGS, "warn", "CREATE"),
        (SETTINGS, "mutate", "UPDATE"),
        (&exempt, "mutate", "CREATE"),
    ] {
        let settings = settings.replacen('{', &format!(r#"{{"action":"{action}","#), 1);
        let request = format!(r#"{{"operation":"{operation}","kind":{{"kind":"Pod"}},"object":{pod}}}"#);
        let payload = format!(r#"{{"settings":{settings},"request":{request}}}"#);
        let answer = crate::evaluate::validate(payload.as_bytes(), Single::<RunAsUser>::load).unwrap();
        let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
        assert_eq!(answer["accepted"], true, "{action} {operation}: {answer}");
        for silent in ["mutated_object", "warnings", "audit_annotations"] {
            assert!(answer[silent].is_null(), "{action} {operation}: {answer}");
        }
    }
}
