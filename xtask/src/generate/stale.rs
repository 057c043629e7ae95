//! Generated files that are not as they must be, and files that no rule accounts for.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::File;
use anyhow::{Context, Result};

/// The files that are not there or hold something else, and why.
pub(super) fn stale<'f>(root: &Path, files: &'f [File]) -> Vec<(&'f File, &'static str)> {
    let why = |file: &File| match fs::read_to_string(root.join(&file.path)) {
        Ok(text) if text == file.text => None,
        Ok(_) => Some("is stale"),
        Err(_) => Some("is missing"),
    };
    files.iter().filter_map(|file| Some((file, why(file)?))).collect()
}

/// Finds the remains of a removed rule: folders of policies that nothing generates.
///
/// # Errors
/// A folder that cannot be read.
pub(super) fn strays(root: &Path, files: &[File]) -> Result<Vec<String>> {
    let known: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let mut strays = Vec::new();
    for name in names(root, "policies")? {
        let folder = format!("policies/{name}");
        if root.join(&folder).is_dir() && !known.contains(format!("{folder}/README.md").as_str()) {
            strays.push(format!("{folder} belongs to no rule: remove it"));
        }
    }
    Ok(strays)
}

fn names(root: &Path, folder: &str) -> Result<Vec<String>> {
    let unreadable = || format!("cannot read {folder}");
    let entries = fs::read_dir(root.join(folder)).with_context(unreadable)?;
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry.with_context(unreadable)?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}
