//! Which files a `kustomization.yaml` uses as patches.

use std::fs;
use std::path::{Path, PathBuf};

use crate::bounded;
use crate::yaml::{self, Node};

/// Names of the file, as kustomize looks for it.
pub(super) const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// The files that the kustomization at `file` patches with; none of what cannot be read, which is said when it is
/// judged.
pub(super) fn patches(file: &Path) -> Vec<PathBuf> {
    let Ok(text) = bounded::read_to_string(file) else { return Vec::new() };
    let folder = file.parent().unwrap_or(Path::new(""));
    let parsed = yaml::parse(&text);
    let Some(root) = parsed.documents.first().map(|document| &document.root) else { return Vec::new() };
    let list = |key: &str| root.get(key).and_then(Node::as_sequence).unwrap_or_default().iter();
    let named = list("patches").chain(list("patchesJson6902")).filter_map(|patch| patch.get("path")?.as_str());
    // An entry is a path or the patch itself.
    let merged = list("patchesStrategicMerge").filter_map(Node::as_str).filter(|entry| !entry.contains('\n'));
    let files = named.chain(merged).filter_map(|path| fs::canonicalize(folder.join(path)).ok());
    files.collect()
}
