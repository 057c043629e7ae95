//! Files that hold new text until it takes the old one's place, and what is left of them after a crash.
//!
//! Whoever writes such a file holds its lock, and a lock ends with its process, however that ends. One that
//! nobody holds is left over and goes with the next fix in its folder. Whoever interrupts a fix leaves none.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;
use tempfile::{NamedTempFile, PersistError};

/// Hidden, so that no folder is searched for it, and not what anyone calls a file of their own.
const PREFIX: &str = ".harden-fix-";
const SUFFIX: &str = ".tmp";

/// How many characters stand between the two.
const RANDOM: usize = 8;

/// The files that hold new text now.
static WRITING: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn writing() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    WRITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file that holds new text until it takes the old one's place.
pub(super) struct New {
    file: NamedTempFile,
    /// Its name in [`WRITING`].
    _listed: Listed,
}

struct Listed(PathBuf);

impl Drop for Listed {
    fn drop(&mut self) {
        writing().remove(&self.0);
    }
}

impl New {
    /// The file, to write to.
    pub(super) fn as_file_mut(&mut self) -> &mut File {
        self.file.as_file_mut()
    }

    /// Lets it take the place of the file at `path`.
    ///
    /// # Errors
    /// What the file system says; the old file is unchanged then.
    pub(super) fn persist(self, path: &Path) -> Result<(), PersistError> {
        self.file.persist(path).map(drop)
    }
}

/// A new, empty file in `folder` that no other fix takes for a leftover.
///
/// # Errors
/// A folder that takes no new file.
pub(super) fn create(folder: &Path) -> io::Result<New> {
    // An interrupt waits until the file is listed.
    let mut writing = writing();
    let file = tempfile::Builder::new().prefix(PREFIX).suffix(SUFFIX).rand_bytes(RANDOM).tempfile_in(folder)?;
    // A file system without locks has no leftovers removed either.
    let _ = file.as_file().try_lock();
    let path = file.path().to_owned();
    writing.insert(path.clone());
    Ok(New { file, _listed: Listed(path) })
}

/// Lets Ctrl-C and SIGTERM remove the files that hold new text before they end the process, as they do otherwise.
pub(crate) fn remove_when_interrupted() {
    // Where no signal can be caught, the next fix removes what is left.
    let Ok(mut signals) = Signals::new([SIGINT, SIGTERM]) else { return };
    thread::spawn(move || {
        for signal in signals.forever() {
            // No file is made as long as this is held: to the end of the process.
            let writing = writing();
            writing.iter().for_each(|path| drop(fs::remove_file(path)));
            let _ = emulate_default_handler(signal);
        }
    });
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
        let path_of_new = writing.file.path().to_owned();
        assert!(is_ours(path_of_new.file_name().unwrap()), "{}", path_of_new.display());

        sweep([path("a.yaml"), path("b.yaml")].iter().map(std::path::PathBuf::as_path));
        assert!(!left.exists());
        assert!(path_of_new.exists(), "another fix is at work");
        assert!(others.iter().all(|name| path(name).exists()), "files of others stay");
    }
}
