//! Check `proc-mount`: what of `/proc` a container sees.

use super::context::by_rule;
use crate::rules::proc_mount::ProcMount;
use crate::view::View;
use crate::violation::Report;

/// Since 1.0, and since 1.35 of the restricted level: `procMount` is `Default` or unset.
pub(super) fn proc_mount_1_0(view: &View<'_>, report: &mut Report) {
    by_rule(&ProcMount::default(), view, report);
}

/// Since 1.35: any value in a pod with a user namespace of its own.
pub(super) fn proc_mount_1_35(view: &View<'_>, report: &mut Report) {
    if view.spec().host_users != Some(false) {
        proc_mount_1_0(view, report);
    }
}

#[cfg(test)]
use super::cases::{BASELINE, BOTH, Case, RESTRICTED};

#[cfg(test)]
#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    Case { pod: r#"{}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"procMount":"Default"}}]}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"procMount":null}}]}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"procMount":"Unmasked"}}],"initContainers":[{"name":"i","securityContext":{"procMount":"Unmasked"}}],"ephemeralContainers":[{"name":"e","securityContext":{"procMount":"Unmasked"}}]}"#, bad: &[(BOTH, 0..=37, &["spec.containers[0].securityContext.procMount", "spec.initContainers[0].securityContext.procMount", "spec.ephemeralContainers[0].securityContext.procMount"])] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"procMount":""}}]}"#, bad: &[(BOTH, 0..=37, &["spec.containers[0].securityContext.procMount"])] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"procMount":"default"}}]}"#, bad: &[(BOTH, 0..=37, &["spec.containers[0].securityContext.procMount"])] },
    Case { pod: r#"{"hostUsers":true,"containers":[{"securityContext":{"procMount":"Unmasked"}}]}"#, bad: &[(BOTH, 0..=37, &["spec.containers[0].securityContext.procMount"])] },
    Case { pod: r#"{"hostUsers":false,"containers":[{"securityContext":{"procMount":"Unmasked"}}]}"#, bad: &[(BASELINE, 0..=34, &["spec.containers[0].securityContext.procMount"]), (RESTRICTED, 0..=37, &["spec.containers[0].securityContext.procMount"])] },
];
