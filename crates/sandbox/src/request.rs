//! Builds the admission request the API server would send for an object.

use std::borrow::Cow;

/// Kind and resource of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind<'a> {
    /// API group; empty for the core group.
    pub group: &'a str,
    /// Version of the API.
    pub version: &'a str,
    /// Kind, as `Deployment`.
    pub kind: &'a str,
    /// Resource, as `deployments`.
    pub resource: Cow<'a, str>,
    /// Whether objects of the kind live in a namespace.
    pub namespaced: bool,
}

impl<'a> Kind<'a> {
    /// The kind that an object's `apiVersion` and `kind` name.
    ///
    /// Without an API server to ask, the resource is the kind's English plural,
    /// and an unknown kind counts as namespaced; both hold for the kinds of
    /// Kubernetes itself.
    pub fn of(api_version: &'a str, kind: &'a str) -> Self {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        Self { group, version, kind, resource: plural(kind), namespaced: !is_cluster_scoped(group, kind) }
    }
}

/// Lower-case plural of a kind.
fn plural(kind: &str) -> Cow<'_, str> {
    // The workloads, which nearly every request is about, cost no allocation.
    Cow::Borrowed(match kind {
        "Pod" => "pods",
        "Deployment" => "deployments",
        "ReplicaSet" => "replicasets",
        "StatefulSet" => "statefulsets",
        "DaemonSet" => "daemonsets",
        "Job" => "jobs",
        "CronJob" => "cronjobs",
        "Endpoints" => "endpoints",
        _ => return Cow::Owned(regular_plural(kind.to_lowercase())),
    })
}

fn regular_plural(mut word: String) -> String {
    let ends = |ends: &[&str]| ends.iter().any(|end| word.ends_with(end));
    if ends(&["s", "x", "z", "ch", "sh"]) {
        word.push_str("es");
    } else if ends(&["y"]) && !ends(&["ay", "ey", "iy", "oy", "uy"]) {
        word.pop();
        word.push_str("ies");
    } else {
        word.push('s');
    }
    word
}

/// Whether objects of the kind live outside namespaces.
fn is_cluster_scoped(group: &str, kind: &str) -> bool {
    match group {
        "" => matches!(kind, "ComponentStatus" | "Namespace" | "Node" | "PersistentVolume"),
        // Whole groups.
        "admissionregistration.k8s.io"
        | "apiextensions.k8s.io"
        | "apiregistration.k8s.io"
        | "authentication.k8s.io"
        | "certificates.k8s.io"
        | "flowcontrol.apiserver.k8s.io"
        | "internal.apiserver.k8s.io"
        | "node.k8s.io"
        | "scheduling.k8s.io"
        | "storagemigration.k8s.io" => kind != "PodCertificateRequest",
        "authorization.k8s.io" => kind != "LocalSubjectAccessReview",
        "networking.k8s.io" => matches!(kind, "IngressClass" | "IPAddress" | "ServiceCIDR"),
        "policy" => kind == "PodSecurityPolicy",
        "rbac.authorization.k8s.io" => matches!(kind, "ClusterRole" | "ClusterRoleBinding"),
        "resource.k8s.io" => matches!(kind, "DeviceClass" | "DeviceTaintRule" | "ResourceSlice"),
        "storage.k8s.io" => kind != "CSIStorageCapacity",
        // Custom resources: by their authors' habit.
        _ => matches!(kind.strip_prefix("Cluster").and_then(|rest| rest.chars().next()), Some('A'..='Z')),
    }
}

