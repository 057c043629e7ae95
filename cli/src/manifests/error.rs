//! Why no manifests are written.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::modules::LineError;
use super::names::NameError;
use super::selector::SelectorError;

/// Says what keeps `harden manifests` from writing, in terms of the options that were given.
#[derive(Debug, Error)]
pub(super) enum Error {
    /// An option, and what is wrong with its value.
    #[error("{0}: {1}")]
    Option(&'static str, String),
    /// The same with the value.
    #[error("{0} `{shown}`: {2}", shown = .1.escape_debug())]
    Value(&'static str, String, String),
    #[error(transparent)]
    Name(#[from] NameError),
    #[error("--namespace-selector: {0}")]
    Selector(#[from] SelectorError),
    #[error(
        "--expression: `{0}()` is never asked, so its rule would judge nothing; name it, or switch the rule off in the settings; members: {1}"
    )]
    NeverAsked(String, String),
    #[error(
        "where are the policies? Give --registry (such as registry://ghcr.io/example/policies), or --digests with the file that `make publish` wrote"
    )]
    NoRegistry,
    #[error("cannot read digests `{0}`: {1}")]
    Digests(String, io::Error),
    #[error("{0}:{1}: {2}")]
    DigestsLine(String, usize, LineError),
    #[error("{0} has no digest of `{1}`; publish it, or leave --digests out to pull by tag")]
    NoDigest(String, String),
    #[error("{0} belongs to --layout group")]
    OnlyOfGroup(&'static str),
    #[error("--message must not be empty: Kubewarden refuses a group without one")]
    NoMessage,
    #[error("an AdmissionPolicy needs --namespace")]
    NoNamespace,
    #[error(
        "an AdmissionPolicy judges its own namespace only: --namespace-selector, --exclude-namespace and --no-default-excludes belong to ClusterAdmissionPolicy"
    )]
    OneNamespace,
    #[error(
        "a ClusterAdmissionPolicy has no namespace; add --kind AdmissionPolicy, or choose with --namespace-selector kubernetes.io/metadata.name=NAME"
    )]
    WholeCluster,
    /// Options that cannot be used together, or a value that cannot be read.
    #[error(transparent)]
    Arguments(Box<crate::Error>),
    /// Settings or a configuration that cannot be read, or that the bundle refuses.
    #[error(transparent)]
    Settings(#[from] lint::Error),
    /// The settings of one policy that the bundle refuses.
    #[error("{0}: {1}")]
    Policy(String, lint::Error),
    #[error("{0}: `{1}` is not a version such as v1.33")]
    Version(String, String),
    #[error("settings must be a mapping of keys to values")]
    NoMapping,
    #[error("profile {0} with these settings has no rule: there is nothing to write")]
    NoRule(String),
    #[error(
        "--mutating has no effect: no rule of these settings has the action mutate and can repair anything; leave `action` out of the settings, or say mutate"
    )]
    NothingMutates,
    #[error(
        "policies in a group cannot change objects, and the action of {0} is mutate; choose another layout or action"
    )]
    GroupMutates(String),
    #[error(transparent)]
    Sandbox(#[from] sandbox::SandboxError),
    /// Settings that Kubewarden cannot keep.
    #[error(
        "the settings of the policies have {total} bytes together, and a PolicyServer takes no more than {most} (a ConfigMap holds them): `harden images lock --prune` removes what is not used; write the policies for parts of the images otherwise, each for a PolicyServer of its own"
    )]
    TooLarge {
        /// Bytes of all settings.
        total: usize,
        /// Most bytes.
        most: usize,
    },
    #[error("two objects would go to {}; choose another --name or --policy-server", .0.display())]
    SameFile(PathBuf),
    #[error("{} was not written by harden and is left alone; choose another folder", .0.display())]
    NotOurs(PathBuf),
    #[error("cannot {0} {path}: {2}", path = .1.display())]
    Io(&'static str, PathBuf, io::Error),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

impl Error {
    /// Names what was tried at `path` when the file system refused it.
    pub(super) fn io(verb: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Error {
        let path = path.into();
        move |error| Error::Io(verb, path, error)
    }
}
