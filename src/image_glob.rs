//! Globs on images, as exemptions write them.

use crate::glob::{self, Glob};
use crate::reference::{HUB, OLD_HUB, Reference};

/// Whether `glob` matches the image's full name, with its tag or digest or without. What stands before its first `/`
/// is matched against the registry alone, so that no `*` reaches beyond that. A glob without a registry means the
/// short names of docker.io: `nginx:*` does not match `nginx:5000/app`, whose registry is `nginx:5000`.
pub(crate) fn matches(glob: &str, image: &Reference<'_>) -> bool {
    let (registry, glob, prefix) = match glob.split_once('/') {
        Some((first, rest)) if is_registry(first) => (first, rest, ""),
        Some(_) => (HUB, glob, ""),
        None if glob.starts_with('*') => ("*", glob, ""),
        None => (HUB, glob, "library/"),
    };
    let is_match = |name: &str| {
        let path = &name[image.registry.len() + 1..];
        path.strip_prefix(prefix).is_some_and(|path| glob::matches(glob, path))
    };
    // A digest decides what runs, so the name with a tag but without the digest is not tried.
    glob::matches(registry, image.registry) && (is_match(&image.to_string()) || is_match(&image.name()))
}

/// Whether the first part of a glob stands for a registry.
fn is_registry(first: &str) -> bool {
    first == "localhost" || first.starts_with('*') || has(first, b".:")
}

/// Explains why a glob on images would match none, or others than it seems to.
pub(crate) fn misleading(glob: &str) -> Option<&'static str> {
    let Some((first, rest)) = glob.split_once('/') else {
        let is_host = has(glob, b".") && has(name(glob), b"*?[") && !glob.starts_with('*');
        return is_host.then_some("must end the registry with `/`, as in ghcr.io/*");
    };
    if Glob::new(first).is_err() || Glob::new(rest).is_err() {
        Some("must be a glob on both sides of the first `/`")
    } else if first == OLD_HUB || (first == HUB && !has(name(rest), b"/*?[")) {
        Some("can never match: write nginx or docker.io/library/nginx")
    } else if has(first, b".") && first.ends_with('*') && !first.ends_with(":*") {
        Some("must not end the registry with `*`: others have such hosts")
    } else {
        None
    }
}

/// Returns the part before the tag or digest.
fn name(glob: &str) -> &str {
    let end = glob.bytes().position(|byte| matches!(byte, b':' | b'@'));
    &glob[..end.unwrap_or(glob.len())]
}

#[inline(never)]
fn has(text: &str, bytes: &[u8]) -> bool {
    text.bytes().any(|byte| bytes.contains(&byte))
}
