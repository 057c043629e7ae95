//! The user's cache: manifests and modules by digest.
//!
//! What is read is what was written, or it is not there: every entry is checked against its name. Entries appear
//! as a whole, so any number of processes may use the folder.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use super::digest::Digest;
use sandbox::folder_of_user;

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

    /// What is kept under `digest`, unless it is longer than `limit`. A damaged entry counts as absent.
    pub(super) fn read(&self, digest: &Digest, limit: u64) -> Option<Vec<u8>> {
        let file = File::open(self.path(digest)?).ok()?;
        let mut bytes = Vec::new();
        file.take(limit).read_to_end(&mut bytes).ok()?;
        (Digest::of(&bytes) == *digest).then_some(bytes)
    }

    /// Keeps `bytes` under their digest.
    ///
    /// # Errors
    /// A folder that cannot be written to; the message names it.
    pub(super) fn write(&self, digest: &Digest, bytes: &[u8]) -> Result<(), String> {
        let Some(path) = self.path(digest) else {
            if self.is_off {
                return Ok(());
            }
            return Err("there is no home folder for a cache; set XDG_CACHE_HOME".to_owned());
        };
        let folder = path.parent().unwrap_or(Path::new("."));
        let written = (|| {
            fs::create_dir_all(folder)?;
            let mut temporary = tempfile::Builder::new().prefix(".new-").tempfile_in(folder)?;
            temporary.write_all(bytes)?;
            temporary.persist(&path).map(drop).map_err(|error| error.error)
        })();
        written.map_err(|error| format!("cannot write to the cache {}: {error}", folder.display()))
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
        assert!(none.write(&digest, b"module").unwrap_err().contains("XDG_CACHE_HOME"));
        assert_eq!(Cache { is_off: true, ..none }.write(&digest, b"module"), Ok(()), "nobody wants it kept");
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("blobs"), "a file").unwrap();
        let error = cache(folder.path()).write(&digest, b"module").unwrap_err();
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
