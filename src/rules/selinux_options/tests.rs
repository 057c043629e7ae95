use serde_json::json;

use super::super::testing::*;
use super::*;

const REQUIRED: &str = r#"{"required":{"user":"u","role":"r","type":"spc_t","level":"s0:c1,c2"}}"#;
const LEVEL: &str = r#"{"required":{"level":"s0:c1,c2"}}"#;

/// A pod of containers `a` and `b` with their options, `-` for none.
fn pod(of_pod: &str, of_a: &str, of_b: &str) -> String {
    let context = |options| match options {
        "-" => r#""x":0"#.to_owned(),
        options => format!(r#""securityContext":{{"seLinuxOptions":{options}}}"#),
    };
    let (of_pod, of_a, of_b) = (context(of_pod), context(of_a), context(of_b));
    format!(r#"{{{of_pod},"containers":[{{"name":"a",{of_a}}},{{"name":"b",{of_b}}}]}}"#)
}

/// Returns what a fix leaves: options of pod, `a` and `b`; or that it is refused.
fn repaired(settings: &str, pod: &str) -> Option<serde_json::Value> {
    let pod = mutated::<SelinuxOptions>(settings, pod).ok()?;
    let options = |place: &serde_json::Value| place["securityContext"]["seLinuxOptions"].clone();
    let spec = &pod["spec"];
    Some(json!([options(spec), options(&spec["containers"][0]), options(&spec["containers"][1])]))
}

#[test]
fn repairs() {
    let overwrite = r#"{"overwrite":true}"#;
    let level_overwrite = r#"{"overwrite":true,"required":{"level":"s0:c1,c2"}}"#;
    let exempt = r#"{"required":{"level":"s0:c1,c2"},"exemptions":[{"containers":["b"]}]}"#;
    let exempt_overwrite = r#"{"overwrite":true,"required":{"level":"s0:c1,c2"},"exemptions":[{"containers":["b"]}]}"#;
    let all = json!({"user":"u","role":"r","type":"spc_t","level":"s0:c1,c2"});
    let (none, level) = (json!(null), json!({"level":"s0:c1,c2"}));
    for (settings, pod, expected) in [
        ("{}", pod("-", "-", "-"), Some(json!([none, none, none]))),
        (REQUIRED, pod("-", "-", "-"), Some(json!([all, none, none]))),
        (REQUIRED, pod(r#"{"user":"u"}"#, "-", "{}"), Some(json!([all, none, all]))),
        (
            LEVEL,
            pod("-", "-", r#"{"type":"container_t"}"#),
            Some(json!([level, none, {"type":"container_t","level":"s0:c1,c2"}])),
        ),
        (LEVEL, pod("-", "-", r#"{"level":"s0"}"#), None),
        (level_overwrite, pod("-", "-", r#"{"level":"s0"}"#), Some(json!([level, none, level]))),
        ("{}", pod(r#"{"type":"spc_t"}"#, "-", "-"), None),
        (
            overwrite,
            pod(r#"{"user":"u","role":"r","type":"spc_t","level":"s0"}"#, "-", "-"),
            Some(json!([{"level":"s0"}, none, none])),
        ),
        (
            r#"{"overwrite":true,"allowedLevels":["s0"]}"#,
            pod(r#"{"level":"s1"}"#, "-", "-"),
            Some(json!([{}, none, none])),
        ),
        // The exempt container stays as it is.
        (exempt, pod("-", "-", "-"), Some(json!([none, level, none]))),
        (exempt, pod("-", "-", "{}"), Some(json!([level, none, {}]))),
        (exempt, pod("{}", "-", "-"), Some(json!([{}, level, none]))),
        (
            exempt,
            pod(r#"{"type":"container_t"}"#, "-", "-"),
            Some(json!([{"type":"container_t"}, {"type":"container_t","level":"s0:c1,c2"}, none])),
        ),
        (exempt, pod(r#"{"type":"spc_t"}"#, "-", "-"), None),
        (
            exempt,
            pod(r#"{"type":"spc_t"}"#, r#"{"level":"s0:c1,c2"}"#, "-"),
            Some(json!([{"type":"spc_t"}, level, none])),
        ),
        (
            exempt_overwrite,
            pod(r#"{"user":"u","type":"spc_t"}"#, "-", "-"),
            Some(json!([{"user":"u","type":"spc_t"}, level, none])),
        ),
    ] {
        assert_eq!(repaired(settings, &pod), expected, "{settings} {pod}");
    }
}

/// With `overwrite` every pod can be repaired, and what the exempt container runs under stays.
#[test]
fn every_combination_can_be_repaired() {
    let options = ["-", "{}", r#"{"user":"u","level":"s0:c2,c1"}"#, r#"{"role":"r","type":"spc_t","level":"x"}"#];
    for required in ["{}", r#"{"level":"s0:c1,c2"}"#, r#"{"role":"q","type":"mine_t"}"#] {
        for exempt in ["none", "b"] {
            let settings =
                format!(r#"{{"overwrite":true,"required":{required},"exemptions":[{{"containers":["{exempt}"]}}]}}"#);
            for [of_pod, of_a, of_b] in triples(&options) {
                let pod = pod(of_pod, of_a, of_b);
                let after = repaired(&settings, &pod);
                assert!(after.is_some(), "{settings} {pod}");
                if exempt == "b" && of_b == "-" {
                    let before = serde_json::from_str::<serde_json::Value>(&pod).ok();
                    let before = before.map(|pod| pod["securityContext"]["seLinuxOptions"].clone());
                    let (after, before) = (after.unwrap_or_default(), before.unwrap_or_default());
                    assert!(after[2].is_null() && after[0] == before, "{settings} {pod} {after}");
                }
            }
        }
    }
}
