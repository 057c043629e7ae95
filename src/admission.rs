//! The admission requests that a policy of this suite wants to see: one source for the metadata in the wasm
//! and for the manifests.

use serde::Serialize;

use crate::workload::{SUBRESOURCES, WORKLOADS};

/// Kubewarden's name for the kind of policies that stand in for the old PodSecurityPolicy.
pub const CATEGORY: &str = "PSP";

/// The kind that nothing runs and that Kubewarden's audit scanner may not list: `view`, its role, lacks it, and
/// one such kind in a policy ends the scan of every namespace. Its namespaced policies may not name it either.
const LEFT_OUT: &str = "podtemplates";

/// Selects requests by what they are for, as Kubewarden's metadata and policies write it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Requests {
    /// API groups; `""` is the core group.
    pub api_groups: Vec<String>,
    /// Versions of the API.
    pub api_versions: Vec<String>,
    /// Resources in plural, with `/subresource`.
    pub resources: Vec<String>,
    /// `CREATE`, `UPDATE`, `DELETE`, `CONNECT` or `*`.
    pub operations: Vec<String>,
}

impl Requests {
    /// Selects `operations` on `resources` of one version of an API group.
    pub fn new(
        group: &str,
        version: &str,
        resources: impl IntoIterator<Item: Into<String>>,
        operations: &[&str],
    ) -> Requests {
        Requests {
            api_groups: vec![group.to_owned()],
            api_versions: vec![version.to_owned()],
            resources: resources.into_iter().map(Into::into).collect(),
            operations: operations.iter().map(|&operation| operation.to_owned()).collect(),
        }
    }
}

/// Every workload kind by API group, and the subresources that change the containers of a running pod: what the
/// policies' metadata name.
pub fn rules() -> Vec<Requests> {
    rules_without("")
}

/// [`rules`] without the kind that Kubewarden's audit scanner may not list: what `harden manifests` writes.
pub fn audited_rules() -> Vec<Requests> {
    rules_without(LEFT_OUT)
}

fn rules_without(left_out: &str) -> Vec<Requests> {
    let judged = || WORKLOADS.iter().filter(|workload| workload.resource != left_out);
    let mut groups: Vec<&str> = judged().map(|workload| workload.groups[0]).collect();
    groups.dedup();
    let mut rules: Vec<Requests> = groups
        .into_iter()
        .map(|group| {
            let of_group = judged().filter(|workload| workload.groups[0] == group);
            Requests::new(group, "v1", of_group.map(|workload| workload.resource), &["CREATE", "UPDATE"])
        })
        .collect();
    rules.push(Requests::new("", "v1", SUBRESOURCES.map(|part| ["pods/", part].concat()), &["UPDATE"]));
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_and_what_changes_running_pods_is_listed() {
        for (rules, left_out) in [(rules(), ""), (audited_rules(), LEFT_OUT)] {
            let listed: Vec<(&str, &str)> = rules
                .iter()
                .flat_map(|rule| rule.resources.iter().map(|resource| (rule.api_groups[0].as_str(), resource.as_str())))
                .collect();
            for workload in WORKLOADS {
                let is_listed = listed.contains(&(workload.groups[0], workload.resource));
                assert_eq!(is_listed, workload.resource != left_out, "{}", workload.resource);
            }
            let last = rules.last().expect("there are rules");
            assert_eq!(last.resources, ["pods/ephemeralcontainers", "pods/resize"]);
            assert_eq!(last.operations, ["UPDATE"]);
        }
    }
}
