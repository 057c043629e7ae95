//! One known finding.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::finding::{Finding, Muted};

/// The identity of a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Entry {
    /// The file, relative to the baseline.
    pub(super) file: String,
    /// `apiVersion` of the object.
    api_version: String,
    /// Kind of the object.
    kind: String,
    /// Namespace of the object.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    namespace: String,
    /// Name of the object.
    name: String,
    /// The rule.
    pub(super) rule: String,
    /// The container, unless the finding is the pod's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    container: Option<String>,
    /// Field path without indices, which change when a container is added.
    path: String,
    /// The value as JSON; none if nothing is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    found: Option<String>,
    /// The message, where no field tells one finding from another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

impl Entry {
    pub(super) fn of(file: &str, finding: &Finding) -> Entry {
        let (violation, object) = (&finding.violation, &finding.object);
        Entry {
            file: file.to_owned(),
            api_version: object.api_version.clone(),
            kind: object.kind.clone(),
            namespace: object.namespace.clone(),
            name: object.name.clone(),
            rule: violation.rule.clone(),
            container: violation.container.clone(),
            path: hardening::path::without_indices(&violation.path),
            found: violation.found.as_ref().map(|found| found.get().to_owned()),
            message: violation.path.is_empty().then(|| violation.message.clone()),
        }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} {}", self.file, self.kind, self.name)?;
        if let Some(container) = &self.container {
            write!(f, ", container {container}")?;
        }
        write!(f, ": [{}]", self.rule)?;
        if !self.path.is_empty() {
            write!(f, " {}", self.path)?;
        }
        Ok(())
    }
}

/// Mutes the findings of a file that are known, each as often as its count says, and lowers the counts; `muted` is the
/// reason.
pub(super) fn mute<'f, E: Borrow<Entry> + Ord>(
    file: &str,
    findings: impl Iterator<Item = &'f mut Finding>,
    known: &mut BTreeMap<E, usize>,
    muted: &Muted,
) {
    for finding in findings.filter(|finding| finding.muted.is_none()) {
        if let Some(left) = known.get_mut(&Entry::of(file, finding)).filter(|left| **left > 0) {
            *left -= 1;
            finding.muted = Some(muted.clone());
        }
    }
}
