//! SARIF 2.1.0, for code scanning.

mod log;
mod result;
mod rule;
#[cfg(test)]
mod tests;

use std::io::{self, Write};

use self::log::{
    ArtifactLocation, Driver, Invocation, Location, Log, Message, Notification, PhysicalLocation, Region, Run, Tool,
};
use self::result::Results;
use super::Report;
use super::escape::{uri, write_json};
use super::rules::{RuleDocs, released};
use lint::finding::Problem;
use lint::outcome::FileReport;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Writes one run: the rules in force, every finding, what could not be judged.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let ids = ids(report);
    let docs = RuleDocs::read();
    let mut results = Results::new(&ids);
    for file in report.files {
        results.add(file);
    }
    let problems = report.files.iter().flat_map(|file| file.problems.iter().map(|problem| notification(file, problem)));
    let notifications = problems.chain(results.notification()).collect();
    let driver = Driver {
        name: "harden",
        information_uri: released("docs/README.md"),
        version: VERSION,
        semantic_version: VERSION,
        rules: ids.iter().map(|id| rule::descriptor(docs.rule(id))).collect(),
    };
    let invocation = Invocation {
        execution_successful: report.summary.problems == 0,
        exit_code: report.summary.exit_code(),
        tool_execution_notifications: notifications,
    };
    let run = Run {
        tool: Tool { driver },
        column_kind: "unicodeCodePoints",
        invocations: [invocation],
        results: results.done(),
    };
    write_json(out, &Log { schema: SCHEMA, version: "2.1.0", runs: [run] })
}

/// The rules in force and those of the findings, sorted.
fn ids<'r>(report: &Report<'r>) -> Vec<&'r str> {
    let in_force = report.files.iter().filter_map(|file| file.rules.as_deref()).flat_map(|rules| rules.iter().copied());
    let found = report.files.iter().flat_map(|file| file.findings.iter().map(|f| f.violation.rule.as_str()));
    let mut ids: Vec<&str> = in_force.chain(found).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Says what could not be judged.
fn notification(file: &FileReport, problem: &Problem) -> Notification {
    let region = problem.place.filter(|_| file.origin.is_none()).map(|place| Region {
        start_line: place.line,
        start_column: Some(place.column),
        ..Region::default()
    });
    let physical_location = PhysicalLocation {
        artifact_location: ArtifactLocation { uri: uri(file.origin.as_ref().unwrap_or(&file.path)) },
        region,
    };
    Notification {
        level: "error",
        message: Message { text: problem.message.clone() },
        locations: vec![Location { physical_location, logical_locations: Vec::new() }],
    }
}
