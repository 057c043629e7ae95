//! `harden fix --krm`: a KRM function, as kustomize and kpt call it.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::*;

/// A list as kustomize passes it to a function.
const LIST: &str = "\
apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: c}
  data: {a: 'b' }   # stays
- apiVersion: v1
  kind: Pod
  metadata:
    name: p
    namespace: shop
    annotations:
      config.kubernetes.io/index: '1'
      internal.config.kubernetes.io/path: 'deploy/pod.yaml'
  spec:
    containers:
    - name: c # the only one
      image: nginx
";

const CONFIG_MAP: &str = "functionConfig:\n  apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: harden}\n  data:\n    rules: |\n      image-tag: true\n    profile: privileged\n";

fn function(list: &str, args: &[&str]) -> Run {
    harden_with_stdin(Path::new("/"), &[&["fix", "--krm"], args].concat(), list)
}

fn read(run: &Run) -> Value {
    serde_yaml_ng::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {}{}", run.out, run.err))
}

#[test]
fn items_are_fixed_and_what_is_left_is_a_result() {
    let run = function(LIST, &[]);
    assert_eq!(run.code, 1, "{}", run.err);
    let (items, results) = run.out.split_once("\nresults:\n").unwrap();
    assert!(items.contains("  data: {a: 'b' }   # stays\n") && items.contains("    - name: c # the only one\n"));
    assert!(items.contains("allowPrivilegeEscalation: false\n"), "{items}");
    assert!(!results.is_empty());
    let list = read(&run);
    let image = |result: &&Value| result["tags"]["rule"] == "image-tag";
    let result = list["results"].as_array().unwrap().iter().find(image).unwrap();
    let expected = json!({
        "message": "container \"c\": spec.containers[0].image is \"nginx\", must name a version: without a tag it means docker.io/library/nginx:latest, which changes under you (pick a version)",
        "severity": "error",
        "resourceRef": {"apiVersion": "v1", "kind": "Pod", "name": "p", "namespace": "shop"},
        "field": {"path": "spec.containers[0].image", "currentValue": "nginx"},
        "file": {"path": "deploy/pod.yaml", "index": 1},
        "tags": {"rule": "image-tag"},
    });
    assert_eq!(result, &expected);
    assert!(run.err.contains("[image-tag]") && run.err.contains(" left\n"), "{}", run.err);
    let never = function(LIST, &["--fail-on", "never", "-q"]);
    assert_eq!((never.code, never.err.as_str()), (0, ""));
    assert!(read(&never)["results"].as_array().unwrap().iter().all(|result| result["severity"] == "warning"));
}

#[test]
fn a_config_map_or_a_spec_configures_it() {
    let spec = "functionConfig:\n  apiVersion: harden/v1\n  kind: Harden\n  spec: {profile: privileged, rules: {image-tag: true}}\n";
    for config in [CONFIG_MAP, spec] {
        let run = function(&format!("{LIST}{config}"), &[]);
        let list = read(&run);
        assert_eq!(list["results"].as_array().map(Vec::len), Some(1), "{}", run.out);
        assert!(!run.out.contains("securityContext"), "{}", run.out);
        assert!(run.out.contains(config), "it is passed on as it was");
    }
    let clean = LIST.replace("nginx", "nginx:1.29");
    let run = function(&format!("{clean}{CONFIG_MAP}"), &[]);
    assert_eq!((run.code, run.out), (0, format!("{clean}{CONFIG_MAP}")), "without results nothing is added");
}

#[test]
fn earlier_results_stay() {
    let earlier = "results:\n- message: from before\n  severity: info\n";
    let run = function(&format!("{LIST}{CONFIG_MAP}{earlier}"), &[]);
    let list = read(&run);
    let results = list["results"].as_array().unwrap();
    assert_eq!((results.len(), &results[0]), (2, &json!({"message": "from before", "severity": "info"})));
}

#[test]
fn what_cannot_be_judged_is_a_result_too() {
    let run = function(&LIST.replace("image: nginx", "image: 7"), &[]);
    assert_eq!(run.code, 1, "{}", run.err);
    let list = read(&run);
    let is_error = |result: &Value| {
        result["severity"] == "error" && result["message"].as_str().unwrap().contains("spec.containers[0].image")
    };
    assert!(list["results"].as_array().unwrap().iter().any(is_error), "{}", run.out);
}

#[test]
fn other_input_is_refused() {
    for (list, said) in [
        ("a: b: c\n", "error: standard input is not valid YAML: line 1: "),
        (ONE_LINE, "error: standard input is not a ResourceList of config.kubernetes.io/v1"),
        ("", "error: standard input is not a ResourceList"),
        (
            &format!("{LIST}functionConfig:\n  kind: Harden\n  spec: {{rulez: 1}}\n"),
            "error: functionConfig: functionConfig:1:2: rulez: ",
        ),
        (
            &format!("{LIST}functionConfig:\n  kind: Harden\n  spec: {{baseline: ../known.json}}\n"),
            "error: functionConfig: ",
        ),
    ] {
        let run = function(list, &[]);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{}", run.err);
        assert!(run.err.starts_with(said), "{said:?}: {}", run.err);
    }
    assert_eq!(function(LIST, &["pod.yaml"]).code, 2);
}
