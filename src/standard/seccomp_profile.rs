//! Check `seccomp-profile`: seccomp profiles, as annotations and, since 1.19, as fields.

use super::context::{fixed_if, in_context, judged, reaches_only};
use super::profile::{ProfileField, RUNTIME_DEFAULT, WANTED, check_types};
use crate::json;
use crate::view::{ContainerView, View};
use crate::violation::{Edit, Found, Report, Violation};

static FIELD: ProfileField = ProfileField {
    name: "seccompProfile",
    read: |context| context.seccomp_profile.as_ref(),
    sets: |context| context.seccomp_profile.is_some(),
    key: "",
};

const TYPE: &str = "seccompProfile.type";
const POD_TYPE: &str = "securityContext.seccompProfile.type";
const POD_KEY: &str = "seccomp.security.alpha.kubernetes.io/pod";
const CONTAINER_KEY: &str = "container.seccomp.security.alpha.kubernetes.io/";

/// Both levels, since 1.0: annotations say `runtime/default`, `docker/default` or `localhost/<name>`.
pub(super) fn seccomp_profile_baseline_1_0(view: &View<'_>, report: &mut Report) {
    check_annotation(POD_KEY, None, view, report);
    for container in judged(view) {
        check_annotation(&[CONTAINER_KEY, container.name()].concat(), Some(&container), view, report);
    }
}

#[inline(never)]
fn check_annotation(key: &str, owner: Option<&ContainerView<'_>>, view: &View<'_>, report: &mut Report) {
    let Some(value) = view.template().annotation(key) else { return };
    if matches!(value, "runtime/default" | "docker/default") || value.starts_with("localhost/") {
        return;
    }
    let wanted = "must be runtime/default, localhost/<name> or unset";
    let violation = Violation {
        container: owner.map(|container| (container.kind, container.name().to_owned())),
        ..Violation::at(view.annotation_path(key), Found::text(value), wanted)
    };
    report.add(violation.fixed_by(json::string("runtime/default")));
}

/// Baseline, since 1.19: the type is `RuntimeDefault` or `Localhost`, or there is no profile.
pub(super) fn seccomp_profile_baseline_1_19(view: &View<'_>, report: &mut Report) {
    check_types(&FIELD, view, report);
}

/// Restricted, since 1.19: every container has a profile, its own or the pod's, and none is of another type.
pub(super) fn seccomp_profile_restricted_1_19(view: &View<'_>, report: &mut Report) {
    check_types(&FIELD, view, report);
    if view.security_context().seccomp_profile.is_some() {
        return;
    }
    let of_pod = reaches_only(view, FIELD.sets, |_| true);
    for container in judged(view) {
        if container.security_context().seccomp_profile.is_some() {
            continue;
        }
        let wanted = [WANTED, ", here or in the pod's securityContext"].concat();
        let violation = in_context(&container, TYPE, Found::Unset, &wanted);
        let path = if of_pod { view.spec_path(POD_TYPE) } else { violation.path.clone() };
        let edit = Edit::Set { path, value: json::string(RUNTIME_DEFAULT) };
        report.add(fixed_if(!view.is_windows(), violation.with_fix(vec![edit], false)));
    }
}

/// Restricted, since 1.25: not asked of Windows pods.
pub(super) fn seccomp_profile_restricted_1_25(view: &View<'_>, report: &mut Report) {
    if !view.is_windows() {
        seccomp_profile_restricted_1_19(view, report);
    }
}

#[cfg(test)]
use super::cases::{BASELINE, BOTH, Case, RESTRICTED};

