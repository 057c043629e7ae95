//! Finds the suites.

use std::fs;
use std::path::{Path, PathBuf};

use lint::trust;

use super::Error;
use crate::args::TrustArgs;

/// Names of suites; `.` and one of them may also end a longer name.
const NAMES: [&str; 2] = ["harden-test.yaml", "harden-test.yml"];

/// A suite's file.
#[derive(Debug, Clone)]
pub(super) struct SuitePath {
    pub(super) path: PathBuf,
    /// The folder that it must not lead out of: what is found may be a stranger's. None if it was named or is trusted.
    pub(super) limit: Option<PathBuf>,
}

/// The suites that `paths` name, those of a folder in the order of their names; each once.
///
/// # Errors
/// A path that is not there or a folder that cannot be listed; no suite at all.
pub(super) fn suites(paths: &[PathBuf], trust: &TrustArgs) -> Result<Vec<SuitePath>, Error> {
    let mut found = Vec::new();
    for path in paths {
        let metadata = fs::metadata(path).map_err(unreadable(path))?;
        if metadata.is_dir() {
            let real = fs::canonicalize(path).map_err(unreadable(path))?;
            let is_trusted = trust.covers(&real)?;
            let limit = trust::work_tree(&real).unwrap_or(&real).to_owned();
            walk(path, Some(&limit).filter(|_| !is_trusted), &mut found)?;
        } else {
            found.push(SuitePath { path: path.clone(), limit: None });
        }
    }
    if found.is_empty() {
        let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        return Err(Error::NoSuite(names.join(", ")));
    }
    let mut seen: Vec<PathBuf> = Vec::new();
    found.retain(|SuitePath { path, .. }| {
        let real = fs::canonicalize(path).unwrap_or_else(|_| path.clone());
        let is_new = !seen.contains(&real);
        seen.push(real);
        is_new
    });
    Ok(found)
}

/// Adds the suites below `folder`; hidden entries and linked folders are left out.
fn walk(folder: &Path, limit: Option<&PathBuf>, found: &mut Vec<SuitePath>) -> Result<(), Error> {
    let listed = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let mut entries = listed.map_err(unreadable(folder))?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if name.starts_with('.') {
            continue;
        }
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            walk(&path, limit, found)?;
        } else if is_suite(&name) && path.is_file() {
            found.push(SuitePath { path, limit: limit.cloned() });
        }
    }
    Ok(())
}

/// Whether a file of this name is a suite.
pub(crate) fn is_suite(name: &str) -> bool {
    NAMES.iter().any(|known| name.strip_suffix(known).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}

fn unreadable(path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    move |error| Error::Read(path.display().to_string(), error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_suites() {
        for (name, expected) in [
            ("harden-test.yaml", true),
            ("web.harden-test.yml", true),
            ("webharden-test.yaml", false),
            ("harden.yaml", false),
            ("harden-test.yaml.bak", false),
        ] {
            assert_eq!(is_suite(name), expected, "{name}");
        }
    }
}
