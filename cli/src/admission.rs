//! The admission requests that a policy of this suite wants to see: one source for the metadata in the wasm
//! and for the manifests.

use hardening::workload::{SUBRESOURCES, WORKLOADS};

use sandbox::MetadataRule;

/// What Kubewarden calls the kind of policies that stand in for the old PodSecurityPolicy.
pub const CATEGORY: &str = "PSP";

/// The kind that nothing runs and that Kubewarden's audit scanner may not list: `view`, its role, lacks it, and
/// one such kind in a policy ends the scan of every namespace. Its namespaced policies may not name it either.
const LEFT_OUT: &str = "podtemplates";

/// Every workload kind by API group, and the subresources that change the containers of a running pod: what the
/// policies' metadata name.
pub fn rules() -> Vec<MetadataRule> {
    rules_without("")
}

/// [`rules`] without the kind that Kubewarden's audit scanner may not list: what `harden manifests` writes.
pub fn audited_rules() -> Vec<MetadataRule> {
    rules_without(LEFT_OUT)
}

fn rules_without(left_out: &str) -> Vec<MetadataRule> {
    let judged = || WORKLOADS.iter().filter(|workload| workload.resource != left_out);
    let mut groups: Vec<&str> = judged().map(|workload| workload.groups[0]).collect();
    groups.dedup();
    let mut rules: Vec<MetadataRule> = groups
        .into_iter()
        .map(|group| {
            let of_group = judged().filter(|workload| workload.groups[0] == group);
            rule(group, of_group.map(|workload| workload.resource), &["CREATE", "UPDATE"])
        })
        .collect();
    rules.push(rule("", SUBRESOURCES.map(|part| ["pods/", part].concat()), &["UPDATE"]));
    rules
}

fn rule(group: &str, resources: impl IntoIterator<Item: Into<String>>, operations: &[&str]) -> MetadataRule {
    MetadataRule {
        api_groups: vec![group.to_owned()],
        api_versions: vec!["v1".to_owned()],
        resources: resources.into_iter().map(Into::into).collect(),
        operations: operations.iter().map(|&operation| operation.to_owned()).collect(),
    }
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
