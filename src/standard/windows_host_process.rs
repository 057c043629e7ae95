//! Check `windows-host-process`: HostProcess containers.

use super::context::{Sets, fixed_if, places};
use crate::rules::windows_host_process::host_process;
use crate::view::View;
use crate::violation::{Found, Report};

/// Since 1.0: `windowsOptions.hostProcess` is not true.
pub(super) fn windows_host_process_1_0(view: &View<'_>, report: &mut Report) {
    // All containers of a pod are HostProcess containers or none is, so none is changed while one is left alone.
    let is_whole = view.is_whole();
    for place in places(view).iter().filter(|place| host_process(place.context) == Some(true)) {
        let found = Found::plain(true);
        let sets: Sets = |context| host_process(context).is_some();
        let violation = place.violation(view, sets, "windowsOptions.hostProcess", found, "must be false or unset");
        report.add(fixed_if(is_whole, violation.fixed_by("false")));
    }
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
