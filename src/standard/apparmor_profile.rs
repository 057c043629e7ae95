//! Check `apparmor-profile`: AppArmor profiles, as fields and as annotations.

use super::context::removed;
use super::profile::{ProfileField, check_types};
use crate::index::Index;
use crate::view::{ContainerView, Held, View};
use crate::violation::{Found, Report, Violation};

static FIELD: ProfileField = ProfileField {
    name: "appArmorProfile",
    read: |context| context.app_armor_profile.as_ref(),
    sets: |context| context.app_armor_profile.is_some(),
    key: KEY,
};

const KEY: &str = "container.apparmor.security.beta.kubernetes.io/";

/// Since 1.0: the type is `RuntimeDefault` or `Localhost`, an annotation `runtime/default`,
/// `localhost/<name>` or empty; both may be unset. The fields, new in 1.30, are judged in older versions too.
pub(super) fn apparmor_profile_1_0(view: &View<'_>, report: &mut Report) {
    check_types(&FIELD, view, report);
    let template = view.template();
    let names = Held::names(view);
    let (mut containers, mut index) = (None, None);
    for (key, _) in template.annotations() {
        let Some(container) = key.strip_prefix(KEY) else { continue };
        // Of a key that stands twice, the last value counts.
        let value = template.annotation(key).unwrap_or_default();
        let is_allowed = matches!(value, "" | "runtime/default") || value.starts_with("localhost/");
        if is_allowed || names.is_exempt(container) {
            continue;
        }
        let wanted = "must be runtime/default, localhost/<name> or unset";
        let containers = containers.get_or_insert_with(|| view.containers().collect::<Vec<_>>());
        let index = index.get_or_insert_with(|| Index::new(containers.iter().map(ContainerView::name).collect()));
        // A field of the container's own keeps the annotation from it.
        let owner = index.first(container).map(|at| &containers[at]);
        let owner = owner.filter(|owner| owner.security_context().app_armor_profile.is_none());
        let violation = Violation::at(view.annotation_path(key), Found::text(value), wanted);
        report.add(removed(violation.inherited(owner)));
    }
}

#[cfg(test)]
use super::cases::{BOTH, Case};

#[cfg(test)]
#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    Case { pod: r#"{}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"appArmorProfile":{"type":"RuntimeDefault"}}}]}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"appArmorProfile":{"type":"Localhost","localhostProfile":"x"}}}]}"#, bad: &[] },
    Case { pod: r#"{"securityContext":{"appArmorProfile":{"type":"RuntimeDefault"}}}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"appArmorProfile":null}}]}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"appArmorProfile":{"type":"Unconfined"}}}],"initContainers":[{"name":"i","securityContext":{"appArmorProfile":{"type":"Unconfined"}}}],"ephemeralContainers":[{"name":"e","securityContext":{"appArmorProfile":{"type":"Unconfined"}}}]}"#, bad: &[(BOTH, 0..=37, &["spec.containers[0].securityContext.appArmorProfile.type", "spec.initContainers[0].securityContext.appArmorProfile.type", "spec.ephemeralContainers[0].securityContext.appArmorProfile.type"])] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"appArmorProfile":{}}}]}"#, bad: &[(BOTH, 0..=37, &["spec.containers[0].securityContext.appArmorProfile.type"])] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"appArmorProfile":{"type":""}}}]}"#, bad: &[(BOTH, 0..=37, &["spec.containers[0].securityContext.appArmorProfile.type"])] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"appArmorProfile":{"type":"runtimeDefault"}}}]}"#, bad: &[(BOTH, 0..=37, &["spec.containers[0].securityContext.appArmorProfile.type"])] },
    Case { pod: r#"{"securityContext":{"appArmorProfile":{"type":"Unconfined"}},"containers":[{"securityContext":{"appArmorProfile":{"type":"RuntimeDefault"}}}]}"#, bad: &[(BOTH, 0..=37, &["spec.securityContext.appArmorProfile.type"])] },
    Case { pod: r#"{"securityContext":{"appArmorProfile":{"type":"Unconfined","localhostProfile":"x"}}}"#, bad: &[(BOTH, 0..=37, &["spec.securityContext.appArmorProfile.type"])] },
    Case { pod: r#"{"metadata":{"annotations":{"container.apparmor.security.beta.kubernetes.io/a":"runtime/default","container.apparmor.security.beta.kubernetes.io/i":"localhost/x","container.apparmor.security.beta.kubernetes.io/e":"","container.apparmor.security.beta.kubernetes.io/none":"localhost/"}},"spec":{"containers":[{"name":"a"}],"initContainers":[{"name":"i"}],"ephemeralContainers":[{"name":"e"}]}}"#, bad: &[] },
    Case { pod: r#"{"metadata":{"annotations":{"container.apparmor.security.beta.kubernetes.io/a":null}},"spec":{"containers":[{"name":"a"}],"initContainers":[{"name":"i"}],"ephemeralContainers":[{"name":"e"}]}}"#, bad: &[] },
    Case { pod: r#"{"metadata":{"annotations":{"container.apparmor.security.beta.kubernetes.io/a":"unconfined","container.apparmor.security.beta.kubernetes.io/i":"localhost","container.apparmor.security.beta.kubernetes.io/e":"RuntimeDefault","container.apparmor.security.beta.kubernetes.io/none":"unconfined"}},"spec":{"containers":[{"name":"a"}],"initContainers":[{"name":"i"}],"ephemeralContainers":[{"name":"e"}]}}"#, bad: &[(BOTH, 0..=37, &[r#"metadata.annotations["container.apparmor.security.beta.kubernetes.io/a"]"#, r#"metadata.annotations["container.apparmor.security.beta.kubernetes.io/i"]"#, r#"metadata.annotations["container.apparmor.security.beta.kubernetes.io/e"]"#, r#"metadata.annotations["container.apparmor.security.beta.kubernetes.io/none"]"#])] },
    Case { pod: r#"{"metadata":{"annotations":{"other.kubernetes.io/a":"unconfined"}},"spec":{"containers":[{"name":"a"}],"initContainers":[{"name":"i"}],"ephemeralContainers":[{"name":"e"}]}}"#, bad: &[] },
    Case { pod: r#"{"os":{"name":"windows"},"containers":[{"securityContext":{"appArmorProfile":{"type":"Unconfined"}}}]}"#, bad: &[(BOTH, 0..=37, &["spec.containers[0].securityContext.appArmorProfile.type"])] },
];
