//! Check `host-namespaces`: namespaces of the node.

use super::context::fixed_if;
use crate::rules::windows_host_process::has_host_process;
use crate::view::View;
use crate::violation::{Found, Report, Violation};

/// Since 1.0: `hostNetwork`, `hostPID` and `hostIPC` are not true.
pub(super) fn host_namespaces_1_0(view: &View<'_>, report: &mut Report) {
    let spec = view.spec();
    for (field, value) in [("hostNetwork", spec.host_network), ("hostPID", spec.host_pid), ("hostIPC", spec.host_ipc)] {
        if value == Some(true) {
            let violation = Violation::in_pod(view, field, Found::plain(true), "must be false or unset");
            // The API server refuses a HostProcess pod without the node's network.
            let is_needed = field == "hostNetwork" && has_host_process(view);
            report.add(fixed_if(!is_needed, violation.fixed_by("false")));
        }
    }
}

#[cfg(test)]
use super::cases::{BOTH, Case};

#[cfg(test)]
#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    Case { pod: r#"{}"#, bad: &[] },
    Case { pod: r#"{"hostNetwork":false,"hostPID":false,"hostIPC":false}"#, bad: &[] },
    Case { pod: r#"{"hostNetwork":null,"hostUsers":true,"shareProcessNamespace":true}"#, bad: &[] },
    Case { pod: r#"{"hostNetwork":true}"#, bad: &[(BOTH, 0..=37, &["spec.hostNetwork"])] },
    Case { pod: r#"{"hostPID":true}"#, bad: &[(BOTH, 0..=37, &["spec.hostPID"])] },
    Case { pod: r#"{"hostIPC":true}"#, bad: &[(BOTH, 0..=37, &["spec.hostIPC"])] },
    Case { pod: r#"{"os":{"name":"windows"},"hostNetwork":true,"hostPID":true,"hostIPC":true}"#, bad: &[(BOTH, 0..=37, &["spec.hostNetwork", "spec.hostPID", "spec.hostIPC"])] },
    Case { pod: r#"{"hostNetwork":true,"hostPID":true,"securityContext":{"windowsOptions":{"hostProcess":true}}}"#, bad: &[(BOTH, 0..=37, &["spec.hostNetwork", "spec.hostPID"])] },
];
