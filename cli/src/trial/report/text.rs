//! The report for people.

use std::io::{self, Write};

use lint::escape::{one_line, write_line};

use super::{Row, TrialReport, words};
use crate::trial::flow::Ending;

/// Lines of a log that are shown.
const LOG: usize = 10;

/// Writes a block for each workload, then the summary.
pub(super) fn write(report: &TrialReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    for row in &report.rows {
        write_row(row, out)?;
        writeln!(out)?;
    }
    for (file, problem) in report.problems {
        write_line(out, format_args!("error: {}: {}", problem.place_in(file), problem.message))?;
    }
    writeln!(out, "{}", words::summary(&report.counts()))
}

fn write_row(row: &Row<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut line = |first: &str, text: &str| writeln!(out, "{first}{}", one_line(text));
    line("", &format!("{}:{}: {}", row.file, row.place.line, row.object))?;
    line("  ", &words::sentence(row))?;
    match &row.tried.ending {
        Ending::NotTried(_) => {}
        Ending::NotReady(failure) => {
            for said in failure.log.iter().skip(failure.log.len().saturating_sub(LOG)) {
                line("    | ", said)?;
            }
        }
        Ending::Hardened(_) => {
            for given in words::given(row) {
                line("    + ", &given)?;
            }
            let width = row.rules.keys().map(String::len).max().unwrap_or_default();
            for (rule, verdict) in row.telling() {
                for (at, said) in words::verdict(row, verdict).iter().enumerate() {
                    let rule = if at == 0 { rule.as_str() } else { "" };
                    line(&format!("    {rule:width$}  "), said)?;
                }
            }
        }
    }
    for note in &row.tried.notes {
        line("    note: ", note)?;
    }
    if let Some(state) = words::state(row) {
        line("  ", &state)?;
    }
    Ok(())
}
