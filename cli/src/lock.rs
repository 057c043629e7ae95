//! The lock as a file: where it lies, reading and writing it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use images::lock::{LockError, NAME};
use images::{Index, Lock};
use lint::answers::{Answers, Unknown};
use lint::config::{self, ConfigFile};
use lint::named::NamedPath;
use thiserror::Error;

use crate::args::{PolicyArgs, TrustArgs};

/// A lock that cannot be used.
#[derive(Debug, Error)]
pub(crate) enum FileError {
    #[error("cannot read lock `{0}`: {1}")]
    Read(String, io::Error),
    #[error("{0} {1}")]
    NotALock(String, LockError),
    #[error("cannot write lock `{0}`: {1}")]
    Write(String, io::Error),
    #[error("cannot write lock `{0}`: {1}")]
    Serialize(String, serde_json::Error),
    #[error("there is no lock `{0}`: `harden images lock` writes it")]
    Missing(String),
}

/// The path of the lock that is `given`, else of the one beside the configuration, else of the one in the current folder;
/// and its text, if the file is there.
fn read(
    given: Option<&Path>,
    config: Option<&ConfigFile>,
    trust: &TrustArgs,
) -> Result<(NamedPath, Option<String>), crate::Error> {
    let path = match given {
        Some(path) => NamedPath::given(path),
        None => config::beside(config, NAME, trust.is_given())?,
    };
    match path.read_to_string() {
        Ok(text) => Ok((path, Some(text))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok((path, None)),
        Err(error) => Err(crate::Error::of(FileError::Read(path.to_string(), error))),
    }
}

/// The lock that a run judges by, whose entries are read when they are needed; `None` if there is none. One that somebody
/// names or demands must be there; with `--no-config`, no other is looked for.
///
/// # Errors
/// A file that is missing, cannot be read or is not a lock.
pub(crate) fn index(
    args: &LockOptions,
    policy: &PolicyArgs,
    config: Option<&ConfigFile>,
) -> Result<Option<Index>, crate::Error> {
    let is_demanded = args.locked || args.lock.is_some();
    if policy.no_config && !is_demanded {
        return Ok(None);
    }
    open(args.lock.as_deref(), config, &policy.trust, is_demanded)
}

/// The entries of the lock, which must be there if it `is_demanded`.
fn open(
    given: Option<&Path>,
    config: Option<&ConfigFile>,
    trust: &TrustArgs,
    is_demanded: bool,
) -> Result<Option<Index>, crate::Error> {
    let (path, text) = read(given, config, trust)?;
    match text {
        None if is_demanded => Err(crate::Error::of(FileError::Missing(path.to_string()))),
        None => Ok(None),
        Some(text) => {
            let index = Index::parse(text);
            index.map(Some).map_err(|error| crate::Error::of(FileError::NotALock(path.to_string(), error)))
        }
    }
}

/// Answers what a policy asks about images: from the lock that is `given`, else from that for what lies in `folder`, which
/// is looked for when a policy asks.
///
/// # Errors
/// A lock that is given and missing, cannot be read or is not one.
pub(crate) fn answers(given: Option<&Path>, folder: &Path, trust: &TrustArgs) -> Result<Answers, crate::Error> {
    if given.is_some() {
        return Ok(Answers::of(open(given, None, trust, true)?.map(Arc::new)));
    }
    let (folder, trust) = (folder.to_owned(), trust.clone());
    let nearest = move || {
        let config = config::find(&folder, trust.is_given())?;
        Ok::<_, crate::Error>(open(None, config.as_ref(), &trust, false)?.map(Arc::new))
    };
    Ok(Answers::opening(move || nearest().map_err(|error| Unknown::Unusable(error.to_string()))))
}

/// The lock that a command judges by.
#[derive(Debug, Clone, Default, Args)]
pub struct LockOptions {
    /// Fail if the lock lacks an image, or has another digest for it; asks no registry
    #[arg(long)]
    pub locked: bool,

    /// The lock, instead of the harden.lock beside harden.yaml, or in the current folder where there is no harden.yaml
    #[arg(long, value_name = "FILE")]
    pub lock: Option<PathBuf>,
}

/// A lock and the file it stands in.
pub(crate) struct LockFile {
    path: NamedPath,
    /// The text of the file; `None` if there is none yet.
    text: Option<String>,
    /// Its content, which may not be written yet.
    pub(crate) lock: Lock,
}

impl LockFile {
    /// Reads the lock that is `given`, else the one beside the configuration, else the one in the current folder; an
    /// empty one, if the file is not there.
    ///
    /// # Errors
    /// A file that cannot be read or is not a lock.
    pub(crate) fn open(
        given: Option<&Path>,
        config: Option<&ConfigFile>,
        trust: &TrustArgs,
    ) -> Result<LockFile, crate::Error> {
        let (path, text) = read(given, config, trust)?;
        let lock = text.as_deref().map(Lock::parse).transpose();
        let lock = lock.map_err(|error| crate::Error::of(FileError::NotALock(path.to_string(), error)))?;
        Ok(LockFile { path, text, lock: lock.unwrap_or_default() })
    }

    /// The same, if the file is there.
    ///
    /// # Errors
    /// A file that is not there.
    pub(crate) fn existing(self) -> Result<LockFile, crate::Error> {
        if self.is_there() { Ok(self) } else { Err(crate::Error::of(FileError::Missing(self.name()))) }
    }

    /// Whether there is such a file.
    pub(crate) fn is_there(&self) -> bool {
        self.text.is_some()
    }

    /// The path, for messages.
    pub(crate) fn name(&self) -> String {
        self.path.to_string()
    }

    /// Writes the lock, unless the file says the same already; gives whether it was written.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(crate) fn save(&mut self) -> Result<bool, FileError> {
        let text = self.lock.to_text().map_err(|error| FileError::Serialize(self.name(), error))?;
        if self.text.as_ref() == Some(&text) || (self.text.is_none() && self.lock.is_empty()) {
            return Ok(false);
        }
        self.path.write(text.as_bytes()).map_err(|error| FileError::Write(self.name(), error))?;
        self.text = Some(text);
        Ok(true)
    }
}
