//! policy.yml: the policy for a cluster, to begin with.

use serde_json::{Value, json};

use crate::origin::image;

/// The ClusterAdmissionPolicy of the policy with this metadata: default settings, in monitor mode.
pub(super) fn manifest(metadata: &Value) -> Value {
    let about = |key: &str| &metadata["annotations"][format!("io.kubewarden.policy.{key}")];
    let id = about("title").as_str().unwrap_or_default();
    json!({
        "apiVersion": "policies.kubewarden.io/v1",
        "kind": "ClusterAdmissionPolicy",
        "metadata": {
            "name": id,
            "annotations": {
                "io.kubewarden.policy.category": about("category"),
                "io.kubewarden.policy.severity": about("severity"),
            },
        },
        "spec": {
            "module": format!("registry://{}", image(id)),
            "mode": "monitor",
            "mutating": false,
            "backgroundAudit": metadata["backgroundAudit"],
            "rules": metadata["rules"],
            "settings": {},
        },
    })
}
