//! The known findings of one file.

use std::collections::BTreeMap;

use super::Baseline;
use super::entry::{Entry, mute};
use crate::finding::{Finding, Muted};

impl Baseline {
    /// Mutes the findings of the file at `path` that are known; each known one mutes one.
    pub fn mute_file<'f>(&self, path: &str, findings: impl Iterator<Item = &'f mut Finding>) {
        let file = self.relative(path);
        let mut known: BTreeMap<&Entry, usize> = BTreeMap::new();
        for entry in self.findings.iter().filter(|entry| entry.file == file) {
            *known.entry(entry).or_default() += 1;
        }
        mute(&file, findings, &mut known, &Muted::Baseline);
    }
}
