//! Exemptions: which pods and containers a rule leaves alone.

use crate::glob::{self, Glob};
use crate::image_glob;
use crate::reference::Reference;
use crate::settings::Exemption;
use crate::view::{ContainerKind, ContainerView, View};

/// The parts of a request that exemptions look at besides the pod template.
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
                .is_ok_and(|image| exemption.images.iter().any(|glob| image_glob::matches(glob.as_str(), &image))))
}

/// Whether the key was not given, or one of its globs matches the text.
#[inline(never)]
fn fits(globs: &[Glob], text: &str) -> bool {
    globs.is_empty() || glob::any_matches(globs, text)
}

#[cfg(test)]
mod tests;
