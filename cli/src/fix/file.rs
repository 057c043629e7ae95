//! Replaces a file as a whole: a crash leaves the old text or the new one, never a part.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, fchown};
use std::path::Path;

use thiserror::Error;

use super::{leftovers, sources};

/// A file that was not written; the text follows its name.
#[derive(Debug, Error)]
pub(crate) enum NotWritten {
    #[error(transparent)]
    Link(#[from] sources::Link),
    /// It is a folder, a pipe or a device.
    #[error("is not a regular file and was not changed")]
    NotRegular,
    /// Its mode says so.
    #[error("is read-only and was not changed")]
    ReadOnly,
    /// No file can be made beside it.
    #[error("was not changed: its folder takes no new file: {0}")]
    Folder(io::ErrorKind),
    /// The new file cannot be given the owner and the mode of the old one.
    #[error("was not changed: its owner and mode cannot be kept: {0}")]
    Owner(io::Error),
    /// It is not what was read any more.
    #[error("was changed by somebody else meanwhile and is left alone")]
    Changed,
    /// The file system says so.
    #[error("cannot be written: {0}")]
    Io(#[from] io::Error),
}

/// Replaces the text of the file at `path`, keeping its mode, owner and group. Other names of the file (hard
/// links) keep the old text: they may lead out of the paths that `fix` was given, and text that is written
/// into the shared file could be cut short.
///
/// # Errors
/// A symbolic link or anything else that is not a file, a file or folder that may not be written, a file that is
/// not `old` any more, and whatever the file system says; the file is unchanged then.
pub(crate) fn replace(path: &Path, old: &str, new: &str) -> Result<(), NotWritten> {
    if let Some(link) = sources::link(path) {
        return Err(link.into());
    }
    let metadata = fs::symlink_metadata(path)?;
    if !metadata.is_file() {
        return Err(NotWritten::NotRegular);
    }
    // A new file could take the place of one that may not be written.
    if metadata.permissions().readonly() || OpenOptions::new().write(true).open(path).is_err() {
        return Err(NotWritten::ReadOnly);
    }
    let mut temporary = leftovers::create(leftovers::folder(path)).map_err(|error| NotWritten::Folder(error.kind()))?;
    let file = temporary.as_file_mut();
    file.write_all(new.as_bytes())?;
    take_over(file, &metadata).map_err(NotWritten::Owner)?;
    file.sync_all()?;
    let now = fs::symlink_metadata(path).ok();
    let is_same = now.is_some_and(|now| (now.dev(), now.ino()) == (metadata.dev(), metadata.ino()));
    if !is_same || bounded::read(path).ok().as_deref() != Some(old.as_bytes()) {
        return Err(NotWritten::Changed);
    }
    temporary.persist(path).map_err(|error| NotWritten::Io(error.error))
}

/// Gives the new file the owner, group and mode of the old.
fn take_over(file: &File, old: &Metadata) -> io::Result<()> {
    let new = file.metadata()?;
    let differs = |new: u32, old: u32| (new != old).then_some(old);
    let (owner, group) = (differs(new.uid(), old.uid()), differs(new.gid(), old.gid()));
    if owner.is_some() || group.is_some() {
        fchown(file, owner, group)?;
    }
    // Behind the owner: a change of that takes some bits of the mode away.
    file.set_permissions(old.permissions())
}
