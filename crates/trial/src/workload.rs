//! Workloads: the pod templates of an object, with what the object says about its pods beside the template.

use hardening::workload::{self as kinds, Pointer};
use serde_json::Value;
use thiserror::Error;

/// A pod template and the object that it stands in.
#[derive(Debug, Clone, PartialEq)]
pub struct Workload {
    /// `apiVersion` of the object.
    pub api_version: String,
    /// `kind` of the object.
    pub kind: String,
    /// `metadata.namespace`; none is the namespace into which the object is applied.
    pub namespace: Option<String>,
    /// `metadata.name`, or `metadata.generateName` without its last `-`.
    pub name: String,
    /// The keys from the object to the template; a number is the index in a list.
    pub at: Vec<String>,
    /// The template: a value with `metadata` and `spec`.
    pub template: Value,
    /// The names of `volumeClaimTemplates`: volumes that every pod has without naming them.
    pub claims: Vec<String>,
    /// `serviceName` of a StatefulSet, which is the subdomain of its pods.
    pub service_name: Option<String>,
    /// Whether the containers have a job to end (Job, CronJob).
    pub runs_once: bool,
    /// Whether each pod of a Job has an index (`completionMode: Indexed`).
    pub indexed: bool,
}

/// An object whose pod templates cannot be told.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WorkloadError {
    /// A kind that always has a template, without one.
    #[error("{0} has no containers at {1}: write them, or leave this object out")]
    NoContainers(String, String),
    /// It has no name.
    #[error("a {0} without metadata.name: write one")]
    NoName(String),
}

impl Workload {
    /// The workloads of an object: one for each pod template; none for a kind without. `pointers` name templates of
    /// kinds that Kubernetes does not ship.
    ///
    /// # Errors
    /// A kind of Kubernetes whose template is missing, and a workload without a name.
    pub fn all_of(object: &Value, pointers: &[Pointer]) -> Result<Vec<Workload>, WorkloadError> {
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let (api_version, kind) = (text("/apiVersion"), text("/kind"));
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        let known = kinds::workload(group, kind);
        let mut found = Vec::new();
        let is_pod = |value: &Value| value.pointer("/spec/containers").is_some_and(Value::is_array);
        let lists: Vec<Vec<&str>> = match known {
            Some(known) => vec![known.template.to_vec()],
            None => {
                let named = pointers.iter().map(|pointer| pointer.keys().iter().map(String::as_str).collect());
                kinds::STRUCTURAL.iter().map(|keys| keys.to_vec()).chain(named).collect()
            }
        };
        for keys in lists {
            collect(object, &keys, Vec::new(), &mut found);
        }
        found.retain(|(_, template)| is_pod(template));
        let mut seen = std::collections::BTreeSet::new();
        found.retain(|(at, _)| seen.insert(at.clone()));
        let label = format!("{kind} {}", text("/metadata/name"));
        if let (Some(known), true) = (known, found.is_empty()) {
            let path = [known.template, &["spec", "containers"]].concat().join(".");
            return Err(WorkloadError::NoContainers(label.trim_end().to_owned(), path));
        }
        let name = match text("/metadata/name") {
            "" => text("/metadata/generateName").trim_end_matches('-'),
            name => name,
        };
        if name.is_empty() && !found.is_empty() {
            return Err(WorkloadError::NoName(kind.to_owned()));
        }
        let claims = object.pointer("/spec/volumeClaimTemplates").and_then(Value::as_array);
        let claims = claims.into_iter().flatten().filter_map(|claim| claim.pointer("/metadata/name")?.as_str());
        let is_job = matches!((group, kind), ("batch", "Job" | "CronJob"));
        let mode = ["/spec/completionMode", "/spec/jobTemplate/spec/completionMode"];
        let workload = Workload {
            api_version: api_version.to_owned(),
            kind: kind.to_owned(),
            namespace: Some(text("/metadata/namespace")).filter(|text| !text.is_empty()).map(str::to_owned),
            name: name.to_owned(),
            at: Vec::new(),
            template: Value::Null,
            claims: claims.map(str::to_owned).collect(),
            service_name: (kind == "StatefulSet").then(|| text("/spec/serviceName").to_owned()),
            runs_once: is_job,
            indexed: is_job && mode.iter().any(|pointer| text(pointer) == "Indexed"),
        };
        let with =
            |(at, template): (Vec<String>, &Value)| Workload { at, template: template.clone(), ..workload.clone() };
        Ok(found.into_iter().map(with).collect())
    }

    /// The kind and the name, for people: `Deployment web`.
    pub fn label(&self) -> String {
        format!("{} {}", self.kind, self.name)
    }

