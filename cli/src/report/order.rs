//! The order of reports that are cut, or read from the top.

use lint::finding::Finding;

use super::Report;

/// The open findings of all files, each with the index of its file, the worst first; equally bad ones stay in the order
/// of their places.
pub(super) fn worst_first<'r>(report: &Report<'r>) -> Vec<(usize, &'r Finding)> {
    let files = report.files.iter().enumerate();
    let mut findings: Vec<(usize, &Finding)> =
        files.flat_map(|(at, file)| file.open().map(move |finding| (at, finding))).collect();
    findings.sort_by_cached_key(|(_, finding)| finding.badness());
    findings
}
