//! Which of the files that are named may be written.

use std::fs;
use std::path::{Path, PathBuf};

use bounded::is_input_stream;
use thiserror::Error;

/// A symbolic link, which is not followed; the text follows its name.
#[derive(Debug, Error)]
#[error("is a symbolic link to {0} and was not followed; name what it leads to, to fix that")]
pub(crate) struct Link(String);

/// Parts paths that lead to a file or folder themselves from symbolic links and streams, each of which gives a
/// message: behind a link anything may be, so it is never written through, named or found.
pub(crate) fn without_links(paths: &[PathBuf]) -> (Vec<PathBuf>, Vec<String>) {
    let mut kept = Vec::new();
    let mut links = Vec::new();
    for path in paths {
        // With a slash behind it a link to a folder counts as the folder.
        let bare: PathBuf = path.components().collect();
        let stream = "is a stream, no file that could be changed; `harden fix -` filters standard input";
        match Some(stream.to_owned())
            .filter(|_| is_input_stream(&bare))
            .or_else(|| link(&bare).map(|link| link.to_string()))
        {
            Some(message) => links.push(format!("{}: {message}", path.display())),
            None => kept.push(path.clone()),
        }
    }
    (kept, links)
}

/// Returns the link at a path; `None` if there is none.
pub(crate) fn link(path: &Path) -> Option<Link> {
    if !fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink()) {
        return None;
    }
    Some(Link(fs::read_link(path).map_or_else(|_| "somewhere else".to_owned(), |target| target.display().to_string())))
}
