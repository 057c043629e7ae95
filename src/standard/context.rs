//! The places of a pod that have a security context, and which containers a change there reaches.
//!
//! Small functions that are not inlined: sixteen checks share them, and a policy's wasm must stay small.

use crate::pod::SecurityContext;
use crate::rules::RuleMeta;
use crate::view::{ContainerView, Inherited, Level, View};
use crate::violation::{Edit, Found, Report, Violation};

/// A check that demands what the rule `rule` does: where both mean the same, they say and repair the same.
///
/// The standard also judges Windows pods by fields that are forbidden there; the API server would refuse the repair.
pub(super) fn by_rule<R: RuleMeta>(rule: &R, view: &View<'_>, report: &mut Report) {
    rule.check(view, report);
    if view.is_windows() && !R::ON_WINDOWS {
        report.violations.iter_mut().for_each(|violation| violation.fix = None);
    }
}

/// A security context: the pod's, or that of a container that is judged.
pub(super) struct Place<'a> {
    /// The context; one with nothing set if there is none.
    pub(super) context: &'a SecurityContext<'a>,
    /// The container; none for the pod.
    pub(super) container: Option<ContainerView<'a>>,
}

/// Whether a context has a field of its own, so that the pod's does not reach it.
pub(super) type Sets = for<'c> fn(&SecurityContext<'c>) -> bool;

/// The pod's security context and those of all containers that are judged: the standard looks at what is
/// written anywhere, in force or not.
#[inline(never)]
pub(super) fn places<'a>(view: &View<'a>) -> Vec<Place<'a>> {
    let mut places = vec![Place { context: view.security_context(), container: None }];
    for container in judged(view) {
        places.push(Place { context: container.security_context(), container: Some(container) });
    }
    places
}

/// The containers that are judged.
#[inline(never)]
pub(super) fn judged<'a>(view: &View<'a>) -> Vec<ContainerView<'a>> {
    view.containers().collect()
}

/// A violation of a field of a container's security context.
#[inline(never)]
pub(super) fn in_context(container: &ContainerView<'_>, field: &str, found: Found, wanted: &str) -> Violation {
    Violation::in_container(container, container.context_path(Level::Container, field), found, wanted.to_owned())
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

impl Place<'_> {
    /// Path of a field of this context.
    pub(super) fn path(&self, view: &View<'_>, field: &str) -> String {
        let field = ["securityContext.", field].concat();
        match &self.container {
            Some(container) => container.path(&field),
            None => view.spec_path(&field),
        }
    }

    /// A violation of a field of this context.
    /// A violation of `field`, which `sets` says of a container whether it has one of its own.
    #[inline(never)]
    pub(super) fn violation(&self, view: &View<'_>, sets: Sets, field: &str, found: Found, wanted: &str) -> Violation {
        let path = self.path(view, field);
        match &self.container {
            Some(container) => Violation::in_container(container, path, found, wanted.to_owned()),
            None => Violation::at(path, found, wanted.to_owned()).inherited(&inherited(view, sets).judged),
        }
    }

    /// Whether a change of the field reaches no container that is left alone.
    pub(super) fn is_ours(&self, view: &View<'_>, sets: Sets) -> bool {
        self.container.is_some() || reaches_only(view, sets, |_| true)
    }
}

/// The same violation, repaired by taking away what was written at its path.
#[inline(never)]
pub(super) fn removed(violation: Violation) -> Violation {
    let edit = Edit::Remove { path: violation.path.clone() };
    violation.with_fix(vec![edit], true)
}

/// The same violation; without its repair if `is_possible` says so.
#[inline(never)]
pub(super) fn fixed_if(is_possible: bool, violation: Violation) -> Violation {
    Violation { fix: violation.fix.filter(|_| is_possible), ..violation }
}
