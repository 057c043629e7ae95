//! Where a configuration is looked for, and whose it must be.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::error::Error;
use crate::owner;

/// The first of these files that is in a folder. Whatever has the name is meant; if it cannot be read, that is said then.
pub(crate) fn first_of(folder: &Path, names: &[&str]) -> Option<PathBuf> {
    let is_there = |path: &PathBuf| fs::symlink_metadata(path).is_ok_and(|metadata| !metadata.is_dir());
    names.iter().map(|name| folder.join(name)).find(is_there)
}

/// The user's home folder, without links.
pub(crate) fn home() -> Option<PathBuf> {
    env::home_dir().and_then(|home| fs::canonicalize(home).ok())
}

/// The owner of a file, if it is somebody whose files are not taken.
pub(crate) fn owner_other_than_user(path: &Path) -> Option<u32> {
    let owner = fs::symlink_metadata(path).ok()?.uid();
    (!owner::is_trusted(owner)).then_some(owner)
}

/// Refuses a configuration that is another user's, as git does: the file itself, or a folder that leads to it from what
/// it governs.
///
/// # Errors
/// Says whose it is and what to do.
pub(crate) fn check_owner(config: &Path, folders: &[&Path]) -> Result<(), Error> {
    let paths = [config].into_iter().chain(folders.iter().copied());
    let of_others = paths.into_iter().find_map(|path| Some((path, owner_other_than_user(path)?)));
    let Some((path, owner)) = of_others else { return Ok(()) };
    Err(Error::Owner { path: config.to_owned(), of_other: path.to_owned(), owner })
}

/// `path` from the root without links; what is not there yet, in the folder where it would be.
pub fn real(path: &Path) -> Option<PathBuf> {
    let there = |path: &Path| fs::canonicalize(if path == Path::new("") { Path::new(".") } else { path });
    there(path).ok().or_else(|| Some(there(path.parent()?).ok()?.join(path.file_name()?)))
}

/// The root of the work tree that `folder` (absolute) lies in.
pub fn work_tree(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|folder| is_work_tree(folder))
}

/// Whether a folder is the root of a work tree.
pub(crate) fn is_work_tree(folder: &Path) -> bool {
    fs::symlink_metadata(folder.join(".git")).is_ok()
}
