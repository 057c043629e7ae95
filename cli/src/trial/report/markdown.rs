//! Markdown for comments on pull requests.

use std::io::{self, Write};

use super::{TrialReport, words};
use crate::report::markdown::{code, escaped};

/// Writes a table of the workloads, and what each verdict rests on.
pub(super) fn write(report: &TrialReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## harden try: {}", escaped(&words::summary(&report.counts())))?;
    for (file, problem) in report.problems {
        writeln!(out, "\n- {} {}", code(file), escaped(&problem.message))?;
    }
    if report.rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n| workload | place | verdict | runs |\n|---|---|---|--:|")?;
    for row in &report.rows {
        let place = code(&format!("{}:{}", row.file, row.place.line));
        let (object, said) = (escaped(&row.object.to_string()), escaped(&words::sentence(row)));
        writeln!(out, "| {object} | {place} | {said} | {} |", row.tried.runs)?;
    }
    for row in report.rows.iter().filter(|row| row.telling().next().is_some()) {
        let object = escaped(&row.object.to_string());
        writeln!(out, "\n<details>\n<summary>{object}</summary>\n\n| rule | verdict |\n|---|---|")?;
        for (rule, verdict) in row.telling() {
            let said: Vec<String> = words::verdict(row, verdict).iter().map(|said| escaped(said)).collect();
            writeln!(out, "| {rule} | {} |", said.join("<br>"))?;
        }
        let given: Vec<String> = words::given(row).collect();
        if !given.is_empty() {
            writeln!(out)?;
        }
        for given in given {
            writeln!(out, "- {}", escaped(&given))?;
        }
        writeln!(out, "\n</details>")?;
    }
    Ok(())
}
