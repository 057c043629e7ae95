//! Check `run-as-non-root`: whether the runtime keeps root from being started.

use super::context::{Sets, fixed_if, places, reaches_only};
use crate::view::{ContainerView, View};
use crate::violation::{Edit, Found, Report};

const FIELD: &str = "runAsNonRoot";

/// Since 1.0: `runAsNonRoot` is true for every container, its own or the pod's, and nowhere false.
pub(super) fn run_as_non_root_1_0(view: &View<'_>, report: &mut Report) {
    let sets: Sets = |context| context.run_as_non_root.is_some();
    let pod = view.security_context().run_as_non_root;
    let all_fit = reaches_only(view, sets, may_be_told);
    for place in places(view) {
        match (place.context.run_as_non_root, &place.container) {
            (Some(true), _) => {}
            (Some(false), container) => {
                let is_fit = match container {
                    Some(container) => may_be_told(container),
                    None => all_fit,
                };
                let violation = place.violation(view, sets, FIELD, Found::plain(false), "must be true");
                report.add(fixed_if(is_fit, violation.fixed_by("true")));
            }
            (None, Some(container)) if pod.is_none() => {
                let wanted = "must be true, here or in the pod's securityContext";
                let violation = place.violation(view, sets, FIELD, Found::Unset, wanted);
                let path =
                    if all_fit { view.spec_path("securityContext.runAsNonRoot") } else { violation.path.clone() };
                let edit = Edit::Set { path, value: "true".to_owned() };
                report.add(fixed_if(may_be_told(container), violation.with_fix(vec![edit], false)));
            }
            (None, _) => {}
        }
    }
}

/// Since 1.35: not asked of a pod with a user namespace of its own.
pub(super) fn run_as_non_root_1_35(view: &View<'_>, report: &mut Report) {
    if view.spec().host_users != Some(false) {
        run_as_non_root_1_0(view, report);
    }
}

/// Whether `true` lets the container start: beside user id 0 the kubelet refuses it.
fn may_be_told(container: &ContainerView<'_>) -> bool {
    container.effective(|context| context.run_as_user).is_none_or(|(id, _)| id != 0)
}

#[cfg(test)]
use super::cases::{Case, RESTRICTED};

#[cfg(test)]
#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    Case { pod: r#"{}"#, bad: &[(RESTRICTED, 0..=37, &["spec.containers[0].securityContext.runAsNonRoot"])] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":null}]}"#, bad: &[(RESTRICTED, 0..=37, &["spec.containers[0].securityContext.runAsNonRoot"])] },
    Case { pod: r#"{"securityContext":{"runAsNonRoot":null}}"#, bad: &[(RESTRICTED, 0..=37, &["spec.containers[0].securityContext.runAsNonRoot"])] },
    Case { pod: r#"{"securityContext":{"runAsNonRoot":true}}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"runAsNonRoot":true}}]}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"runAsNonRoot":true}}],"initContainers":[{"name":"i","securityContext":{"runAsNonRoot":true}}],"ephemeralContainers":[{"name":"e","securityContext":{"runAsNonRoot":true}}]}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a"}],"initContainers":[{"name":"i"}],"ephemeralContainers":[{"name":"e"}]}"#, bad: &[(RESTRICTED, 0..=37, &["spec.containers[0].securityContext.runAsNonRoot", "spec.initContainers[0].securityContext.runAsNonRoot", "spec.ephemeralContainers[0].securityContext.runAsNonRoot"])] },
    Case { pod: r#"{"containers":[{"securityContext":{"runAsNonRoot":true}},{}]}"#, bad: &[(RESTRICTED, 0..=37, &["spec.containers[1].securityContext.runAsNonRoot"])] },
    Case { pod: r#"{"securityContext":{"runAsNonRoot":true},"containers":[{"securityContext":{"runAsNonRoot":false}}]}"#, bad: &[(RESTRICTED, 0..=37, &["spec.containers[0].securityContext.runAsNonRoot"])] },
    Case { pod: r#"{"securityContext":{"runAsNonRoot":false},"containers":[{"securityContext":{"runAsNonRoot":true}}]}"#, bad: &[(RESTRICTED, 0..=37, &["spec.securityContext.runAsNonRoot"])] },
    Case { pod: r#"{"securityContext":{"runAsNonRoot":false}}"#, bad: &[(RESTRICTED, 0..=37, &["spec.securityContext.runAsNonRoot"])] },
    Case { pod: r#"{"securityContext":{"runAsUser":1000}}"#, bad: &[(RESTRICTED, 0..=37, &["spec.containers[0].securityContext.runAsNonRoot"])] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"runAsUser":0}}]}"#, bad: &[(RESTRICTED, 0..=37, &["spec.containers[0].securityContext.runAsNonRoot"])] },
    Case { pod: r#"{"containers":[{"securityContext":{"runAsUser":0}},{}]}"#, bad: &[(RESTRICTED, 0..=37, &["spec.containers[0].securityContext.runAsNonRoot", "spec.containers[1].securityContext.runAsNonRoot"])] },
    Case { pod: r#"{"os":{"name":"windows"}}"#, bad: &[(RESTRICTED, 0..=37, &["spec.containers[0].securityContext.runAsNonRoot"])] },
    Case { pod: r#"{"hostUsers":true}"#, bad: &[(RESTRICTED, 0..=37, &["spec.containers[0].securityContext.runAsNonRoot"])] },
    Case { pod: r#"{"hostUsers":false}"#, bad: &[(RESTRICTED, 0..=34, &["spec.containers[0].securityContext.runAsNonRoot"])] },
    Case { pod: r#"{"hostUsers":false,"securityContext":{"runAsNonRoot":false}}"#, bad: &[(RESTRICTED, 0..=34, &["spec.securityContext.runAsNonRoot"])] },
];
