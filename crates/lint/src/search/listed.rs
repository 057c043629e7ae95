//! Resources that kustomizations list and a search skipped.

use std::path::Path;

use super::{Fate, Kind, Walk, file, is_hidden, is_manifest};
use crate::error::Error;
use crate::named;

impl Walk<'_> {
    /// Adds what kustomizations list as resources below `folder`, which is `absolute` from the root, and the search passed
    /// over: under other names, hidden, ignored by git. That is rendered all the same.
    ///
    /// # Errors
    /// A configuration that cannot be used.
    pub(super) fn listed(&mut self, folder: &Path, absolute: &Path) -> Result<(), Error> {
        loop {
            let fresh = self.kustomizations.take_fresh(absolute);
            if fresh.is_empty() {
                return Ok(());
            }
            for resource in fresh {
                let Ok(below) = resource.strip_prefix(absolute) else { continue };
                let path = folder.join(below);
                if !self.passed_over(&resource) {
                    continue;
                }
                let config = self.configs.of(&resource)?;
                if self.excludes(&path, config) {
                    continue;
                }
                if named::is_gits_own(&resource) {
                    self.add(
                        path.display().to_string(),
                        Kind::Unreadable("lies in git's own folder and was not read".to_owned()),
                        config,
                    );
                    continue;
                }
                self.left_out.remove(&resource);
                self.may_repeat = true;
                if resource.is_dir() {
                    self.roots.insert(resource.clone());
                    self.walk(&path, &resource, Fate::Seen, config)?;
                } else {
                    self.add(path.display().to_string(), file(path), config);
                }
            }
        }
    }

    /// Whether the search passed over a file or folder below one of the roots.
    fn passed_over(&self, path: &Path) -> bool {
        let Some(root) = path.ancestors().find(|above| self.roots.contains(*above)) else { return true };
        let below = || path.ancestors().take_while(|above| *above != root);
        let is_skipped = |path: &Path| path.file_name().is_some_and(is_hidden) || self.left_out.contains(path);
        let is_named = path.is_dir() || is_manifest(path);
        path != root && (below().any(is_skipped) || !is_named)
    }
}
