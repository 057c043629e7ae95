//! Pod templates of every kind, and the examples.

use std::collections::BTreeSet;
use std::fs;

use e2e_tests::policies::root;
use hardening::workload::{WORKLOADS, Workload};
use kube_yaml::yaml;
use serde_json::{Value, json};

use super::{cells, compiled, each, expected, pods, request, settings, typed};

/// The object of a kind with the pod as its template.
pub(super) fn of_kind(workload: &Workload, pod: &Value) -> Value {
    let mut object = json!({ "apiVersion": "v1", "kind": workload.kind, "metadata": { "name": "w" } });
    if workload.template.is_empty() {
        return pod.clone();
    }
    if !workload.groups[0].is_empty() {
        object["apiVersion"] = json!([workload.groups[0], "/v1"].concat());
    }
    pods::put(&mut object, workload.template, json!({ "metadata": pod["metadata"], "spec": pod["spec"] }));
    object
}

/// Each object in one cell.
#[test]
fn templates_are_judged_as_the_pods_they_make() {
    let cells = cells();
    let mut all = Vec::new();
    pods::random(4_000, 9, &mut |pod| all.push(pod));
    each(&all, |at, pod| {
        let cell = cells[at * 29 % cells.len()];
        let expected: BTreeSet<String> = expected(&typed(pod), cell).into_iter().map(str::to_owned).collect();
        let object = of_kind(&WORKLOADS[at % WORKLOADS.len()], pod);
        let found = compiled(&settings(cell), &request(&object)).unwrap();
        assert_eq!(found, (expected.is_empty(), expected), "{cell:?}: {object}");
    });
}

/// Every object with a pod template in `examples/`.
fn examples() -> Vec<Value> {
    let mut objects = Vec::new();
    for folder in ["insecure", "hardened"] {
        let mut files: Vec<_> =
            fs::read_dir(root().join("examples").join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            for document in yaml::parse(&text).documents {
                let object: Value = serde_json::from_str(&document.root.to_json()).unwrap();
                match object["items"].as_array() {
                    Some(items) => objects.extend(items.iter().cloned()),
                    None => objects.push(object),
                }
            }
        }
    }
    objects
}

#[test]
fn examples_are_judged_the_same_in_every_cell() {
    let with_template = |object: Value| {
        let kind = object["kind"].as_str()?;
        let workload = WORKLOADS.iter().find(|workload| workload.kind == kind)?;
        let template = workload.template.iter().fold(&object, |place, key| &place[*key]).clone();
        Some((object, template)).filter(|(_, template)| template["spec"]["containers"].is_array())
    };
    let objects: Vec<_> = examples().into_iter().filter_map(with_template).collect();
    assert!(objects.len() > 20, "{}", objects.len());
    each(&objects, |_, (object, template)| {
        let pod = typed(template);
        for cell in cells() {
            let expected: BTreeSet<String> = expected(&pod, cell).into_iter().map(str::to_owned).collect();
            let found = compiled(&settings(cell), &request(object)).unwrap();
            assert_eq!(found, (expected.is_empty(), expected), "{cell:?}: {}", object["metadata"]["name"]);
        }
    });
}
