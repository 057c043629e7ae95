//! Paths that stay writable, or keep their content to the pod, through an `emptyDir` of their own.

use crate::json::{self, list};
use crate::view::{ContainerView, View};
use crate::violation::Edit;

/// Whether the container mounts something at `path` or above it.
pub(super) fn is_covered(container: &ContainerView<'_>, path: &str) -> bool {
    let mounts = list(&container.container.volume_mounts);
    mounts.iter().filter_map(|mount| mount.mount_path.as_deref()).any(|mount| covers(mount, path))
}

/// Edits that mount an `emptyDir` with these fields (JSON text) at `path` of the container.
pub(super) fn mounted(view: &View<'_>, container: &ContainerView<'_>, path: &str, empty_dir: &str) -> [Edit; 2] {
    let name = json::string(&volume_name(view, container.name(), path));
    let with_name = |key: &str, value: &str| ["{\"name\":", &name, key, value, "}"].concat();
    let volume = with_name(",\"emptyDir\":", empty_dir);
    let mount = with_name(",\"mountPath\":", &json::string(path));
    [
        Edit::Append { path: view.spec_path("volumes"), value: volume },
        Edit::Append { path: container.path("volumeMounts"), value: mount },
    ]
}

/// Whether a mount at `mount` makes `path` its own.
fn covers(mount: &str, path: &str) -> bool {
    let mount = mount.trim_end_matches('/');
    path.strip_prefix(mount).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A volume name for a container's path that no volume of the pod has: a DNS label, 63 characters at most.
fn volume_name(view: &View<'_>, container: &str, path: &str) -> String {
    let mut full = String::new();
    for c in ["writable-", container, path].concat().chars() {
        full.push(if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    }
    let is_cut = full.len() > LONGEST_NAME - SUFFIX;
    if is_cut {
        full.truncate(LONGEST_NAME - SUFFIX);
    }
    let base = full.trim_end_matches('-');
    // `a` + `/b/c` and `a-b` + `/c` look alike with dashes; a path of one plain part does not.
    let is_plain = path[1..].bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let is_whole = is_plain && !is_cut && base.len() == full.len();
    let first = if is_whole { full } else { suffixed(base, &short_hash(container, path)) };
    let taken = |name: &str| view.spec().volumes().iter().any(|volume| volume.name.as_deref() == Some(name));
    let mut base = first.clone();
    base.truncate(LONGEST_NAME - SUFFIX);
    let mut name = first;
    let mut number: u32 = 1;
    while number < 10_000 && taken(&name) {
        number += 1;
        name = suffixed(&base, &number.to_string());
    }
    name
}

fn suffixed(base: &str, suffix: &str) -> String {
    [base, "-", suffix].concat()
}

/// Longest volume name (a DNS label).
const LONGEST_NAME: usize = 63;
/// Room for a suffix that makes a name unique.
const SUFFIX: usize = 9;

/// FNV-1a, enough to tell cut names apart.
fn short_hash(container: &str, path: &str) -> String {
    let bytes = container.bytes().chain(Some(0)).chain(path.bytes());
    let hash = bytes.fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    format!("{hash:08x}")
}
