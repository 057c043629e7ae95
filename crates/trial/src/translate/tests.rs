//! The translation against what the kubelet does, field by field. What it does was read from the documentation of
//! Kubernetes and from the sources of kubelet and containerd.

#![allow(clippy::unwrap_used)]

mod env;
mod never;
mod pods;
mod probes;
mod security;
mod volumes;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;

/// A workload with this pod spec, of which other members of the object come from `rest`.
fn workload(kind: &str, spec: Value, rest: Value) -> Workload {
    let api_version = match kind {
        "Pod" => "v1",
        "Job" => "batch/v1",
        _ => "apps/v1",
    };
    let mut object =
        json!({ "apiVersion": api_version, "kind": kind, "metadata": { "name": "web", "namespace": "shop" } });
    let template = json!({ "metadata": { "labels": { "app": "web" }, "annotations": { "team": "a" } }, "spec": spec });
    if kind == "Pod" {
        object["spec"] = template["spec"].clone();
        object["metadata"]["labels"] = template["metadata"]["labels"].clone();
        object["metadata"]["annotations"] = template["metadata"]["annotations"].clone();
    } else {
        object["spec"] = rest;
        object["spec"]["template"] = template;
    }
    Workload::all_of(&object, &[]).unwrap().remove(0)
}

/// ConfigMap `settings`, Secret `keys` and Service `db`, in the namespace of the workload.
fn objects() -> Objects {
    let mut objects = Objects::default();
    let metadata = |name: &str| json!({ "name": name, "namespace": "shop" });
    for object in [
        json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata("settings"),
                "data": { "color": "blue", "app.conf": "a = b\n", "1st": "one" }, "binaryData": { "logo": "AAEC" } }),
        json!({ "apiVersion": "v1", "kind": "Secret", "metadata": metadata("keys"),
                "data": { "token": "czNjcmV0" }, "stringData": { "user": "me" } }),
        json!({ "apiVersion": "v1", "kind": "Service", "metadata": metadata("my-db"),
                "spec": { "selector": { "app": "db" },
                          "ports": [{ "name": "sql", "port": 5432 }, { "name": "dns-udp", "port": 53, "protocol": "UDP" }] } }),
    ] {
        objects.add(&object).unwrap();
    }
    objects
}

fn images(user: &str) -> BTreeMap<String, ImageFacts> {
    BTreeMap::from([("app:1".to_owned(), ImageFacts { user: user.to_owned(), ..ImageFacts::default() })])
}

/// The pod of a Deployment with this pod spec and the objects above.
fn pod(spec: Value) -> Result<Pod, String> {
    translate(&workload("Deployment", spec, json!({})), &objects(), &images("")).map_err(|error| error.to_string())
}

/// A pod spec of one container with these members.
fn spec(container: Value) -> Value {
    let mut whole = json!({ "name": "app", "image": "app:1" });
    whole.as_object_mut().unwrap().extend(container.as_object().unwrap().clone());
    json!({ "containers": [whole] })
}

/// The container of a pod of one.
fn container(members: Value) -> Result<Container, String> {
    pod(spec(members)).map(|mut pod| pod.containers.remove(0))
}

/// What is wrong with a container, without the place of the template.
fn error(members: Value) -> String {
    let error = container(members).unwrap_err();
    let error = error.strip_prefix("Deployment web: ").unwrap();
    error.strip_prefix("spec.template.spec.containers[0].").unwrap_or(error).to_owned()
}
