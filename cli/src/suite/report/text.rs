//! The report for people.

use std::io::{self, Write};

use super::super::compare::Sign;
use super::super::run::{Status, SuiteResult, TestResult};
use super::{Summary, diff};
use crate::report::ReportStyle;
use lint::escape::one_line;

/// Writes a line for every test, below a failed one what differs, then the summary.
pub(in super::super) fn write(
    results: &[SuiteResult],
    summary: Summary,
    style: ReportStyle,
    quiet: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    for result in results {
        let tests = match &result.tests {
            Ok(tests) => tests,
            Err(message) => {
                writeln!(out, "{}\n", paint(style, RED, &one_line(&format!("error: {message}"))))?;
                continue;
            }
        };
        let shown: Vec<&TestResult> = tests
            .iter()
            .filter(|test| !quiet || matches!(test.status, Status::Failed(_) | Status::Broken(_)))
            .collect();
        if shown.is_empty() {
            continue;
        }
        let name = if result.path.ends_with(&result.name) { String::new() } else { format!(": {}", result.name) };
        writeln!(out, "{}", one_line(&format!("{}{name}", result.path)))?;
        for test in shown {
            write_test(&result.path, test, style, out)?;
        }
        writeln!(out)?;
    }
    if quiet && summary.exit_code() == 0 { Ok(()) } else { writeln!(out, "{}", sentence(summary)) }
}

fn write_test(path: &str, test: &TestResult, style: ReportStyle, out: &mut dyn Write) -> io::Result<()> {
    let (word, colour, more) = match &test.status {
        Status::Passed => ("ok     ", GREEN, String::new()),
        Status::Failed(_) => ("FAILED ", RED, format!("  ({path}:{})", test.line)),
        Status::Broken(why) => ("ERROR  ", RED, format!("  ({path}:{}): {why}", test.line)),
        Status::Skipped(why) => ("skipped", YELLOW, format!(": {why}")),
    };
    writeln!(out, "  {} {}", paint(style, colour, word), one_line(&format!("{}{more}", test.name)))?;
    for (sign, line) in diff(test) {
        let line = one_line(&line);
        let line = match sign {
            Some(Sign::Expected) => paint(style, RED, &line),
            Some(Sign::Got) => paint(style, GREEN, &line),
            Some(Sign::Same | Sign::Note) | None => line,
        };
        let indent = if sign.is_some() { "            " } else { "          " };
        writeln!(out, "{indent}{line}")?;
    }
    Ok(())
}

const RED: u8 = 31;
const GREEN: u8 = 32;
const YELLOW: u8 = 33;

fn paint(style: ReportStyle, colour: u8, text: &str) -> String {
    if style.colours { format!("\u{1b}[{colour}m{text}\u{1b}[0m") } else { text.to_owned() }
}

/// The summary line.
fn sentence(summary: Summary) -> String {
    let plural = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    let Summary { suites, tests, passed, failed, skipped, errors } = summary;
    let mut out = format!("{} in {}: {passed} passed, {failed} failed", plural(tests, "test"), plural(suites, "suite"));
    if skipped > 0 {
        out += &format!(", {skipped} skipped");
    }
    if errors > 0 {
        out += &format!("; {errors} could not be run");
    }
    out
}
