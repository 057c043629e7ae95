//! One line a finding.

use std::io::{self, Write};

use super::text::sentence;
use super::{Report, statistics};
use lint::escape::one_line;
use lint::finding::{Finding, Level, Problem};
use lint::outcome::FileReport;

/// Writes every open finding and problem on a line of its own.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for file in report.files {
        for finding in file.open().filter(|finding| !report.style.quiet || file.fails(finding)) {
            writeln!(out, "{}", line(file, finding))?;
        }
        for problem in &file.problems {
            writeln!(out, "{}", problem_line(file, problem))?;
        }
    }
    statistics::write(report, out)
}

/// Writes what fails; the summary follows only if something does.
pub(super) fn write_quiet(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    write(report, out)?;
    if report.summary.exit_code() == 0 { Ok(()) } else { writeln!(out, "{}", sentence(report.summary)) }
}

/// `file:line:column: error[rule] message`.
pub(super) fn line(file: &FileReport, finding: &Finding) -> String {
    let (place, violation) = (finding.place, &finding.violation);
    let source = file.source_of(finding).map(|source| format!(" (rendered from {source})")).unwrap_or_default();
    let text = format!(
        "{}:{}:{}: {}[{}] {}{source}",
        file.path,
        place.line,
        place.column,
        word(finding.level),
        violation.rule,
        violation.message
    );
    one_line(&text)
}

/// `file:line:column: error: message`, the place only if it is known.
pub(super) fn problem_line(file: &FileReport, problem: &Problem) -> String {
    let place = problem.place.map(|place| format!(":{}:{}", place.line, place.column)).unwrap_or_default();
    one_line(&format!("{}{place}: error: {}", file.path, problem.message))
}

/// The word of a level.
pub(super) fn word(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
    }
}
