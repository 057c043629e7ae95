//! The role that lets the audit scanner read further kinds.

use std::collections::BTreeMap;

use hardening::admission::Requests;
use k8s_openapi::api::rbac::v1::{ClusterRole, PolicyRule};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::Value;

use super::error::Error;
use super::objects::{labels, to_value};

/// A role that adds kinds outside Kubernetes to `view`, which the audit scanner has. One kind that it may not
/// list ends its scan of a namespace, for every policy.
///
/// # Errors
/// Serialisation errors; none is expected.
pub(super) fn role(name: &str, kinds: &[Requests]) -> Result<Value, Error> {
    let mut resources: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for kind in kinds {
        for group in &kind.api_groups {
            let known = resources.entry(group).or_default();
            known.extend(kind.resources.iter().filter(|new| !known.contains(new)).cloned().collect::<Vec<_>>());
        }
    }
    let rule = |(group, resources): (&str, Vec<String>)| PolicyRule {
        api_groups: Some(vec![group.to_owned()]),
        resources: Some(resources),
        verbs: ["get", "list", "watch"].map(str::to_owned).to_vec(),
        ..PolicyRule::default()
    };
    let mut labels = labels(embedded::BUNDLE, "audit");
    labels.insert("rbac.authorization.k8s.io/aggregate-to-view".to_owned(), "true".to_owned());
    to_value(&ClusterRole {
        metadata: ObjectMeta { name: Some(name.to_owned()), labels: Some(labels), ..ObjectMeta::default() },
        rules: Some(resources.into_iter().map(rule).collect()),
        ..ClusterRole::default()
    })
}
