//! Why a policy is not asked.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::source::SourceError;

/// Says why `harden run` asks no policy.
#[derive(Debug, Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    Sandbox(#[from] sandbox::SandboxError),
    #[error(transparent)]
    Lock(Box<crate::Error>),
    /// Settings or a request in a file that cannot be read.
    #[error("cannot read {0} `{path}`: {2}", path = .1.display())]
    Read(&'static str, PathBuf, io::Error),
    #[error("cannot read the request from standard input: {0}")]
    Stdin(io::Error),
    /// A file or option whose text is not what it should be.
    #[error("{0}: {1}")]
    Input(String, InputError),
    /// In kwctl's words, quotes included: scripts look for them.
    #[error("Provided settings are not valid: {0:?}")]
    Settings(String),
    #[error("{0} cannot be compared: it is too deep")]
    TooDeep(&'static str),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error("cannot write the answer: {0}")]
    Write(io::Error),
}

/// Says what is wrong with a request or with settings. The message never holds their content.
#[derive(Debug, Error)]
pub(crate) enum InputError {
    #[error("{0} (line {1}, column {2})")]
    Json(&'static str, usize, usize),
    #[error("line {0} column {1}: {2}")]
    Yaml(usize, usize, String),
    #[error("line {0}: a second document, expected one")]
    SecondDocument(usize),
    #[error("an array, not an object")]
    Array,
    #[error("{0} is {1}")]
    Part(&'static str, Box<InputError>),
    #[error("the AdmissionReview has no `request`")]
    NoRequest,
    #[error(
        "neither an AdmissionReview nor an admission request (`kind`, `operation`, `object`) nor a Kubernetes object (`apiVersion`, `kind`)"
    )]
    NoKind,
    #[error("settings must be a mapping of keys to values")]
    NoMapping,
}
