//! Which containers an update makes worse off: those that join the ones that a violation concerned before.

use std::cell::OnceCell;

use crate::index::Index;
use crate::view::{ContainerView, View};
use crate::violation::{Reach, Violation};

/// The containers of a pod template after an update, and which of those before they continue.
pub(crate) struct Update<'a> {
    new: Vec<ContainerView<'a>>,
    old: Vec<ContainerView<'a>>,
    /// For each of `new`, its place in `old`, if it was there.
    origins: Vec<Option<usize>>,
}

impl<'a> Update<'a> {
    /// A container continues the one of its kind and name, wherever that stood in the list. In a Pod its image
    /// must be the same, too: another program that gets what the old one had is a new one. In the templates of
    /// other kinds it need not be, or no version could be rolled out.
    pub(crate) fn new(new: &View<'a>, old: &View<'a>, is_pod: bool) -> Update<'a> {
        let [new, old]: [Vec<ContainerView<'a>>; 2] = [new, old].map(|view| view.all_containers().collect());
        let names = Index::new(old.iter().map(ContainerView::name).collect());
        let continues = |now: &ContainerView<'a>, was: &ContainerView<'a>| {
            now.kind == was.kind && (!is_pod || now.container.image == was.container.image)
        };
        // Of several with one name, which the API server refuses, one is the old one.
        let mut is_free = vec![true; old.len()];
        let mut is_origin =
            |now: &ContainerView<'a>, at: &usize| continues(now, &old[*at]) && std::mem::take(&mut is_free[*at]);
        let origins = new.iter().map(|now| names.first(now.name()).filter(|at| is_origin(now, at))).collect();
        Update { new, old, origins }
    }
}

/// An update as one rule sees it.
pub(crate) struct Change<'u, 'a> {
    update: &'u Update<'a>,
    new: View<'u>,
    /// The template before, without the containers that were exempt.
    pub(crate) old: View<'u>,
    /// Whether a container is new to the pod, once somebody has asked.
    joined: OnceCell<bool>,
    /// The volumes that a container mounts and did not before, once somebody has asked.
    mounted: OnceCell<Index<'a>>,
}

impl<'u, 'a> Change<'u, 'a> {
    /// Takes the views after and before the update with the rule's exemptions.
    pub(crate) fn new(update: &'u Update<'a>, new: View<'u>, old: View<'u>) -> Change<'u, 'a> {
        Change { update, new, old, joined: OnceCell::new(), mounted: OnceCell::new() }
    }

    /// Whether `violation` concerns nobody whom `before` did not concern.
    pub(crate) fn keeps(&self, violation: &Violation, before: &Violation) -> bool {
        match &violation.reach {
            Reach::Pod => !*self.joined.get_or_init(|| self.joined()),
            Reach::Volume(name) => !self.mounted.get_or_init(|| self.mounted()).has(name),
            Reach::Containers(reached) => reached.iter().all(|ordinal| {
                self.update.origins[*ordinal].is_some_and(|origin| match &before.reach {
                    // With its name, the violation says which one it is.
                    _ if violation.container.is_some() => true,
                    Reach::Containers(before) => before.binary_search(&origin).is_ok(),
                    Reach::Pod | Reach::Volume(_) => false,
                })
            }),
        }
    }

    /// The container that `container` continues, if the rule judged that one.
    fn origin(&self, container: &ContainerView<'a>) -> Option<&ContainerView<'a>> {
        let origin = self.update.origins[container.ordinal].filter(|origin| self.old.judges(*origin));
        origin.map(|origin| &self.update.old[origin])
    }

    /// The containers that the rule judges after the update.
    fn judged(&self) -> impl Iterator<Item = &ContainerView<'a>> {
        self.update.new.iter().filter(|container| self.new.judges(container.ordinal))
    }

    fn joined(&self) -> bool {
        self.judged().any(|container| self.origin(container).is_none())
    }

    /// A mount that may be written is another one than it was before if that was read-only.
    fn mounted(&self) -> Index<'a> {
        let mut new = Vec::new();
        for container in self.judged() {
            let (mut known, mut writable) = (Vec::new(), Vec::new());
            for mount in self.origin(container).into_iter().flat_map(|origin| origin.container.mounts()) {
                known.extend(mount.name.as_deref());
                writable.extend(mount.name.as_deref().filter(|_| mount.read_only != Some(true)));
            }
            let [known, writable] = [known, writable].map(Index::new);
            let is_new = |name: &&str, is_read_only: bool| !(if is_read_only { &known } else { &writable }).has(name);
            for mount in container.container.mounts() {
                new.extend(mount.name.as_deref().filter(|name| is_new(name, mount.read_only == Some(true))));
            }
        }
        Index::new(new)
    }
}