/// A `CREATE` request for an object, as JSON text.
///
/// `object_json` must be a JSON object; its bytes are embedded as they are.
/// `namespace` should be `None` for a kind that has none. The `uid` is always
/// the same, so that equal input gives equal requests.
pub fn admission_request(object_json: &str, kind: &Kind<'_>, name: Option<&str>, namespace: Option<&str>) -> String {
    // The fixed text is about 500 bytes.
    let mut out = String::with_capacity(object_json.len() + 768);
    out.push_str(r#"{"uid":"00000000-0000-0000-0000-000000000000""#);
    for (key, last_key, last) in [
        ("kind", "kind", kind.kind),
        ("resource", "resource", &*kind.resource),
        ("requestKind", "kind", kind.kind),
        ("requestResource", "resource", &*kind.resource),
    ] {
        push_all(&mut out, &[",\"", key, "\":{\"group\":"]);
        push_string(&mut out, kind.group);
        out.push_str(",\"version\":");
        push_string(&mut out, kind.version);
        push_all(&mut out, &[",\"", last_key, "\":"]);
        push_string(&mut out, last);
        out.push('}');
    }
    for (key, value) in [(",\"name\":", name), (",\"namespace\":", namespace)] {
        if let Some(value) = value {
            out.push_str(key);
            push_string(&mut out, value);
        }
    }
    out.push_str(concat!(
        r#","operation":"CREATE","userInfo":{"username":"harden","groups":["system:authenticated"]}"#,
        r#","dryRun":true,"options":{"kind":"CreateOptions","apiVersion":"meta.k8s.io/v1"}"#,
        r#","oldObject":null,"object":"#,
    ));
    out.push_str(object_json);
    out.push('}');
    out
}

fn push_all(out: &mut String, parts: &[&str]) {
    for part in parts {
        out.push_str(part);
    }
}

/// Appends `text` as a JSON string.
fn push_string(out: &mut String, text: &str) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn resources_are_the_plurals_kubernetes_uses() {
        for (kind, resource) in [
            ("Pod", "pods"),
            ("CronJob", "cronjobs"),
            ("PodTemplate", "podtemplates"),
            ("Ingress", "ingresses"),
            ("NetworkPolicy", "networkpolicies"),
            ("Endpoints", "endpoints"),
            ("StorageClass", "storageclasses"),
            ("Gateway", "gateways"),
            ("CSIStorageCapacity", "csistoragecapacities"),
            ("ReplicationController", "replicationcontrollers"),
        ] {
            assert_eq!(plural(kind), resource);
        }
    }

    #[test]
    fn kinds_know_their_scope() {
        for (api_version, kind, namespaced) in [
            ("v1", "Pod", true),
            ("v1", "Namespace", false),
            ("apps/v1", "Deployment", true),
            ("rbac.authorization.k8s.io/v1", "Role", true),
            ("rbac.authorization.k8s.io/v1", "ClusterRole", false),
            ("storage.k8s.io/v1", "StorageClass", false),
            ("cert-manager.io/v1", "ClusterIssuer", false),
            ("cluster.x-k8s.io/v1beta1", "Cluster", true),
            ("example.com/v1", "Anything", true),
        ] {
            assert_eq!(Kind::of(api_version, kind).namespaced, namespaced, "{kind}");
        }
    }

    #[test]
    fn the_request_has_the_api_servers_shape() {
        let object = r#"{"kind":"Deployment", "spec":{"replicas": 1.50}}"#;
        let kind = Kind::of("apps/v1", "Deployment");
        let text = admission_request(object, &kind, Some("web"), Some("shop"));
        assert!(text.contains(object), "the object is embedded as it is");
        let request: Value = serde_json::from_str(&text).unwrap();
        let gvk = json!({"group": "apps", "version": "v1", "kind": "Deployment"});
        let gvr = json!({"group": "apps", "version": "v1", "resource": "deployments"});
        for (key, value) in [
            ("kind", &gvk),
            ("requestKind", &gvk),
            ("resource", &gvr),
            ("requestResource", &gvr),
            ("name", &json!("web")),
            ("namespace", &json!("shop")),
            ("operation", &json!("CREATE")),
            ("oldObject", &Value::Null),
        ] {
            assert_eq!(&request[key], value, "{key}");
        }
    }

    #[test]
    fn absent_names_are_left_out() {
        let text = admission_request("{}", &Kind::of("v1", "Node"), None, None);
        let request: Value = serde_json::from_str(&text).unwrap();
        assert!(request.get("name").is_none() && request.get("namespace").is_none());
    }

    #[test]
    fn hostile_names_stay_inside_their_strings() {
        let name = "a\",\"operation\":\"DELETE\\ \u{0}\n\u{1f}\u{7f}é😀";
        let text = admission_request("{}", &Kind::of(name, name), Some(name), None);
        let request: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(request["name"], json!(name));
        assert_eq!(request["operation"], json!("CREATE"));
    }
}
