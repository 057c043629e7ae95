//! Check `selinux-options`: SELinux labels.

use super::context::{Sets, fixed_if, places, removed};
use crate::view::View;
use crate::violation::{Found, Report};

const TYPES_1_0: &[&str] = &["container_t", "container_init_t", "container_kvm_t"];
const TYPES_1_31: &[&str] = &["container_t", "container_init_t", "container_kvm_t", "container_engine_t"];

/// Since 1.0: `type` is empty or one of three, `user` and `role` are empty.
pub(super) fn selinux_options_1_0(view: &View<'_>, report: &mut Report) {
    check(TYPES_1_0, view, report);
}

/// Since 1.31: `container_engine_t` too.
pub(super) fn selinux_options_1_31(view: &View<'_>, report: &mut Report) {
    check(TYPES_1_31, view, report);
}

fn check(types: &[&str], view: &View<'_>, report: &mut Report) {
    for place in places(view) {
        let Some(options) = &place.context.se_linux_options else { continue };
        for (field, value, allowed) in [
            ("seLinuxOptions.type", &options.kind, types),
            ("seLinuxOptions.user", &options.user, &[]),
            ("seLinuxOptions.role", &options.role, &[]),
        ] {
            let Some(value) = value.as_deref().filter(|value| !value.is_empty() && !allowed.contains(value)) else {
                continue;
            };
            let wanted = if allowed.is_empty() {
                "must not be set".to_owned()
            } else {
                format!("must be unset or one of {}", allowed.join(", "))
            };
            let sets: Sets = |context| context.se_linux_options.is_some();
            let violation = removed(place.violation(view, sets, field, Found::text(value), &wanted));
            let is_ours = place.is_ours(view, sets);
            report.add(fixed_if(is_ours, violation));
        }
    }
}

#[cfg(test)]
use super::cases::{BOTH, Case};

#[cfg(test)]
#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    Case { pod: r#"{}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"seLinuxOptions":null}}]}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"seLinuxOptions":{}}}]}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"seLinuxOptions":{"type":"","user":"","role":"","level":"s0:c1"}}}]}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"seLinuxOptions":{"type":"container_t"}}}]}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"seLinuxOptions":{"type":"container_init_t"}}}]}"#, bad: &[] },
    Case { pod: r#"{"securityContext":{"seLinuxOptions":{"type":"container_kvm_t"}}}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"seLinuxOptions":{"type":"container_engine_t"}}}]}"#, bad: &[(BOTH, 0..=30, &["spec.containers[0].securityContext.seLinuxOptions.type"])] },
    Case { pod: r#"{"securityContext":{"seLinuxOptions":{"type":"container_engine_t"}}}"#, bad: &[(BOTH, 0..=30, &["spec.securityContext.seLinuxOptions.type"])] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"seLinuxOptions":{"type":"spc_t"}}}],"initContainers":[{"name":"i","securityContext":{"seLinuxOptions":{"type":"spc_t"}}}],"ephemeralContainers":[{"name":"e","securityContext":{"seLinuxOptions":{"type":"spc_t"}}}]}"#, bad: &[(BOTH, 0..=37, &["spec.containers[0].securityContext.seLinuxOptions.type", "spec.initContainers[0].securityContext.seLinuxOptions.type", "spec.ephemeralContainers[0].securityContext.seLinuxOptions.type"])] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"seLinuxOptions":{"type":"container_T","user":"u","role":"r"}}}]}"#, bad: &[(BOTH, 0..=37, &["spec.containers[0].securityContext.seLinuxOptions.type", "spec.containers[0].securityContext.seLinuxOptions.user", "spec.containers[0].securityContext.seLinuxOptions.role"])] },
    Case { pod: r#"{"securityContext":{"seLinuxOptions":{"user":"system_u","role":"system_r"}},"containers":[{"securityContext":{"seLinuxOptions":{"type":"container_t"}}}]}"#, bad: &[(BOTH, 0..=37, &["spec.securityContext.seLinuxOptions.user", "spec.securityContext.seLinuxOptions.role"])] },
];