    /// The name of the pod that is tried. A StatefulSet's pods have numbers; others have random letters.
    pub fn pod_name(&self) -> String {
        match self.kind.as_str() {
            "Pod" => self.name.clone(),
            "StatefulSet" => format!("{}-0", self.name),
            _ => format!("{}-trial", self.name),
        }
    }

    /// A label of the template.
    pub(crate) fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        let labels = self.template.pointer("/metadata/labels").and_then(Value::as_object);
        labels.into_iter().flatten().filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)))
    }
}

/// Collects the values at `keys` below `value`; `*` stands for every member or element.
fn collect<'a>(value: &'a Value, keys: &[&str], at: Vec<String>, found: &mut Vec<(Vec<String>, &'a Value)>) {
    let Some((key, rest)) = keys.split_first() else {
        found.push((at, value));
        return;
    };
    let mut go =
        |name: &str, value: &'a Value| collect(value, rest, [at.as_slice(), &[name.to_owned()]].concat(), found);
    match value {
        Value::Object(members) if *key == "*" => members.iter().for_each(|(name, value)| go(name, value)),
        Value::Object(members) => members.get(*key).into_iter().for_each(|value| go(key, value)),
        Value::Array(elements) => {
            let wanted = |at: usize| *key == "*" || key.parse() == Ok(at);
            elements
                .iter()
                .enumerate()
                .filter(|(at, _)| wanted(*at))
                .for_each(|(at, value)| go(&at.to_string(), value));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn found(object: &Value, pointers: &[&str]) -> Result<Vec<String>, String> {
        let pointers: Vec<Pointer> = pointers.iter().map(|text| Pointer::new(text).unwrap()).collect();
        let all = Workload::all_of(object, &pointers).map_err(|error| error.to_string())?;
        Ok(all.iter().map(|found| format!("{} /{} {}", found.label(), found.at.join("/"), found.pod_name())).collect())
    }

    #[test]
    fn templates_are_found_in_every_kind() {
        let spec = json!({ "spec": { "containers": [] } });
        let of = |api_version: &str, kind: &str, object: Value| {
            let mut object = object;
            object["apiVersion"] = api_version.into();
            object["kind"] = kind.into();
            object["metadata"]["name"] = "a".into();
            object
        };
        for (object, want) in [
            (of("v1", "Pod", spec.clone()), "Pod a / a"),
            (of("v1", "PodTemplate", json!({ "template": spec })), "PodTemplate a /template a-trial"),
            (
                of("apps/v1", "Deployment", json!({ "spec": { "template": spec } })),
                "Deployment a /spec/template a-trial",
            ),
            (of("apps/v1", "StatefulSet", json!({ "spec": { "template": spec } })), "StatefulSet a /spec/template a-0"),
            (
                of("batch/v1", "CronJob", json!({ "spec": { "jobTemplate": { "spec": { "template": spec } } } })),
                "CronJob a /spec/jobTemplate/spec/template a-trial",
            ),
            (
                of("argoproj.io/v1", "Rollout", json!({ "spec": { "template": spec } })),
                "Rollout a /spec/template a-trial",
            ),
        ] {
            assert_eq!(found(&object, &[]).unwrap(), [want], "{object}");
        }
        let workers = json!({ "spec": { "groups": [{ "template": spec }, { "template": spec }, { "template": {} }] } });
        let ray = of("ray.io/v1", "RayCluster", workers);
        assert_eq!(found(&ray, &[]).unwrap(), [""; 0]);
        let want = ["RayCluster a /spec/groups/0/template a-trial", "RayCluster a /spec/groups/1/template a-trial"];
        assert_eq!(found(&ray, &["/spec/groups/*/template", "/spec/groups/0/template"]).unwrap(), want);
        assert_eq!(found(&of("v1", "ConfigMap", json!({})), &[]).unwrap(), [""; 0]);
    }

    #[test]
    fn an_object_without_its_template_or_name_is_refused() {
        let object =
            json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "web" }, "spec": {} });
        let want =
            "Deployment web has no containers at spec.template.spec.containers: write them, or leave this object out";
        assert_eq!(found(&object, &[]).unwrap_err(), want);
        let object = json!({ "apiVersion": "v1", "kind": "Pod", "spec": { "containers": [] } });
        assert_eq!(found(&object, &[]).unwrap_err(), "a Pod without metadata.name: write one");
        let object = json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "generateName": "job-" }, "spec": { "containers": [] } });
        assert_eq!(found(&object, &[]).unwrap(), ["Pod job / job"]);
    }
}
