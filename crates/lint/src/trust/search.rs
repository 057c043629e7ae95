//! Where a configuration is looked for, and whose it must be.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::error::Error;
use crate::owner;

/// A configuration that was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// The file.
    pub(crate) path: PathBuf,
    /// Its folder and those between that and the paths that it is for.
    folders: BTreeSet<PathBuf>,
}

/// The nearest file with one of these names, upwards from `path` to the root of its work tree, else to the home folder
/// if the path lies there, else to `/`.
pub(crate) fn find(path: &Path, names: &[&str], home: Option<&Path>) -> Option<Found> {
    let path = if path == Path::new("-") { Path::new(".") } else { path };
    let start = real(path).or_else(|| env::current_dir().ok())?;
    let mut folders = BTreeSet::new();
    for folder in start.ancestors().skip(usize::from(!start.is_dir())) {
        folders.insert(folder.to_owned());
        // Whatever is called so is meant; what is no file is said when it is read.
        let is_there = |path: &PathBuf| fs::symlink_metadata(path).is_ok_and(|metadata| !metadata.is_dir());
        if let Some(path) = names.iter().map(|name| folder.join(name)).find(is_there) {
            return Some(Found { path, folders });
        }
        if is_work_tree(folder) || home == Some(folder) {
            return None;
        }
    }
    None
}

/// The user's home folder, without links.
pub(crate) fn home() -> Option<PathBuf> {
    env::home_dir().and_then(|home| fs::canonicalize(home).ok())
}

impl Found {
    /// Takes over the folders of another search that found the same.
    pub(crate) fn join(&mut self, other: Found) {
        self.folders.extend(other.folders);
    }

    /// Refuses what is another user's, as git does: the file, or a folder that leads to it.
    ///
    /// # Errors
    /// Says whose it is and what to do.
    pub(crate) fn check_owner(&self) -> Result<(), Error> {
        let of_others = [&self.path].into_iter().chain(&self.folders).find_map(|path| {
            let owner = fs::symlink_metadata(path).ok()?.uid();
            (!owner::is_trusted(owner)).then_some((path, owner))
        });
        let Some((path, owner)) = of_others else { return Ok(()) };
        Err(Error::Owner { path: self.path.clone(), of_other: path.clone(), owner })
    }
}

/// `path` from the root without links; what is not there yet, in the folder where it would be.
pub(crate) fn real(path: &Path) -> Option<PathBuf> {
    let there = |path: &Path| fs::canonicalize(if path == Path::new("") { Path::new(".") } else { path });
    there(path).ok().or_else(|| Some(there(path.parent()?).ok()?.join(path.file_name()?)))
}

/// The root of the work tree that `folder` (absolute) lies in.
pub fn work_tree(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|folder| is_work_tree(folder))
}

fn is_work_tree(folder: &Path) -> bool {
    fs::symlink_metadata(folder.join(".git")).is_ok()
}
