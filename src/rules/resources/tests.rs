use proptest::prelude::*;

use super::super::testing::*;
use super::*;
use crate::edit;
use crate::violation::{Edit, Violation};

/// A container with these resources, of which everything else is fine.
fn found(settings: &str, resources: &str) -> Vec<String> {
    let paths = paths::<Resources>(settings, &format!(r#"{{"containers":[{{"resources":{resources}}}]}}"#));
    paths.into_iter().map(|path| path.replace("spec.containers[0].resources.", "")).collect()
}

const GOOD: &str = r#"{"requests":{"cpu":"100m","memory":"64Mi"},"limits":{"cpu":"1","memory":"128Mi"}}"#;

#[test]
fn demands() {
    let limits = |demand: &str| format!(r#"{{"requests":{{}},"limits":{{"cpu":{demand}}}}}"#);
    let requests = |demand: &str| format!(r#"{{"limits":{{}},"requests":{{"cpu":{demand}}}}}"#);
    for (settings, resources, expected) in [
        (r#"{"requests":{},"limits":{}}"#.to_owned(), "{}", vec![]),
        (limits("{}"), "{}", vec!["limits.cpu"]),
        (limits(r#"{"required":false}"#), "{}", vec![]),
        (limits(r#"{"max":1}"#), r#"{"limits":{"cpu":1}}"#, vec![]),
        (limits(r#"{"max":1}"#), r#"{"limits":{"cpu":"1.000000001"}}"#, vec!["limits.cpu"]),
        (limits(r#"{"min":"500m"}"#), r#"{"limits":{"cpu":0.5}}"#, vec![]),
        (limits(r#"{"min":"500m"}"#), r#"{"limits":{"cpu":"499m"}}"#, vec!["limits.cpu"]),
        (limits(r#"{"required":false,"max":1}"#), r#"{"limits":{"cpu":2}}"#, vec!["limits.cpu"]),
        (requests("{}"), "{}", vec!["requests.cpu"]),
        (requests(r#"{"required":false}"#), "{}", vec![]),
        (requests(r#"{"max":1}"#), r#"{"requests":{"cpu":2}}"#, vec!["requests.cpu"]),
        (requests(r#"{"min":1}"#), r#"{"requests":{"cpu":"0"}}"#, vec!["requests.cpu"]),
        (requests("{}"), r#"{"requests":{"cpu":"0"}}"#, vec![]),
        // A request that is left out.
        (requests("{}"), r#"{"limits":{"cpu":1}}"#, vec![]),
        (requests(r#"{"required":"explicit"}"#), r#"{"limits":{"cpu":1}}"#, vec!["requests.cpu"]),
        (requests(r#"{"required":"explicit"}"#), r#"{"requests":{"cpu":1}}"#, vec![]),
        (requests(r#"{"max":1}"#), r#"{"limits":{"cpu":2}}"#, vec!["requests.cpu"]),
        (requests(r#"{"min":1}"#), r#"{"limits":{"cpu":"0.9"}}"#, vec!["requests.cpu"]),
        // Ratios.
        (r#"{"maxLimitRequestRatio":{"cpu":4},"requests":{}}"#.to_owned(), GOOD, vec!["limits.cpu"]),
        (r#"{"maxLimitRequestRatio":{"cpu":10,"memory":2}}"#.to_owned(), GOOD, vec![]),
        (r#"{"maxLimitRequestRatio":{"cpu":"9.999","memory":"1.999"}}"#.to_owned(), GOOD, {
            vec!["limits.cpu", "limits.memory"]
        }),
        (r#"{"maxLimitRequestRatio":{"cpu":1}}"#.to_owned(), r#"{"limits":{"cpu":9,"memory":1}}"#, vec![]),
        (
            r#"{"maxLimitRequestRatio":{"cpu":9}}"#.to_owned(),
            r#"{"limits":{"cpu":1,"memory":1},"requests":{"cpu":0}}"#,
            { vec!["limits.cpu"] },
        ),
    ] {
        assert_eq!(found(&settings, resources), expected, "{settings} {resources}");
    }
}

#[test]
fn the_pod_states_for_its_containers() {
    let pod = |resources: &str, container: &str| {
        format!(r#"{{"resources":{resources},"containers":[{{"resources":{container}}}]}}"#)
    };
    let (request_cpu, limit_cpu) =
        ("spec.containers[0].resources.requests.cpu", "spec.containers[0].resources.limits.cpu");
    for (settings, spec, expected) in [
        ("{}", pod(GOOD, "{}"), vec![]),
        ("{}", pod(r#"{"limits":{"cpu":1,"memory":1}}"#, "{}"), vec![]),
        ("{}", pod(r#"{"limits":{"memory":1}}"#, r#"{"limits":{"cpu":1}}"#), vec![]),
        ("{}", pod(r#"{"requests":{"cpu":1},"limits":{"memory":1}}"#, "{}"), vec![limit_cpu]),
        // Not a resource of pods.
        (
            r#"{"requests":{},"limits":{"ephemeral-storage":{}}}"#,
            pod(r#"{"limits":{"ephemeral-storage":1}}"#, "{}"),
            vec!["spec.containers[0].resources.limits.ephemeral-storage"],
        ),
        (r#"{"requests":{},"limits":{"hugepages-2Mi":{}}}"#, pod(r#"{"limits":{"hugepages-2Mi":1}}"#, "{}"), vec![]),
        // Of explicit requests, the pod's limit is none.
        (
            r#"{"requests":{"cpu":{"required":"explicit"}}}"#,
            pod(r#"{"limits":{"cpu":1,"memory":1}}"#, "{}"),
            vec![request_cpu],
        ),
        (r#"{"requests":{"cpu":{"required":"explicit"}}}"#, pod(GOOD, "{}"), vec![]),
        // The pod's own values.
        (
            r#"{"limits":{"cpu":{"max":"500m"}},"requests":{"cpu":{"min":"200m"}}}"#,
            pod(GOOD, "{}"),
            vec!["spec.resources.limits.cpu", "spec.resources.requests.cpu"],
        ),
        (
            r#"{"limits":{},"requests":{"cpu":{"max":"1"}}}"#,
            pod(r#"{"limits":{"cpu":2}}"#, "{}"),
            vec!["spec.resources.requests.cpu"],
        ),
        (r#"{"maxLimitRequestRatio":{"cpu":2}}"#, pod(GOOD, "{}"), vec!["spec.resources.limits.cpu"]),
        ("{}", pod(r#"{"limits":{"cpu":0,"memory":1}}"#, "{}"), vec!["spec.resources.limits.cpu"]),
        ("{}", pod(r#"{"limits":{"cpu":"x","memory":1}}"#, "{}"), vec!["spec.resources.limits.cpu"]),
        (
            "{}",
            pod(r#"{"limits":{"cpu":1,"memory":1},"requests":{"cpu":2}}"#, "{}"),
            vec!["spec.resources.requests.cpu"],
        ),
    ] {
        assert_eq!(paths::<Resources>(settings, &spec), expected, "{settings} {spec}");
    }
    // The pod's request is its limit only while no container requests anything.
    let spec = r#"{"resources":{"limits":{"cpu":4}},"containers":[{"resources":{"requests":{"cpu":1}}},{}]}"#;
    let settings = r#"{"limits":{},"requests":{"cpu":{}}}"#;
    assert_eq!(paths::<Resources>(settings, spec), ["spec.containers[1].resources.requests.cpu"]);
}

/// Applies the fixes as `action: mutate` does; gives the container's resources and what is left to say.
fn repaired(settings: &str, spec: &str, overwrite: bool) -> (String, Vec<Violation>) {
    let mut text = format!(r#"{{"spec":{spec}}}"#);
    for round in 0.. {
        let left = violations::<Resources>(settings, &text);
        let fixes = left.iter().filter_map(|v| v.fix.as_ref()).filter(|fix| overwrite || !fix.overwrites);
        let mut edits: Vec<Edit> = Vec::new();
        for edit in fixes.flat_map(|fix| &fix.edits) {
            if !edits.contains(edit) {
                edits.push(edit.clone());
            }
        }
        if edits.is_empty() {
            let text = text.strip_prefix(r#"{"spec":{"containers":[{"resources":"#).unwrap_or(&text);
            return (text.strip_suffix("}]}}").unwrap_or(text).to_owned(), left);
        }
        assert!(round < 4, "the fixes find no end: {settings} {spec} {edits:?}");
        text = edit::apply(&text, &edits).expect("the edits fit");
    }
    unreachable!()
}

fn repaired_cpu(request: &str, limit: &str, resources: &str, overwrite: bool) -> (String, usize) {
    let settings =
        format!(r#"{{"requests":{{"cpu":{request}}},"limits":{{"cpu":{limit}}},"maxLimitRequestRatio":{{"cpu":8}}}}"#);
    let spec = format!(r#"{{"containers":[{{"resources":{resources}}}]}}"#);
    let (resources, left) = repaired(&settings, &spec, overwrite);
    (resources.replace('"', ""), left.len())
}

#[test]
fn what_is_unset_is_filled_in() {
    let (request, limit) = (r#"{"default":"500m"}"#, r#"{"default":2,"max":4}"#);
    for (resources, expected, left) in [
        ("{}", "{limits:{cpu:2},requests:{cpu:500m}}", 0),
        ("null", "{limits:{cpu:2},requests:{cpu:500m}}", 0),
        // The author's request or limit decides.
        (r#"{"requests":{"cpu":3}}"#, "{requests:{cpu:3},limits:{cpu:3}}", 0),
        (r#"{"requests":{"cpu":"5"}}"#, "{requests:{cpu:5}}", 1),
        (r#"{"limits":{"cpu":"100m"}}"#, "{limits:{cpu:100m}}", 0),
        // The default limit would be more than eight times the request.
        (r#"{"requests":{"cpu":"100m"}}"#, "{requests:{cpu:100m},limits:{cpu:100m}}", 0),
        // Values that the author wrote stay.
        (r#"{"limits":{"cpu":"9"}}"#, "{limits:{cpu:9}}", 1),
        (r#"{"limits":{"cpu":"0"}}"#, "{limits:{cpu:0}}", 1),
    ] {
        assert_eq!(repaired_cpu(request, limit, resources, false), (expected.to_owned(), left), "{resources}");
    }
    for (request, limit, resources, expected, left) in [
        (r#"{"required":"explicit"}"#, r#"{}"#, r#"{"limits":{"cpu":1}}"#, "{limits:{cpu:1},requests:{cpu:1}}", 0),
        (
            r#"{"required":"explicit","default":1}"#,
            "{}",
            r#"{"limits":{"cpu":8}}"#,
            "{limits:{cpu:8},requests:{cpu:1}}",
            0,
        ),
        (
            r#"{"required":"explicit","default":1}"#,
            "{}",
            r#"{"limits":{"cpu":9}}"#,
            "{limits:{cpu:9},requests:{cpu:9}}",
            0,
        ),
        (r#"{"max":2}"#, "{}", r#"{"limits":{"cpu":4}}"#, "{limits:{cpu:4},requests:{cpu:2}}", 0),
        (r#"{"max":2,"default":1}"#, "{}", r#"{"limits":{"cpu":4}}"#, "{limits:{cpu:4},requests:{cpu:1}}", 0),
        (r#"{"max":1}"#, "{}", r#"{"limits":{"cpu":9}}"#, "{limits:{cpu:9}}", 1),
        (r#"{"min":2}"#, "{}", r#"{"limits":{"cpu":1}}"#, "{limits:{cpu:1}}", 1),
        (r#"{"max":1}"#, r#"{"default":4}"#, "{}", "{limits:{cpu:4},requests:{cpu:1}}", 0),
        ("{}", "{}", "{}", "{}", 2),
    ] {
        let case = format!("{request} {limit} {resources}");
        assert_eq!(repaired_cpu(request, limit, resources, false), (expected.to_owned(), left), "{case}");
    }
}

#[test]
fn with_overwrite_values_move_into_bounds() {
    let (request, limit) = (r#"{"min":"500m","max":2}"#, r#"{"min":1,"max":4}"#);
    for (resources, expected, left) in [
        (r#"{"requests":{"cpu":"1m"},"limits":{"cpu":"2m"}}"#, "{requests:{cpu:500m},limits:{cpu:1}}", 0),
        (r#"{"requests":{"cpu":9},"limits":{"cpu":9}}"#, "{requests:{cpu:2},limits:{cpu:4}}", 0),
        (r#"{"requests":{"cpu":3},"limits":{"cpu":"1500m"}}"#, "{requests:{cpu:1500m},limits:{cpu:1500m}}", 0),
        (r#"{"limits":{"cpu":"0"}}"#, "{limits:{cpu:4},requests:{cpu:2}}", 0),
        (r#"{"requests":{"cpu":"x"},"limits":{"cpu":9}}"#, "{requests:{cpu:x},limits:{cpu:9}}", 1),
        // A request alone gets no limit without a default.
        (r#"{"requests":{"cpu":"9"}}"#, "{requests:{cpu:2}}", 1),
    ] {
        assert_eq!(repaired_cpu(request, limit, resources, true), (expected.to_owned(), left), "{resources}");
    }
    // Only the ratio is wrong: which of the two to change is the author's to say.
    assert_eq!(repaired_cpu("{}", "{}", r#"{"requests":{"cpu":1},"limits":{"cpu":9}}"#, true).1, 1);
    // A limit left without bounds rises to what its request needs.
    let raised = repaired_cpu(r#"{"min":2}"#, "{}", r#"{"limits":{"cpu":1}}"#, true);
    assert_eq!(raised, ("{limits:{cpu:2}}".to_owned(), 0));
}

#[test]
fn extended_resources_keep_requests_and_limits_equal() {
    let settings = r#"{"requests":{},"limits":{"nvidia.com/gpu":{"default":1,"max":4}}}"#;
    for (resources, overwrite, expected) in [
        ("{}", false, "{limits:{nvidia.com/gpu:1}}"),
        (r#"{"requests":{"nvidia.com/gpu":2}}"#, false, "{requests:{nvidia.com/gpu:2},limits:{nvidia.com/gpu:2}}"),
        (r#"{"requests":{"nvidia.com/gpu":2},"limits":{"nvidia.com/gpu":9}}"#, true, {
            "{requests:{nvidia.com/gpu:4},limits:{nvidia.com/gpu:4}}"
        }),
    ] {
        let spec = format!(r#"{{"containers":[{{"resources":{resources}}}]}}"#);
        let (resources, left) = repaired(settings, &spec, overwrite);
        assert_eq!((resources.replace('"', ""), left.len()), (expected.to_owned(), 0));
    }
}

#[test]
fn what_the_pod_states_is_not_repaired() {
    let settings = r#"{"requests":{"cpu":{"default":1,"max":2,"required":"explicit"}},"limits":{"cpu":{"max":4}}}"#;
    for spec in [
        r#"{"resources":{"limits":{"cpu":9}},"containers":[{}]}"#,
        r#"{"resources":{"limits":{"cpu":4}},"containers":[{}]}"#,
        r#"{"resources":{"limits":{"cpu":4},"requests":{"cpu":1}},"containers":[{"resources":{"requests":{"cpu":3}}}]}"#,
    ] {
        let found = violations::<Resources>(settings, spec);
        assert!(!found.is_empty() && found.iter().all(|v| v.fix.is_none()), "{spec}");
    }
}

#[test]
fn bad_settings() {
    for (settings, error) in [
        (r#"{"limits":null}"#, "limits: must be an object of resources"),
        (r#"{"limits":["cpu"]}"#, "limits: must be an object"),
        (r#"{"limits":{"cpus":{}}}"#, "limits.cpus: is not a resource of containers: must be cpu, memory, "),
        (r#"{"limits":{"hugepages-":{}}}"#, "limits.hugepages-: is not a resource"),
        (r#"{"limits":{"nvidia.com/":{}}}"#, "limits.nvidia.com/: is not a resource"),
        (r#"{"limits":{"cpu":{},"cpu":{}}}"#, "limits.cpu: is given twice"),
        (r#"{"limits":{"cpu":null}}"#, "limits.cpu: must be an object"),
        (r#"{"limits":{"cpu":true}}"#, "limits.cpu: must be an object"),
        (r#"{"limits":{"cpu":{"maximum":1}}}"#, "limits.cpu.maximum: unknown setting, expected one of: required, min"),
        (r#"{"limits":{"memory":{"max":"512MB"}}}"#, "limits.memory.max: must be a quantity: "),
        (r#"{"limits":{"memory":{"max":"-1"}}}"#, "limits.memory.max: must not be negative"),
        (r#"{"limits":{"memory":{"max":true}}}"#, "limits.memory.max: must be a quantity: "),
        (r#"{"limits":{"cpu":{"required":"yes"}}}"#, "limits.cpu.required: must be true, false or, for requests, "),
        (r#"{"limits":{"cpu":{"required":"explicit"}}}"#, "limits.cpu.required: must be true, false or \"never\""),
        (r#"{"limits":{"cpu":{"min":2,"max":"1999m"}}}"#, "limits.cpu.min: must not be greater than max (2 > 1999m)"),
        (r#"{"limits":{"cpu":{"min":2,"default":1}}}"#, "limits.cpu.min: must not be greater than default (2 > 1)"),
        (r#"{"limits":{"cpu":{"default":2,"max":1}}}"#, "limits.cpu.default: must not be greater than max (2 > 1)"),
        (r#"{"limits":{"cpu":{"default":0}}}"#, "limits.cpu.default: must be greater than 0"),
        (r#"{"limits":{"cpu":{"max":0}}}"#, "limits.cpu.max: must be greater than 0"),
        (r#"{"limits":{"cpu":{"required":false,"default":1}}}"#, "limits.cpu.default: has no effect while"),
        (r#"{"limits":{"cpu":{"required":"never","min":1}}}"#, "limits.cpu.min: has no effect while required is never"),
        (r#"{"requests":{"cpu":{"required":"never"}}}"#, "requests.cpu.required: must be true, false or \"explicit\""),
        (
            r#"{"requests":{"cpu":{"default":2}},"limits":{"cpu":{"default":1}}}"#,
            "requests.cpu.default: must not be greater than limits.cpu.default (2 > 1)",
        ),
        (
            r#"{"requests":{"cpu":{"default":2}},"limits":{"cpu":{"max":1}}}"#,
            "requests.cpu.default: must not be greater than limits.cpu.max (2 > 1)",
        ),
        (
            r#"{"requests":{"cpu":{"min":2}},"limits":{"cpu":{"max":1}}}"#,
            "requests.cpu.min: must not be greater than limits.cpu.max (2 > 1)",
        ),
        (
            r#"{"requests":{"cpu":{"default":1}},"limits":{"cpu":{"default":9}},"maxLimitRequestRatio":{"cpu":8.999}}"#,
            "requests.cpu.default: limits.cpu.default is more than maxLimitRequestRatio times this",
        ),
        (r#"{"requests":{"a.b/c":{"default":1}}}"#, "requests.a.b/c.default: give the default in limits"),
        (r#"{"maxLimitRequestRatio":4}"#, "maxLimitRequestRatio: must be an object"),
        (r#"{"maxLimitRequestRatio":{"cpu":0.5}}"#, "maxLimitRequestRatio.cpu: must be a number from 1 to"),
        (r#"{"maxLimitRequestRatio":{"cpu":1.0001}}"#, "maxLimitRequestRatio.cpu: must be a number from 1 to"),
        (r#"{"maxLimitRequestRatio":{"cpu":"many"}}"#, "maxLimitRequestRatio.cpu: must be a number from 1 to"),
    ] {
        let found = settings_error::<Resources>(settings).unwrap_or_default();
        assert!(found.starts_with(error), "{settings}: {found}");
    }
}

/// `"key":n,` or nothing.
fn maybe(key: &'static str, least: u32) -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), (least..9).prop_map(move |n| format!("\"{key}\":{n},"))]
}

fn demand() -> impl Strategy<Value = String> {
    (maybe("min", 0), maybe("max", 1), maybe("default", 1)).prop_map(|(min, max, default)| min + &max + &default)
}

fn limit_demand() -> impl Strategy<Value = String> {
    prop_oneof![3 => demand(), 1 => Just("\"required\":\"never\",".to_owned())]
}

fn object(members: &str) -> String {
    format!("{{{}}}", members.trim_end_matches(','))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    /// Whatever may be fixed is fixed for good, and what is left has no fix.
    #[test]
    fn fixes_reach_an_end(
        request in demand(), limit in limit_demand(), explicit in any::<bool>(), ratio in maybe("cpu", 1),
        has in maybe("cpu", 0), has_limit in maybe("cpu", 0), overwrite in any::<bool>(),
    ) {
        let required = if explicit { "\"required\":\"explicit\"," } else { "" };
        let settings = format!(
            r#"{{"requests":{{"cpu":{}}},"limits":{{"cpu":{}}},"maxLimitRequestRatio":{}}}"#,
            object(&[&request, required].concat()), object(&limit), object(&ratio),
        );
        if settings_error::<Resources>(&settings).is_some() {
            return Ok(());
        }
        let resources = format!(r#"{{"requests":{},"limits":{}}}"#, object(&has), object(&has_limit));
        let (_, left) = repaired(&settings, &format!(r#"{{"containers":[{{"resources":{resources}}}]}}"#), overwrite);
        let fixable = |v: &&Violation| v.fix.as_ref().is_some_and(|fix| overwrite || !fix.overwrites);
        prop_assert!(!left.iter().any(|v| fixable(&v)));
        // With overwrite and both written, only a ratio and a limit of 0 can stay wrong.
        if overwrite && !has.is_empty() && !matches!(&*has_limit, "" | "\"cpu\":0,") && ratio.is_empty() {
            prop_assert_eq!(left, []);
        }
    }
}
