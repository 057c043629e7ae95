//! `--format` and `--output`: which reports are written, and where to.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::error::Error;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Arg, Args, Command};
use lint::config::ConfigFile;
use lint::named::NamedPath;

use super::wrap::Folding;
use super::{FORMATS, Format, Report, write};

/// One report and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// Its format.
    pub format: Format,
    /// The file; `None` is standard output.
    pub path: Option<NamedPath>,
}

/// The reports that the command line names.
#[derive(Debug, Clone, Default, Args)]
pub struct OutputArgs {
    /// How to report, any number of times; with =FILE to a file instead of standard output [default: what the ending of
    /// --output says, else text]
    #[arg(long = "format", value_name = "FORMAT[=FILE]", value_parser = DestinationParser)]
    formats: Vec<Destination>,

    /// File for the report, if one format is named or none; without one, .html, .json, .sarif, .md and .xml (JUnit) say the
    /// format
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,

    /// The format where the command line names none, whatever the configuration says.
    #[arg(skip)]
    preferred: Option<Format>,
}

/// The format that the ending of a file's name stands for.
pub(crate) fn by_ending(path: &Path) -> Option<Format> {
    let name = path.file_name()?.to_str()?.to_lowercase();
    let endings = [
        (".html", Format::Html),
        (".htm", Format::Html),
        (".sarif", Format::Sarif),
        (".sarif.json", Format::Sarif),
        (".json", Format::Json),
        (".md", Format::Markdown),
        (".xml", Format::Junit),
    ];
    endings.into_iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, format)| format)
}

/// Reads `FORMAT` and `FORMAT=FILE`.
#[derive(Clone)]
struct DestinationParser;

impl TypedValueParser for DestinationParser {
    type Value = Destination;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<Destination, clap::Error> {
        let mut parts = value.as_bytes().splitn(2, |byte| *byte == b'=').map(OsStr::from_bytes);
        let word = parts.next().unwrap_or_default();
        let word = PossibleValuesParser::new(Format::WORDS).parse_ref(command, arg, word)?;
        let known = FORMATS.iter().map(|(format, ..)| *format).find(|format| format.word() == word);
        Ok(Destination { format: known.unwrap_or(Format::Text), path: parts.next().map(NamedPath::given) })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(FORMATS.iter().map(|(format, help, _)| PossibleValue::new(format.word()).help(*help))))
    }
}

/// Why reports cannot be written where they are wanted.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// `--output` beside several formats.
    #[error("--output {} belongs to one --format: write --format {}={}", .path.display(), .format.word(), .path.display())]
    Unclear {
        /// The file.
        path: PathBuf,
        /// A format that may have been meant.
        format: Format,
    },
    /// Two reports for one place.
    #[error("two reports would go to {place}; name a file for each, as --format {}=FILE", .format.word())]
    SamePlace {
        /// The file, or standard output.
        place: String,
        /// The format of the second.
        format: Format,
    },
    /// A path that the configuration may not reach.
    #[error(transparent)]
    Config(#[from] lint::Error),
}

impl OutputArgs {
    /// Writes this format if the command line names none.
    pub(crate) fn prefer(&mut self, format: Format) {
        self.preferred = Some(format);
    }

    /// Whether the reports that the configuration names are written.
    pub(crate) fn takes_configured(&self) -> bool {
        self.formats.is_empty() && self.output.is_none() && self.preferred.is_none()
    }

    /// The reports to write: those of the command line, else those of the configuration, else text. A file without a format
    /// gets that of its name.
    ///
    /// # Errors
    /// Two reports for one place, and a path that the configuration may not reach.
    pub fn destinations(&self, config: Option<&ConfigFile>) -> Result<Vec<Destination>, OutputError> {
        let destinations = match (self.formats.as_slice(), &self.output, config) {
            ([], None, Some(file)) if self.takes_configured() && !file.config.outputs.is_empty() => {
                let outputs = file.config.outputs.iter().enumerate();
                let configured = outputs.map(|(at, output)| {
                    Ok::<_, OutputError>(Destination { format: output.format, path: file.output(at)? })
                });
                configured.collect::<Result<_, _>>()?
            }
            ([], path, _) => {
                let format = path.as_deref().and_then(by_ending).or(self.preferred).unwrap_or(Format::Text);
                vec![Destination { format, path: path.as_ref().map(NamedPath::given) }]
            }
            (formats, None, _) => formats.to_vec(),
            ([Destination { format, path: None }], Some(path), _) => {
                vec![Destination { format: *format, path: Some(NamedPath::given(path)) }]
            }
            ([first, ..], Some(path), _) => {
                return Err(OutputError::Unclear { path: path.clone(), format: first.format });
            }
        };
        for (at, Destination { format, path }) in destinations.iter().enumerate() {
            if destinations[..at].iter().any(|other| other.path == *path) {
                let place = path.as_ref().map_or("standard output".to_owned(), NamedPath::to_string);
                return Err(OutputError::SamePlace { place, format: *format });
            }
        }
        Ok(destinations)
    }
}

