//! Says what was fixed and what is left.

use std::collections::BTreeMap;

use lint::config::FailOn;
use lint::escape::one_line;
use lint::fix::Fixed;
use lint::outcome::{FileReport, Summary};

/// Sums of a run.
#[derive(Debug, Default)]
pub(super) struct Totals {
    pub(super) files: usize,
    changed: usize,
    fixed: usize,
    left: usize,
    failing: usize,
    pub(super) problems: usize,
}

impl Totals {
    /// Counts a file; what is left in it fails the run by `fail_on`.
    pub(super) fn add(&mut self, fixed: &Fixed, fail_on: FailOn) {
        self.changed += usize::from(fixed.new != fixed.old);
        self.fixed += fixed.fixed.len();
        self.left += fixed.left.len() + fixed.refused.len();
        let findings = fixed.left.iter().map(|left| left.finding.clone()).collect();
        let report = FileReport { findings, fail_on, ..FileReport::default() };
        self.failing += Summary::of(&[report]).failing + fixed.refused.len();
        self.problems += fixed.problems.len();
    }

    /// The last line of the report.
    pub(super) fn sentence(&self, diff: bool) -> String {
        let problems = match self.problems {
            0 => String::new(),
            problems => format!(", {problems} could not be judged or written"),
        };
        let files = if self.files == 1 { "file" } else { "files" };
        format!(
            "{} {} in {} of {} {files}, {} left{problems}",
            self.fixed,
            verb(diff),
            self.changed,
            self.files,
            self.left
        )
    }

    /// 0: nothing is left; 1: violations are left, or there is a diff; 2: something could not be done.
    pub(super) fn exit_code(&self, diff: bool) -> u8 {
        let something = if diff { self.changed } else { self.failing };
        match (self.problems, something) {
            (0, 0) => 0,
            (0, _) => 1,
            _ => 2,
        }
    }
}

fn verb(diff: bool) -> &'static str {
    if diff { "would be fixed" } else { "fixed" }
}

/// Formats what was fixed in the file `name` and what is left with its reason; nothing if there is nothing to say.
pub(super) fn of_file(name: &str, fixed: &Fixed, diff: bool) -> String {
    let mut out = String::new();
    let left = fixed.left.len() + fixed.refused.len();
    if !fixed.fixed.is_empty() || left > 0 {
        line(&mut out, format_args!("{name}: {} {}, {left} left", fixed.fixed.len(), verb(diff)));
    }
    if !fixed.fixed.is_empty() {
        line(&mut out, format_args!("  {}: {}", verb(diff), counted(&fixed.fixed)));
    }
    for left in &fixed.left {
        let (place, violation) = (left.finding.place, &left.finding.violation);
        let text = format_args!("[{}] {} ({})", violation.rule, violation.message, left.why);
        line(&mut out, format_args!("  {}:{}: {text}", place.line, place.column));
    }
    for refusal in &fixed.refused {
        line(&mut out, format_args!("  {}: not edited: `{}` {}", refusal.line, refusal.path, refusal.reason));
    }
    for note in &fixed.notes {
        let place = note.place.map(|place| format!(":{}:{}", place.line, place.column)).unwrap_or_default();
        line(&mut out, format_args!("note: {name}{place}: left alone: {}", note.message));
    }
    for problem in &fixed.problems {
        let place = problem.place.map(|place| format!(":{}:{}", place.line, place.column)).unwrap_or_default();
        line(&mut out, format_args!("error: {name}{place}: {}", problem.message));
    }
    out
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    *out += &one_line(&text.to_string());
    out.push('\n');
}

/// `a, b (2), c`.
fn counted(texts: &[String]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    texts.iter().for_each(|text| *counts.entry(text).or_default() += 1);
    let parts = counts.iter().map(|(text, count)| match count {
        1 => (*text).to_owned(),
        _ => format!("{text} ({count})"),
    });
    parts.collect::<Vec<_>>().join(", ")
}
