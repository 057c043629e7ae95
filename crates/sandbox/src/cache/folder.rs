//! The folder of a cache: only the user's own.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

/// The folder, if it is one that only the user can write to; made if it is not there and `make` says so.
pub(super) fn open(folder: &Path, make: bool) -> Option<PathBuf> {
    if make && !folder.exists() {
        // A folder that cannot be made is found missing below.
        let _ = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    }
    let metadata = fs::symlink_metadata(folder).ok()?;
    if !metadata.is_dir() || !is_own(&metadata) {
        return None;
    }
    // Whoever can write to a folder above can put another one in its place.
    let folder = folder.canonicalize().ok()?;
    folder.ancestors().skip(1).all(is_safe_above).then_some(folder)
}

/// Whether this belongs to the user and nobody else can write to it.
pub(super) fn is_own(metadata: &fs::Metadata) -> bool {
    metadata.uid() == rustix::process::geteuid().as_raw() && metadata.mode() & 0o022 == 0
}

/// Whether only the user, the administrator, or with a sticky bit the owner can replace what is in there.
fn is_safe_above(folder: &Path) -> bool {
    fs::metadata(folder).is_ok_and(|metadata| {
        let (shared, sticky) = (metadata.mode() & 0o022 != 0, metadata.mode() & 0o1000 != 0);
        [0, rustix::process::geteuid().as_raw()].contains(&metadata.uid()) && (!shared || sticky)
    })
}