/// A report that cannot be written to its file.
#[derive(Debug, thiserror::Error)]
#[error("cannot write report `{path}`: {source}")]
pub struct FileError {
    path: NamedPath,
    source: io::Error,
}

/// Writes every report to its place.
///
/// # Errors
/// Standard output, or a file, that cannot be written; the other reports were written all the same.
pub(crate) fn write_all(destinations: &[Destination], report: &Report<'_>, out: &mut dyn Write) -> Result<(), Error> {
    let mut failed = Ok(());
    for Destination { format, path } in destinations {
        match path {
            None => {
                let is_prose = matches!(format, Format::Text | Format::Concise | Format::Matrix);
                write(*format, report, &mut Folding::new(&mut *out, report.style.width.filter(|_| is_prose)))?;
            }
            Some(path) => {
                let plain = Report { style: report.style.for_file(), ..*report };
                let mut bytes = Vec::new();
                write(*format, &plain, &mut bytes)?;
                if let Err(source) = path.write(&bytes) {
                    failed = Err(Error::of(FileError { path: path.clone(), source }));
                }
            }
        }
    }
    out.flush()?;
    failed
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use clap::FromArgMatches;

    use super::*;

    fn destinations(args: &[&str]) -> Result<Vec<Destination>, String> {
        let command = OutputArgs::augment_args(Command::new("x"));
        let matches = command.try_get_matches_from([&["x"], args].concat()).map_err(|e| e.to_string())?;
        OutputArgs::from_arg_matches(&matches).unwrap().destinations(None).map_err(|e| e.to_string())
    }

    fn to(format: Format, path: Option<&str>) -> Destination {
        Destination { format, path: path.map(NamedPath::given) }
    }

    #[test]
    fn a_format_may_name_its_file() {
        use Format::{Gitlab, Html, Json, Junit, Markdown, Sarif, Text};
        for (args, expected) in [
            (&["--format", "json=a=b", "--format", "text"][..], vec![to(Json, Some("a=b")), to(Text, None)]),
            (&["--format", "json", "--output", "a"], vec![to(Json, Some("a"))]),
            (&["-o", "a"], vec![to(Text, Some("a"))]),
            (&["-o", "html/a.txt"], vec![to(Text, Some("html/a.txt"))]),
            (&["-o", "x/a.HTML"], vec![to(Html, Some("x/a.HTML"))]),
            (&["-o", "a.json"], vec![to(Json, Some("a.json"))]),
            (&["-o", "a.sarif.json"], vec![to(Sarif, Some("a.sarif.json"))]),
            (&["-o", "a.sarif"], vec![to(Sarif, Some("a.sarif"))]),
            (&["-o", "a.md"], vec![to(Markdown, Some("a.md"))]),
            (&["-o", "a.xml"], vec![to(Junit, Some("a.xml"))]),
            (&["--format", "gitlab", "-o", "a.json"], vec![to(Gitlab, Some("a.json"))]),
            (&["--format", "text=a.html"], vec![to(Text, Some("a.html"))]),
            (&[], vec![to(Text, None)]),
        ] {
            assert_eq!(destinations(args).unwrap(), expected, "{args:?}");
        }
    }

    #[test]
    fn every_report_has_a_place_of_its_own() {
        for (args, message) in [
            (&["--format", "json", "--format", "text"][..], "two reports would go to standard output"),
            (
                &["--format", "json=a", "--format", "text=a"],
                "two reports would go to a; name a file for each, as --format text=FILE",
            ),
            (
                &["--format", "json", "--format", "text", "-o", "a"],
                "--output a belongs to one --format: write --format json=a",
            ),
            (&["--format", "json=a", "-o", "b"], "--output b belongs to one --format"),
            (&["--format", "jsn=a"], "a similar value exists: 'json'"),
        ] {
            let error = destinations(args).unwrap_err();
            assert!(error.contains(message), "{args:?}: {error}");
        }
    }
}
