//! Security contexts as they are written, and which containers a change there reaches: the standard judges what is
//! written anywhere, in force or not.
//!
//! Small functions that are not inlined: several checks share them, and a policy's wasm must stay small.

use crate::pod::SecurityContext;
use crate::view::{ContainerView, Inherited, View};
use crate::violation::{Found, Violation};

/// A security context: the pod's, or that of a container that is judged.
pub(super) struct Written<'a> {
    view: View<'a>,
    /// The context; one with nothing set if there is none.
    pub(super) context: &'a SecurityContext<'a>,
    /// The container; none for the pod.
    pub(super) container: Option<ContainerView<'a>>,
}

/// Whether a context has a field of its own, so that the pod's does not reach it.
pub(super) type Sets = for<'c> fn(&SecurityContext<'c>) -> bool;

/// The pod's security context and those of all containers that are judged.
#[inline(never)]
pub(super) fn contexts<'a>(view: &View<'a>) -> Vec<Written<'a>> {
    let mut all = vec![Written { view: *view, context: view.security_context(), container: None }];
    for container in view.containers() {
        all.push(Written { view: *view, context: container.security_context(), container: Some(container) });
    }
    all
}

/// Whether the pod's value of a field reaches only containers that are judged, all of them fit for a new one.
#[inline(never)]
pub(super) fn reaches_only(view: &View<'_>, sets: Sets, is_fit: fn(&ContainerView<'_>) -> bool) -> bool {
    let inherited = inherited(view, sets);
    !inherited.by_exempt && inherited.judged.iter().all(is_fit)
}

#[inline(never)]
fn inherited<'a>(view: &View<'a>, sets: Sets) -> Inherited<'a> {
    view.inherited(&|container| !sets(container.security_context()))
}

impl Written<'_> {
    /// Path of a field of this context.
    pub(super) fn path(&self, field: &str) -> String {
        let field = ["securityContext.", field].concat();
        match &self.container {
            Some(container) => container.path(&field),
            None => self.view.spec_path(&field),
        }
    }

    /// Makes a violation of `field`; `sets` tells whether a container has one of its own.
    #[inline(never)]
    pub(super) fn violation(&self, sets: Sets, field: &str, found: Found, wanted: &str) -> Violation {
        let path = self.path(field);
        match &self.container {
            Some(container) => Violation::in_container(container, path, found, wanted.to_owned()),
            None => Violation::at(path, found, wanted.to_owned()).inherited(&inherited(&self.view, sets).judged),
        }
    }

    /// Whether a change of the field reaches no container that is left alone.
    pub(super) fn reaches_judged_only(&self, sets: Sets) -> bool {
        self.container.is_some() || reaches_only(&self.view, sets, |_| true)
    }
}
