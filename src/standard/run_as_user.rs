//! Check `run-as-user`: user ids.

use super::context::{Sets, fixed_if, places, removed};
use crate::view::View;
use crate::violation::{Found, Report};

/// Since 1.23: `runAsUser` is not 0.
pub(super) fn run_as_user_1_23(view: &View<'_>, report: &mut Report) {
    for place in places(view).iter().filter(|place| place.context.run_as_user == Some(0)) {
        let sets: Sets = |context| context.run_as_user.is_some();
        let violation = place.violation(view, sets, "runAsUser", Found::plain(0), "must be another id or unset");
        let is_ours = place.is_ours(view, sets);
        report.add(fixed_if(is_ours, removed(violation)));
    }
}

/// Since 1.35: not asked of a pod with a user namespace of its own.
pub(super) fn run_as_user_1_35(view: &View<'_>, report: &mut Report) {
    if view.spec().host_users != Some(false) {
        run_as_user_1_23(view, report);
    }
}

#[cfg(test)]
use super::cases::{Case, RESTRICTED};

#[cfg(test)]
#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    Case { pod: r#"{}"#, bad: &[] },
    Case { pod: r#"{"securityContext":{"runAsUser":null}}"#, bad: &[] },
    Case { pod: r#"{"securityContext":{"runAsUser":1000,"runAsGroup":0}}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"runAsUser":65534}}]}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"runAsUser":-1}}]}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"runAsUser":0}}],"initContainers":[{"name":"i","securityContext":{"runAsUser":0}}],"ephemeralContainers":[{"name":"e","securityContext":{"runAsUser":0}}]}"#, bad: &[(RESTRICTED, 23..=37, &["spec.containers[0].securityContext.runAsUser", "spec.initContainers[0].securityContext.runAsUser", "spec.ephemeralContainers[0].securityContext.runAsUser"])] },
    Case { pod: r#"{"securityContext":{"runAsUser":0},"containers":[{"securityContext":{"runAsUser":1}}]}"#, bad: &[(RESTRICTED, 23..=37, &["spec.securityContext.runAsUser"])] },
    Case { pod: r#"{"securityContext":{"runAsUser":1},"containers":[{"securityContext":{"runAsUser":0}}]}"#, bad: &[(RESTRICTED, 23..=37, &["spec.containers[0].securityContext.runAsUser"])] },
    Case { pod: r#"{"hostUsers":false,"securityContext":{"runAsUser":0}}"#, bad: &[(RESTRICTED, 23..=34, &["spec.securityContext.runAsUser"])] },
    Case { pod: r#"{"hostUsers":true,"os":{"name":"windows"},"securityContext":{"runAsUser":0}}"#, bad: &[(RESTRICTED, 23..=37, &["spec.securityContext.runAsUser"])] },
];
