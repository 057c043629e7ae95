//! Profiles `baseline` and `restricted` decide as Pod Security Admission does, for every level and version.

pub(crate) mod fields;
pub(crate) mod fixtures;
pub(crate) mod oracle;
pub(crate) mod pods;

mod differential;
mod hardening_repairs;
mod kinds;
mod levels;
mod readable;
mod repairs;
mod within;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use cases::BUNDLE;
use hardening::standard::{Level, Version};
use hardening::view::View;
use hardening::violation::Report;
use hardening::{standard, workload};
use k8s_openapi::api::core::v1 as k8s;
use sandbox::Policy;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::support::{payload, policies, reply};
use oracle::Facts;

/// Ids of the checks that refuse a pod.
pub(crate) type Refusing = BTreeSet<&'static str>;

/// A level and a version of the standard.
pub(crate) type Cell = (Level, Version);

/// Every level that has checks, at every version.
pub(crate) fn cells() -> Vec<Cell> {
    [Level::Baseline, Level::Restricted].into_iter().flat_map(|level| Version::all().map(move |v| (level, v))).collect()
}

/// Reads a pod template into Kubernetes' own types. As its decoder, they take `null` for the empty text.
pub(crate) fn typed(template: &Value) -> k8s::Pod {
    let mut pod = json!({ "metadata": template["metadata"], "spec": template["spec"] });
    if let Some(annotations) = pod["metadata"]["annotations"].as_object_mut() {
        annotations.values_mut().filter(|value| value.is_null()).for_each(|value| *value = json!(""));
    }
    for list in ["volumes", "containers", "initContainers", "ephemeralContainers"] {
        let elements = pod["spec"][list].as_array_mut().into_iter().flatten();
        for element in elements {
            if element.is_null() {
                *element = json!({});
            }
            let ports = element.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten();
            ports.filter(|port| port.is_null()).for_each(|port| *port = json!({}));
        }
    }
    let sysctls = pod["spec"]["securityContext"].get_mut("sysctls").and_then(Value::as_array_mut).into_iter().flatten();
    sysctls.filter(|sysctl| sysctl.is_null()).for_each(|sysctl| *sysctl = json!({}));
    k8s_openapi::serde_json::from_value(pod).unwrap_or_else(|error| panic!("{error}: {template}"))
}

/// Asks the oracle about a pod.
pub(crate) fn expected(pod: &k8s::Pod, cell: Cell) -> Refusing {
    expected_in(&Facts::of(pod), cell)
}

/// The same, for a pod that is asked of often.
pub(crate) fn expected_in(facts: &Facts<'_>, (level, version): Cell) -> Refusing {
    oracle::refusing(level == Level::Restricted, version.minor(), facts)
}

/// The checks that refuse a pod in every one of `cells`, natively.
pub(crate) fn native(pod: &str, cells: &[Cell]) -> Vec<Refusing> {
    let object = RawValue::from_string(pod.to_owned()).unwrap();
    let templates = workload::templates("", "Pod", &object, &[]).unwrap_or_else(|error| panic!("{error}: {pod}"));
    let view = View::new("", &templates[0].template, &[]);
    let refuses = |check: standard::CheckFn| {
        let mut report = Report::default();
        check(&view, &mut report);
        !report.violations.is_empty()
    };
    let of_cell = |(level, version): &Cell| -> Refusing {
        standard::checks(*level, *version).filter(|(_, check)| refuses(*check)).map(|(id, _)| id).collect()
    };
    cells.iter().map(of_cell).collect()
}

/// The compiled bundle.
pub(crate) fn bundle() -> &'static Policy {
    policies().get(BUNDLE).unwrap()
}

/// The bundle's settings for a level and version.
pub(crate) fn settings((level, version): Cell) -> Value {
    json!({ "profile": level.word(), "version": format!("v1.{}", version.minor()) })
}

/// Whether the compiled bundle accepts the object of a request, and which checks refuse it.
pub(crate) fn compiled(settings: &Value, request: &Value) -> Result<(bool, BTreeSet<String>), String> {
    let answer = reply(bundle(), payload(settings, request).as_bytes())?;
    let list = answer["audit_annotations"]["violations"].as_str().unwrap_or("[]");
    let list: Vec<Value> = serde_json::from_str(list).unwrap();
    let ids = list.iter().map(|violation| violation["rule"].as_str().unwrap().to_owned()).collect();
    Ok((answer["accepted"].as_bool().unwrap(), ids))
}

/// A request to create `object`.
pub(crate) fn request(object: &Value) -> Value {
    let api = object["apiVersion"].as_str().unwrap_or_default();
    let (group, version) = api.split_once('/').unwrap_or(("", api));
    json!({
        "uid": "u", "operation": "CREATE", "namespace": "default", "object": object,
        "kind": { "group": group, "version": version, "kind": object["kind"] },
    })
}

/// Runs `test` on every item, on two threads.
pub(crate) fn each<T: Sync>(items: &[T], test: impl Fn(usize, &T) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((at, item)) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, items.get(at)?)))
                {
                    test(at, item);
                }
            });
        }
    });
}
