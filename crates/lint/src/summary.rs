//! The sum of a run over all files.

use hardening::rules::Severity;

use crate::finding::{Level, Muted};
use crate::outcome::{Counts, FileReport};

/// The sum of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Files that were read.
    pub files: usize,
    /// Findings that the cluster would refuse.
    pub errors: usize,
    /// Findings that the cluster would warn of.
    pub warnings: usize,
    /// Findings that fail the run.
    pub failing: usize,
    /// Findings that a suppression mutes.
    pub suppressed: usize,
    /// Findings that the baseline mutes.
    pub known: usize,
    /// Findings that the revision of `--since` has, too.
    pub earlier: usize,
    /// Findings that exemptions leave alone.
    pub exempted: usize,
    /// Findings that are not in the reports because their rules are less severe than what is shown.
    pub hidden: usize,
    /// Hidden findings that fail the run.
    pub hidden_failing: usize,
    /// Things that could not be judged.
    pub problems: usize,
    /// Files and folders that were left out because git ignores them.
    pub ignored: usize,
    /// Files and folders that were left out because they are excluded.
    pub excluded: usize,
    /// Images that the lock lacks, so that nothing is known about them; 0 if there is no lock.
    pub images_lacking: usize,
    /// Documents and objects.
    #[serde(flatten)]
    pub counts: Counts,
}

impl Summary {
    /// Sums up the reports of all files.
    pub fn of(reports: &[FileReport]) -> Summary {
        let files = reports.iter().filter(|report| report.is_read).count();
        let mut summary = Summary { files, ..Summary::default() };
        for report in reports {
            for finding in &report.findings {
                let count = match (&finding.muted, finding.level) {
                    (Some(Muted::Suppression { .. }), _) => &mut summary.suppressed,
                    (Some(Muted::Baseline), _) => &mut summary.known,
                    (Some(Muted::Revision { .. }), _) => &mut summary.earlier,
                    (Some(Muted::Exemption { .. }), _) => &mut summary.exempted,
                    (None, Level::Error) => &mut summary.errors,
                    (None, Level::Warning) => &mut summary.warnings,
                };
                *count += 1;
            }
            summary.failing += report.failing();
            summary.problems += report.problems.len();
            summary.counts.add(report.counts);
        }
        summary
    }

    /// Hides the findings of rules below `least` and sums up what is shown. Hidden findings fail the run all the same.
    pub fn hiding_below(reports: &mut [FileReport], least: Severity) -> Summary {
        let all = Summary::of(reports);
        reports.iter_mut().for_each(|report| report.hide_below(least));
        let shown = Summary::of(reports);
        Summary {
            failing: all.failing,
            hidden: all.findings() - shown.findings(),
            hidden_failing: all.failing - shown.failing,
            ..shown
        }
    }

    /// All findings, muted ones too.
    fn findings(&self) -> usize {
        self.errors + self.warnings + self.suppressed + self.known + self.earlier + self.exempted
    }

    /// The exit code: 2 if something could not be judged, else 1 if there are violations, else 0.
    pub fn exit_code(&self) -> u8 {
        match (self.problems, self.failing) {
            (0, 0) => 0,
            (0, _) => 1,
            _ => 2,
        }
    }
}
