//! The reasons for which a command did not do what it was asked to.

use std::io;

use thiserror::Error;

/// The reason for which a command ends with exit code 2. `main` prints the text behind `error: `.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A configuration, a baseline or settings cannot be used.
    #[error(transparent)]
    Lint(#[from] lint::Error),
    /// The sandbox, or a policy in it, does not work.
    #[error(transparent)]
    Sandbox(#[from] sandbox::SandboxError),
    /// Standard output or standard error cannot be written.
    #[error("cannot write the report: {0}")]
    Write(#[from] io::Error),
    /// A policy does not take the settings of the command line.
    #[error("{name}: {message}")]
    Settings {
        /// The option or the file.
        name: String,
        /// The key and what is wrong with it.
        message: String,
    },
    /// Neither the command nor a configuration names the file of the baseline.
    #[error("--write-baseline needs a file: name it with --baseline, or as `baseline` in harden.yaml")]
    NoBaseline,
    /// Neither the command nor a configuration names a baseline to prune.
    #[error("there is no baseline to prune: name it with --baseline, or as `baseline` in harden.yaml")]
    NothingToPrune,
    /// A baseline of what was judged would leave out what was not.
    #[error("the baseline was not written: not everything could be judged")]
    Unjudged,
    /// `--require-objects` was not met.
    #[error("--require-objects: there was nothing to judge")]
    NothingToJudge,
    /// The answers come from standard input, so no manifest can.
    #[error("--interactive reads answers from standard input, so `-` cannot be fixed; name a file")]
    InteractiveStdin,
    /// `--filter` of `harden test` chose no test.
    #[error("no test's name contains {0:?}")]
    NoTest(String),
    /// The command was asked about a rule or a command that does not exist.
    #[error("there is no {what} {name}{hint}")]
    Unknown {
        /// The kind of thing.
        what: &'static str,
        /// Its name.
        name: String,
        /// The name that was probably meant.
        hint: String,
    },
    /// A part of a command fails with an error of its own.
    #[error(transparent)]
    Part(Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// Takes the error of a part of a command.
    pub(crate) fn of(error: impl std::error::Error + Send + Sync + 'static) -> Error {
        Error::Part(Box::new(error))
    }

    /// Whether the reader of the output has gone, as in `harden check | head`.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Error::Write(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}