#[cfg(test)]
#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    Case { pod: r#"{}"#, bad: &[(RESTRICTED, 19..=37, &["spec.containers[0].securityContext.seccompProfile.type"])] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":null}]}"#, bad: &[(RESTRICTED, 19..=37, &["spec.containers[0].securityContext.seccompProfile.type"])] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"seccompProfile":null}}]}"#, bad: &[(RESTRICTED, 19..=37, &["spec.containers[0].securityContext.seccompProfile.type"])] },
    Case { pod: r#"{"securityContext":{"seccompProfile":{"type":"RuntimeDefault"}}}"#, bad: &[] },
    Case { pod: r#"{"securityContext":{"seccompProfile":{"type":"Localhost","localhostProfile":"x"}}}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"seccompProfile":{"type":"RuntimeDefault"}}}]}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"seccompProfile":{"type":"RuntimeDefault"}}},{"name":"b"}]}"#, bad: &[(RESTRICTED, 19..=37, &["spec.containers[1].securityContext.seccompProfile.type"])] },
    Case { pod: r#"{"containers":[{"name":"a"}],"initContainers":[{"name":"i"}],"ephemeralContainers":[{"name":"e"}]}"#, bad: &[(RESTRICTED, 19..=37, &["spec.containers[0].securityContext.seccompProfile.type", "spec.initContainers[0].securityContext.seccompProfile.type", "spec.ephemeralContainers[0].securityContext.seccompProfile.type"])] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"seccompProfile":{"type":"Unconfined"}}}],"initContainers":[{"name":"i","securityContext":{"seccompProfile":{"type":"Unconfined"}}}],"ephemeralContainers":[{"name":"e","securityContext":{"seccompProfile":{"type":"Unconfined"}}}]}"#, bad: &[(BOTH, 19..=37, &["spec.containers[0].securityContext.seccompProfile.type", "spec.initContainers[0].securityContext.seccompProfile.type", "spec.ephemeralContainers[0].securityContext.seccompProfile.type"])] },
    Case { pod: r#"{"securityContext":{"seccompProfile":{"type":"RuntimeDefault"}},"containers":[{"securityContext":{"seccompProfile":{"type":"Unconfined"}}}]}"#, bad: &[(BOTH, 19..=37, &["spec.containers[0].securityContext.seccompProfile.type"])] },
    Case { pod: r#"{"securityContext":{"seccompProfile":{"type":"Unconfined"}},"containers":[{"securityContext":{"seccompProfile":{"type":"RuntimeDefault"}}}]}"#, bad: &[(BOTH, 19..=37, &["spec.securityContext.seccompProfile.type"])] },
    Case { pod: r#"{"securityContext":{"seccompProfile":{"type":"Unconfined"}}}"#, bad: &[(BOTH, 19..=37, &["spec.securityContext.seccompProfile.type"])] },
    Case { pod: r#"{"securityContext":{"seccompProfile":{}}}"#, bad: &[(BOTH, 19..=37, &["spec.securityContext.seccompProfile.type"])] },
    Case { pod: r#"{"securityContext":{"seccompProfile":{"localhostProfile":"x"}}}"#, bad: &[(BOTH, 19..=37, &["spec.securityContext.seccompProfile.type"])] },
    Case { pod: r#"{"securityContext":{"seccompProfile":{"type":""}}}"#, bad: &[(BOTH, 19..=37, &["spec.securityContext.seccompProfile.type"])] },
    Case { pod: r#"{"securityContext":{"seccompProfile":{"type":"runtime/default"}}}"#, bad: &[(BOTH, 19..=37, &["spec.securityContext.seccompProfile.type"])] },
    Case { pod: r#"{"metadata":{"annotations":{"seccomp.security.alpha.kubernetes.io/pod":"runtime/default","container.seccomp.security.alpha.kubernetes.io/a":"docker/default","container.seccomp.security.alpha.kubernetes.io/i":"localhost/x","container.seccomp.security.alpha.kubernetes.io/e":"localhost/"}},"spec":{"securityContext":{"seccompProfile":{"type":"RuntimeDefault"}},"containers":[{"name":"a"}],"initContainers":[{"name":"i"}],"ephemeralContainers":[{"name":"e"}]}}"#, bad: &[] },
    Case { pod: r#"{"metadata":{"annotations":{"seccomp.security.alpha.kubernetes.io/pod":"unconfined","container.seccomp.security.alpha.kubernetes.io/a":"unconfined","container.seccomp.security.alpha.kubernetes.io/i":"","container.seccomp.security.alpha.kubernetes.io/e":null,"container.seccomp.security.alpha.kubernetes.io/none":"unconfined"}},"spec":{"securityContext":{"seccompProfile":{"type":"RuntimeDefault"}},"containers":[{"name":"a"}],"initContainers":[{"name":"i"}],"ephemeralContainers":[{"name":"e"}]}}"#, bad: &[(BOTH, 0..=18, &[r#"metadata.annotations["seccomp.security.alpha.kubernetes.io/pod"]"#, r#"metadata.annotations["container.seccomp.security.alpha.kubernetes.io/a"]"#, r#"metadata.annotations["container.seccomp.security.alpha.kubernetes.io/i"]"#, r#"metadata.annotations["container.seccomp.security.alpha.kubernetes.io/e"]"#])] },
    Case { pod: r#"{"metadata":{"annotations":{"seccomp.security.alpha.kubernetes.io/pod":""}},"spec":{"securityContext":{"seccompProfile":{"type":"RuntimeDefault"}},"containers":[{"name":"a"}],"initContainers":[{"name":"i"}],"ephemeralContainers":[{"name":"e"}]}}"#, bad: &[(BOTH, 0..=18, &[r#"metadata.annotations["seccomp.security.alpha.kubernetes.io/pod"]"#])] },
    Case { pod: r#"{"os":{"name":"windows"}}"#, bad: &[(RESTRICTED, 19..=24, &["spec.containers[0].securityContext.seccompProfile.type"])] },
    Case { pod: r#"{"os":{"name":"windows"},"securityContext":{"seccompProfile":{"type":"Unconfined"}}}"#, bad: &[(BASELINE, 19..=37, &["spec.securityContext.seccompProfile.type"]), (RESTRICTED, 19..=24, &["spec.securityContext.seccompProfile.type"])] },
];
