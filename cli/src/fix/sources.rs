//! Which of the files that are named may be written.

use std::fs;
use std::path::{Path, PathBuf};

use bounded::is_input_stream;

/// Parts paths that lead to a file or folder themselves from symbolic links and streams, each of which gives a
/// message: behind a link anything may be, so it is never written through, named or found.
pub(super) fn without_links(paths: &[PathBuf]) -> (Vec<PathBuf>, Vec<String>) {
    let mut kept = Vec::new();
    let mut links = Vec::new();
    for path in paths {
        // With a slash behind it a link to a folder counts as the folder.
        let bare: PathBuf = path.components().collect();
        let stream = "is a stream, no file that could be changed; `harden fix -` filters standard input";
        match Some(stream.to_owned()).filter(|_| is_input_stream(&bare)).or_else(|| link(&bare)) {
            Some(message) => links.push(format!("{}: {message}", path.display())),
            None => kept.push(path.clone()),
        }
    }
    (kept, links)
}

/// Returns the complaint about a symbolic link; `None` if the path is none.
pub(super) fn link(path: &Path) -> Option<String> {
    if !fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink()) {
        return None;
    }
    let target =
        fs::read_link(path).map_or_else(|_| "somewhere else".to_owned(), |target| target.display().to_string());
    Some(format!("is a symbolic link to {target} and was not followed; name what it leads to, to fix that"))
}
