//! Check `windows-host-process`: HostProcess containers.

use super::context::by_rule;
use crate::rules::windows_host_process::WindowsHostProcess;
use crate::view::View;
use crate::violation::Report;

/// Since 1.0: `windowsOptions.hostProcess` is not true.
pub(super) fn windows_host_process_1_0(view: &View<'_>, report: &mut Report) {
    by_rule(&WindowsHostProcess {}, view, report);
}

#[cfg(test)]
use super::cases::{BOTH, Case};

#[cfg(test)]
#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    Case { pod: r#"{}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"windowsOptions":{"hostProcess":false}}}]}"#, bad: &[] },
    Case { pod: r#"{"securityContext":{"windowsOptions":{"runAsUserName":"x"}}}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"windowsOptions":null}}]}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"windowsOptions":{"hostProcess":true}}}],"initContainers":[{"name":"i","securityContext":{"windowsOptions":{"hostProcess":true}}}],"ephemeralContainers":[{"name":"e","securityContext":{"windowsOptions":{"hostProcess":true}}}]}"#, bad: &[(BOTH, 0..=37, &["spec.containers[0].securityContext.windowsOptions.hostProcess", "spec.initContainers[0].securityContext.windowsOptions.hostProcess", "spec.ephemeralContainers[0].securityContext.windowsOptions.hostProcess"])] },
    Case { pod: r#"{"securityContext":{"windowsOptions":{"hostProcess":true}},"containers":[{"securityContext":{"windowsOptions":{"hostProcess":false}}}]}"#, bad: &[(BOTH, 0..=37, &["spec.securityContext.windowsOptions.hostProcess"])] },
    Case { pod: r#"{"os":{"name":"windows"},"hostNetwork":true,"securityContext":{"windowsOptions":{"hostProcess":true}}}"#, bad: &[(BOTH, 0..=37, &["spec.securityContext.windowsOptions.hostProcess"])] },
];
