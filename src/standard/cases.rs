//! The table form of the checks' own fixtures: a pod, and every cell of level × version that refuses it.

use std::ops::RangeInclusive;

use super::Level;

/// A pod and what one check says of it.
pub(super) struct Case {
    /// JSON of a pod spec, or of a pod if it has a `spec`; with one container if it lists none.
    pub(super) pod: &'static str,
    /// The levels and versions that refuse it, and the paths they report; every other cell accepts it.
    pub(super) bad: &'static [(&'static [Level], RangeInclusive<u8>, &'static [&'static str])],
}

pub(super) const BASELINE: &[Level] = &[Level::Baseline];
pub(super) const RESTRICTED: &[Level] = &[Level::Restricted];
pub(super) const BOTH: &[Level] = &[Level::Baseline, Level::Restricted];

impl Case {
    /// The paths that `level` reports at a minor version.
    pub(super) fn expected(&self, level: Level, minor: u8) -> &'static [&'static str] {
        let cell = self.bad.iter().find(|(levels, minors, _)| levels.contains(&level) && minors.contains(&minor));
        cell.map_or(&[], |(_, _, paths)| paths)
    }

    /// The pod as a whole.
    pub(super) fn object(&self) -> String {
        let mut pod: serde_json::Value = serde_json::from_str(self.pod).expect("the case is JSON");
        if pod.get("spec").is_none() {
            pod = serde_json::json!({ "spec": pod });
        }
        if pod["spec"].get("containers").is_none() {
            pod["spec"]["containers"] = serde_json::json!([{ "name": "a" }]);
        }
        pod.to_string()
    }
}
