//! The known findings of one file.

use std::collections::BTreeMap;

use super::Baseline;
use super::entry::Entry;
use crate::finding::{Finding, Muted};

impl Baseline {
    /// Mutes the findings of the file at `path` that are known; each known one mutes one.
    pub fn mute_file<'f>(&self, path: &str, findings: impl Iterator<Item = &'f mut Finding>) {
        let file = self.relative(path);
        let mut known: BTreeMap<&Entry, usize> = BTreeMap::new();
        for entry in self.findings.iter().filter(|entry| entry.file == file) {
            *known.entry(entry).or_default() += 1;
        }
        for finding in findings.filter(|finding| finding.muted.is_none()) {
            if let Some(left) = known.get_mut(&Entry::of(&file, finding)).filter(|left| **left > 0) {
                *left -= 1;
                finding.muted = Some(Muted::Baseline);
            }
        }
    }
}
