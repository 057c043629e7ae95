//! Fixtures of the checks: pods, and every cell of level × version that refuses them.

use std::ops::{Bound, RangeBounds};

use super::Level;

/// The levels and minor versions that refuse a pod, and the paths they report, separated by spaces.
type Refusal = (&'static [Level], (Bound<u8>, Bound<u8>), &'static str);

/// A pod and the verdict of one check on it.
pub(crate) struct Case {
    /// The pod as a whole, as JSON.
    pub(crate) object: String,
    /// The beginnings of the paths of `refused`: the places that the case is about.
    bases: Vec<String>,
    /// Who refuses it; every other cell of level × version accepts it.
    refused: Vec<Refusal>,
}

/// A pod: the JSON of its spec, or the whole if it has a `spec`; with one container if it lists none.
pub(crate) fn pod(json: &str) -> Case {
    let mut pod: serde_json::Value = serde_json::from_str(json).expect("the case is JSON");
    if pod.get("spec").is_none() {
        pod = serde_json::json!({ "spec": pod });
    }
    if pod["spec"].get("containers").is_none() {
        pod["spec"]["containers"] = serde_json::json!([{ "name": "a" }]);
    }
    Case { object: pod.to_string(), bases: vec![String::new()], refused: Vec::new() }
}

/// A pod of one container with these members.
pub(crate) fn container(members: &str) -> Case {
    in_lists(&["containers"], members, "")
}

/// A pod of one container with this security context.
pub(crate) fn context(json: &str) -> Case {
    in_lists(&["containers"], &format!(r#""securityContext":{json}"#), "securityContext.")
}

/// A pod that has a container with this security context in each list.
pub(crate) fn contexts(json: &str) -> Case {
    let lists = ["containers", "initContainers", "ephemeralContainers"];
    in_lists(&lists, &format!(r#""securityContext":{json}"#), "securityContext.")
}

fn in_lists(lists: &[&str], members: &str, base: &str) -> Case {
    let list = |list: &&str| format!(r#""{list}":[{{"name":"{}",{members}}}]"#, &list[..1].replace('c', "a"));
    let bases = lists.iter().map(|list| format!("spec.{list}[0].{base}")).collect();
    Case { bases, ..pod(&format!("{{{}}}", lists.iter().map(list).collect::<Vec<_>>().join(","))) }
}

impl Case {
    /// The same pod, which both levels refuse in these minor versions, at these paths (separated by spaces).
    pub(crate) fn both(self, minors: impl RangeBounds<u8>, paths: &'static str) -> Case {
        self.refused(&[Level::Baseline, Level::Restricted], minors, paths)
    }

    /// The same pod, which the baseline level refuses.
    pub(crate) fn baseline(self, minors: impl RangeBounds<u8>, paths: &'static str) -> Case {
        self.refused(&[Level::Baseline], minors, paths)
    }

    /// The same pod, which the restricted level refuses.
    pub(crate) fn restricted(self, minors: impl RangeBounds<u8>, paths: &'static str) -> Case {
        self.refused(&[Level::Restricted], minors, paths)
    }

    fn refused(mut self, levels: &'static [Level], minors: impl RangeBounds<u8>, paths: &'static str) -> Case {
        self.refused.push((levels, (minors.start_bound().cloned(), minors.end_bound().cloned()), paths));
        self
    }

    /// The paths that `level` reports at a minor version, sorted.
    pub(crate) fn expected(&self, level: Level, minor: u8) -> Vec<String> {
        let cell = self.refused.iter().find(|(levels, minors, _)| levels.contains(&level) && minors.contains(&minor));
        let paths = cell.map_or("", |(_, _, paths)| paths);
        let of_base = |base: &String| paths.split_whitespace().map(|path| [base, path].concat()).collect::<Vec<_>>();
        let mut expected: Vec<String> = self.bases.iter().flat_map(of_base).collect();
        expected.sort_unstable();
        expected
    }
}
