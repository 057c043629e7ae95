//! Check `allow-privilege-escalation`: whether a process can get more privileges than its parent.

use super::context::by_rule;
use crate::rules::allow_privilege_escalation::AllowPrivilegeEscalation;
use crate::view::View;
use crate::violation::Report;

/// Since 1.8: `allowPrivilegeEscalation` is false.
pub(super) fn allow_privilege_escalation_1_8(view: &View<'_>, report: &mut Report) {
    by_rule(&AllowPrivilegeEscalation {}, view, report);
}

/// Since 1.25: not asked of Windows pods.
pub(super) fn allow_privilege_escalation_1_25(view: &View<'_>, report: &mut Report) {
    if !view.is_windows() {
        allow_privilege_escalation_1_8(view, report);
    }
}

#[cfg(test)]
use super::cases::{Case, RESTRICTED};

#[cfg(test)]
#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    Case { pod: r#"{}"#, bad: &[(RESTRICTED, 8..=37, &["spec.containers[0].securityContext.allowPrivilegeEscalation"])] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":null}]}"#, bad: &[(RESTRICTED, 8..=37, &["spec.containers[0].securityContext.allowPrivilegeEscalation"])] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"allowPrivilegeEscalation":null}}]}"#, bad: &[(RESTRICTED, 8..=37, &["spec.containers[0].securityContext.allowPrivilegeEscalation"])] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"allowPrivilegeEscalation":false}}]}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"allowPrivilegeEscalation":false}}],"initContainers":[{"name":"i","securityContext":{"allowPrivilegeEscalation":false}}],"ephemeralContainers":[{"name":"e","securityContext":{"allowPrivilegeEscalation":false}}]}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"allowPrivilegeEscalation":true}}],"initContainers":[{"name":"i","securityContext":{"allowPrivilegeEscalation":true}}],"ephemeralContainers":[{"name":"e","securityContext":{"allowPrivilegeEscalation":true}}]}"#, bad: &[(RESTRICTED, 8..=37, &["spec.containers[0].securityContext.allowPrivilegeEscalation", "spec.initContainers[0].securityContext.allowPrivilegeEscalation", "spec.ephemeralContainers[0].securityContext.allowPrivilegeEscalation"])] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"allowPrivilegeEscalation":true,"capabilities":{"add":["SYS_ADMIN"]}}}]}"#, bad: &[(RESTRICTED, 8..=37, &["spec.containers[0].securityContext.allowPrivilegeEscalation"])] },
    Case { pod: r#"{"os":{"name":"windows"}}"#, bad: &[(RESTRICTED, 8..=24, &["spec.containers[0].securityContext.allowPrivilegeEscalation"])] },
    Case { pod: r#"{"os":{"name":"windows"},"containers":[{"securityContext":{"allowPrivilegeEscalation":true}}]}"#, bad: &[(RESTRICTED, 8..=24, &["spec.containers[0].securityContext.allowPrivilegeEscalation"])] },
    Case { pod: r#"{"os":{"name":"linux"},"hostUsers":false}"#, bad: &[(RESTRICTED, 8..=37, &["spec.containers[0].securityContext.allowPrivilegeEscalation"])] },
];
