//! The report for people: every finding with the lines in question.

use std::fmt::Write as _;
use std::io::{self, Write};

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level as Title, Origin, Renderer, Snippet};
use hardening::violation::Edit;

use super::escape::uri;
use super::excerpt::Excerpt;
use super::rules::RuleDocs;
use super::{Report, concise, statistics};
use lint::escape::one_line;
use lint::finding::{Finding, Level, Place};
use lint::outcome::{FileReport, Summary};
use lint::parallel;

/// Writes the findings and problems of every file, then the summary.
///
/// # Errors
/// Fails if `out` cannot be written.
pub fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    if report.style.quiet {
        return concise::write_quiet(report, out);
    }
    let docs = report.style.hyperlinks.then(RuleDocs::read);
    let frames = Frames::new(report.style.colours, docs.as_ref());
    let reported =
        |file: &&FileReport| file.open().next().is_some() || !file.problems.is_empty() || !file.notes.is_empty();
    let reported: Vec<&FileReport> = report.files.iter().filter(reported).collect();
    let render = |file: &&FileReport| of_file(&frames, file);
    parallel::in_order(report.threads, &reported, render, |text| out.write_all(text.as_bytes()))?;
    statistics::write(report, out)?;
    writeln!(out, "{}", sentence(report.summary))
}

/// The frames of a file, and what could not be judged in it.
fn of_file(frames: &Frames<'_>, file: &FileReport) -> String {
    let mut text = String::new();
    // What is missing in one container is one frame, not ten.
    let open: Vec<&Finding> = file.open().collect();
    for findings in open.chunk_by(|a, b| a.place == b.place && a.object == b.object) {
        text += &frames.of(file, findings);
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
    Frames::new(false, None).of(file, &[finding])
}

/// Renders findings with the lines in question.
struct Frames<'d> {
    renderer: Renderer,
    /// Where the targets of links are found; no links without.
    docs: Option<&'d RuleDocs>,
}

impl<'d> Frames<'d> {
    fn new(colours: bool, docs: Option<&'d RuleDocs>) -> Frames<'d> {
        let renderer = if colours { Renderer::styled() } else { Renderer::plain() };
        Frames { renderer: renderer.decor_style(DecorStyle::Ascii).hyperlink(docs.is_some()), docs }
    }

    /// Findings of one place: the first is the title, the others follow below the lines.
    fn of(&self, file: &FileReport, findings: &[&Finding]) -> String {
        let [first, others @ ..] = findings else { return String::new() };
        let label = if first.place.exact { String::new() } else { one_line(&format!("in {}", first.object)) };
        let path = one_line(&file.path);
        let rule = &first.violation.rule;
        let title = severity(first).primary_title(one_line(&first.violation.message)).id(one_line(rule));
        let title = match self.source(rule) {
            Some(source) => title.id_url(source),
            None => title,
        };
        let group = Group::with_title(title);
        let mut group = match Excerpt::around(&file.text, first.place) {
            Some(Excerpt { text, line, start, end }) => {
                let annotation = AnnotationKind::Primary.span(start..end);
                let annotation = if label.is_empty() { annotation } else { annotation.label(label) };
                group.element(Snippet::source(text).line_start(line).path(path.clone()).annotation(annotation))
            }
            None => {
                let origin = Origin::path(path.clone()).line(first.place.line).char_column(first.place.column);
                let group = group.element(origin);
                if label.is_empty() { group } else { group.element(Title::NOTE.message(label)) }
            }
        };
        if let Some(source) = file.source_of(first) {
            group = group.element(Title::NOTE.message(one_line(&format!("rendered from {source}"))));
        }
        if let Some(help) = help(first) {
            group = group.element(Title::HELP.message(one_line(&help)));
        }
        for finding in others {
            let (rule, message) = (one_line(&finding.violation.rule), one_line(&finding.violation.message));
            let rule = self.source(&finding.violation.rule).map_or_else(|| rule.clone(), |source| link(source, &rule));
            group = group.element(severity(finding).message(format!("[{rule}] {message}")));
            if let Some(help) = help(finding) {
                group = group.element(Title::HELP.message(one_line(&help)));
            }
        }
        let frame = self.renderer.render(&[group]);
        if self.docs.is_some() { linked(frame, file, first.place) } else { frame }
    }

    /// Where the demand of a rule comes from, if links are wanted.
    fn source(&self, rule: &str) -> Option<&'static str> {
        self.docs?.rule(rule).sources.iter().find(|source| source.starts_with("https://")).copied()
    }
}

/// A link of a terminal (OSC 8).
fn link(target: &str, text: &str) -> String {
    format!("\u{1b}]8;;{target}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\")
}

/// The frame with a link from its place, which stands in its second line, to the file.
fn linked(frame: String, file: &FileReport, place: Place) -> String {
    let target = std::path::absolute(&file.path).ok().filter(|path| path.is_file());
    match (target, frame.split_once('\n')) {
        (Some(target), Some((title, rest))) => {
            let place = format!("{}:{}:{}", one_line(&file.path), place.line, place.column);
            let rest = rest.replacen(&place, &link(&uri(&target.to_string_lossy()), &place), 1);
            format!("{title}\n{rest}")
        }
        _ => frame,
    }
}

fn severity(finding: &Finding) -> Title<'static> {
    match finding.level {
        Level::Error => Title::ERROR,
        Level::Warning => Title::WARNING,
    }
}

/// Says what to write instead, from the edits of the fix.
pub(super) fn help(finding: &Finding) -> Option<String> {
    let step = |edit: &Edit| match edit {
        Edit::Set { path, value } => format!("write `{path}: {value}`"),
        Edit::Append { path, value } => format!("add `{value}` to `{path}`"),
        Edit::Remove { path } => format!("remove `{path}`"),
    };
    let steps: Vec<String> = finding.violation.fix.iter().map(step).collect();
    if steps.is_empty() { None } else { Some(steps.join(", ")) }
}

/// The summary line.
pub(crate) fn sentence(summary: &Summary) -> String {
    let counts = summary.counts;
    let mut parts = Vec::new();
    parts.push(match (summary.errors, summary.warnings) {
        (0, 0) if counts.judged > 0 => "no violations".to_owned(),
        (0, 0) if summary.problems > 0 => "nothing was judged".to_owned(),
        (0, 0) => "nothing to judge".to_owned(),
        (errors, 0) => plural(errors, "violation"),
        (errors, warnings) => format!("{}, {}", plural(errors, "violation"), plural(warnings, "warning")),
    });
    if counts.with_findings > 0 {
        parts.push(format!(" in {} of {}", counts.with_findings, plural(counts.judged, "workload")));
    } else if counts.judged > 0 {
        parts.push(format!(" in {}", plural(counts.judged, "workload")));
    }
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
        (summary.excluded, "excluded"),
        (summary.suppressed, "suppressed"),
        (summary.exempted, "exempted"),
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

/// The reason of an exemption, or that it has none.
pub(super) fn exempt(reason: &str) -> &str {
    if reason.is_empty() { "harden.yaml or the settings say no reason" } else { reason }
}

/// `1 file`, `2 files`.
pub(crate) fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
