//! Hidden files in folders that are searched. Most configure other tools; but whoever applies a folder applies them too.

use std::path::Path;

use super::is_manifest;
use crate::objects::{Item, items};
use kube_yaml::yaml;

/// Whether a hidden entry is a file with an object in it that `kubectl apply` would create, or may be one.
pub(super) fn may_be_applied(path: &Path) -> bool {
    if !is_manifest(path) || !path.is_file() {
        return false;
    }
    // What cannot be read is said by whoever tries again.
    let Ok(text) = bounded::read_to_string(path) else { return true };
    let parsed = yaml::parse(&text);
    let is_object = |item: &Item<'_, '_>| matches!(item, Item::Object { .. } | Item::Unclear { .. });
    items(&parsed).iter().any(is_object) || !parsed.errors.is_empty() && text.contains("apiVersion")
}
