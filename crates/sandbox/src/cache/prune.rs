//! Keeps a cache small: what was not used for longest goes first.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::ENDING;

/// Use is noted once a day.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Notes that an entry was used.
pub(super) fn touch(path: &Path) {
    let now = SystemTime::now();
    let old = |time: SystemTime| now.duration_since(time).is_ok_and(|age| age > DAY);
    if fs::metadata(path).and_then(|metadata| metadata.modified()).is_ok_and(old) {
        // Where that is not possible, the entry goes a little earlier.
        let _ = fs::File::options().append(true).open(path).and_then(|file| file.set_modified(now));
    }
}

/// Removes entries until no more than `limit` bytes are left, and what runs that were cut off left behind.
pub(super) fn prune(folder: &Path, limit: u64) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut found: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
    for entry in entries.flatten() {
        let Ok(metadata) = entry.metadata() else { continue };
        let Ok(modified) = metadata.modified() else { continue };
        let path = entry.path();
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if metadata.is_file() && name.ends_with(ENDING) {
            found.push((modified, metadata.len(), path));
        } else if metadata.is_file()
            && name.starts_with(bounded::TEMPORARY)
            && modified.elapsed().is_ok_and(|age| age > DAY)
        {
            let _ = fs::remove_file(path);
        }
    }
    found.sort();
    let mut bytes: u64 = found.iter().map(|(_, len, _)| len).sum();
    for (_, len, path) in found {
        if bytes <= limit {
            break;
        }
        // Another run may have removed it.
        let _ = fs::remove_file(path);
        bytes -= len;
    }
}
