//! `action: mutate` brings what it can to the level, and leaves what needs a person.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Cell, bundle, cells, each, expected, pods, request, settings, typed};
use crate::support::{payload, reply};

/// Mutates a pod; returns it with the checks that it still violates.
fn mutated(cell: Cell, overwrite: bool, pod: &Value) -> (Value, BTreeSet<String>) {
    let mut settings = settings(cell);
    for (key, value) in [("action", json!("mutate")), ("overwrite", json!(overwrite)), ("unfixable", json!("warn"))] {
        settings[key] = value;
    }
    let answer = reply(bundle(), payload(&settings, &request(pod)).as_bytes()).unwrap();
    assert_eq!(answer["accepted"], true, "{answer}");
    let list: Vec<Value> =
        serde_json::from_str(answer["audit_annotations"]["violations"].as_str().unwrap_or("[]")).unwrap();
    let left = list.iter().map(|violation| violation["rule"].as_str().unwrap().to_owned()).collect();
    let object = Some(&answer["mutated_object"]).filter(|object| !object.is_null()).unwrap_or(pod);
    (object.clone(), left)
}

/// Every container with its security context.
fn contexts(pod: &Value) -> Vec<&Value> {
    let lists = ["containers", "initContainers", "ephemeralContainers"];
    let all = lists.iter().filter_map(|list| pod["spec"][*list].as_array()).flatten();
    all.map(|container| &container["securityContext"]).collect()
}

/// Whether the API server refuses the context: a container that must not escalate, and is privileged all the same.
fn is_contradictory(context: &Value) -> bool {
    let adds = context["capabilities"]["add"].as_array().into_iter().flatten();
    let is_admin = adds.into_iter().any(|name| matches!(name.as_str(), Some("SYS_ADMIN" | "CAP_SYS_ADMIN")));
    context["allowPrivilegeEscalation"] == json!(false) && (context["privileged"] == json!(true) || is_admin)
}

#[test]
fn any_pod_is_brought_as_far_as_it_can() {
    let cells = cells();
    let mut all = Vec::new();
    pods::random(8_000, 31, &mut |pod| all.push(pod));
    each(&all, |at, pod| {
        let cell = cells[at * 31 % cells.len()];
        for overwrite in [false, true] {
            let (after, left) = mutated(cell, overwrite, pod);
            let minded: BTreeSet<String> = expected(&typed(&after), cell).into_iter().map(str::to_owned).collect();
            assert_eq!(minded, left, "{cell:?} {overwrite}: {pod} became {after}");
            assert_eq!(mutated(cell, overwrite, &after).0, after, "{cell:?} {overwrite}: {pod} is mutated twice");
            for (before, after) in contexts(pod).into_iter().zip(contexts(&after)) {
                assert!(is_contradictory(before) || !is_contradictory(after), "{before} became {after}");
            }
            if overwrite {
                let mut needs_a_person = left.clone();
                needs_a_person.retain(|id| !may_stay(id, &after));
                assert!(needs_a_person.is_empty(), "{cell:?}: {needs_a_person:?} of {pod}, now {after}");
            }
        }
    });
}

/// Whether a person has to decide: where files come from, who a program runs as, and everything that has to do
/// with fields that the API server takes from no Windows pod.
fn may_stay(id: &str, pod: &Value) -> bool {
    match id {
        "host-path-volumes" | "volume-types" => true,
        "run-as-non-root" => pod.to_string().contains(r#""runAsUser":0"#),
        "allow-privilege-escalation"
        | "apparmor-profile"
        | "capabilities"
        | "privileged"
        | "proc-mount"
        | "seccomp-profile" => pod["spec"]["os"]["name"] == json!("windows"),
        _ => false,
    }
}

/// Mutation fills in what the author did not write, at every version.
#[test]
fn a_plain_deployment_is_brought_to_restricted() {
    for cell in cells() {
        let template =
            json!({ "spec": { "containers": [{ "name": "a", "image": "a" }, { "name": "b", "image": "b" }] } });
        let deployment = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "d" }, "spec": { "template": template } });
        let (after, left) = mutated(cell, false, &deployment);
        assert_eq!(left, BTreeSet::new(), "{cell:?}");
        assert_eq!(expected(&typed(&after["spec"]["template"]), cell), BTreeSet::new(), "{cell:?}: {after}");
    }
}
