//! The user's cache: manifests and modules by digest.
//!
//! Every entry is checked against its name, so a damaged one is never read. Entries appear as a whole, so any number of
//! processes may use the folder.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use sandbox::folder_of_user;

use crate::{Digest, Error};

/// A folder of content by digest; none where there is no place for one.
#[derive(Debug, Clone)]
pub(super) struct Cache {
    folder: Option<PathBuf>,
    /// Whether the user wants none.
    is_off: bool,
}

impl Cache {
    /// The user's: `oci` beside the compiled policies.
    pub(super) fn of_user() -> Cache {
        let is_off = std::env::var_os("HARDEN_CACHE").is_some_and(|value| value == "off");
        Cache { folder: folder_of_user("oci"), is_off }
    }

    fn path(&self, digest: &Digest) -> Option<PathBuf> {
        self.folder.as_ref().map(|folder| folder.join("blobs/sha256").join(digest.hex()))
    }

    /// Reads the entry of `digest`, unless it is longer than `limit`. A damaged entry counts as absent.
    pub(super) fn read(&self, digest: &Digest, limit: u64) -> Option<Vec<u8>> {
        let file = File::open(self.path(digest)?).ok()?;
        let mut bytes = Vec::new();
        file.take(limit).read_to_end(&mut bytes).ok()?;
        (Digest::of(&bytes) == *digest).then_some(bytes)
    }

    /// Keeps `bytes` under their digest.
    ///
    /// # Errors
    /// A folder that cannot be written to.
    pub(super) fn write(&self, digest: &Digest, bytes: &[u8]) -> Result<(), Error> {
        let Some(path) = self.path(digest) else {
            return if self.is_off { Ok(()) } else { Err(Error::NoHome) };
        };
        let folder = path.parent().unwrap_or(Path::new("."));
        let written = fs::create_dir_all(folder).and_then(|()| bounded::replace(&path, bytes, bounded::PRIVATE));
        written.map_err(|error| Error::Cache(folder.to_owned(), error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(folder: &Path) -> Cache {
        Cache { folder: Some(folder.to_owned()), is_off: false }
    }

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(folder.path());
        let digest = Digest::of(b"module");
        assert_eq!(cache.read(&digest, 100), None);
        cache.write(&digest, b"module").unwrap();
        assert_eq!(cache.read(&digest, 100).as_deref(), Some(&b"module"[..]));
        assert_eq!(cache.read(&digest, 5), None, "longer than it may be");
        let names = fs::read_dir(folder.path().join("blobs/sha256")).unwrap().count();
        assert_eq!(names, 1, "nothing temporary is left");
    }

    #[test]
    fn a_damaged_entry_is_absent_and_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(folder.path());
        let digest = Digest::of(b"module");
        cache.write(&digest, b"module").unwrap();
        fs::write(cache.path(&digest).unwrap(), b"modulf").unwrap();
        assert_eq!(cache.read(&digest, 100), None);
        cache.write(&digest, b"module").unwrap();
        assert!(cache.read(&digest, 100).is_some());
    }

    #[test]
    fn without_a_place_nothing_is_kept_and_it_says_so() {
        let digest = Digest::of(b"module");
        let none = Cache { folder: None, is_off: false };
        assert_eq!(none.read(&digest, 100), None);
        assert!(matches!(none.write(&digest, b"module"), Err(Error::NoHome)));
        assert!(Cache { is_off: true, ..none }.write(&digest, b"module").is_ok(), "nobody wants it kept");
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("blobs"), "a file").unwrap();
        let error = cache(folder.path()).write(&digest, b"module").unwrap_err().to_string();
        assert!(error.contains("cannot write to the cache"), "{error}");
    }

    #[test]
    fn many_writers_leave_one_whole_entry() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(folder.path());
        let bytes = vec![7; 1 << 20];
        let digest = Digest::of(&bytes);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    cache.write(&digest, &bytes).unwrap();
                    assert_eq!(cache.read(&digest, 1 << 20).as_deref(), Some(&*bytes));
                });
            }
        });
    }
}
