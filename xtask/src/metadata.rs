//! Kubewarden metadata of a policy: what policy-server and kwctl read from the wasm, and what metadata.yml says.

use hardening::bundle;
use hardening::catalogue::RuleDoc;
use hardening::workload::WORKLOADS;
use serde_json::{Value, json};

use crate::origin::{AUTHOR, LICENSE, REGISTRY, SOURCE};

/// Id of the bundle.
pub(crate) const BUNDLE: &str = "hardening";

/// The metadata of the policy `id` as JSON; `rule` is its rule, none for the bundle.
pub(crate) fn metadata(id: &str, rule: Option<&RuleDoc>, version: &str) -> Value {
    let bundle;
    let doc = match rule {
        Some(rule) => rule,
        None => {
            bundle = bundle::doc();
            &bundle
        }
    };
    let (name, email) = AUTHOR;
    let mut metadata = json!({
        "protocolVersion": "v1",
        "rules": hardening::admission::rules(),
        "mutating": doc.mutates,
        "backgroundAudit": true,
        "contextAwareResources": [],
        "executionMode": "kubewarden-wapc",
        "policyType": "kubernetes",
        "annotations": {
            "io.artifacthub.displayName": doc.title,
            "io.artifacthub.resources": resources().join(","),
            "io.artifacthub.keywords": format!("kubernetes, security, hardening, pod, {id}"),
            "io.kubewarden.policy.title": id,
            "io.kubewarden.policy.description": summary(doc),
            "io.kubewarden.policy.author": format!("{name} <{email}>"),
            "io.kubewarden.policy.ociUrl": format!("{REGISTRY}/{id}"),
            "io.kubewarden.policy.url": SOURCE,
            "io.kubewarden.policy.source": SOURCE,
            "io.kubewarden.policy.license": LICENSE,
            "io.kubewarden.policy.category": hardening::admission::CATEGORY,
            "io.kubewarden.policy.severity": doc.severity.word(),
            "io.kubewarden.policy.version": version,
        },
    });
    if !doc.asks.is_empty() {
        metadata["hostCapabilities"] = doc.asks.iter().map(|capability| capability.name()).collect();
    }
    metadata
}

/// Returns the demand of the policy in one sentence: the first paragraph of its documentation.
pub(crate) fn summary(doc: &RuleDoc) -> String {
    doc.doc.split("\n\n").next().unwrap_or_default().replace('\n', " ")
}

/// Kinds that the policy judges.
pub(crate) fn resources() -> Vec<&'static str> {
    WORKLOADS.iter().map(|workload| workload.kind).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `kwctl scaffold artifacthub` refuses metadata without these.
    #[test]
    fn kwctl_finds_what_it_needs() {
        let metadata = metadata(BUNDLE, None, "1.0.0");
        for key in ["title", "description", "ociUrl", "source", "url", "license"] {
            let text = metadata["annotations"][format!("io.kubewarden.policy.{key}")].as_str().unwrap_or_default();
            assert!(!text.is_empty() && !text.contains('\n'), "{key}: {text:?}");
        }
        let author = &metadata["annotations"]["io.kubewarden.policy.author"];
        assert_eq!(author, &format!("{} <{}>", AUTHOR.0, AUTHOR.1));
    }
}
