//! Check `sysctls`: kernel parameters.

use crate::json::list;
use crate::view::View;
use crate::violation::{Edit, Found, Report, Violation};

/// Parameters that are safe since a version.
type Safe = &'static [&'static str];

const SAFE_1_0: Safe = &[
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_syncookies",
];
const SAFE_1_27: Safe = &["net.ipv4.ip_local_reserved_ports"];
const SAFE_1_29: Safe = &[
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
];
const SAFE_1_32: Safe = &["net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"];
const SAFE_1_37: Safe = &["net.ipv4.tcp_notsent_lowat", "net.ipv4.tcp_slow_start_after_idle"];

/// Since 1.0: names of five parameters.
pub(super) fn sysctls_1_0(view: &View<'_>, report: &mut Report) {
    only(&[SAFE_1_0], view, report);
}

/// Since 1.27: `ip_local_reserved_ports` too.
pub(super) fn sysctls_1_27(view: &View<'_>, report: &mut Report) {
    only(&[SAFE_1_0, SAFE_1_27], view, report);
}

/// Since 1.29: `tcp_fin_timeout` and `tcp_keepalive_*` too.
pub(super) fn sysctls_1_29(view: &View<'_>, report: &mut Report) {
    only(&[SAFE_1_0, SAFE_1_27, SAFE_1_29], view, report);
}

/// Since 1.32: `tcp_rmem` and `tcp_wmem` too.
pub(super) fn sysctls_1_32(view: &View<'_>, report: &mut Report) {
    only(&[SAFE_1_0, SAFE_1_27, SAFE_1_29, SAFE_1_32], view, report);
}

/// Since 1.37: `tcp_notsent_lowat` and `tcp_slow_start_after_idle` too.
pub(super) fn sysctls_1_37(view: &View<'_>, report: &mut Report) {
    only(&[SAFE_1_0, SAFE_1_27, SAFE_1_29, SAFE_1_32, SAFE_1_37], view, report);
}

/// Names are compared as they are written: the kernel takes slashes for dots, the standard does not.
fn only(safe: &[Safe], view: &View<'_>, report: &mut Report) {
    for (index, sysctl) in list(&view.security_context().sysctls).iter().enumerate() {
        let name = sysctl.name.as_deref();
        if safe.iter().any(|safe| safe.contains(&name.unwrap_or_default())) {
            continue;
        }
        let element = view.spec_path(&format!("securityContext.sysctls[{index}]"));
        let found = name.map_or(Found::Unset, Found::text);
        let wanted = "must be a kernel parameter that the standard holds safe";
        let violation = Violation::at([&element, ".name"].concat(), found, wanted);
        let violation = violation.with_detail(sysctl.value.as_deref());
        report.add(violation.with_fix(vec![Edit::Remove { path: element }], true));
    }
}

#[cfg(test)]
use super::cases::{BOTH, Case};

#[cfg(test)]
#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    Case { pod: r#"{}"#, bad: &[] },
    Case { pod: r#"{"securityContext":{"sysctls":[]}}"#, bad: &[] },
    Case { pod: r#"{"securityContext":{"sysctls":[{"name":"kernel.shm_rmid_forced","value":"0"},{"name":"net.ipv4.ip_local_port_range","value":"0"},{"name":"net.ipv4.ip_unprivileged_port_start","value":"0"},{"name":"net.ipv4.ping_group_range","value":"0"},{"name":"net.ipv4.tcp_syncookies","value":"0"}]}}"#, bad: &[] },
    Case { pod: r#"{"securityContext":{"sysctls":[{"name":"net.ipv4.ip_local_reserved_ports","value":"0"}]}}"#, bad: &[(BOTH, 0..=26, &["spec.securityContext.sysctls[0].name"])] },
    Case { pod: r#"{"securityContext":{"sysctls":[{"name":"net.ipv4.tcp_fin_timeout","value":"0"},{"name":"net.ipv4.tcp_keepalive_intvl","value":"0"},{"name":"net.ipv4.tcp_keepalive_probes","value":"0"},{"name":"net.ipv4.tcp_keepalive_time","value":"0"}]}}"#, bad: &[(BOTH, 0..=28, &["spec.securityContext.sysctls[0].name", "spec.securityContext.sysctls[1].name", "spec.securityContext.sysctls[2].name", "spec.securityContext.sysctls[3].name"])] },
    Case { pod: r#"{"securityContext":{"sysctls":[{"name":"net.ipv4.tcp_rmem","value":"0"},{"name":"net.ipv4.tcp_wmem","value":"0"}]}}"#, bad: &[(BOTH, 0..=31, &["spec.securityContext.sysctls[0].name", "spec.securityContext.sysctls[1].name"])] },
    Case { pod: r#"{"securityContext":{"sysctls":[{"name":"net.ipv4.tcp_notsent_lowat","value":"0"},{"name":"net.ipv4.tcp_slow_start_after_idle","value":"0"}]}}"#, bad: &[(BOTH, 0..=36, &["spec.securityContext.sysctls[0].name", "spec.securityContext.sysctls[1].name"])] },
    Case { pod: r#"{"securityContext":{"sysctls":[{"name":"kernel.shm_rmid_forced","value":"0"},{"name":"net.core.somaxconn","value":"0"},{"name":"kernel.msgmax","value":"0"}]}}"#, bad: &[(BOTH, 0..=37, &["spec.securityContext.sysctls[1].name", "spec.securityContext.sysctls[2].name"])] },
    Case { pod: r#"{"securityContext":{"sysctls":[{"name":"net/ipv4/tcp_syncookies","value":"0"},{"name":"net.ipv4.*","value":"0"},{"name":"","value":"0"}]}}"#, bad: &[(BOTH, 0..=37, &["spec.securityContext.sysctls[0].name", "spec.securityContext.sysctls[1].name", "spec.securityContext.sysctls[2].name"])] },
    Case { pod: r#"{"securityContext":{"sysctls":[{"value":"1"}]}}"#, bad: &[(BOTH, 0..=37, &["spec.securityContext.sysctls[0].name"])] },
];
