//! Check `host-namespaces`: namespaces of the node.

use super::context::by_rule;
use crate::rules::host_namespaces::HostNamespaces;
use crate::view::View;
use crate::violation::Report;

/// Since 1.0: `hostNetwork`, `hostPID` and `hostIPC` are not true.
pub(super) fn host_namespaces_1_0(view: &View<'_>, report: &mut Report) {
    by_rule(&HostNamespaces::default(), view, report);
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
