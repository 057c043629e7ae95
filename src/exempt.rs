//! Exemptions: which pods and containers a rule leaves alone.

use crate::glob::{self, Glob};
use crate::reference::{HUB, OLD_HUB, Reference};
use crate::settings::Exemption;
use crate::view::{ContainerKind, ContainerView, View};

/// What exemptions look at beside the pod template.
#[derive(Debug, Default)]
pub(crate) struct Owner {
    /// Kind of the object.
    pub(crate) kind: String,
    /// Its namespace.
    pub(crate) namespace: String,
    /// Its name, or what the API server makes one of; only known if an exemption asks for it.
    pub(crate) name: String,
}

/// Which containers of `view` the exemptions leave alone; `None` if that is the whole pod. Exemptions of
/// containers never add up to that: a pod whose containers are all exempt keeps the fields of its own.
pub(crate) fn exempt(exemptions: &[Exemption], owner: &Owner, view: &View<'_>) -> Option<Vec<bool>> {
    let mut exempt = Vec::new();
    let pod = |e: &&Exemption| {
        fits(&e.kinds, &owner.kind)
            && fits(&e.namespaces, &owner.namespace)
            && fits(&e.names, &owner.name)
            && fits(&e.service_accounts, view.spec().service_account())
    };
    for exemption in exemptions.iter().filter(pod) {
        if !exemption.narrows_containers() {
            return None;
        }
        exempt.resize(view.all_containers().count(), false);
        for container in view.all_containers() {
            exempt[container.ordinal] |= covers(exemption, &container);
        }
    }
    Some(exempt)
}

fn covers(exemption: &Exemption, container: &ContainerView<'_>) -> bool {
    let kind = |kind: ContainerKind| exemption.container_types.iter().any(|word| word == kind.word());
    let image = container.container.image.as_deref().unwrap_or_default();
    (exemption.container_types.is_empty() || kind(container.kind))
        && fits(&exemption.containers, container.name())
        && (exemption.images.is_empty()
            || Reference::parse(image)
                .is_ok_and(|image| exemption.images.iter().any(|glob| is_image(glob.as_str(), &image))))
}

/// Whether `glob` matches the image's full name, with its tag or digest or without. What stands before its first `/`
/// is matched against the registry alone, so that no `*` reaches beyond that. A glob without a registry means the
/// short names of docker.io: `nginx:*` does not match `nginx:5000/app`, whose registry is `nginx:5000`.
fn is_image(glob: &str, image: &Reference<'_>) -> bool {
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

/// What is wrong with a glob on images that would match none, or others than it seems to.
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

/// What stands before the tag or digest.
fn name(glob: &str) -> &str {
    let end = glob.bytes().position(|byte| matches!(byte, b':' | b'@'));
    &glob[..end.unwrap_or(glob.len())]
}

#[inline(never)]
fn has(text: &str, bytes: &[u8]) -> bool {
    text.bytes().any(|byte| bytes.contains(&byte))
}

/// Whether the key was not given, or one of its globs matches the text.
#[inline(never)]
fn fits(globs: &[Glob], text: &str) -> bool {
    globs.is_empty() || glob::any_matches(globs, text)
}

#[cfg(test)]
mod tests;
