//! `action: mutate` of all hardening rules together, on any object: what it repairs stays repaired, and what the
//! author wrote stays as it is.

use std::collections::BTreeSet;

use hardening::workload::WORKLOADS;
use serde_json::{Value, json};

use super::kinds::of_kind;
use super::{bundle, each, pods, request};
use crate::support::{payload, reply};

/// All rules of the profile with something to fill in; `action` decides the rest.
fn settings(action: &str, overwrite: bool) -> Value {
    let mut settings = json!({
        "action": action,
        "rules": {
            "run-as-user": { "user": { "default": 1000 }, "group": { "default": 1000 } },
            "resources": {
                "limits": { "cpu": { "default": "100m" }, "memory": { "default": "64Mi" } },
                "requests": { "cpu": { "default": "50m" }, "memory": { "default": "32Mi" } },
            },
            "read-only-root-filesystem": { "writablePaths": ["/tmp", "/var/run"] },
            "selinux-options": { "required": { "level": "s0:c1,c2" } },
            "apparmor-profile": { "require": true },
        },
    });
    if action == "mutate" {
        settings["overwrite"] = json!(overwrite);
        settings["unfixable"] = json!("warn");
    }
    settings
}

/// Asks the bundle: the object afterwards, and the rule and path of each violation.
fn judged(settings: &Value, object: &Value) -> (Value, BTreeSet<(String, String)>) {
    let answer = reply(bundle(), payload(settings, &request(object)).as_bytes()).unwrap();
    let list: Vec<Value> =
        serde_json::from_str(answer["audit_annotations"]["violations"].as_str().unwrap_or("[]")).unwrap();
    let text = |violation: &Value, key: &str| violation[key].as_str().unwrap().to_owned();
    let minded = list.iter().map(|violation| (text(violation, "rule"), text(violation, "path"))).collect();
    let after = Some(&answer["mutated_object"]).filter(|after| !after.is_null()).unwrap_or(object);
    (after.clone(), minded)
}

/// Fields that no version of Kubernetes has, everywhere an edit may pass.
fn with_unknown_fields(object: &mut Value) {
    match object {
        Value::Object(members) => {
            // Annotations are no object with fields: every key there is known.
            members
                .iter_mut()
                .filter(|(key, _)| *key != "annotations")
                .for_each(|(_, value)| with_unknown_fields(value));
            members.insert("xUnknown".to_owned(), json!({ "big": 12_345_678_901_234_567_u64, "list": [null, "x"] }));
        }
        Value::Array(items) => items.iter_mut().for_each(with_unknown_fields),
        _ => {}
    }
}

/// Whether everything that is set in `before` is the same in `after`, which may have more. An empty text is unset to
/// Kubernetes, as `null` is.
fn keeps(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (Value::Null, _) => true,
        (Value::String(text), _) if text.is_empty() => true,
        (Value::Object(old), Value::Object(new)) => old.iter().all(|(key, value)| match new.get(key) {
            Some(now) if key == "drop" => keeps_dropped(value, now),
            Some(now) => keeps(value, now),
            None => value.is_null(),
        }),
        (Value::Array(old), Value::Array(new)) => {
            old.len() <= new.len() && old.iter().zip(new).all(|(old, new)| keeps(old, new))
        }
        (old, new) => old == new,
    }
}

/// Whether every capability that was dropped still is. Misspelt names may be spelt right, once.
fn keeps_dropped(before: &Value, after: &Value) -> bool {
    let (Some(old), Some(new)) = (before.as_array(), after.as_array()) else { return keeps(before, after) };
    old.iter().all(|name| {
        let upper = name.as_str().unwrap_or_default().to_uppercase();
        new.contains(name) || new.iter().any(|new| new == upper.trim_start_matches("CAP_"))
    })
}

/// Lists what the API server refuses in a pod and no rule looks for: names of volumes and paths of mounts given
/// twice, and a container that must not escalate although it is privileged or an admin.
fn refused_by_the_api_server(spec: &Value) -> Vec<String> {
    let mut refused = Vec::new();
    let mut twice = |what: &str, values: &Value, key: &str| {
        let mut seen = BTreeSet::new();
        for value in values.as_array().into_iter().flatten().filter_map(|item| item[key].as_str()) {
            if !seen.insert(value.to_owned()) {
                refused.push(format!("{what} {value} twice"));
            }
        }
    };
    twice("volume", &spec["volumes"], "name");
    for list in ["containers", "initContainers", "ephemeralContainers"] {
        for container in spec[list].as_array().into_iter().flatten() {
            twice("mount", &container["volumeMounts"], "mountPath");
        }
    }
    for list in ["containers", "initContainers", "ephemeralContainers"] {
        for container in spec[list].as_array().into_iter().flatten() {
            let context = &container["securityContext"];
            let mut adds = context["capabilities"]["add"].as_array().into_iter().flatten();
            let is_admin = adds.any(|name| matches!(name.as_str(), Some("SYS_ADMIN" | "CAP_SYS_ADMIN")));
            if context["allowPrivilegeEscalation"] == json!(false) && (context["privileged"] == json!(true) || is_admin)
            {
                refused.push(format!("{} must not escalate and may", container["name"]));
            }
        }
    }
    refused
}

/// The pod spec of an object.
fn spec<'o>(object: &'o Value, template: &[&str]) -> &'o Value {
    &template.iter().fold(object, |at, key| &at[*key])["spec"]
}

#[test]
fn all_rules_together_repair_what_they_can_and_nothing_else() {
    let mut all = Vec::new();
    pods::random(3_000, 47, &mut |pod| all.push(pod));
    each(&all, |at, pod| {
        let workload = &WORKLOADS[at % WORKLOADS.len()];
        let mut object = of_kind(workload, pod);
        if at % 3 == 0 {
            with_unknown_fields(&mut object);
        }
        let before = judged(&settings("reject", false), &object).1;
        for overwrite in [false, true] {
            let mutate = settings("mutate", overwrite);
            let (after, left) = judged(&mutate, &object);
            assert_eq!(judged(&mutate, &after).0, after, "mutated twice: {object}");
            assert_eq!(judged(&settings("reject", false), &after).1, left, "{object} became {after}");
            assert!(left.len() <= before.len(), "{left:?} of {before:?}: {object}");
            if !overwrite {
                assert!(keeps(&object, &after), "{object} became {after}");
            }
            let (old, new) = (spec(&object, workload.template), spec(&after, workload.template));
            if refused_by_the_api_server(old).is_empty() {
                assert_eq!(refused_by_the_api_server(new), Vec::<String>::new(), "{object} became {after}");
            }
        }
    });
}
