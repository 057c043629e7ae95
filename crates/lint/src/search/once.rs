//! Sources that were found more than once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::Source;

/// Every file once, however often it is named, and standard input once. A link to a file that is there under its own
/// name is left out.
pub(super) fn once(mut sources: Vec<Source>) -> Vec<Source> {
    let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut owners: BTreeMap<PathBuf, (bool, usize)> = BTreeMap::new();
    for (at, source) in sources.iter().enumerate() {
        if let Some(path) = source.file() {
            let this = (path.is_symlink(), at);
            owners.entry(real(path)).and_modify(|owner| *owner = this.min(*owner)).or_insert(this);
        }
    }
    let owners: BTreeSet<usize> = owners.into_values().map(|(_, at)| at).collect();
    let first_stdin = sources.iter().position(Source::is_stdin);
    let mut at = 0;
    sources.retain(|source| {
        at += 1;
        if source.is_stdin() {
            first_stdin == Some(at - 1)
        } else {
            source.file().is_none() || owners.contains(&(at - 1))
        }
    });
    sources
}
