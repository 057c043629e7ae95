//! Finds out what the terminal can show.

use std::env;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;

use anstream::{AutoStream, ColorChoice};
use clap::ValueEnum;
use lint::search::Source;

use crate::report::ReportStyle;

/// How a command writes to its terminal.
#[derive(Debug, Clone, Copy, Default)]
pub struct Console {
    /// How a report on standard output looks.
    pub style: ReportStyle,
    /// Whether standard error is a terminal, for the progress bar.
    pub progress: bool,
    /// Columns of standard error's terminal, if it is one.
    pub err_width: Option<usize>,
}

/// When something is shown that not every terminal takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal that takes it
    #[default]
    Auto,
    /// Even in a file
    Always,
    /// Not at all
    Never,
}

impl When {
    /// Whether it is shown; `auto` is what the terminal and the environment say.
    fn or(self, auto: impl FnOnce() -> bool) -> bool {
        match self {
            When::Auto => auto(),
            When::Always => true,
            When::Never => false,
        }
    }
}

impl Console {
    /// Asks the terminal and the environment of this process; the arguments have the last word.
    pub fn detect(color: When, links: When) -> Console {
        let out = io::stdout();
        let is_terminal = out.is_terminal();
        let is_forced = env::var_os("FORCE_HYPERLINK").is_some();
        let style = ReportStyle {
            colours: color.or(|| AutoStream::choice(&out) != ColorChoice::Never),
            // What is forced holds in a pipe, too.
            hyperlinks: links.or(|| (is_terminal || is_forced) && supports_hyperlinks::supports_hyperlinks()),
            width: width_of(&out),
            ..ReportStyle::default()
        };
        Console { style, progress: io::stderr().is_terminal(), err_width: width_of(&io::stderr()) }
    }
}

/// Columns of the terminal that a stream is, if it is one.
fn width_of(stream: &impl AsFd) -> Option<usize> {
    terminal_size::terminal_size_of(stream).map(|(width, _)| usize::from(width.0))
}

/// Says that standard input is awaited, if a person is to type it: nothing else is seen until they do.
///
/// # Errors
/// Fails if `err` cannot be written.
pub(crate) fn announce_stdin(sources: &[Source], err: &mut dyn Write) -> io::Result<()> {
    if sources.iter().any(Source::is_stdin) && io::stdin().is_terminal() {
        writeln!(err, "reading manifests from standard input; Ctrl-D ends it")?;
    }
    Ok(())
}
