//! `harden manifests`, the real binary: every option, what is refused, what the cluster would take.

mod apart;
mod crd;
pub(crate) mod deploy;
mod files;
mod layouts;
mod options;
mod same;

use crate::support::*;
use kubewarden_policy_sdk::crd::policies::{
    AdmissionPolicy, AdmissionPolicyGroup, ClusterAdmissionPolicy, ClusterAdmissionPolicyGroup,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

const REGISTRY: [&str; 2] = ["--registry", "registry://ghcr.io/example/policies"];

fn run(args: &[&str]) -> Run {
    harden(folder(&[]).path(), &[["manifests"].as_slice(), &REGISTRY, args].concat())
}

/// The documents of a YAML stream.
fn read(text: &str) -> Vec<Value> {
    let parsed = kube_yaml::yaml::parse(text);
    assert!(parsed.errors.is_empty(), "{text}");
    parsed.documents.iter().map(|document| serde_json::from_str(&document.root.to_json()).unwrap()).collect()
}

/// The objects that a run writes; each is one that the cluster takes.
fn objects(args: &[&str]) -> Vec<Value> {
    let run = run(args);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{args:?}");
    let objects = read(&run.out);
    for object in &objects {
        assert_eq!(crd::problems(object), Vec::<String>::new(), "{args:?}:\n{}", run.out);
        assert_eq!(crd::nulls(object), 0, "{}", run.out);
        assert!(object.get("status").is_none());
        typed(object);
    }
    objects
}

/// Reads an object as the SDK's type and writes it again: nothing is lost, nothing is unknown.
fn typed(object: &Value) {
    fn again<T: DeserializeOwned + Serialize>(object: &Value) -> Value {
        serde_json::to_value(serde_json::from_value::<T>(object.clone()).unwrap()).unwrap()
    }
    let back = match object["kind"].as_str().unwrap() {
        "ClusterAdmissionPolicy" => again::<ClusterAdmissionPolicy>(object),
        "AdmissionPolicy" => again::<AdmissionPolicy>(object),
        "ClusterAdmissionPolicyGroup" => again::<ClusterAdmissionPolicyGroup>(object),
        "AdmissionPolicyGroup" => again::<AdmissionPolicyGroup>(object),
        _ => return,
    };
    for part in ["apiVersion", "kind", "metadata"] {
        assert_eq!(back[part], object[part]);
    }
    for (key, value) in object["spec"].as_object().unwrap().iter().filter(|(key, _)| *key != "policies") {
        assert_eq!(&back["spec"][key], value, "{key}");
    }
}

fn names(objects: &[Value]) -> Vec<&str> {
    objects.iter().map(|object| object["metadata"]["name"].as_str().unwrap()).collect()
}
