//! The check itself: a rule that lacks one thing is refused, and told what it lacks.

use super::*;
use crate::fragments::Fragments;

fn subject() -> Subject {
    let field = |key: &'static str, schema: Value| Field { key, doc: String::new(), default: Value::Null, schema };
    let settings = vec![
        field("strict", json!({ "type": "boolean" })),
        field("user", json!({ "type": "object", "properties": { "require": { "enum": ["id", "any"] } } })),
    ];
    Subject { id: "sample".to_owned(), mutates: true, windows_exempt: true, settings }
}

/// Cases that cover everything; the first word of each name says what for.
fn cases() -> Vec<Value> {
    let bad = json!({ "name": "app" });
    let template = json!({ "spec": { "containers": [bad] } });
    let windows = json!({ "spec": { "os": { "name": "windows" }, "containers": [bad] } });
    vec![
        json!({ "name": "accept", "container": bad, "verdict": "accept" }),
        json!({ "name": "kinds", "template": template, "verdict": "reject", "violations": ["spec.hostPID"] }),
        json!({ "name": "lists", "container": bad, "verdict": "reject", "violations": ["image"] }),
        json!({ "name": "warn", "settings": { "action": "warn" }, "object": {}, "verdict": "accept", "warnings": ["a"] }),
        json!({ "name": "mutate", "settings": { "action": "mutate" }, "object": {}, "verdict": "mutate", "mutated": { "a": 1 } }),
        json!({ "name": "bad", "settings": { "x": 1 }, "bad-settings": "x" }),
        json!({ "name": "exemption", "settings": { "exemptions": [{}] }, "object": {}, "verdict": "accept" }),
        json!({ "name": "existing", "container": bad, "old": bad, "verdict": "accept", "warnings": ["image"] }),
        json!({
            "name": "refused-existing", "container": bad, "old": bad, "settings": { "existingViolations": "reject" },
            "verdict": "reject", "violations": ["image"],
        }),
        json!({ "name": "windows", "template": windows, "verdict": "accept" }),
        json!({ "name": "raw", "raw": "{", "verdict": "error" }),
        json!({ "name": "strict", "settings": { "strict": true }, "object": {}, "verdict": "accept" }),
        json!({ "name": "id", "settings": { "user": { "require": "id" } }, "object": {}, "verdict": "accept" }),
        json!({ "name": "any", "settings": { "user": { "require": "any" } }, "object": {}, "verdict": "accept" }),
    ]
}

fn missing(cases: &[Value]) -> Vec<String> {
    let subject = subject();
    let mut covered = Covered::default();
    for case in cases {
        let case: Case = serde_json::from_value(case.clone()).expect("the case is well-formed");
        case.verify().expect("the case is well-formed");
        let requests = expand::expand(&case, "sample", &Fragments::default()).expect("the case can be expanded");
        covered.add(&subject, &case, &requests);
    }
    covered.missing(&subject)
}

#[test]
fn a_covered_rule_lacks_nothing() {
    assert_eq!(missing(&cases()), [""; 0]);
}

#[test]
fn every_missing_thing_is_named() {
    for (case, expected) in [
        ("accept", ACCEPT),
        ("kinds", "a rejected CronJob"),
        ("warn", WARN),
        ("mutate", MUTATE),
        ("bad", BAD_SETTINGS),
        ("exemption", EXEMPTION),
        ("existing", EXISTING_WARNS),
        ("refused-existing", EXISTING_REJECTS),
        ("windows", WINDOWS),
        ("raw", UNREADABLE),
        ("strict", "a case for the setting strict"),
        ("id", "a case for the setting user.require=id"),
        ("any", "a case for the setting user.require=any"),
    ] {
        let others: Vec<Value> = cases().into_iter().filter(|other| other["name"] != case).collect();
        let missing = missing(&others);
        assert!(
            missing.iter().any(|line| line == &format!("sample: there is no case for this: {expected}")),
            "{case}: {missing:?}"
        );
    }
}

#[test]
fn every_list_is_demanded() {
    let in_lists = |lists: Value| {
        let all =
            cases().into_iter().filter(|case| !matches!(case["name"].as_str(), Some("existing" | "refused-existing")));
        let narrow = |mut case: Value| {
            if case["name"] == "lists" {
                case["lists"] = lists.clone();
            }
            case
        };
        missing(&all.map(narrow).collect::<Vec<_>>())
    };
    let lacks =
        |missing: Vec<String>, list: &str| missing.iter().any(|line| line.contains(&format!("a case for {list}")));
    assert!(!lacks(in_lists(json!(["containers", "initContainers", "ephemeralContainers"])), "ephemeralContainers"));
    assert!(lacks(in_lists(json!(["containers", "initContainers"])), "ephemeralContainers"));
    assert!(lacks(in_lists(json!(["ephemeralContainers"])), "initContainers"));
}

#[test]
fn a_list_that_is_left_alone_needs_a_case_of_its_own() {
    let spared = json!({ "name": "spared", "container": {}, "lists": ["initContainers"], "verdict": "accept" });
    let only_containers = json!({ "name": "lists", "container": {}, "lists": ["containers"], "verdict": "reject", "violations": ["image"] });
    let missing = missing(&[spared, only_containers]);
    let lists: Vec<&String> = missing.iter().filter(|line| line.contains("Containers (")).collect();
    assert_eq!(lists.len(), 1, "{lists:?}");
    assert!(lists[0].contains("ephemeralContainers"));
}

#[test]
fn common_settings_are_demanded_once() {
    let missing = missing_common(&[Covered::default()]);
    for key in ["unknownKinds=reject", "exemptions[].serviceAccounts", "podTemplates", "unfixable=warn"] {
        assert!(missing.contains(&format!("no case of any rule uses the common setting {key}")), "{key}: {missing:?}");
    }
}
