//! The report for people: every finding with the lines in question.

use std::fmt::Write as _;
use std::io::{self, Write};

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level as Title, Origin, Renderer, Snippet};

use super::escape::{one_line, uri};
use super::excerpt::Excerpt;
use super::rules::Book;
use super::{Report, statistics};
use crate::check::{FileReport, Summary};
use crate::finding::{Finding, Level};
use crate::parallel;

/// Writes the findings and problems of every file, then the summary.
///
/// # Errors
/// What writing to `out` says.
pub fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let renderer = if report.style.colours { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    let book = report.style.hyperlinks.then(Book::open);
    let reported =
        |file: &&FileReport| file.open().next().is_some() || !file.problems.is_empty() || !file.notes.is_empty();
    let reported: Vec<&FileReport> = report.files.iter().filter(reported).collect();
    let render = |file: &&FileReport| of_file(&renderer, book.as_ref(), file);
    parallel::in_order(report.threads, &reported, render, |text| out.write_all(text.as_bytes()))?;
    statistics::write(report, out)?;
    writeln!(out, "{}", sentence(report.summary))
}

/// The frames of a file, with links if there is a book to find their targets in, and what could not be judged
/// in it.
fn of_file(renderer: &Renderer, book: Option<&Book>, file: &FileReport) -> String {
    let mut text = String::new();
    // What is missing in one container is one frame, not ten.
    let open: Vec<&Finding> = file.open().collect();
    for findings in open.chunk_by(|a, b| a.place == b.place && a.object == b.object) {
        let frame = render(renderer, file, findings);
        text += &match book {
            Some(book) => linked(frame, file, findings, book),
            None => frame,
        };
        text += "\n\n";
    }
    let notes = file.notes.iter().map(|note| ("note", "not judged: ", note));
    for (word, what, problem) in notes.chain(file.problems.iter().map(|problem| ("error", "", problem))) {
        let place = problem.place.map(|place| format!(":{}:{}", place.line, place.column)).unwrap_or_default();
        let line = one_line(&format!("{word}: {}{place}: {what}{}", file.path, problem.message));
        let _ = write!(text, "{line}\n\n");
    }
    text
}

/// One finding with the lines in question, without colours.
pub(super) fn frame(file: &FileReport, finding: &Finding) -> String {
    render(&Renderer::plain().decor_style(DecorStyle::Ascii), file, &[finding])
}

/// The frame with links (OSC 8): from its place to the file, from each rule to where its demand comes from.
fn linked(frame: String, file: &FileReport, findings: &[&Finding], book: &Book) -> String {
    let link = |target: &str, text: &str| format!("\u{1b}]8;;{target}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\");
    let mut frame = frame;
    let target = std::path::absolute(&file.path).ok().filter(|path| path.is_file());
    if let (Some(target), [first, ..]) = (target, findings) {
        let place = format!("{}:{}:{}", file.path, first.place.line, first.place.column);
        frame = frame.replacen(&place, &link(&uri(&target.to_string_lossy()), &place), 1);
    }
    let mut from = 0;
    for finding in findings {
        let id = &finding.violation.rule;
        let Some(at) = frame[from..].find(&format!("[{id}]")).map(|at| from + at + 1) else { continue };
        let source = book.rule(id).sources.iter().find(|source| source.starts_with("https://")).copied();
        let text = source.map_or_else(|| id.clone(), |source| link(source, id));
        frame.replace_range(at..at + id.len(), &text);
        from = at + text.len();
    }
    frame
}

/// Renders findings of one place: the first is the title, the others follow below the lines.
fn render(renderer: &Renderer, file: &FileReport, findings: &[&Finding]) -> String {
    let [first, others @ ..] = findings else { return String::new() };
    let label = if first.place.exact { String::new() } else { format!("in {}", first.object) };
    let title = severity(first).primary_title(&*first.violation.message).id(&*first.violation.rule);
    let group = Group::with_title(title);
    let mut group = match Excerpt::around(&file.text, first.place) {
        Some(excerpt) => {
            let annotation = AnnotationKind::Primary.span(excerpt.start..excerpt.end);
            let annotation = if label.is_empty() { annotation } else { annotation.label(&*label) };
            let snippet = Snippet::source(excerpt.text).line_start(excerpt.line).path(&*file.path);
            group.element(snippet.annotation(annotation))
        }
        None => {
            let origin = Origin::path(&*file.path).line(first.place.line).char_column(first.place.column);
            let group = group.element(origin);
            if label.is_empty() { group } else { group.element(Title::NOTE.message(&*label)) }
        }
    };
    if let Some(source) = file.source_of(first) {
        group = group.element(Title::NOTE.message(format!("rendered from {source}")));
    }
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
pub(super) fn help(finding: &Finding) -> Option<String> {
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
        (counts.elsewhere, "with containers where no rule looks"),
        (counts.not_kubernetes, "not Kubernetes"),
        (counts.partial, "only a part of an object"),
        (counts.empty, "empty"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, why)| format!("{count} {why}"))
    .collect();
    if !reasons.is_empty() {
        parts.push(format!(" ({})", reasons.join(", ")));
    }
    for (count, why) in [
        (summary.ignored, "left out because git ignores it"),
        (summary.suppressed, "suppressed"),
        (summary.known, "known from the baseline"),
    ] {
        if count > 0 {
            parts.push(format!("; {count} {why}"));
        }
    }
    if summary.problems > 0 {
        parts.push(format!("; {} could not be judged", summary.problems));
    }
    parts.concat()
}

pub(super) fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
