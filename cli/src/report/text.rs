//! The report for people: every finding with the lines in question.

use std::io::{self, Write};

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level as Title, Renderer, Snippet};

use super::Report;
use crate::check::{FileReport, Summary};
use crate::finding::{Finding, Level, Place, Problem};

/// Lines shown before the one in question.
const CONTEXT: usize = 1;

/// Writes the findings and problems of every file, then the summary.
///
/// # Errors
/// What writing to `out` says.
pub fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Report { files: reports, summary, style } = *report;
    let renderer = if style.colours { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    for report in reports {
        // What is missing in one container is one frame, not ten.
        let open: Vec<&Finding> = report.open().collect();
        for findings in open.chunk_by(|a, b| a.place == b.place && a.object == b.object) {
            writeln!(out, "{}\n", render(&renderer, report, findings))?;
        }
        for problem in &report.problems {
            write_problem(report, problem, out)?;
        }
    }
    writeln!(out, "{}", sentence(summary))
}

/// Renders findings of one place: the first is the title, the others follow below the lines.
fn render(renderer: &Renderer, report: &FileReport, findings: &[&Finding]) -> String {
    let [first, others @ ..] = findings else { return String::new() };
    let excerpt = Excerpt::around(&report.text, first.place);
    let label = if first.place.exact { String::new() } else { format!("in {}", first.object) };
    let annotation = AnnotationKind::Primary.span(excerpt.start..excerpt.end);
    let annotation = if label.is_empty() { annotation } else { annotation.label(&*label) };
    let snippet = Snippet::source(excerpt.text).line_start(excerpt.line).path(&*report.path).annotation(annotation);
    let title = severity(first).primary_title(&*first.violation.message).id(&*first.violation.rule);
    let mut group = Group::with_title(title).element(snippet);
    if let Some(help) = help(first) {
        group = group.element(Title::HELP.message(help));
    }
    for finding in others {
        let message = format!("[{}] {}", finding.violation.rule, finding.violation.message);
        group = group.element(severity(finding).message(message));
        if let Some(help) = help(finding) {
            group = group.element(Title::HELP.message(help));
        }
    }
    renderer.render(&[group])
}

fn severity(finding: &Finding) -> Title<'static> {
    match finding.level {
        Level::Error => Title::ERROR,
        Level::Warning => Title::WARNING,
    }
}

/// What to write instead, from the edits of the fix.
fn help(finding: &Finding) -> Option<String> {
    let steps: Vec<String> = finding
        .violation
        .fix
        .iter()
        .map(|edit| {
            let value = edit.value.as_ref().map_or("", |value| value.get());
            match edit.op.as_str() {
                "set" => format!("write `{}: {value}`", edit.path),
                "append" => format!("add `{value}` to `{}`", edit.path),
                _ => format!("remove `{}`", edit.path),
            }
        })
        .collect();
    if steps.is_empty() { None } else { Some(steps.join(", ")) }
}

/// A few lines of a text around a place.
struct Excerpt<'t> {
    text: &'t str,
    line: usize,
    start: usize,
    end: usize,
}

impl<'t> Excerpt<'t> {
    fn around(text: &'t str, place: Place) -> Excerpt<'t> {
        let start = place.start.min(text.len());
        let end = place.end.clamp(start, text.len());
        let mut from = line_start(text, start);
        let mut line = place.line;
        for _ in 0..CONTEXT {
            if from > 0 && line > 1 {
                from = line_start(text, from - 1);
                line -= 1;
            }
        }
        let to = text[end..].find('\n').map_or(text.len(), |at| end + at);
        Excerpt { text: &text[from..to], line, start: start - from, end: end - from }
    }
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

fn write_problem(report: &FileReport, problem: &Problem, out: &mut dyn Write) -> io::Result<()> {
    let place = problem.place.map(|place| format!(":{}:{}", place.line, place.column)).unwrap_or_default();
    writeln!(out, "error: {}{place}: {}\n", report.path, problem.message)
}

/// The summary line.
pub(crate) fn sentence(summary: &Summary) -> String {
    let counts = summary.counts;
    let mut parts = Vec::new();
    parts.push(match (summary.errors, summary.warnings) {
        (0, 0) if counts.judged > 0 => "no violations".to_owned(),
        (0, 0) => "nothing to judge".to_owned(),
        (errors, 0) => plural(errors, "violation"),
        (errors, warnings) => format!("{}, {}", plural(errors, "violation"), plural(warnings, "warning")),
    });
    let affected = if counts.with_findings > 0 {
        format!(" in {} of {}", counts.with_findings, plural(counts.judged, "workload"))
    } else {
        format!(" in {}", plural(counts.judged, "workload"))
    };
    parts.push(affected);
    parts.push(format!(
        "; {} read, {} not judged",
        plural(summary.files, "file"),
        plural(counts.not_judged(), "document")
    ));
    let reasons: Vec<String> = [
        (counts.without_template, "without a pod template"),
        (counts.not_kubernetes, "not Kubernetes"),
        (counts.empty, "empty"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, why)| format!("{count} {why}"))
    .collect();
    if !reasons.is_empty() {
        parts.push(format!(" ({})", reasons.join(", ")));
    }
    for (count, why) in [(summary.suppressed, "suppressed"), (summary.known, "known from the baseline")] {
        if count > 0 {
            parts.push(format!("; {count} {why}"));
        }
    }
    if summary.problems > 0 {
        parts.push(format!("; {} could not be judged", summary.problems));
    }
    parts.concat()
}

fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
