//! Check `privileged`: privileged containers.

use super::context::by_rule;
use crate::rules::privileged::Privileged;
use crate::view::View;
use crate::violation::Report;

/// Since 1.0: `privileged` is not true.
pub(super) fn privileged_1_0(view: &View<'_>, report: &mut Report) {
    by_rule(&Privileged { require_explicit: false }, view, report);
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
