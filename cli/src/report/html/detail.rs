//! The panels that a cell and a rule open: findings with their lines, the rule's documentation.

use maud::{Markup, html};

use super::super::escape::visible;
use super::super::excerpt::Excerpt;
use super::super::matrix::{Cell, Matrix, Row};
use super::super::proof::{self, Proof};
use super::super::rules::{Rule, RuleDocs};
use super::super::words::{exempt, help, refused};
use super::{NL, looks};
use lint::escape::one_line;
use lint::finding::{Finding, Level, Muted};
use lint::outcome::FileReport;

/// A panel for every cell with findings and one for every rule.
pub(super) fn sections(matrix: &Matrix<'_>, docs: &RuleDocs) -> Markup {
    let rules: Vec<Rule> = matrix.columns.iter().map(|id| docs.rule(id)).collect();
    html! {
        section class="panels" aria-label="Findings" { (NL)
            h2 { "Findings" } (NL)
            @for (at, row) in matrix.rows.iter().enumerate() {
                @for (column, cell) in row.cells.iter().enumerate().filter(|(_, cell)| !cell.found().is_empty()) {
                    (cell_panel(&format!("c{at}-{column}"), row, cell, column, &rules[column])) (NL)
                }
            }
        } (NL)
        section class="panels" aria-label="Rules" { (NL)
            h2 { "Rules" } (NL)
            @for (column, rule) in rules.iter().enumerate() { (rule_panel(column, rule)) (NL) }
        }
    }
}

/// A panel for every workload that was tried.
pub(super) fn proofs(matrix: &Matrix<'_>, proofs: &[Proof]) -> Markup {
    html! {
        section class="panels" aria-label="Proof" { (NL)
            h2 { "Proof" } (NL)
            @for (at, row) in matrix.rows.iter().enumerate() {
                @let own = proof::of(proofs, row.file, row.object);
                @if !own.is_empty() {
                    (panel(&format!("p{at}"), &html! { (one_line(&row.object.to_string())) }, &said(&own))) (NL)
                }
            }
        }
    }
}

/// Lists the verdicts of the trial runs of an object.
fn said(proofs: &[&Proof]) -> Markup {
    html! {
        @for proof in proofs {
            @let (class, sign, meaning) = proof.kind.looks();
            p { span class={ "sign " (class) } aria-hidden="true" { (sign) } " " (meaning) } (NL)
            ul { (NL)
                @for said in &proof.said { li { (one_line(said)) } (NL) }
            } (NL)
        }
    }
}

fn panel(id: &str, title: &Markup, content: &Markup) -> Markup {
    html! {
        article class="panel" id=(id) tabindex="-1" aria-labelledby={ (id) "-h" } { (NL)
            a class="close" href="#top" aria-label="Close" { "✕" } (NL)
            h3 id={ (id) "-h" } { (title) } (NL)
            (content)
        }
    }
}

fn cell_panel(id: &str, row: &Row<'_>, cell: &Cell<'_>, column: usize, rule: &Rule) -> Markup {
    let (class, sign, meaning) = looks(cell.state);
    let severity =
        rule.severity.map_or("severity unknown".to_owned(), |severity| format!("{} severity", severity.word()));
    let title = html! { span class={ "sign " (class) } aria-hidden="true" { (sign) } " " (one_line(&rule.id)) };
    let content = html! {
        p class="of" { (one_line(&row.object.to_string())) " · " (severity) " · " (meaning) } (NL)
        p { (capitalised(&rule.title)) " " a href={ "#r" (column) } { "What the rule demands" } } (NL)
        @for (found, repaired) in cell.found() { (finding(row.file, found, *repaired)) (NL) }
    };
    panel(id, &title, &content)
}

fn finding(file: &FileReport, finding: &Finding, repaired: bool) -> Markup {
    let level = match (&finding.muted, finding.level) {
        (Some(_), _) => "muted",
        (None, Level::Error) => "error",
        (None, Level::Warning) => "warning",
    };
    html! {
        div class="finding" { (NL)
            p { b class={ "level " (level) } { (level) } " " (one_line(&finding.violation.message)) (refused(finding)) } (NL)
            (frame(file, finding)) (NL)
            @if let Some(help) = help(finding) {
                p class="help" {
                    "To repair: " (one_line(&help).replace('`', "")) "."
                    @if repaired { " " code { "harden fix" } " does it." }
                } (NL)
            }
            @match &finding.muted {
                Some(Muted::Suppression { reason, line }) => {
                    p class="help" { "Suppressed in line " (line) ": " (one_line(reason)) } (NL)
                }
                Some(Muted::Exemption { reason }) => { p class="help" { "Exempt: " (exempt(reason)) } (NL) }
                Some(Muted::Revision { revision }) => {
                    p class="help" { "Known: " (one_line(revision)) " has it, too." } (NL)
                }
                Some(Muted::Baseline) => { p class="help" { "Known: it is in the baseline." } (NL) }
                None => {}
            }
        }
    }
}

/// The lines in question, with the place marked.
fn frame(file: &FileReport, finding: &Finding) -> Markup {
    let place = finding.place;
    html! {
        figure { (NL)
            figcaption {
                (one_line(&file.path)) ":" (place.line) ":" (place.column)
                @if !place.exact { " (where it is missing)" }
            } (NL)
            @if let Some(excerpt) = Excerpt::at(&file.text, place) { (lines(&excerpt)) (NL) }
        }
    }
}

fn lines(excerpt: &Excerpt) -> Markup {
    let mut at = 0;
    let lines = excerpt.text.split('\n').enumerate().map(|(index, line)| {
        let mark = |byte: usize| byte.clamp(at, at + line.len()) - at;
        let (start, end) = (mark(excerpt.start), mark(excerpt.end));
        at += line.len() + 1;
        let number = format!("{:>4}", excerpt.line + index);
        html! {
            i { (number) } " " (&line[..start])
            @if start < end { mark { (&line[start..end]) } }
            (&line[end..]) (NL)
        }
    });
    html! { pre { (NL) @for line in lines { (line) } } }
}

fn rule_panel(column: usize, rule: &Rule) -> Markup {
    let content = html! {
        p class="of" { "severity: " (rule.severity_word()) } (NL)
        p { b { (capitalised(&rule.title)) } } (NL)
        @if !rule.doc.is_empty() {
            div class="doc" { (visible(&rule.doc)) } (NL)
            p class="of" { "Sources" } (NL)
            ul class="sources" { @for source in rule.sources { li { (source) } (NL) } } (NL)
        }
    };
    panel(&format!("r{column}"), &html! { (one_line(&rule.id)) }, &content)
}

/// A title as a sentence on one line.
fn capitalised(title: &str) -> String {
    let mut chars = title.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let end = if title.ends_with('.') { "" } else { "." };
    one_line(&format!("{first}{}{end}", chars.as_str()))
}
