//! SARIF 2.1.0, for code scanning.

mod result;
mod rule;

use std::io::{self, Write};

use serde_json::{Value, json};

use self::result::Results;
use super::Report;
use super::escape::{uri, write_json};
use super::rules::Book;
use lint::finding::Problem;
use lint::outcome::FileReport;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Writes one run: the rules in force, every finding, what could not be judged.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let ids = ids(report);
    let book = Book::open();
    let rules: Vec<Value> = ids.iter().map(|id| rule::descriptor(&book.rule(id))).collect();
    let mut results = Results::new(&ids);
    for file in report.files {
        results.add(file);
    }
    let mut notifications: Vec<Value> =
        report.files.iter().flat_map(|file| file.problems.iter().map(|problem| notification(file, problem))).collect();
    notifications.extend(results.notification());
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "harden",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": report.summary.problems == 0,
                "exitCode": report.summary.exit_code(),
                "toolExecutionNotifications": notifications,
            }],
            "results": results.done(),
        }],
    });
    write_json(out, &log)
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

/// What could not be judged.
fn notification(file: &FileReport, problem: &Problem) -> Value {
    let mut location = json!({"artifactLocation": {"uri": uri(&file.path)}});
    if let Some(place) = problem.place {
        location["region"] = json!({"startLine": place.line, "startColumn": place.column});
    }
    json!({
        "level": "error",
        "message": {"text": problem.message},
        "locations": [{"physicalLocation": location}],
    })
}

#[cfg(test)]
#[path = "sarif/tests.rs"]
mod tests;
