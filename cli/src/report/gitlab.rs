//! GitLab's code quality report.

use std::io::{self, Write};

use hardening::rules::Severity;
use serde::Serialize;

use super::Report;
use super::escape::write_json;
use super::fingerprint::Fingerprints;
use super::rules::RuleDocs;
use super::words::refused;
use lint::finding::Level;

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: LineRange,
}

#[derive(Serialize)]
struct LineRange {
    begin: usize,
}

/// Name of what could not be judged, in place of a rule.
const NOT_JUDGED: &str = "not-judged";

/// Writes every open finding and problem as one JSON list.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let docs = RuleDocs::read();
    let mut fingerprints = Fingerprints::default();
    let mut issues = Vec::new();
    for file in report.files {
        // GitLab knows paths from the root of the repository only.
        let path = file.path.strip_prefix("./").unwrap_or(&file.path);
        let location = |begin| Location { path, lines: LineRange { begin } };
        for finding in file.open() {
            // What was rendered is not in the repository, but what it was made of is.
            let place = match file.origin_of(finding) {
                Some(origin) => Location { path: origin, lines: LineRange { begin: 1 } },
                None => location(finding.place.line),
            };
            let rule = &finding.violation.rule;
            issues.push(Issue {
                description: format!("{}{}", finding.said(), refused(finding)),
                check_name: rule,
                fingerprint: fingerprints.of(path, finding),
                severity: severity(finding.level, docs.rule(rule).severity),
                location: place,
            });
        }
        for problem in &file.problems {
            issues.push(Issue {
                description: problem.message.clone(),
                check_name: NOT_JUDGED,
                fingerprint: fingerprints.of_text(path, &problem.message),
                severity: "blocker",
                location: match &file.origin {
                    Some(origin) => Location { path: origin, lines: LineRange { begin: 1 } },
                    None => location(problem.place.map_or(1, |place| place.line)),
                },
            });
        }
    }
    write_json(out, &issues)
}

/// GitLab's words.
fn severity(level: Level, severity: Option<Severity>) -> &'static str {
    match (level, severity) {
        (Level::Warning, _) => "info",
        (_, Some(Severity::Low)) => "minor",
        (_, Some(Severity::Medium) | None) => "major",
        (_, Some(Severity::High)) => "critical",
        (_, Some(Severity::Critical)) => "blocker",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::super::Format;
    use super::super::testing::{POD, everything, judged, written};

    #[test]
    fn every_entry_has_what_gitlab_needs() {
        let twice = judged("pod.yaml", &format!("{POD}---\n{POD}"));
        let files: Vec<_> = everything().into_iter().chain([twice]).collect();
        let report: Value = serde_json::from_str(&written(Format::Gitlab, &files)).unwrap();
        let issues = report.as_array().unwrap();
        let open: usize = files.iter().map(|file| file.open().count() + file.problems.len()).sum();
        assert_eq!(issues.len(), open);
        let fingerprints: BTreeSet<&str> = issues.iter().map(|e| e["fingerprint"].as_str().unwrap()).collect();
        assert_eq!(fingerprints.len(), issues.len(), "fingerprints are unique");
        for issue in issues {
            assert!(issue["description"].is_string() && issue["check_name"].is_string(), "{issue}");
            let words = ["info", "minor", "major", "critical", "blocker"];
            assert!(words.contains(&issue["severity"].as_str().unwrap()), "{issue}");
            assert!(issue["location"]["path"].is_string(), "{issue}");
            assert!(issue["location"]["lines"]["begin"].as_u64().unwrap() > 0, "{issue}");
        }
        let privileged = issues.iter().find(|e| e["check_name"] == "privileged").unwrap();
        assert_eq!(privileged["severity"], "blocker");
    }
}
