//! Reports, one file a format.
//!
//! ```text
//! findings ─▶ text concise json sarif junit github gitlab markdown
//!     └─ matrix (workload × rule, what a fix repairs) ─▶ html, terminal
//! ```

mod concise;
mod escape;
mod excerpt;
mod fingerprint;
mod github;
mod gitlab;
mod html;
pub mod json;
mod junit;
mod markdown;
mod matrix;
mod outputs;
mod repair;
mod rules;
mod sarif;
mod statistics;
mod terminal;
#[cfg(test)]
mod testing;
pub mod text;

pub(crate) use escape::{attribute, markup, write_json};
pub(crate) use outputs::write_all;
pub use outputs::{Destination, OutputArgs};
pub(crate) use text::plural;

use std::io::{self, Write};

use lint::config::Format;
use lint::outcome::{FileReport, Summary};

/// What a run gave: what every format reports.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// What came of each file, in the order they were given or found.
    pub files: &'a [FileReport],
    /// The sum.
    pub summary: &'a Summary,
    /// How the report for people looks.
    pub style: Style,
    /// How many threads may render it.
    pub threads: usize,
}

/// How the report for people looks.
#[derive(Debug, Clone, Copy, Default)]
pub struct Style {
    /// Whether the output takes colours.
    pub colours: bool,
    /// Whether the output takes links.
    pub hyperlinks: bool,
    /// Columns of the terminal, if it is one.
    pub width: Option<usize>,
    /// Only what fails or could not be judged: no frames, no summary when all is well.
    pub quiet: bool,
    /// How often each rule was violated, before the summary.
    pub statistics: bool,
}

impl Style {
    /// The same for a file, which is no terminal.
    pub(crate) fn for_file(self) -> Style {
        Style { colours: false, hyperlinks: false, width: None, ..self }
    }
}

/// Writes a report.
///
/// # Errors
/// What writing to `out` says.
pub fn write(format: Format, report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Text if report.style.quiet => concise::write_quiet(report, out),
        Format::Text => text::write(report, out),
        Format::Concise => concise::write(report, out),
        Format::Matrix => terminal::write(report, out),
        Format::Json => json::write(report, out),
        Format::Sarif => sarif::write(report, out),
        Format::Junit => junit::write(report, out),
        Format::Github => github::write(report, out),
        Format::Gitlab => gitlab::write(report, out),
        Format::Markdown => markdown::write(report, out),
        Format::Html => html::write(report, out),
    }
}
