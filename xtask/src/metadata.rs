//! Kubewarden metadata of a policy: what policy-server and kwctl read from the wasm.

use hardening::rules::RuleDoc;
use hardening::workload::WORKLOADS;
use serde_json::{Value, json};

/// Id of the bundle.
pub(crate) const BUNDLE: &str = "hardening";

/// The metadata of the policy `id` as JSON; `rule` is its rule, none for the bundle.
pub(crate) fn metadata(id: &str, rule: Option<&RuleDoc>, version: &str) -> Value {
    let title = rule.map_or("Hardening of pod templates", |rule| rule.title);
    let description = match rule {
        Some(rule) => rule.doc.split("\n\n").next().unwrap_or_default().to_owned(),
        None => "Every hardening rule of the suite in one policy".to_owned(),
    };
    let severity = rule.map_or("critical", |rule| rule.severity.word());
    let mutating = rule.is_none_or(|rule| rule.mutates);
    json!({
        "protocolVersion": "v1",
        "rules": harden::admission::rules(),
        "mutating": mutating,
        "backgroundAudit": true,
        "contextAwareResources": [],
        "executionMode": "kubewarden-wapc",
        "policyType": "kubernetes",
        "annotations": {
            "io.artifacthub.displayName": title,
            "io.artifacthub.resources": resources().join(", "),
            "io.artifacthub.keywords": "kubernetes, security, hardening, pod, kubewarden",
            "io.kubewarden.policy.title": id,
            "io.kubewarden.policy.description": description.replace('\n', " "),
            "io.kubewarden.policy.author": "The hardening suite's authors",
            "io.kubewarden.policy.license": "Apache-2.0",
            "io.kubewarden.policy.category": harden::admission::CATEGORY,
            "io.kubewarden.policy.severity": severity,
            "io.kubewarden.policy.version": version,
        },
    })
}

/// Kinds that the policy judges.
fn resources() -> Vec<&'static str> {
    WORKLOADS.iter().map(|workload| workload.kind).collect()
}
