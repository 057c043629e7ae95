//! Replaces a file as a whole: a crash leaves the old text or the new one, never a part.

use std::fs;
use std::io::Write;
use std::path::Path;

/// Replaces the text of the file at `path`, keeping its mode.
///
/// # Errors
/// A symbolic link, a read-only file, a file that is not `old` any more, and whatever the file system
/// says; the file is unchanged then.
pub(super) fn replace(path: &Path, old: &str, new: &str) -> Result<(), String> {
    let metadata = fs::symlink_metadata(path).map_err(|e| format!("cannot be written: {e}"))?;
    if metadata.is_symlink() {
        return Err("is a symbolic link; name the file itself to fix it".to_owned());
    }
    if metadata.permissions().readonly() {
        return Err("is read-only and was not changed".to_owned());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written = (|| {
        let mut temporary = tempfile::Builder::new().prefix(".harden-").tempfile_in(folder)?;
        temporary.write_all(new.as_bytes())?;
        temporary.as_file().set_permissions(metadata.permissions())?;
        temporary.as_file().sync_all()?;
        Ok::<_, std::io::Error>(temporary)
    })();
    let temporary = written.map_err(|e| format!("cannot be written: {e}"))?;
    if fs::read(path).ok().as_deref() != Some(old.as_bytes()) {
        return Err("was changed by somebody else meanwhile and is left alone".to_owned());
    }
    temporary.persist(path).map(drop).map_err(|e| format!("cannot be written: {}", e.error))
}
