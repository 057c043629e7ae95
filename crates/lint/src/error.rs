//! The reasons for which something cannot be judged or fixed.

use std::io;
use std::path::PathBuf;

use sandbox::SandboxError;
use thiserror::Error;

/// The reason for which a run cannot begin, or one object cannot be judged. The texts are for users.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A file cannot be read.
    #[error("cannot read {what} `{path}`: {source}")]
    Read {
        /// The kind of file.
        what: &'static str,
        /// The path as it was named.
        path: String,
        /// The reason.
        source: io::Error,
    },
    /// The baseline cannot be read.
    #[error("cannot read baseline `{path}`: {source}; --write-baseline makes one")]
    ReadBaseline {
        /// The path as it was named.
        path: String,
        /// The reason.
        source: io::Error,
    },
    /// The baseline cannot be written.
    #[error("cannot write baseline `{path}`: {source}")]
    WriteBaseline {
        /// The path as it was named.
        path: String,
        /// The reason.
        source: io::Error,
    },
    /// A file does not have the shape of a baseline.
    #[error("{path}:{}:{}: is not a baseline: {}; --write-baseline makes one", .source.line(), .source.column().max(1), without_place(.source))]
    NotBaseline {
        /// The path as it was named.
        path: String,
        /// The reason.
        source: serde_json::Error,
    },
    /// Another version of `harden` wrote the baseline.
    #[error("{path} is a baseline of version {found}, not {known}; write it anew")]
    BaselineVersion {
        /// The path as it was named.
        path: String,
        /// The version in the file.
        found: u32,
        /// The version that is understood.
        known: u32,
    },
    /// Something is wrong at a place in a file of settings.
    #[error("{path}:{line}:{column}: {message}")]
    At {
        /// The path as it was named.
        path: String,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// The problem there.
        message: String,
    },
    /// A file of settings has more than one document.
    #[error("{path}:{line}: a second document, expected one")]
    SecondDocument {
        /// The path as it was named.
        path: String,
        /// The line on which the second one begins.
        line: usize,
    },
    /// Something is wrong with a file as a whole.
    #[error("{}: {why}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The problem with it.
        why: String,
    },
    /// The configuration that was found belongs to another user.
    #[error(
        "{name} is not taken, {} belongs to another user ({owner}): --config {name} or --trust-config takes it all the \
         same, --no-config does without",
        of_other.display(), name = path.display()
    )]
    Owner {
        /// The configuration.
        path: PathBuf,
        /// The file, or a folder that leads to it, that is the other user's.
        of_other: PathBuf,
        /// The id of the other user.
        owner: u32,
    },
    /// A policy does not take its settings.
    #[error("Provided settings are not valid: {0}")]
    Settings(String),
    /// A policy gives no verdict.
    #[error(transparent)]
    Policy(#[from] SandboxError),
    /// A policy answers with something that cannot take the object's place.
    #[error("policy `{policy}` answers with {why}; the object was left as it is")]
    Answer {
        /// The name of the policy.
        policy: String,
        /// The answer, described.
        why: String,
    },
    /// An object that a policy answers with cannot be read.
    #[error("the policy's object cannot be read: {0}")]
    Object(serde_json::Error),
    /// JSON cannot be read.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// The reason for which JSON cannot be read, without its place.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(reason, _)| reason.to_owned())
}
