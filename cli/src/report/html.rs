//! One page, nothing beside it: score, workload by rule, every finding with its lines.

mod detail;
mod table;

use std::io::{self, Write};

use super::Report;
use super::escape::inline;
use super::matrix::{Matrix, Score, State};
use super::rules::Book;
use super::text::sentence;

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

/// Nothing is loaded from anywhere, whatever a manifest holds.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// Writes the page.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let matrix = Matrix::of(report);
    let book = Book::open();
    writeln!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <title>Hardening report</title>\n<style>\n{STYLE}</style>\n</head>\n<body>"
    )?;
    write_header(report, &matrix, out)?;
    writeln!(out, "<main id=\"top\">")?;
    write_problems(report, out)?;
    if matrix.rows.is_empty() {
        writeln!(out, "<p class=\"nothing\">No workload was found, so there is nothing to show.</p>")?;
    } else {
        table::write(&matrix, &book, out)?;
        detail::write(&matrix, &book, out)?;
    }
    writeln!(out, "</main>\n<footer>harden {}</footer>", env!("CARGO_PKG_VERSION"))?;
    writeln!(out, "<script>\n{SCRIPT}</script>\n</body>\n</html>")
}

fn write_header(report: &Report<'_>, matrix: &Matrix<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (verdict, class) = match report.summary.exit_code() {
        0 => ("Passed", "good"),
        1 => ("Violations", "bad"),
        _ => ("Not everything could be judged", "bad"),
    };
    writeln!(out, "<header>\n<h1>Hardening report <span class=\"verdict {class}\">{verdict}</span></h1>")?;
    writeln!(out, "<p>{}.</p>", inline(&sentence(report.summary)))?;
    let Score { cells, clean, clean_after } = matrix.score();
    if let (Some(now), Some(after)) = (Score::percent(clean, cells), Score::percent(clean_after, cells)) {
        let gain = clean_after.saturating_sub(clean);
        writeln!(
            out,
            "<div class=\"scores\">\n\
             <p class=\"score\"><b>{now}&#8239;%</b> clean now<small>{clean} of {cells} cells</small></p>\n\
             <p class=\"arrow\" aria-hidden=\"true\">→</p>\n\
             <p class=\"score after\"><b>{after}&#8239;%</b> after <code>harden fix</code>\
             <small>{clean_after} of {cells} cells</small></p>\n</div>"
        )?;
        writeln!(out, "<div class=\"bar\" aria-hidden=\"true\">")?;
        for (class, count) in [("clean", clean), ("gain", gain), ("left", cells - clean_after.max(clean))] {
            if count > 0 {
                writeln!(out, "<span class=\"{class}\" style=\"flex-grow:{count}\"></span>")?;
            }
        }
        writeln!(out, "</div>\n<p class=\"note\">A cell is one workload under one rule.</p>")?;
    }
    writeln!(out, "</header>")
}

fn write_problems(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    if report.summary.problems == 0 {
        return Ok(());
    }
    writeln!(
        out,
        "<section class=\"problems\" aria-labelledby=\"problems\">\n<h2 id=\"problems\">Not judged</h2>\n<ul>"
    )?;
    for file in report.files {
        for problem in &file.problems {
            let place = problem.place.map(|place| format!(":{}:{}", place.line, place.column)).unwrap_or_default();
            writeln!(out, "<li><code>{}{place}</code> {}</li>", inline(&file.path), inline(&problem.message))?;
        }
    }
    writeln!(out, "</ul>\n</section>")
}

/// Class, sign and words of a state: colour is never the only sign.
fn looks(state: State) -> (&'static str, &'static str, &'static str) {
    match state {
        State::Off => ("off", "·", "rule not in force"),
        State::Unjudged => ("unjudged", "?", "not judged"),
        State::Clean => ("clean", "✓", "clean"),
        State::Muted => ("muted", "~", "suppressed or known from the baseline"),
        State::Warning => ("warning", "!", "warning"),
        State::Fixable => ("fixable", "✎", "violation, harden fix repairs it"),
        State::Error => ("error", "✗", "violation, needs a person"),
    }
}

#[cfg(test)]
#[path = "html/tests.rs"]
mod tests;
