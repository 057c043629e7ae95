//! Findings of a revision, which are known as those of a baseline are.

use std::collections::BTreeMap;

use super::entry::{Entry, mute};
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

    /// Mutes the findings of a report that `revision` had; each of its findings mutes one, and is gone then.
    pub fn mute(&mut self, report: &mut FileReport, revision: &str) {
        let muted = Muted::Revision { revision: revision.to_owned() };
        mute("", report.findings.iter_mut(), &mut self.0, &muted);
        report.recount();
    }
}
