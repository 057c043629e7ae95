//! Check `proc-mount`: what of `/proc` a container sees.

use super::context::{fixed_if, in_context, judged};
use crate::json;
use crate::view::View;
use crate::violation::{Found, Report};

const DEFAULT: &str = "Default";

/// Since 1.0, and since 1.35 of the restricted level: `procMount` is `Default` or unset.
pub(super) fn proc_mount_1_0(view: &View<'_>, report: &mut Report) {
    for container in judged(view) {
        let Some(found) = container.security_context().proc_mount.as_deref().filter(|found| *found != DEFAULT) else {
            continue;
        };
        let violation = in_context(&container, "procMount", Found::text(found), "must be Default or unset");
        report.add(fixed_if(!view.is_windows(), violation.fixed_by(json::string(DEFAULT))));
    }
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
