//! Which files a `kustomization.yaml` uses only as patches.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use kube_yaml::yaml::{self, Node};

/// Names of the file, as kustomize looks for it.
pub const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// The files that the kustomizations of a search refer to.
#[derive(Debug, Default)]
pub(super) struct Kustomizations {
    /// Kustomizations that were read.
    read: BTreeSet<PathBuf>,
    /// Files that they patch with.
    patches: BTreeSet<PathBuf>,
    /// Files and folders that they render as they are.
    resources: BTreeSet<PathBuf>,
    /// The resources that nobody has asked for yet.
    fresh: Vec<PathBuf>,
}

impl Kustomizations {
    /// Reads the kustomizations that may use what was named on its own: in the folder around it, and one above.
    pub(super) fn around(&mut self, path: &Path) {
        let Ok(real) = fs::canonicalize(path) else { return };
        for folder in real.ancestors().skip(1).take(2) {
            for file in NAMES.map(|name| folder.join(name)) {
                self.read(file);
            }
        }
    }

    /// Reads a kustomization, by its path from the root. Many files that are named may have the same.
    pub(super) fn read(&mut self, file: PathBuf) {
        if self.read.contains(&file) || !file.is_file() {
            return;
        }
        // What cannot be read is said when it is judged.
        if let Ok(text) = bounded::read_to_string(&file) {
            let folder = file.parent().unwrap_or(Path::new(""));
            let real = |path: &String| fs::canonicalize(folder.join(path)).ok();
            let Uses { patches, resources } = uses(&text);
            self.patches.extend(patches.iter().filter_map(real));
            for resource in resources.iter().filter_map(real) {
                if self.resources.insert(resource.clone()) {
                    self.fresh.push(resource);
                }
            }
        }
        self.read.insert(file);
    }

    /// The resources below a folder that were not asked for yet.
    pub(super) fn take_fresh(&mut self, folder: &Path) -> Vec<PathBuf> {
        self.fresh.extract_if(.., |resource| resource.starts_with(folder)).collect()
    }

    /// Whether a file is a patch, and not a resource as well.
    pub(super) fn only_patch_with(&self, path: &Path) -> bool {
        !self.patches.is_empty()
            && fs::canonicalize(path).is_ok_and(|real| self.patches.contains(&real) && !self.resources.contains(&real))
    }
}

/// The paths that a kustomization names.
#[derive(Default)]
struct Uses {
    patches: Vec<String>,
    resources: Vec<String>,
}

fn uses(text: &str) -> Uses {
    let parsed = yaml::parse(text);
    let Some(root) = parsed.documents.first().map(|document| &document.root) else { return Uses::default() };
    let list = |key: &str| root.get(key).and_then(Node::as_sequence).unwrap_or_default().iter();
    let named = list("patches").chain(list("patchesJson6902")).filter_map(|patch| patch.get("path")?.as_str());
    // An entry is a path or the patch itself.
    let merged = list("patchesStrategicMerge").filter_map(Node::as_str).filter(|entry| !entry.contains('\n'));
    let resources = list("resources").chain(list("bases"));
    Uses {
        patches: named.chain(merged).map(str::to_owned).collect(),
        resources: resources.filter_map(Node::as_str).map(str::to_owned).collect(),
    }
}
