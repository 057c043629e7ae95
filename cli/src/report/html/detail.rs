//! What a cell and a rule open: findings with their lines, the rule's documentation.

use std::io::{self, Write};

use super::super::escape::{inline, markup};
use super::super::excerpt::Excerpt;
use super::super::matrix::{Cell, Matrix, Row};
use super::super::rules::{Book, Rule};
use super::super::text::help;
use super::looks;
use lint::finding::{Finding, Level, Muted};
use lint::outcome::FileReport;

/// Writes a panel for every cell with findings and one for every rule.
pub(super) fn write(matrix: &Matrix<'_>, book: &Book, out: &mut dyn Write) -> io::Result<()> {
    let rules: Vec<Rule> = matrix.columns.iter().map(|id| book.rule(id)).collect();
    writeln!(out, "<section class=\"panels\" aria-label=\"Findings\">\n<h2>Findings</h2>")?;
    for (at, row) in matrix.rows.iter().enumerate() {
        for (column, cell) in row.cells.iter().enumerate().filter(|(_, cell)| !cell.found().is_empty()) {
            write_panel(&format!("c{at}-{column}"), row, cell, (column, &rules[column]), out)?;
        }
    }
    writeln!(out, "</section>\n<section class=\"panels\" aria-label=\"Rules\">\n<h2>Rules</h2>")?;
    for (column, rule) in rules.iter().enumerate() {
        write_rule(column, rule, out)?;
    }
    writeln!(out, "</section>")
}

const CLOSE: &str = "<a class=\"close\" href=\"#top\" aria-label=\"Close\">✕</a>";

fn write_panel(
    id: &str,
    row: &Row<'_>,
    cell: &Cell<'_>,
    (column, rule): (usize, &Rule),
    out: &mut dyn Write,
) -> io::Result<()> {
    let (class, sign, meaning) = looks(cell.state);
    writeln!(
        out,
        "<article class=\"panel\" id=\"{id}\" tabindex=\"-1\" aria-labelledby=\"{id}-h\">\n{CLOSE}\n\
         <h3 id=\"{id}-h\"><span class=\"sign {class}\" aria-hidden=\"true\">{sign}</span> {}</h3>\n\
         <p class=\"of\">{} · {} · {meaning}</p>\n\
         <p>{} <a href=\"#r{column}\">What the rule demands</a></p>",
        inline(&rule.id),
        inline(&row.object.to_string()),
        rule.severity.map_or_else(|| "severity unknown".to_owned(), |severity| format!("{} severity", severity.word())),
        inline(&sentence_of(&rule.title)),
    )?;
    for (finding, repaired) in cell.found() {
        write_finding(row.file, finding, *repaired, out)?;
    }
    writeln!(out, "</article>")
}

fn write_finding(file: &FileReport, finding: &Finding, repaired: bool, out: &mut dyn Write) -> io::Result<()> {
    let level = match (&finding.muted, finding.level) {
        (Some(_), _) => "muted",
        (None, Level::Error) => "error",
        (None, Level::Warning) => "warning",
    };
    writeln!(
        out,
        "<div class=\"finding\">\n<p><b class=\"level {level}\">{level}</b> {}</p>",
        inline(&finding.violation.message)
    )?;
    write_frame(file, finding, out)?;
    if let Some(help) = help(finding) {
        let by = if repaired { " <code>harden fix</code> does it." } else { "" };
        writeln!(out, "<p class=\"help\">To repair: {}.{by}</p>", inline(&help).replace('`', ""))?;
    }
    match &finding.muted {
        Some(Muted::Suppression { reason, line }) => {
            writeln!(out, "<p class=\"help\">Suppressed in line {line}: {}</p>", inline(reason))?;
        }
        Some(Muted::Baseline) => writeln!(out, "<p class=\"help\">Known: it is in the baseline.</p>")?,
        None => {}
    }
    writeln!(out, "</div>")
}

/// The lines in question, with the place marked.
fn write_frame(file: &FileReport, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let place = finding.place;
    let lacks = if place.exact { "" } else { " (where it is missing)" };
    writeln!(out, "<figure>\n<figcaption>{}:{}:{}{lacks}</figcaption>", inline(&file.path), place.line, place.column)?;
    let Some(excerpt) = Excerpt::around(&file.text, place) else { return writeln!(out, "</figure>") };
    writeln!(out, "<pre>")?;
    let mut at = 0;
    for (index, line) in excerpt.text.split('\n').enumerate() {
        let mark = |byte: usize| byte.clamp(at, at + line.len()) - at;
        let (start, end) = (mark(excerpt.start), mark(excerpt.end));
        let (before, marked, after) = (&line[..start], &line[start..end], &line[end..]);
        let marked = if marked.is_empty() { String::new() } else { format!("<mark>{}</mark>", markup(marked)) };
        let number = excerpt.line + index;
        writeln!(out, "<i>{number:>4}</i> {}{marked}{}", markup(before), markup(after))?;
        at += line.len() + 1;
    }
    writeln!(out, "</pre>\n</figure>")
}

fn write_rule(column: usize, rule: &Rule, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<article class=\"panel\" id=\"r{column}\" tabindex=\"-1\" aria-labelledby=\"r{column}-h\">\n{CLOSE}\n\
         <h3 id=\"r{column}-h\">{}</h3>\n<p class=\"of\">severity: {}</p>\n<p><b>{}</b></p>",
        inline(&rule.id),
        rule.severity_word(),
        inline(&sentence_of(&rule.title)),
    )?;
    if !rule.doc.is_empty() {
        writeln!(out, "<div class=\"doc\">{}</div>", markup(&rule.doc))?;
        writeln!(out, "<p class=\"of\">Sources</p>\n<ul class=\"sources\">")?;
        for source in rule.sources {
            writeln!(out, "<li>{}</li>", markup(source))?;
        }
        writeln!(out, "</ul>")?;
    }
    writeln!(out, "</article>")
}

/// A title as a sentence.
fn sentence_of(title: &str) -> String {
    let mut chars = title.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let end = if title.ends_with('.') { "" } else { "." };
    format!("{first}{}{end}", chars.as_str())
}
