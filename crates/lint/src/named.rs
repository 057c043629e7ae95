//! A file that the command line or a configuration names.

mod below;

use std::env;
use std::fmt;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use self::below::Below;

/// How a limit on what was found is lifted.
pub(crate) const HINT: &str = "the configuration was found, not named: --trust-config or --config FILE lifts the limit";

/// Whether a path leads into git's own folder, where credentials lie and programs are named.
pub(crate) fn is_gits_own(path: &Path) -> bool {
    path.components().any(|part| matches!(part, Component::Normal(name) if name.eq_ignore_ascii_case(".git")))
}

/// A path as people see it from the current folder, if it lies below, or beside a folder that leads to it; else unchanged.
pub fn from_here(path: &Path) -> PathBuf {
    let Ok(here) = env::current_dir().and_then(|here| here.canonicalize()) else { return path.to_owned() };
    if let Ok(below) = path.strip_prefix(&here) {
        return below.to_owned();
    }
    let above = path.parent().filter(|folder| folder.parent().is_some());
    let steps = above.and_then(|above| here.strip_prefix(above).ok()).map(|down| down.components().count());
    match (steps, path.file_name()) {
        (Some(steps), Some(name)) => Path::new(&"../".repeat(steps)).join(name),
        _ => path.to_owned(),
    }
}

/// A path with how far it may reach: anywhere if the user named it, only below a folder if a stranger's configuration
/// may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPath {
    path: PathBuf,
    below: Option<Below>,
}

impl NamedPath {
    /// A path of the user's.
    pub fn given(path: impl Into<PathBuf>) -> NamedPath {
        NamedPath { path: path.into(), below: None }
    }

    /// A path that must not lead out of `folder`.
    ///
    /// # Errors
    /// A path that is absolute, holds `..`, or leads into git's own folder; says so, to follow the path.
    pub fn below(folder: &Path, path: &str) -> Result<NamedPath, &'static str> {
        Ok(NamedPath { path: folder.join(path), below: Some(Below::new(folder, path)?) })
    }

    /// A path from `folder` that must not lead out of `root`, which the folder lies in; both are without links.
    ///
    /// # Errors
    /// A path that is absolute, leads out or into git's own folder; says so, to follow the path.
    pub fn within(root: &Path, folder: &Path, path: &str) -> Result<NamedPath, &'static str> {
        let start = folder.strip_prefix(root).map_err(|_| "leads out")?;
        Ok(NamedPath { path: folder.join(path), below: Some(Below::from(root, start, path)?) })
    }

    /// The same path, shown as another that leads there.
    #[must_use]
    pub fn shown_as(self, path: impl Into<PathBuf>) -> NamedPath {
        NamedPath { path: path.into(), ..self }
    }

    /// The path, to be shown and compared.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The bytes of the file.
    ///
    /// # Errors
    /// As [`bounded::read`]; a link or anything but a file, if the path must not lead out of a folder.
    pub fn read(&self) -> io::Result<Vec<u8>> {
        match &self.below {
            Some(below) => bounded::bytes_of(below.open()?),
            None => bounded::read(&self.path),
        }
    }

    /// The text of the file.
    ///
    /// # Errors
    /// As [`NamedPath::read`], and what is not UTF-8.
    pub fn read_to_string(&self) -> io::Result<String> {
        bounded::text(self.read()?)
    }

    /// Writes the file anew, and makes the folders that lead to it.
    ///
    /// # Errors
    /// A named pipe, which may have no reader; the rest as [`NamedPath::read`].
    pub fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let mut file = match &self.below {
            Some(below) => below.create()?,
            None => bounded::create(&self.path)?,
        };
        file.write_all(bytes)
    }
}

impl fmt::Display for NamedPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.display().fmt(f)
    }
}
