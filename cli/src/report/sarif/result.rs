//! Findings as SARIF's results.

use super::super::escape::uri;
use super::super::excerpt::Lines;
use super::super::fingerprint::Fingerprints;
use super::super::repair::{Fixes, LARGEST};
use super::super::words::{exempt, help, refused, word};
use super::log::{
    ArtifactChange, ArtifactLocation, Fix, Location, LogicalLocation, Message, Notification, PartialFingerprints,
    PhysicalLocation, Region, Replacement, RunResult, Suppression,
};
use kube_yaml::yaml;
use lint::finding::{Finding, Muted};
use lint::outcome::FileReport;

/// Collects the results of a run.
pub(super) struct Results<'r> {
    ids: &'r [&'r str],
    results: Vec<RunResult<'r>>,
    fingerprints: Fingerprints,
    /// Bytes that were read again for the fixes of all files.
    read: usize,
    without_fix: usize,
}

impl<'r> Results<'r> {
    /// `ids` are the ids of the rules, sorted, as the run lists them.
    pub(super) fn new(ids: &'r [&'r str]) -> Results<'r> {
        Results { ids, results: Vec::new(), fingerprints: Fingerprints::default(), read: 0, without_fix: 0 }
    }

    pub(super) fn add(&mut self, file: &'r FileReport) {
        if file.findings.is_empty() {
            return;
        }
        let lines = Lines::of(&file.text);
        let parsed = yaml::parse(&file.text);
        let mut fixes = Fixes::of(file, &parsed);
        for index in 0..file.findings.len() {
            let result = self.result(file, &lines, &mut fixes, index);
            self.results.push(result);
        }
        self.read += fixes.read();
    }

    pub(super) fn done(self) -> Vec<RunResult<'r>> {
        self.results
    }

    /// Says how many fixes were left out.
    pub(super) fn notification(&self) -> Option<Notification> {
        let text = format!(
            "{} results could be fixed but carry no fix: their documents are too large; `harden fix` makes them",
            self.without_fix
        );
        let message = Message { text };
        (self.without_fix > 0).then_some(Notification { level: "note", message, locations: Vec::new() })
    }

    fn result(
        &mut self,
        file: &'r FileReport,
        lines: &Lines<'_>,
        fixes: &mut Fixes<'_>,
        index: usize,
    ) -> RunResult<'r> {
        let finding = &file.findings[index];
        let violation = &finding.violation;
        let text = match help(finding) {
            Some(help) => format!("{} (help: {help})", violation.message),
            None => format!("{}{}", violation.message, refused(finding)),
        };
        // What was rendered is not in the repository, but what it was made of is.
        let origin = file.origin_of(finding);
        let region = match origin {
            Some(_) => Region { start_line: 1, ..Region::default() },
            None => region((finding.place.line, finding.place.column), lines.position(finding.place.end)),
        };
        let location = Location {
            physical_location: PhysicalLocation {
                artifact_location: ArtifactLocation { uri: uri(origin.unwrap_or(&file.path)) },
                region: Some(region),
            },
            logical_locations: vec![LogicalLocation { fully_qualified_name: qualified(finding), kind: "object" }],
        };
        RunResult {
            rule_id: &violation.rule,
            rule_index: self.ids.binary_search(&violation.rule.as_str()).ok(),
            level: word(finding.level),
            message: Message { text },
            locations: [location],
            partial_fingerprints: PartialFingerprints { v1: self.fingerprints.of(&file.path, finding) },
            fixes: self.fix(file, lines, fixes, index).into_iter().collect(),
            suppressions: finding.muted.iter().map(suppression).collect(),
        }
    }

    fn fix(&mut self, file: &FileReport, lines: &Lines<'_>, fixes: &mut Fixes<'_>, index: usize) -> Option<Fix> {
        let finding = &file.findings[index];
        if finding.muted.is_some() || file.origin_of(finding).is_some() {
            return None;
        }
        let budget = LARGEST.saturating_sub(self.read + fixes.read());
        let Some(replacements) = fixes.replacements(index, budget) else {
            self.without_fix += 1;
            return None;
        };
        let replacements: Vec<Replacement> = replacements
            .iter()
            .map(|replacement| Replacement {
                deleted_region: region(lines.position(replacement.range.start), lines.position(replacement.range.end)),
                inserted_content: Message { text: replacement.text.clone() },
            })
            .collect();
        let change = ArtifactChange { artifact_location: ArtifactLocation { uri: uri(&file.path) }, replacements };
        let description = Message { text: help(finding).unwrap_or_default() };
        (!change.replacements.is_empty()).then_some(Fix { description, artifact_changes: [change] })
    }
}

/// The object and the field, as far as the finding is about them.
fn qualified(finding: &Finding) -> String {
    let object = finding.object.to_string();
    let parts = [object.trim(), &finding.violation.path];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ")
}

/// The text between two places, each a line and a column.
fn region((start_line, start_column): (usize, usize), (end_line, end_column): (usize, usize)) -> Region {
    Region { start_line, start_column: Some(start_column), end_line: Some(end_line), end_column: Some(end_column) }
}

fn suppression(muted: &Muted) -> Suppression<'_> {
    match muted {
        Muted::Suppression { reason, .. } => Suppression { kind: "inSource", justification: reason },
        Muted::Exemption { reason } => Suppression { kind: "external", justification: exempt(reason) },
        Muted::Revision { .. } => {
            Suppression { kind: "external", justification: "known before: the revision has it, too" }
        }
        Muted::Baseline => Suppression { kind: "external", justification: "known before: it is in the baseline" },
    }
}
