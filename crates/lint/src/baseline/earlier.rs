//! Findings of an earlier text, which are known as those of a baseline are.

use std::collections::BTreeMap;

use super::entry::Entry;
use crate::finding::{Finding, Muted};
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
        for finding in report.findings.iter_mut().filter(|finding| finding.muted.is_none()) {
            if let Some(left) = self.0.get_mut(&Entry::of("", finding)).filter(|left| **left > 0) {
                *left -= 1;
                finding.muted = Some(Muted::Baseline);
            }
        }
        report.recount();
    }
}
