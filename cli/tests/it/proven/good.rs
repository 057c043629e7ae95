//! A pod that every rule accepts, and the kinds that can carry it.

use serde_json::{Value, json};

/// One step into an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// A member.
    Key(&'static str),
    /// An element.
    At(usize),
}

/// An image that passes every setting.
const IMAGE: &str = "registry.example/app:1@sha256:0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f";

/// A pod that passes every rule, with containers in every list.
pub(crate) fn pod() -> Value {
    let context = json!({
        "privileged": false, "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
        "capabilities": { "drop": ["ALL"] },
    });
    let container = |name: &str| {
        json!({
            "name": name, "image": IMAGE, "securityContext": context,
            "resources": { "requests": { "cpu": "100m", "memory": "64Mi" }, "limits": { "cpu": "1", "memory": "128Mi" } },
        })
    };
    let mut debug = container("debug");
    debug.as_object_mut().unwrap().remove("resources");
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "pod", "namespace": "default" },
        "spec": {
            "automountServiceAccountToken": false,
            "securityContext": {
                "runAsNonRoot": true, "runAsUser": 10001, "runAsGroup": 10001, "fsGroup": 1500,
                "supplementalGroups": [1500], "seccompProfile": { "type": "RuntimeDefault" },
            },
            "volumes": [{ "name": "scratch", "emptyDir": {} }],
            "containers": [container("first"), container("second")],
            "initContainers": [container("init")],
            "ephemeralContainers": [debug],
        },
    })
}

/// A kind that carries a pod template.
#[derive(Debug)]
pub(crate) struct Carrier {
    pub(crate) api: &'static str,
    pub(crate) kind: &'static str,
    /// Where the template stands; nowhere for a Pod.
    pub(crate) template: &'static [&'static str],
    /// The setting that names the template, for kinds that are not recognised.
    pub(crate) pointer: Option<&'static str>,
}

const fn carrier(api: &'static str, kind: &'static str, template: &'static [&'static str]) -> Carrier {
    Carrier { api, kind, template, pointer: None }
}

/// Pods, every workload, and kinds that Kubernetes does not ship.
pub(crate) static CARRIERS: [Carrier; 14] = [
    carrier("v1", "Pod", &[]),
    carrier("v1", "PodTemplate", &["template"]),
    carrier("v1", "ReplicationController", &["spec", "template"]),
    carrier("apps/v1", "Deployment", &["spec", "template"]),
    carrier("apps/v1", "ReplicaSet", &["spec", "template"]),
    carrier("apps/v1", "StatefulSet", &["spec", "template"]),
    carrier("apps/v1", "DaemonSet", &["spec", "template"]),
    carrier("batch/v1", "Job", &["spec", "template"]),
    carrier("batch/v1", "CronJob", &["spec", "jobTemplate", "spec", "template"]),
    carrier("argoproj.io/v1alpha1", "Rollout", &["spec", "template"]),
    carrier("apps.example/v1", "AdvancedCronJob", &["spec", "jobTemplate", "spec", "template"]),
    carrier("agents.example/v1", "Sandbox", &["spec", "podTemplate"]),
    carrier("apps.example/v1", "Deployment", &["spec", "template"]),
    Carrier {
        api: "ml.example/v1",
        kind: "Model",
        template: &["spec", "predictor", "pod"],
        pointer: Some("/spec/predictor/pod"),
    },
];

impl Carrier {
    /// The object of this kind that carries `pod`.
    pub(crate) fn object(&self, pod: &Value) -> Value {
        if self.template.is_empty() {
            return pod.clone();
        }
        let template = json!({ "metadata": pod["metadata"], "spec": pod["spec"] });
        let nested = self.template.iter().rev().fold(template, |inner, key| json!({ *key: inner }));
        let mut object = json!({ "apiVersion": self.api, "kind": self.kind, "metadata": { "name": "w" } });
        for (key, value) in nested.as_object().unwrap() {
            object[key] = value.clone();
        }
        // Without these the API server refuses a workload, and `check` takes one without an image for a patch.
        if let Some(spec) = object.get_mut("spec") {
            spec["selector"] = json!({ "matchLabels": { "app": "w" } });
            spec["schedule"] = json!("0 0 * * *");
        }
        object
    }

    /// The way from the object to what stands at `path` of the pod.
    pub(crate) fn path(&self, path: &[Step]) -> Vec<Step> {
        self.template.iter().map(|key| Step::Key(key)).chain(path.iter().copied()).collect()
    }

    /// `settings`, with the pointer that this kind needs.
    pub(crate) fn settings(&self, settings: &str) -> String {
        let mut settings: Value = serde_json::from_str(settings).unwrap();
        if let Some(pointer) = self.pointer {
            settings["podTemplates"] = json!([pointer]);
        }
        settings.to_string()
    }
}

/// The payload of `validate` for the creation of an object, given as text.
pub(crate) fn payload(settings: &str, carrier: &Carrier, object: &str) -> String {
    let (group, version) = carrier.api.split_once('/').unwrap_or(("", carrier.api));
    let kind = json!({ "group": group, "version": version, "kind": carrier.kind });
    format!(
        r#"{{"settings":{settings},"request":{{"uid":"u","operation":"CREATE","namespace":"default","kind":{kind},"object":{object}}}}}"#
    )
}
