//! Findings of an earlier text, which are known as those of a baseline are.

use std::collections::BTreeMap;

use super::entry::{Entry, mute};
use crate::finding::Finding;
use crate::outcome::FileReport;

/// Findings that are known, each as often as it was found. Their files do not count: whoever asks says which belong
/// together.
#[derive(Debug, Default)]
pub struct Earlier(BTreeMap<Entry, usize>);

impl Earlier {
    /// Adds findings.
    pub fn add<'f>(&mut self, findings: impl Iterator<Item = &'f Finding>) {
        for finding in findings {
            *self.0.entry(Entry::of("", finding)).or_default() += 1;
        }
    }

    /// Mutes the findings of a report that are known; each known one mutes one, and is gone then.
    pub fn mute(&mut self, report: &mut FileReport) {
        mute("", report.findings.iter_mut(), &mut self.0);
        report.recount();
    }
}
