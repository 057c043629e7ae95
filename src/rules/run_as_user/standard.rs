//! The checks `run-as-user` and `run-as-non-root` of the Pod Security Standards.

use crate::rules::written::{Sets, contexts, reaches_only};
use crate::view::{ContainerView, View};
use crate::violation::{Edit, Found, Report};

const NON_ROOT: &str = "runAsNonRoot";

pub(super) fn run_as_user_1_23(view: &View<'_>, report: &mut Report) {
    let sets: Sets = |context| context.run_as_user.is_some();
    for written in contexts(view).iter().filter(|written| written.context.run_as_user == Some(0)) {
        let violation = written.violation(sets, "runAsUser", Found::plain(0), "must be another id or unset");
        report.add(violation.removed().fixed_only_if(written.reaches_judged_only(sets)));
    }
}

pub(super) fn run_as_non_root_1_0(view: &View<'_>, report: &mut Report) {
    let sets: Sets = |context| context.run_as_non_root.is_some();
    let pod = view.security_context().run_as_non_root;
    let all_fit = reaches_only(view, sets, may_set_non_root);
    for written in contexts(view) {
        match (written.context.run_as_non_root, &written.container) {
            (Some(true), _) => {}
            (Some(false), container) => {
                let is_fit = container.as_ref().map_or(all_fit, may_set_non_root);
                let violation = written.violation(sets, NON_ROOT, Found::plain(false), "must be true");
                report.add(violation.fixed_by("true").fixed_only_if(is_fit));
            }
            (None, Some(container)) if pod.is_none() => {
                let wanted = "must be true, here or in the pod's securityContext";
                let violation = written.violation(sets, NON_ROOT, Found::Unset, wanted);
                let path =
                    if all_fit { view.spec_path("securityContext.runAsNonRoot") } else { violation.path.clone() };
                let edit = Edit::Set { path, value: "true".to_owned() };
                report.add(violation.with_fix(vec![edit], false).fixed_only_if(may_set_non_root(container)));
            }
            (None, _) => {}
        }
    }
}

/// Whether `true` lets the container start: beside user id 0 the kubelet refuses it.
fn may_set_non_root(container: &ContainerView<'_>) -> bool {
    container.effective(|context| context.run_as_user).is_none_or(|(id, _)| id != 0)
}

#[cfg(test)]
pub(crate) fn user_cases() -> Vec<crate::rules::check::cases::Case> {
    use crate::rules::check::cases::*;
    vec![
        pod("{}"),
        pod(r#"{"securityContext":{"runAsUser":null}}"#),
        pod(r#"{"securityContext":{"runAsUser":1000,"runAsGroup":0}}"#),
        context(r#"{"runAsUser":65534}"#),
        context(r#"{"runAsUser":-1}"#),
        contexts(r#"{"runAsUser":0}"#).restricted(23.., "runAsUser"),
        pod(r#"{"securityContext":{"runAsUser":0},"containers":[{"securityContext":{"runAsUser":1}}]}"#)
            .restricted(23.., "spec.securityContext.runAsUser"),
        pod(r#"{"securityContext":{"runAsUser":1},"containers":[{"securityContext":{"runAsUser":0}}]}"#)
            .restricted(23.., "spec.containers[0].securityContext.runAsUser"),
        pod(r#"{"hostUsers":false,"securityContext":{"runAsUser":0}}"#)
            .restricted(23..=34, "spec.securityContext.runAsUser"),
        pod(r#"{"hostUsers":true,"os":{"name":"windows"},"securityContext":{"runAsUser":0}}"#)
            .restricted(23.., "spec.securityContext.runAsUser"),
    ]
}

#[cfg(test)]
pub(crate) fn non_root_cases() -> Vec<crate::rules::check::cases::Case> {
    use crate::rules::check::cases::*;
    vec![
        pod("{}").restricted(0.., "spec.containers[0].securityContext.runAsNonRoot"),
        context("null").restricted(0.., "runAsNonRoot"),
        pod(r#"{"securityContext":{"runAsNonRoot":null}}"#)
            .restricted(0.., "spec.containers[0].securityContext.runAsNonRoot"),
        pod(r#"{"securityContext":{"runAsNonRoot":true}}"#),
        context(r#"{"runAsNonRoot":true}"#),
        contexts(r#"{"runAsNonRoot":true}"#),
        pod(r#"{"containers":[{"name":"a"}],"initContainers":[{"name":"i"}],"ephemeralContainers":[{"name":"e"}]}"#)
            .restricted(
                0..,
                "spec.containers[0].securityContext.runAsNonRoot
                 spec.initContainers[0].securityContext.runAsNonRoot
                 spec.ephemeralContainers[0].securityContext.runAsNonRoot",
            ),
        pod(r#"{"containers":[{"securityContext":{"runAsNonRoot":true}},{}]}"#)
            .restricted(0.., "spec.containers[1].securityContext.runAsNonRoot"),
        pod(r#"{"securityContext":{"runAsNonRoot":true},
            "containers":[{"securityContext":{"runAsNonRoot":false}}]}"#)
        .restricted(0.., "spec.containers[0].securityContext.runAsNonRoot"),
        pod(r#"{"securityContext":{"runAsNonRoot":false},
            "containers":[{"securityContext":{"runAsNonRoot":true}}]}"#)
        .restricted(0.., "spec.securityContext.runAsNonRoot"),
        pod(r#"{"securityContext":{"runAsNonRoot":false}}"#).restricted(0.., "spec.securityContext.runAsNonRoot"),
        pod(r#"{"securityContext":{"runAsUser":1000}}"#)
            .restricted(0.., "spec.containers[0].securityContext.runAsNonRoot"),
        context(r#"{"runAsUser":0}"#).restricted(0.., "runAsNonRoot"),
        pod(r#"{"containers":[{"securityContext":{"runAsUser":0}},{}]}"#).restricted(
            0..,
            "spec.containers[0].securityContext.runAsNonRoot spec.containers[1].securityContext.runAsNonRoot",
        ),
        pod(r#"{"os":{"name":"windows"}}"#).restricted(0.., "spec.containers[0].securityContext.runAsNonRoot"),
        pod(r#"{"hostUsers":true}"#).restricted(0.., "spec.containers[0].securityContext.runAsNonRoot"),
        pod(r#"{"hostUsers":false}"#).restricted(..=34, "spec.containers[0].securityContext.runAsNonRoot"),
        pod(r#"{"hostUsers":false,"securityContext":{"runAsNonRoot":false}}"#)
            .restricted(..=34, "spec.securityContext.runAsNonRoot"),
    ]
}
