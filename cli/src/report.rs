//! Reports, one file a format.
//!
//! ```text
//! findings ─▶ text concise json sarif junit github gitlab markdown
//!     └─ matrix (workload × rule, what a fix repairs) ─▶ html, terminal
//! ```

mod about;
mod concise;
mod escape;
mod excerpt;
mod fingerprint;
mod frame;
mod github;
mod gitlab;
pub(crate) mod html;
pub mod json;
pub(crate) mod junit;
pub(crate) mod lacking;
pub(crate) mod markdown;
mod matrix;
mod order;
mod outputs;
pub(crate) mod paint;
pub(crate) mod proof;
mod repair;
mod rules;
mod sarif;
mod statistics;
mod terminal;
#[cfg(test)]
mod testing;
mod text;
mod words;
pub mod wrap;

pub use about::About;
pub(crate) use escape::write_json;
pub(crate) use outputs::by_ending;
pub(crate) use outputs::write_all;
pub use outputs::{Destination, FileError, OutputArgs, OutputError};
pub use repair::Repairs;
pub(crate) use words::plural;

use std::io::{self, Write};

use self::proof::Proof;
use lint::config::Format;
use lint::finding::Finding;
use lint::outcome::FileReport;
use lint::summary::Summary;

/// Writes a report in one format.
type Writer = fn(&Report<'_>, &mut dyn Write) -> io::Result<()>;

/// Every format in the order of [`Format`], with the sentence that `--help` has about it and what writes it.
const FORMATS: [(Format, &str, Writer); Format::WORDS.len()] = [
    (Format::Text, "For people, with the lines in question", text::write),
    (Format::Concise, "One line a finding", concise::write),
    (Format::Matrix, "Workload by rule, in the terminal", terminal::write),
    (Format::Json, "For programs", json::write),
    (Format::Sarif, "SARIF 2.1.0, for code scanning", sarif::write),
    (Format::Junit, "JUnit's XML, for test reports", junit::write),
    (Format::Github, "Annotations of GitHub Actions", github::write),
    (Format::Gitlab, "GitLab's code quality report", gitlab::write),
    (Format::Markdown, "For comments on pull requests", markdown::write),
    (Format::Html, "One page: score, workload by rule, every finding", html::write),
];

/// The results of a run, as every format gets them.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// The report of each file, in the order they were given or found.
    pub files: &'a [FileReport],
    /// The counts over all files.
    pub summary: &'a Summary,
    /// The subject, if it is known.
    pub about: Option<&'a About>,
    /// How the report for people looks.
    pub style: ReportStyle,
    /// How many threads may render it.
    pub threads: usize,
    /// The findings that `harden fix` repairs.
    pub repairs: &'a Repairs,
    /// The proofs that trial runs give of the workloads; none where nothing was tried.
    pub(crate) proofs: &'a [Proof],
}

impl<'a> Report<'a> {
    /// The report of these files, as it looks in a file; `repairs` keeps what several formats ask for.
    pub fn new(files: &'a [FileReport], summary: &'a Summary, repairs: &'a Repairs) -> Report<'a> {
        Report { files, summary, about: None, style: ReportStyle::default(), threads: 1, repairs, proofs: &[] }
    }

    /// For every file and each of its findings, whether `harden fix` repairs it.
    fn repairs(&self) -> &'a [Vec<bool>] {
        self.repairs.of(self.files, self.threads)
    }

    /// Whether `harden fix` repairs one of the findings that count: found out without looking further than the first.
    fn repairs_some(&self) -> bool {
        self.files.iter().any(|file| file.findings.iter().zip(repair::repaired(file)).any(is_repaired))
    }

    /// How many of the findings that count `harden fix` repairs.
    fn repaired(&self) -> usize {
        let of_file = |(file, repaired): (&FileReport, &Vec<bool>)| {
            file.findings.iter().zip(repaired.iter().copied()).filter(|shown| is_repaired(*shown)).count()
        };
        self.files.iter().zip(self.repairs()).map(of_file).sum()
    }
}

/// Whether a finding counts and is repaired.
fn is_repaired((finding, repaired): (&Finding, bool)) -> bool {
    finding.muted.is_none() && repaired
}

/// How the report for people looks.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReportStyle {
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

impl ReportStyle {
    /// Leaves out what only a terminal can show.
    pub(crate) fn for_file(self) -> ReportStyle {
        ReportStyle { colours: false, hyperlinks: false, width: None, ..self }
    }
}

/// Writes a report.
///
/// # Errors
/// Fails if `out` cannot be written.
pub fn write(format: Format, report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (_, _, write) = FORMATS[format as usize];
    write(report, out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_format_in_its_place() {
        for (at, (format, ..)) in FORMATS.iter().enumerate() {
            assert_eq!((*format as usize, format.word()), (at, Format::WORDS[at]));
        }
    }
}
