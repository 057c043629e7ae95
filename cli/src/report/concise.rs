//! One line a finding.

use std::io::{self, Write};

use super::paint::{BOLD, ERROR, WARNING, painted};
use super::words::{refused, sentence, word};
use super::{Report, statistics};
use lint::escape::one_line;
use lint::finding::{Finding, Level, Problem};
use lint::outcome::FileReport;

/// Writes every open finding and problem on a line of its own, then the summary if there was any.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let coloured = report.style.colours;
    for file in report.files {
        for finding in file.open().filter(|finding| !report.style.quiet || file.fails(finding)) {
            writeln!(out, "{}", Line::of(file, finding).coloured(coloured))?;
        }
        for problem in &file.problems {
            writeln!(out, "{}", Line::of_problem(file, problem).coloured(coloured))?;
        }
    }
    statistics::write(report, out)?;
    let summary = report.summary;
    let is_worth_it = if report.style.quiet {
        summary.exit_code() != 0
    } else {
        summary.errors + summary.warnings + summary.problems > 0
    };
    if is_worth_it { writeln!(out, "{}", sentence(report)) } else { Ok(()) }
}

/// One line about a finding or a problem, in its three parts.
struct Line {
    /// `file:line:column`; the place only if it is known.
    place: String,
    level: Level,
    /// `[rule] message`, or `: message`.
    said: String,
}

impl Line {
    fn of(file: &FileReport, finding: &Finding) -> Line {
        let place = format!("{}:{}:{}", file.path, finding.place.line, finding.place.column);
        let source = file.source_of(finding).map(|source| format!(" (rendered from {source})")).unwrap_or_default();
        let said = format!("[{}] {}{}{source}", finding.violation.rule, finding.said(), refused(finding));
        Line { place, level: finding.level, said }
    }

    fn of_problem(file: &FileReport, problem: &Problem) -> Line {
        Line { place: problem.place_in(&file.path), level: Level::Error, said: format!(": {}", problem.message) }
    }

    /// The line as text.
    fn plain(&self) -> String {
        one_line(&format!("{}: {}{}", self.place, word(self.level), self.said))
    }

    fn coloured(&self, wanted: bool) -> String {
        if !wanted {
            return self.plain();
        }
        let colour = match self.level {
            Level::Error => ERROR,
            Level::Warning => WARNING,
        };
        let (place, level) = (one_line(&self.place), word(self.level));
        format!("{}: {}{}", painted(&place, BOLD, true), painted(level, colour, true), one_line(&self.said))
    }
}

/// `file:line:column: error[rule] message`.
pub(super) fn line(file: &FileReport, finding: &Finding) -> String {
    Line::of(file, finding).plain()
}

/// `file:line:column: error: message`, the place only if it is known.
pub(super) fn problem_line(file: &FileReport, problem: &Problem) -> String {
    Line::of_problem(file, problem).plain()
}
