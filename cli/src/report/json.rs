//! The report for programs.

use std::io::{self, Write};

use hardening::violation::Edit;
use kube_yaml::patch::wire;
use serde::Serialize;
use serde_json::value::RawValue;

use super::Report;
use super::escape::write_json;
use super::statistics::{self, Count};
use lint::finding::{Finding, Level, Muted, Object, Place, Problem};
use lint::outcome::FileReport;
use lint::summary::Summary;

/// Version of the report's shape: raised when a field changes its meaning or goes.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct JsonReport<'a> {
    version: u32,
    summary: &'a Summary,
    statistics: Vec<Count<'a>>,
    findings: Vec<JsonFinding<'a>>,
    problems: Vec<FileProblem<'a>>,
    notes: Vec<FileProblem<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonFinding<'a> {
    file: &'a str,
    #[serde(flatten)]
    place: Place,
    level: Level,
    rule: &'a str,
    message: &'a str,
    path: &'a str,
    object: &'a Object,
    /// The file of a chart that the object was rendered from; absent if that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
    container: Option<&'a str>,
    container_type: Option<&'a str>,
    found: Option<&'a RawValue>,
    fixable: bool,
    #[serde(serialize_with = "wire::serialize")]
    fix: &'a [Edit],
    /// Why the finding does not count; absent if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    muted: Option<&'a Muted>,
}

#[derive(Serialize)]
struct FileProblem<'a> {
    file: &'a str,
    #[serde(flatten)]
    problem: &'a Problem,
}

impl<'a> JsonFinding<'a> {
    fn of(report: &'a FileReport, finding: &'a Finding) -> JsonFinding<'a> {
        let violation = &finding.violation;
        JsonFinding {
            file: &report.path,
            source: report.source_of(finding),
            place: finding.place,
            level: finding.level,
            rule: &violation.rule,
            message: &violation.message,
            path: &violation.path,
            object: &finding.object,
            container: violation.container.as_deref(),
            container_type: violation.container_type.as_deref(),
            found: violation.found.as_deref(),
            fixable: finding.is_fixable(),
            fix: &violation.fix,
            muted: finding.muted.as_ref(),
        }
    }
}

/// Writes the report as one JSON object.
///
/// # Errors
/// Fails if `out` cannot be written.
pub fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Report { files: reports, summary, .. } = *report;
    let findings = reports.iter().flat_map(|r| r.findings.iter().map(|finding| JsonFinding::of(r, finding)));
    let problems = reports.iter().flat_map(|r| r.problems.iter().map(|problem| FileProblem { file: &r.path, problem }));
    let notes = reports.iter().flat_map(|r| r.notes.iter().map(|problem| FileProblem { file: &r.path, problem }));
    let shape = JsonReport {
        version: VERSION,
        summary,
        statistics: statistics::count(report),
        findings: findings.collect(),
        problems: problems.collect(),
        notes: notes.collect(),
    };
    write_json(out, &shape)
}
