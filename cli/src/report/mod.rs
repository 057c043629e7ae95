//! Reports, one file a format.

#[cfg(feature = "embedded")]
pub mod json;
#[cfg(feature = "embedded")]
mod outputs;
#[cfg(feature = "embedded")]
pub mod text;

#[cfg(feature = "embedded")]
pub(crate) use outputs::write_all;
#[cfg(feature = "embedded")]
pub use outputs::{Destination, OutputArgs};

#[cfg(feature = "embedded")]
use std::io::{self, Write};

use clap::ValueEnum;

#[cfg(feature = "embedded")]
use crate::check::{FileReport, Summary};

hardening::setting_words! {
    /// Formats of the report.
    #[derive(ValueEnum)]
    pub enum Format {
        /// For people, with the lines in question
        Text = "text",
        /// For programs
        Json = "json",
    }
}

/// What a run gave: what every format reports.
#[cfg(feature = "embedded")]
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// What came of each file, in the order they were given or found.
    pub files: &'a [FileReport],
    /// The sum.
    pub summary: &'a Summary,
    /// How the report for people looks.
    pub style: Style,
}

/// How the report for people looks.
#[derive(Debug, Clone, Copy, Default)]
pub struct Style {
    /// Whether the output takes colours.
    pub colours: bool,
    /// Only what fails or could not be judged: no frames, no summary when all is well.
    pub quiet: bool,
    /// How often each rule was violated, before the summary.
    pub statistics: bool,
}

/// Writes a report.
///
/// # Errors
/// What writing to `out` says.
#[cfg(feature = "embedded")]
pub fn write(format: Format, report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Text => text::write(report, out),
        Format::Json => json::write(report, out),
    }
}
