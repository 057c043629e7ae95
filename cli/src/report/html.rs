//! One page, nothing beside it: score, workload by rule, every finding with its lines.

mod detail;
mod table;
#[cfg(test)]
mod tests;

use std::io::{self, Write};

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::matrix::{Matrix, Score, State};
use super::rules::RuleDocs;
use super::words::{sentence, verdict};
use super::{About, Report};
use lint::escape::one_line;

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

/// Nothing is loaded from anywhere, whatever a manifest holds.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// A line break between elements, so that the page can be read and compared as text.
const NL: PreEscaped<&str> = PreEscaped("\n");

/// Writes the page.
pub(crate) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let matrix = Matrix::of(report);
    let docs = RuleDocs::read();
    let page = html! {
        (DOCTYPE) (NL)
        html lang="en" { (NL)
            head { (NL)
                meta charset="utf-8"; (NL)
                meta name="viewport" content="width=device-width, initial-scale=1"; (NL)
                meta name="color-scheme" content="light dark"; (NL)
                meta http-equiv="Content-Security-Policy" content=(POLICY); (NL)
                title { (title(report)) } (NL)
                style { (NL) (PreEscaped(STYLE)) } (NL)
            } (NL)
            body { (NL)
                (header(report, &matrix)) (NL)
                main id="top" { (NL)
                    @if report.summary.problems > 0 { (problems(report)) (NL) }
                    @if matrix.rows.is_empty() {
                        p class="nothing" { "No workload was found, so there is nothing to show." } (NL)
                    } @else {
                        (table::section(&matrix, &docs, report.proofs)) (NL)
                        @if !report.proofs.is_empty() { (detail::proofs(&matrix, report.proofs)) (NL) }
                        (detail::sections(&matrix, &docs)) (NL)
                    }
                } (NL)
                footer { "harden " (env!("CARGO_PKG_VERSION")) } (NL)
                script { (NL) (PreEscaped(SCRIPT)) } (NL)
            } (NL)
        } (NL)
    };
    out.write_all(page.into_string().as_bytes())
}

/// `Hardening report: shop`
fn title(report: &Report<'_>) -> String {
    match report.about.map(About::folder).filter(|folder| !folder.is_empty()) {
        Some(folder) => one_line(&format!("Hardening report: {folder}")),
        None => "Hardening report".to_owned(),
    }
}

fn header(report: &Report<'_>, matrix: &Matrix<'_>) -> Markup {
    let class = match report.summary.exit_code() {
        0 => "good",
        _ => "bad",
    };
    html! {
        header { (NL)
            h1 { (title(report)) " " span class={ "verdict " (class) } { (verdict(report)) } } (NL)
            @if let Some(about) = report.about { p class="about" { (one_line(&about.sentence())) } (NL) }
            p { (with_code(&one_line(&sentence(report)))) "." } (NL)
            (scores(matrix.score()))
        }
    }
}

/// A text whose words between backticks are code.
fn with_code(text: &str) -> Markup {
    html! {
        @for (index, part) in text.split('`').enumerate() {
            @if index % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

fn scores(Score { cells, clean, clean_after }: Score) -> Markup {
    let shares = Score::percent(clean, cells).zip(Score::percent(clean_after, cells));
    let gain = clean_after.saturating_sub(clean);
    html! {
        @if let Some((now, after)) = shares {
            div class="scores" { (NL)
                p class="score" {
                    b { (now) "\u{202f}%" } " clean now" small { (clean) " of " (cells) " cells" }
                } (NL)
                p class="arrow" aria-hidden="true" { "→" } (NL)
                p class="score after" {
                    b { (after) "\u{202f}%" } " after " code { "harden fix" }
                    small { (clean_after) " of " (cells) " cells" }
                } (NL)
            } (NL)
            div class="bar" aria-hidden="true" {
                @for (class, count) in [("clean", clean), ("gain", gain), ("left", cells - clean_after.max(clean))] {
                    @if count > 0 { span class=(class) style={ "flex-grow:" (count) } {} }
                }
            } (NL)
            p class="note" { "A cell is one workload under one rule." } (NL)
        }
    }
}

fn problems(report: &Report<'_>) -> Markup {
    let problems = report.files.iter().flat_map(|file| file.problems.iter().map(move |problem| (file, problem)));
    html! {
        section class="problems" aria-labelledby="problems" { (NL)
            h2 id="problems" { "Not judged" } (NL)
            ul { (NL)
                @for (file, problem) in problems {
                    li {
                        code { (one_line(&problem.place_in(&file.path))) } " " (one_line(&problem.message))
                    } (NL)
                }
            } (NL)
        }
    }
}

/// Class, sign and words of a state: colour is never the only sign.
fn looks(state: State) -> (&'static str, &'static str, &'static str) {
    match state {
        State::Off => ("off", "·", "rule not in force"),
        State::Unjudged => ("unjudged", "?", "not judged"),
        State::Clean => ("clean", "✓", "clean"),
        State::Muted => ("muted", "~", "suppressed, exempted or known"),
        State::Warning => ("warning", "!", "warning"),
        State::Fixable => ("fixable", "✎", "violation, harden fix repairs it"),
        State::Error => ("error", "✗", "violation, needs a person"),
    }
}
