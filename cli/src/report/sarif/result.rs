//! Findings as SARIF's results.

use serde_json::{Value, json};

use super::super::concise::word;
use super::super::escape::uri;
use super::super::excerpt::Lines;
use super::super::fingerprint::Fingerprints;
use super::super::repair::Fixes;
use super::super::text::help;
use kube_yaml::yaml;
use lint::finding::{Finding, Muted};
use lint::outcome::FileReport;

/// How much text is read again to work out fixes, in bytes: most need their container or object, but where anchors
/// share text each needs its whole document, and a huge one with a thousand findings would take minutes.
const FIX_BUDGET: usize = 16 << 20;

/// Name of our fingerprint; the number rises if other findings come to be told apart.
const FINGERPRINT: &str = "harden/v1";

/// Collects the results of a run.
pub(super) struct Results<'i> {
    ids: &'i [&'i str],
    results: Vec<Value>,
    fingerprints: Fingerprints,
    /// Bytes that were read again for the fixes of all files.
    read: usize,
    without_fix: usize,
}

impl<'i> Results<'i> {
    /// `ids` are the ids of the rules, sorted, as the run lists them.
    pub(super) fn new(ids: &'i [&'i str]) -> Results<'i> {
        Results { ids, results: Vec::new(), fingerprints: Fingerprints::default(), read: 0, without_fix: 0 }
    }

    pub(super) fn add(&mut self, file: &FileReport) {
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

    pub(super) fn done(self) -> Vec<Value> {
        self.results
    }

    /// Says how many fixes were left out.
    pub(super) fn notification(&self) -> Option<Value> {
        let text = format!(
            "{} results could be fixed but carry no fix: their documents are too large; `harden fix` makes them",
            self.without_fix
        );
        (self.without_fix > 0).then(|| json!({"level": "note", "message": {"text": text}}))
    }

    fn result(&mut self, file: &FileReport, lines: &Lines<'_>, fixes: &mut Fixes<'_>, index: usize) -> Value {
        let finding = &file.findings[index];
        let violation = &finding.violation;
        let text = match help(finding) {
            Some(help) => format!("{} (help: {help})", violation.message),
            None => violation.message.clone(),
        };
        // What was rendered is not in the repository, but its template is.
        let source = file.source_of(finding);
        let mut result = json!({
            "ruleId": violation.rule,
            "level": word(finding.level),
            "message": {"text": text},
            "locations": [{
                "physicalLocation": {
                    "artifactLocation": {"uri": uri(source.unwrap_or(&file.path))},
                    "region": if source.is_some() { json!({"startLine": 1}) } else { region(lines, finding) },
                },
                "logicalLocations": [{
                    "fullyQualifiedName": qualified(finding),
                    "kind": "object",
                }],
            }],
            "partialFingerprints": {FINGERPRINT: self.fingerprints.of(&file.path, finding)},
        });
        if let Ok(index) = self.ids.binary_search(&violation.rule.as_str()) {
            result["ruleIndex"] = index.into();
        }
        if let Some(fix) = self.fix(file, lines, fixes, index) {
            result["fixes"] = json!([fix]);
        }
        if let Some(muted) = &finding.muted {
            result["suppressions"] = json!([suppression(muted)]);
        }
        result
    }

    fn fix(&mut self, file: &FileReport, lines: &Lines<'_>, fixes: &mut Fixes<'_>, index: usize) -> Option<Value> {
        let finding = &file.findings[index];
        if finding.muted.is_some() || file.source_of(finding).is_some() {
            return None;
        }
        let budget = FIX_BUDGET.saturating_sub(self.read + fixes.read());
        let Some(replacements) = fixes.replacements(index, budget) else {
            self.without_fix += 1;
            return None;
        };
        let replacements: Vec<Value> = replacements
            .iter()
            .map(|replacement| {
                let ((start_line, start_column), (end_line, end_column)) =
                    (lines.position(replacement.range.start), lines.position(replacement.range.end));
                json!({
                    "deletedRegion": {
                        "startLine": start_line, "startColumn": start_column,
                        "endLine": end_line, "endColumn": end_column,
                    },
                    "insertedContent": {"text": replacement.text},
                })
            })
            .collect();
        if replacements.is_empty() {
            return None;
        }
        let description = help(finding).unwrap_or_default();
        Some(json!({
            "description": {"text": description},
            "artifactChanges": [{"artifactLocation": {"uri": uri(&file.path)}, "replacements": replacements}],
        }))
    }
}

/// The object and the field, as far as the finding is about them.
fn qualified(finding: &Finding) -> String {
    let object = finding.object.to_string();
    let parts = [object.trim(), &finding.violation.path];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ")
}

fn region(lines: &Lines<'_>, finding: &Finding) -> Value {
    let place = finding.place;
    let (end_line, end_column) = lines.position(place.end);
    json!({
        "startLine": place.line, "startColumn": place.column,
        "endLine": end_line, "endColumn": end_column,
    })
}

fn suppression(muted: &Muted) -> Value {
    match muted {
        Muted::Suppression { reason, .. } => json!({"kind": "inSource", "justification": reason}),
        Muted::Baseline => json!({"kind": "external", "justification": "known before: it is in the baseline"}),
    }
}
