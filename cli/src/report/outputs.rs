//! `--format` and `--output`: which reports are written, and where to.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, value_parser};

use super::{Format, Report, write};
use lint::config::ConfigFile;
use lint::named::NamedPath;

/// One report and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// Its format.
    pub format: Format,
    /// The file; `None` is standard output.
    pub path: Option<NamedPath>,
}

/// `--format` and `--output`, each any number of times: an `--output` belongs to the `--format` before it,
/// or, if it comes first, to the one behind it.
#[derive(Debug, Clone, Default)]
pub struct OutputArgs {
    destinations: Vec<Destination>,
    /// What is written if the command line names nothing, whatever the configuration says.
    preferred: Option<Format>,
}

/// Formats with the sentences that `--help` has about them.
const FORMATS: [(Format, &str); 10] = [
    (Format::Text, "For people, with the lines in question"),
    (Format::Concise, "One line a finding"),
    (Format::Matrix, "Workload by rule, in the terminal"),
    (Format::Json, "For programs"),
    (Format::Sarif, "SARIF 2.1.0, for code scanning"),
    (Format::Junit, "JUnit's XML, for test reports"),
    (Format::Github, "Annotations of GitHub Actions"),
    (Format::Gitlab, "GitLab's code quality report"),
    (Format::Markdown, "For comments on pull requests"),
    (Format::Html, "One page: score, workload by rule, every finding"),
];

/// Reads `--format`.
fn formats() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(FORMATS.map(|(format, help)| PossibleValue::new(format.word()).help(help))).map(|word| {
        let known = FORMATS.iter().find(|(format, _)| format.word() == word);
        known.map_or(Format::Text, |(format, _)| *format)
    })
}

const FORMAT: &str = "format";
const OUTPUT: &str = "output";

impl Args for OutputArgs {
    fn augment_args(command: Command) -> Command {
        command
            .arg(
                Arg::new(FORMAT)
                    .long(FORMAT)
                    .value_name("FORMAT")
                    .action(ArgAction::Append)
                    .value_parser(formats())
                    .help("How to report; any number of times, each with an --output of its own [default: text]"),
            )
            .arg(
                Arg::new(OUTPUT)
                    .long(OUTPUT)
                    .short('o')
                    .value_name("FILE")
                    .action(ArgAction::Append)
                    .value_parser(value_parser!(PathBuf))
                    .help("File for the report of the --format before it, instead of standard output"),
            )
    }

    fn augment_args_for_update(command: Command) -> Command {
        OutputArgs::augment_args(command)
    }
}

impl FromArgMatches for OutputArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let formats = with_places::<Format>(matches, FORMAT);
        let outputs = with_places::<PathBuf>(matches, OUTPUT);
        let destinations = pair(&formats, &outputs)
            .map_err(|message| clap::Error::raw(clap::error::ErrorKind::ArgumentConflict, message + "\n"))?;
        Ok(OutputArgs { destinations, preferred: None })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = OutputArgs::from_arg_matches(matches)?;
        Ok(())
    }
}

/// The values of an argument with their places on the command line.
fn with_places<T: Clone + Send + Sync + 'static>(matches: &ArgMatches, id: &str) -> Vec<(usize, T)> {
    let values = matches.get_many::<T>(id).into_iter().flatten().cloned();
    matches.indices_of(id).into_iter().flatten().zip(values).collect()
}

/// Gives every output its format.
///
/// # Errors
/// An output without a format, two reports for one place.
fn pair(formats: &[(usize, Format)], outputs: &[(usize, PathBuf)]) -> Result<Vec<Destination>, String> {
    let mut pairs: Vec<Destination> =
        formats.iter().map(|(_, format)| Destination { format: *format, path: None }).collect();
    for (place, path) in outputs {
        let before = formats.iter().rposition(|(at, _)| at < place);
        let free = |at: &usize| pairs[*at].path.is_none();
        let at = before
            .filter(free)
            .or_else(|| Some(before.map_or(0, |at| at + 1)).filter(|at| *at < pairs.len()).filter(free));
        match at {
            Some(at) => pairs[at].path = Some(NamedPath::given(path)),
            // A file alone says enough: what people read goes there.
            None if formats.is_empty() && outputs.len() == 1 => {
                pairs.push(Destination { format: Format::Text, path: Some(NamedPath::given(path)) });
            }
            None => return Err(format!("--output {} has no --format of its own", path.display())),
        }
    }
    distinct(&pairs)?;
    Ok(pairs)
}

