//! Check `windows-host-process`: HostProcess containers.

use super::context::{fixed_if, places};
use crate::pod::SecurityContext;
use crate::view::View;
use crate::violation::{Found, Report};

/// Since 1.0: `windowsOptions.hostProcess` is not true.
pub(super) fn windows_host_process_1_0(view: &View<'_>, report: &mut Report) {
    for place in places(view).iter().filter(|place| host_process(place.context) == Some(true)) {
        let found = Found::plain(true);
        let violation = place.violation(view, "windowsOptions.hostProcess", found, "must be false or unset");
        let is_ours = place.is_ours(view, |context| host_process(context).is_some());
        report.add(fixed_if(is_ours, violation.fixed_by("false")));
    }
}

fn host_process(context: &SecurityContext<'_>) -> Option<bool> {
    context.windows_options.as_ref()?.host_process
}

/// Whether a container of the pod, judged or not, is a HostProcess container.
pub(super) fn has_host_process(view: &View<'_>) -> bool {
    view.all_containers().any(|container| container.effective(host_process).is_some_and(|(value, _)| value))
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
