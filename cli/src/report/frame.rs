//! Frames of the report for people: a finding with its line, or everything that one place lacks.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level as Title, Origin, Renderer, Snippet};

use super::ReportStyle;
use super::escape::uri;
use super::excerpt::Excerpt;
use super::lacking;
use super::rules::RuleDocs;
use super::text::Shown;
use super::words::{help, plural, word};
use super::wrap::wrapped;
use lint::escape::one_line;
use lint::finding::{Finding, Level, Place};
use lint::outcome::FileReport;

/// Columns before what is said below a title, with a line's number and a word such as `help`.
const INDENT: usize = 12;
/// Columns where the width is not known.
const WIDTH: usize = 100;

/// One finding with its line, without colours.
pub(super) fn frame(file: &FileReport, finding: &Finding) -> String {
    Frames::new(ReportStyle::default(), None).of(file, &[Shown { finding, repaired: false }])
}

/// Renders findings with the lines in question.
pub(super) struct Frames<'d> {
    renderer: Renderer,
    /// Columns of the terminal, if it is one.
    terminal: Option<usize>,
    /// Where the targets of links are found; no links without.
    docs: Option<&'d RuleDocs>,
}

impl<'d> Frames<'d> {
    pub(super) fn new(style: ReportStyle, docs: Option<&'d RuleDocs>) -> Frames<'d> {
        let renderer = if style.colours { Renderer::styled() } else { Renderer::plain() };
        let renderer = renderer.decor_style(DecorStyle::Ascii).hyperlink(docs.is_some());
        // The lines of a file are cut where a terminal would break them.
        let renderer = style.width.map_or(renderer.clone(), |width| renderer.term_width(width));
        Frames { renderer, terminal: style.width, docs }
    }

    /// Findings of one place and one kind, the worst first: that is the title, the others follow below.
    pub(super) fn of(&self, file: &FileReport, group: &[Shown<'_>]) -> String {
        let [worst, others @ ..] = group else { return String::new() };
        let first = worst.finding;
        let rule = one_line(&first.violation.rule);
        let demand = first.said().lacking().filter(|_| !first.place.exact);
        let is_lacking = demand.is_some();
        let title = self.title(first, demand.filter(|_| !others.is_empty()));
        let title = level(first).primary_title(title).id(rule);
        let title = match self.source(&first.violation.rule) {
            Some(source) => title.id_url(source),
            None => title,
        };
        let mut frame = Group::with_title(title);
        frame = match Excerpt::at(&file.text, first.place).filter(|_| first.place.exact) {
            Some(Excerpt { text, line, start, end }) => {
                let annotation = AnnotationKind::Primary.span(start..end);
                frame.element(Snippet::source(text).line_start(line).path(one_line(&file.path)).annotation(annotation))
            }
            None => {
                let repairs = if is_lacking { remark(group) } else { String::new() };
                frame.element(Origin::path(format!("{}{repairs}", place(file, first.place))))
            }
        };
        if let Some(source) = file.source_of(first) {
            frame = frame.element(Title::NOTE.message(one_line(&format!("rendered from {source}"))));
        }
        let frame = if is_lacking {
            let others: Vec<&Finding> = others.iter().map(|shown| shown.finding).collect();
            let sections = lacking::sections(first.level, &others, self.width(), &|rule| self.linked_rule(rule));
            let frame = sections.into_iter().fold(frame, |frame, (which, text)| {
                let title = if which == first.level { level_of(which).no_name() } else { level_of(which) };
                frame.element(title.message(text))
            });
            let refused =
                |shown: &Shown<'_>| Some(format!("{}: {}", shown.finding.said().field, shown.finding.refused()?));
            match group.iter().find_map(refused) {
                Some(why) => frame.element(Title::HELP.message(self.fitting(&one_line(&why), INDENT))),
                None => frame,
            }
        } else {
            let frame = self.help(frame, worst);
            others.iter().fold(frame, |frame, other| {
                let said = other.finding.said();
                let said = if said.subject == first.said().subject {
                    format!("{}{}", said.field, said.rest)
                } else {
                    said.to_string()
                };
                let text = format!("[{}] {}", self.linked_rule(&other.finding.violation.rule), one_line(&said));
                self.help(frame.element(level(other.finding).message(text)), other)
            })
        };
        let frame = self.renderer.render(&[frame]);
        if self.docs.is_some() { linked(frame, file, first.place) } else { frame }
    }

    /// Adds what repairs a finding.
    fn help<'f>(&self, frame: Group<'f>, shown: &Shown<'_>) -> Group<'f> {
        let help = if shown.repaired { Some("`harden fix` repairs this".to_owned()) } else { help(shown.finding) };
        match help.or_else(|| shown.finding.refused().map(str::to_owned)) {
            Some(help) => frame.element(Title::HELP.message(self.fitting(&one_line(&help), INDENT))),
            None => frame,
        }
    }

    /// Puts a finding into words, in lines that fit. In a file that is one line, but for the `head` of a list, which demands that
    /// a field is set: it is as narrow as the list, and broken behind what it is about.
    fn title(&self, finding: &Finding, head: Option<&str>) -> String {
        let said = finding.said();
        let title = one_line(&said.to_string());
        let indent = word(finding.level).len() + one_line(&finding.violation.rule).chars().count() + 4;
        let is_long = indent + title.chars().count() > WIDTH;
        let Some(demand) = head.filter(|_| self.terminal.is_none() && is_long) else {
            return self.fitting(&title, indent);
        };
        let parts = [format!("{}:", said.subject), format!("{} {demand}", said.field)];
        parts.iter().flat_map(|part| wrapped(&one_line(part), WIDTH, indent)).collect::<Vec<_>>().join("\n")
    }

    /// The text in lines that fit: a terminal would break it anywhere. In a file it stays a line.
    fn fitting(&self, text: &str, indent: usize) -> String {
        self.terminal.map_or_else(|| text.to_owned(), |width| wrapped(text, width, indent).join("\n"))
    }

    fn width(&self) -> usize {
        self.terminal.unwrap_or(WIDTH)
    }

    fn linked_rule(&self, rule: &str) -> String {
        let shown = one_line(rule);
        self.source(rule).map_or_else(|| shown.clone(), |source| link(source, &shown))
    }

    /// Where the demand of a rule comes from, if links are wanted.
    fn source(&self, rule: &str) -> Option<&'static str> {
        self.docs?.rule(rule).sources.iter().find(|source| source.starts_with("https://")).copied()
    }
}

/// Says how many fields a place lacks, and how many of them a fix writes.
fn remark(group: &[Shown<'_>]) -> String {
    let repaired = group.iter().filter(|shown| shown.repaired).count();
    match (group.len(), repaired) {
        (1, 0) => String::new(),
        (1, _) => " (`harden fix` writes it)".to_owned(),
        (all, 0) => format!(" ({} are not set)", plural(all, "field")),
        (all, some) => format!(" ({} are not set, `harden fix` writes {some} of them)", plural(all, "field")),
    }
}

/// `file:line:column`
fn place(file: &FileReport, place: Place) -> String {
    format!("{}:{}:{}", one_line(&file.path), place.line, place.column)
}

/// A link of a terminal (OSC 8).
fn link(target: &str, text: &str) -> String {
    format!("\u{1b}]8;;{target}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\")
}

/// The frame with a link from its place, which stands below the title, to the file.
fn linked(frame: String, file: &FileReport, at: Place) -> String {
    let target = std::path::absolute(&file.path).ok().filter(|path| path.is_file());
    match (target, frame.split_once('\n')) {
        (Some(target), Some((title, rest))) => {
            let place = place(file, at);
            let rest = rest.replacen(&place, &link(&uri(&target.to_string_lossy()), &place), 1);
            format!("{title}\n{rest}")
        }
        _ => frame,
    }
}

fn level(finding: &Finding) -> Title<'static> {
    level_of(finding.level)
}

fn level_of(level: Level) -> Title<'static> {
    match level {
        Level::Error => Title::ERROR,
        Level::Warning => Title::WARNING,
    }
}
