//! Check `privileged`: privileged containers.

use super::context::{fixed_if, in_context, judged};
use crate::view::View;
use crate::violation::{Found, Report};

/// Since 1.0: `privileged` is not true.
pub(super) fn privileged_1_0(view: &View<'_>, report: &mut Report) {
    for container in judged(view) {
        if container.security_context().privileged == Some(true) {
            let violation = in_context(&container, "privileged", Found::plain(true), "must be false or unset");
            report.add(fixed_if(!view.is_windows(), violation.fixed_by("false")));
        }
    }
}

#[cfg(test)]
use super::cases::{BOTH, Case};

#[cfg(test)]
#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    Case { pod: r#"{}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"privileged":false}}]}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"privileged":null}}]}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":null}]}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"privileged":true}}]}"#, bad: &[(BOTH, 0..=37, &["spec.containers[0].securityContext.privileged"])] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"privileged":true}}],"initContainers":[{"name":"i","securityContext":{"privileged":true}}],"ephemeralContainers":[{"name":"e","securityContext":{"privileged":true}}]}"#, bad: &[(BOTH, 0..=37, &["spec.containers[0].securityContext.privileged", "spec.initContainers[0].securityContext.privileged", "spec.ephemeralContainers[0].securityContext.privileged"])] },
    Case { pod: r#"{"os":{"name":"windows"},"hostUsers":false,"containers":[{"securityContext":{"privileged":true}}]}"#, bad: &[(BOTH, 0..=37, &["spec.containers[0].securityContext.privileged"])] },
];
