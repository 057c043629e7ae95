//! The names of files in a diff, so that `git apply` and `patch` find them.

use std::env;
use std::path::{Path, PathBuf};

use super::leftovers;
use lint::search::Source;

/// The folder that the paths of a diff start from: the current one if all files lie below it, else the top of their
/// repository, else the root.
pub(crate) struct Paths {
    start: PathBuf,
    is_here: bool,
}

impl Paths {
    /// The paths of a diff of these files.
    pub(crate) fn of<'s>(sources: impl Iterator<Item = &'s Source>) -> Paths {
        let here = env::current_dir().and_then(|here| here.canonicalize()).unwrap_or_default();
        let files: Vec<PathBuf> = sources.filter_map(Source::file).filter_map(absolute).collect();
        let has_all = |folder: &&Path| files.iter().all(|file| file.starts_with(folder));
        if has_all(&here.as_path()) {
            return Paths { start: here, is_here: true };
        }
        let mut above = files.iter().take(1).flat_map(|file| file.ancestors());
        let start = above.find(|above| above.join(".git").exists()).filter(has_all).unwrap_or(Path::new("/"));
        Paths { start: start.to_owned(), is_here: false }
    }

    /// The name of a source in the diff.
    pub(crate) fn name(&self, source: &Source) -> String {
        let path = source.file().and_then(absolute);
        let below = path.as_deref().and_then(|path| path.strip_prefix(&self.start).ok());
        below.map_or_else(|| source.name.clone(), |path| path.display().to_string())
    }

    /// Says where the diff can be applied, unless that is here.
    pub(crate) fn note(&self) -> Option<String> {
        let start = self.start.display();
        (!self.is_here).then(|| {
            format!("note: the paths of the diff start at {start}: apply it with `patch -p1 -d {start}`, or `git apply` there")
        })
    }
}

/// The path of a file from the root, without links and `..` on the way to it.
fn absolute(file: &Path) -> Option<PathBuf> {
    Some(leftovers::folder(file).canonicalize().ok()?.join(file.file_name()?))
}
