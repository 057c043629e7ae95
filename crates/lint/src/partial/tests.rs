//! Parts of objects, whole ones, and those that are neither.
#![allow(clippy::unwrap_used)]

use super::*;
use kube_yaml::yaml;

/// Why an object is only a part; `None` if it is whole.
fn why(text: &str, is_patch: bool) -> Option<String> {
    match of(text, is_patch) {
        Shape::Whole => None,
        Shape::Part(why) => Some(why),
        Shape::Broken(problem) => Some(format!("broken: {}", problem.message)),
    }
}

fn of(text: &str, is_patch: bool) -> Shape {
    let parsed = yaml::parse(text);
    assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
    let root = &parsed.documents[0].root;
    shape(root, &Object::of(root), is_patch)
}

const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n";

#[test]
fn patches_are_recognised() {
    for (spec, expected) in [
        ("  replicas: 3\n", "Deployment web is a part of an object: its pod template lists no containers"),
        ("  template: {spec: {containers: []}}\n", "lists no containers, and it has no selector"),
        ("  template: {spec: {containers: [{name: a, resources: {}}]}}\n", "a container has no image"),
        ("  template: {spec: {containers: [{name: a, image: i}, {name: b, image: null}]}}\n", "has no image"),
        ("  template: {spec: {containers: [{name: a, $patch: delete}]}}\n", "the directive `$patch`"),
        (
            "  selector: {}\n  template: {spec: {$setElementOrder/containers: [], containers: [{name: a}]}}\n",
            "`$setElementOrder/containers`",
        ),
    ] {
        let why = why(&format!("{DEPLOYMENT}{spec}"), false).unwrap_or_default();
        assert!(why.contains(expected) && !why.contains("broken"), "{spec}: {why}");
    }
}

#[test]
fn whole_objects_are_judged() {
    for text in [
        "apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a}]}\n",
        "apiVersion: apps/v1\nkind: Deployment\nspec: {template: {spec: {containers: [{name: a, image: i}]}}}\n",
        "apiVersion: apps/v1\nkind: Deployment\nspec: {selector: {}, template: {spec: {containers: [{name: a}]}}}\n",
        "apiVersion: batch/v1\nkind: Job\nspec: {template: {spec: {containers: [{name: a}]}}}\n",
        "apiVersion: v1\nkind: Service\nspec: {}\n",
        "apiVersion: v1\nkind: ConfigMap\ndata: {$x: y, price: $patch}\n",
    ] {
        assert_eq!(of(text, false), Shape::Whole, "{text}");
    }
}

/// S5c: with images the API server may create it, whatever else stands there; and free keys are no directives.
#[test]
fn a_directive_does_not_hide_a_workload() {
    for text in [
        "apiVersion: v1\nkind: Pod\n$patch: merge\nspec: {containers: [{name: a, image: i}]}\n",
        "apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a, image: i, $patch: merge}]}\n",
        "apiVersion: v1\nkind: Pod\nmetadata: {labels: {$patch: x}}\nspec: {containers: [{name: a}]}\n",
        "apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a}], volumes: [{csi: {volumeAttributes: {$patch: merge}}}]}\n",
        "apiVersion: a.b/v1\nkind: Rollout\n$patch: merge\nspec: {template: {spec: {containers: [{name: a, image: i}]}}}\n",
        "apiVersion: v1\nkind: ConfigMap\ndata: {$patch: merge}\n",
    ] {
        assert_eq!(of(text, false), Shape::Whole, "{text}");
    }
    let rollout =
        "apiVersion: a.b/v1\nkind: Rollout\nspec: {template: {spec: {containers: [{name: a, $patch: delete}]}}}\n";
    assert!(why(rollout, false).unwrap().contains("the directive `$patch`"));
}

/// S5b: what a kustomization patches with is a part, unless the API server would take it as it is.
#[test]
fn a_patch_that_is_whole_is_judged() {
    let image = "template: {spec: {containers: [{name: a, image: i}]}}";
    for (text, is_whole) in [
        ("apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a, image: i}]}\n".to_owned(), true),
        ("apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a}]}\n".to_owned(), false),
        ("apiVersion: v1\nkind: Pod\nspec: {hostNetwork: true}\n".to_owned(), false),
        ("apiVersion: v1\nkind: Pod\nspec: {containers: {a: {image: i}}}\n".to_owned(), false),
        ("apiVersion: v1\nkind: Service\nspec: {}\n".to_owned(), false),
        (format!("{DEPLOYMENT}  {image}\n"), false),
        (format!("{DEPLOYMENT}  selector: {{}}\n  {image}\n"), true),
        (format!("apiVersion: batch/v1\nkind: Job\nspec: {{{image}}}\n"), true),
        (format!("apiVersion: batch/v1\nkind: CronJob\nspec: {{jobTemplate: {{spec: {{{image}}}}}}}\n"), false),
        (
            format!("apiVersion: batch/v1\nkind: CronJob\nspec: {{schedule: x, jobTemplate: {{spec: {{{image}}}}}}}\n"),
            true,
        ),
        (format!("apiVersion: a.b/v1\nkind: Rollout\nspec: {{{image}}}\n"), true),
        ("apiVersion: a.b/v1\nkind: Rollout\nspec: {replicas: 3}\n".to_owned(), false),
    ] {
        assert_eq!(of(&text, true) == Shape::Whole, is_whole, "{text}");
    }
}

/// B13: a workload without containers is an error with its place.
#[test]
fn a_workload_without_containers_is_broken() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n";
    let selector = "  selector: {}\n  template:\n    spec:\n";
    for (text, line, expected) in [
        (
            format!("{pod}  container:\n  - name: a\n"),
            5,
            "there is no field `container` in a pod, did you mean `containers`?",
        ),
        (format!("{pod}  hostPID: true\n  Containers: []\n"), 6, "no field `Containers`"),
        (format!("{pod}  containers: {{a: {{image: i}}}}\n"), 5, "`spec.containers` must be a list of containers"),
        (format!("{pod}  containers: []\n"), 5, "Pod p has no containers at `spec.containers`; if it is a patch"),
        (format!("{pod}  hostNetwork: true\n"), 4, "has no containers at `spec.containers`"),
        (format!("{DEPLOYMENT}  template: {{spec: {{contaners: []}}}}\n"), 5, "no field `contaners`"),
        (format!("{DEPLOYMENT}{selector}      container: []\n"), 8, "has no `spec.template.spec.containers`"),
        (format!("{DEPLOYMENT}{selector}      initContainers: []\n"), 7, "at `spec.template.spec.containers`"),
    ] {
        let Shape::Broken(problem) = of(&text, false) else { panic!("{text}") };
        assert!(problem.message.contains(expected), "{text}: {}", problem.message);
        assert_eq!(problem.place.unwrap().line, line, "{text}");
    }
}
