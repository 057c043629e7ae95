//! The lock as a file: where it lies, reading and writing it.

use std::io;
use std::path::Path;

use images::Lock;
use images::lock::{LockError, NAME};
use lint::config::{self, ConfigFile};
use lint::named::NamedPath;
use thiserror::Error;

use crate::args::TrustArgs;

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
        let path = match given {
            Some(path) => NamedPath::given(path),
            None => config::beside(config, NAME, trust.is_given())?,
        };
        let text = match path.read_to_string() {
            Ok(text) => Some(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(crate::Error::of(FileError::Read(path.to_string(), error))),
        };
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