fn distinct(destinations: &[Destination]) -> Result<(), String> {
    for (at, one) in destinations.iter().enumerate() {
        if destinations[..at].iter().any(|other| other.path == one.path) {
            let place = one.path.as_ref().map_or("standard output".to_owned(), NamedPath::to_string);
            return Err(format!("two reports would go to {place}; give each --format an --output of its own"));
        }
    }
    Ok(())
}

impl OutputArgs {
    /// Writes this format if the command line names none.
    pub(crate) fn prefer(&mut self, format: Format) {
        self.preferred = Some(format);
    }

    /// The reports to write: those of the command line, else those of the configuration, else text.
    ///
    /// # Errors
    /// A path that the configuration may not reach; the message says where it stands.
    pub fn destinations(&self, config: Option<&ConfigFile>) -> Result<Vec<Destination>, String> {
        if !self.destinations.is_empty() {
            return Ok(self.destinations.clone());
        }
        if let Some(format) = self.preferred {
            return Ok(vec![Destination { format, path: None }]);
        }
        let mut configured = Vec::new();
        if let Some(file) = config {
            for (at, output) in file.config.outputs.iter().enumerate() {
                configured.push(Destination { format: output.format, path: file.output(at)? });
            }
        }
        if configured.is_empty() {
            configured.push(Destination { format: Format::Text, path: None });
        }
        Ok(configured)
    }
}

/// Writes every report to its place.
///
/// # Errors
/// Standard output that cannot be written. A file that cannot be written is the inner error: its message.
pub(crate) fn write_all(
    destinations: &[Destination],
    report: &Report<'_>,
    out: &mut dyn Write,
) -> io::Result<Result<(), String>> {
    let mut failed = Ok(());
    for Destination { format, path } in destinations {
        match path {
            None => write(*format, report, out)?,
            Some(path) => {
                let plain = Report { style: report.style.for_file(), ..*report };
                let mut bytes = Vec::new();
                write(*format, &plain, &mut bytes)?;
                if let Err(error) = path.write(&bytes) {
                    failed = Err(format!("cannot write report `{path}`: {error}"));
                }
            }
        }
    }
    Ok(failed)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn pairs(args: &[&str]) -> Result<Vec<Destination>, String> {
        let command = OutputArgs::augment_args(Command::new("x"));
        let matches = command.try_get_matches_from([&["x"], args].concat()).map_err(|e| e.to_string())?;
        OutputArgs::from_arg_matches(&matches).map(|args| args.destinations).map_err(|e| e.to_string())
    }

    fn to(format: Format, path: Option<&str>) -> Destination {
        Destination { format, path: path.map(NamedPath::given) }
    }

    #[test]
    fn an_output_belongs_to_its_format() {
        use Format::{Json, Text};
        for (args, expected) in [
            (&["--format", "json", "--output", "a", "--format", "text"][..], vec![to(Json, Some("a")), to(Text, None)]),
            (&["--format", "text", "--format", "json", "--output", "a"], vec![to(Text, None), to(Json, Some("a"))]),
            (&["--output", "a", "--format", "json"], vec![to(Json, Some("a"))]),
            (&["-o", "a"], vec![to(Text, Some("a"))]),
            (&[], vec![]),
        ] {
            assert_eq!(pairs(args).unwrap(), expected, "{args:?}");
        }
    }

    #[test]
    fn every_report_has_a_place_of_its_own() {
        for args in [
            &["--format", "json", "--format", "text"][..],
            &["--format", "json", "--output", "a", "--format", "text", "--output", "a"],
            &["--format", "json", "--output", "a", "--output", "b"],
            &["--output", "a", "--output", "b"],
        ] {
            assert!(pairs(args).is_err(), "{args:?}");
        }
    }
}
