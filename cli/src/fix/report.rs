//! Says what was fixed and what is left.

use std::collections::BTreeMap;

use crate::report::lacking;
use lint::config::FailOn;
use lint::escape::one_line;
use lint::finding::Finding;
use lint::fix::{Fixed, Left, Why};
use lint::outcome::FileReport;
use lint::summary::Summary;

/// Sums of a run.
#[derive(Debug, Default)]
pub(super) struct Totals {
    pub(super) files: usize,
    changed: usize,
    fixed: usize,
    left: usize,
    /// Findings of the baseline that are left.
    known: usize,
    failing: usize,
    /// Files that nobody was asked about.
    pub(super) unasked: usize,
    pub(super) problems: usize,
}

impl Totals {
    /// Counts a file; what is left in it fails the run by `fail_on`.
    pub(super) fn add(&mut self, fixed: &Fixed, fail_on: FailOn) {
        self.changed += usize::from(fixed.new != fixed.old);
        self.fixed += fixed.fixed.len();
        let known = fixed.left.len() - open(fixed).count();
        self.known += known;
        self.left += fixed.left.len() - known + fixed.refused.len();
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
        let known = match self.known {
            0 => String::new(),
            known => format!(" and {known} known"),
        };
        let unasked = match self.unasked {
            0 => String::new(),
            1 => "; 1 file was not looked at".to_owned(),
            unasked => format!("; {unasked} files were not looked at"),
        };
        let files = if self.files == 1 { "file" } else { "files" };
        format!(
            "{} {} in {} of {} {files}, {} left{known}{problems}{unasked}",
            self.fixed,
            if diff { "would be fixed" } else { "fixed" },
            self.changed,
            self.files,
            self.left
        )
    }

    /// 0: nothing is left; 1: violations are left, or there is a diff; 2: something could not be done.
    pub(super) fn exit_code(&self, diff: bool) -> u8 {
        let something = if diff { self.changed } else { self.failing + self.unasked };
        match (self.problems, something) {
            (0, 0) => 0,
            (0, _) => 1,
            _ => 2,
        }
    }
}

/// The findings that are left and not known.
fn open(fixed: &Fixed) -> impl Iterator<Item = &Left> {
    fixed.left.iter().filter(|left| left.finding.muted.is_none())
}

/// How much is said about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// Everything that was fixed and is left.
    All,
    /// Only what was not looked at: the rest is in the diff.
    Notes,
    /// Only what could not be judged or written.
    Errors,
}

/// Formats what was fixed in the file `name` and what is left with its reason; nothing if there is nothing to say.
pub(super) fn of_file(name: &str, fixed: &Fixed, detail: Detail) -> String {
    let mut out = String::new();
    if detail == Detail::All {
        push_findings(name, fixed, &mut out);
    }
    let notes = fixed.notes.iter().filter(|_| detail != Detail::Errors);
    for note in notes {
        line(&mut out, format_args!("note: {}: left alone: {}", note.place_in(name), note.message));
    }
    for problem in &fixed.problems {
        line(&mut out, format_args!("error: {}: {}", problem.place_in(name), problem.message));
    }
    out
}

fn push_findings(name: &str, fixed: &Fixed, out: &mut String) {
    let left = open(fixed).count() + fixed.refused.len();
    if !fixed.fixed.is_empty() || left > 0 {
        line(out, format_args!("{name}: {} fixed, {left} left", fixed.fixed.len()));
    }
    if !fixed.fixed.is_empty() {
        line(out, format_args!("  fixed: {}", counted(&fixed.fixed)));
    }
    // Whoever declined has seen it.
    let told: Vec<&Left> = open(fixed).filter(|left| left.why != Some(Why::Declined)).collect();
    for alike in told.chunk_by(|one, next| are_alike(one, next)) {
        push_alike(alike, out);
    }
    for refusal in &fixed.refused {
        line(out, format_args!("  {}: not edited: `{}` {}", refusal.line, refusal.path, refusal.reason));
    }
}

/// Whether one line can say both: fields that one place lacks by one rule, left for one reason.
fn are_alike(one: &Left, other: &Left) -> bool {
    let key = |left: &Left| (left.finding.place, left.finding.violation.rule.clone(), left.finding.said().subject);
    one.why == other.why && key(one) == key(other)
}

/// Says what is left for one reason: of several fields that are not set only what each must be, else every sentence.
fn push_alike(alike: &[&Left], out: &mut String) {
    let findings: Vec<&Finding> = alike.iter().map(|left| &left.finding).collect();
    let sentences = match lacking::together(&findings).filter(|_| findings.len() > 1) {
        Some(together) => vec![format!("{}: {together}", findings[0].said().subject)],
        None => findings.iter().map(|finding| finding.said().to_string()).collect(),
    };
    for (sentence, Left { finding, why }) in sentences.iter().zip(alike) {
        let place = finding.place;
        let why = why.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
        let rule = &finding.violation.rule;
        line(out, format_args!("  {}:{}: [{rule}] {sentence}{why}", place.line, place.column));
    }
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
