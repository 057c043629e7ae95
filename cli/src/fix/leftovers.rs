//! Files that hold new text until it takes the old one's place, and what is left of them after a crash.
//!
//! Whoever writes such a file holds its lock, and a lock ends with its process, however that ends. One that
//! nobody holds is left over and goes with the next fix in its folder.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use tempfile::NamedTempFile;

/// Hidden, so that no folder is searched for it, and not what anyone calls a file of their own.
const PREFIX: &str = ".harden-fix-";
const SUFFIX: &str = ".tmp";

/// How many characters stand between the two.
const RANDOM: usize = 8;

/// A new, empty file in `folder` that no other fix takes for a leftover.
///
/// # Errors
/// A folder that takes no new file.
pub(super) fn create(folder: &Path) -> io::Result<NamedTempFile> {
    let file = tempfile::Builder::new().prefix(PREFIX).suffix(SUFFIX).rand_bytes(RANDOM).tempfile_in(folder)?;
    // A file system without locks has no leftovers removed either.
    let _ = file.as_file().try_lock();
    Ok(file)
}

/// Removes what earlier fixes left in the folders of `files`.
pub(super) fn sweep<'p>(files: impl Iterator<Item = &'p Path>) {
    let folders: BTreeSet<&Path> = files.map(folder).collect();
    for folder in folders {
        // A folder that cannot be listed says so when a file in it is to be replaced.
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if is_ours(&entry.file_name()) && entry.file_type().is_ok_and(|kind| kind.is_file()) {
                remove_unlocked(&entry.path());
            }
        }
    }
}

/// The folder that a file is in.
pub(super) fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn is_ours(name: &OsStr) -> bool {
    let random = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX));
    random.is_some_and(|random| random.len() == RANDOM && random.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

fn remove_unlocked(path: &Path) {
    let Ok(file) = File::open(path) else { return };
    if file.try_lock().is_ok() {
        // What cannot be removed does no harm: it is hidden.
        let _ = fs::remove_file(path);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_writes_any_more_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let left = path(".harden-fix-aB3dE6gH.tmp");
        let others = [".harden-fix-.tmp", ".harden-fix-aB3dE6gH.tmp.yaml", ".harden-fix-notes-of.tmp", ".harden.tmp"];
        for name in others {
            fs::write(path(name), "").unwrap();
        }
        fs::write(&left, "half a te").unwrap();
        let writing = create(folder.path()).unwrap();
        assert!(is_ours(writing.path().file_name().unwrap()), "{}", writing.path().display());

        sweep([path("a.yaml"), path("b.yaml")].iter().map(std::path::PathBuf::as_path));
        assert!(!left.exists());
        assert!(writing.path().exists(), "another fix is at work");
        assert!(others.iter().all(|name| path(name).exists()), "files of others stay");
    }
}
