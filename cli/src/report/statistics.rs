//! How often each rule was violated.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::Report;
use lint::escape::one_line;
use lint::finding::Level;

/// The open findings of one rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub(super) struct Count<'r> {
    /// Its id.
    pub(super) rule: &'r str,
    /// Findings that the cluster would refuse.
    pub(super) errors: usize,
    /// Findings that the cluster would warn of.
    pub(super) warnings: usize,
}

impl Count<'_> {
    pub(super) fn total(&self) -> usize {
        self.errors + self.warnings
    }
}

/// The rules with open findings, the most violated first.
pub(super) fn count<'r>(report: &Report<'r>) -> Vec<Count<'r>> {
    let mut counts: BTreeMap<&str, Count<'r>> = BTreeMap::new();
    for finding in report.files.iter().flat_map(|file| file.open()) {
        let rule = finding.violation.rule.as_str();
        let count = counts.entry(rule).or_insert(Count { rule, errors: 0, warnings: 0 });
        match finding.level {
            Level::Error => count.errors += 1,
            Level::Warning => count.warnings += 1,
        }
    }
    let mut counts: Vec<Count<'r>> = counts.into_values().collect();
    // The sort is stable: equal counts stay in the order of their ids.
    counts.sort_by_key(|count| std::cmp::Reverse(count.total()));
    counts
}

/// Writes a line for each rule, if the report is to have them.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    if !report.style.statistics {
        return Ok(());
    }
    let counts = count(report);
    let width = counts.first().map_or(0, |count| count.total().to_string().len());
    for count in &counts {
        writeln!(out, "{:width$}  {}", count.total(), one_line(count.rule))?;
    }
    if counts.is_empty() { Ok(()) } else { writeln!(out) }
}
