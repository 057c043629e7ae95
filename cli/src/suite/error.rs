//! Why a suite, or one of its tests, is not run.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::source::SourceError;

/// Says what keeps `harden test` from running a suite or a test.
#[derive(Debug, Error)]
pub(super) enum Error {
    #[error("cannot read `{0}`: {1}")]
    Read(String, io::Error),
    #[error("there is no suite in {0}: call one harden-test.yaml or NAME.harden-test.yaml")]
    NoSuite(String),
    /// A file that a suite names but must not reach, how it leads out, and the folder that it leads out of.
    #[error(
        "{0:?} {1}, and a suite that was found reaches no further than {path}: name it, or --trust-config lifts the limit",
        path = .2.display()
    )]
    Beyond(String, String, PathBuf),
    /// A suite or a configuration that says something that is not allowed; the message names the place.
    #[error(transparent)]
    Config(#[from] lint::Error),
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    Sandbox(#[from] sandbox::SandboxError),
    #[error(transparent)]
    Lock(Box<crate::Error>),
    /// A key of the test, or the file that it names, and what is wrong with it.
    #[error("{0}: {1}")]
    Part(String, Box<Error>),
    #[error("line {0} column {1}: {2}")]
    Yaml(usize, usize, String),
    #[error("is empty")]
    Empty,
    #[error("holds no object")]
    NoObject,
    #[error("the AdmissionReview has no `request`")]
    NoRequest,
    #[error("is a request: {0} belongs in it")]
    InRequest(&'static str),
    #[error("has no apiVersion or no kind; what is not a Kubernetes object is a `request`")]
    NoKind,
    #[error("holds a document without apiVersion or kind")]
    OtherDocument,
    /// A list whose items cannot be told.
    #[error("{0}")]
    Unclear(String),
    #[error("there is no object {0}; objects: {1}")]
    OtherObjects(String, String),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

impl Error {
    /// Names the part of a test that is wrong.
    pub(super) fn part(part: impl Into<String>) -> impl FnOnce(Error) -> Error {
        let part = part.into();
        move |why| Error::Part(part, Box::new(why))
    }
}
