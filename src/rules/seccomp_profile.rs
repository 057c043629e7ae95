//! Rule `seccomp-profile`.

use super::check::standard;
use super::profile::{
    self, Dialect, Holder, ProfileDemand, ProfileField, ProfileType, Stated, Survey, WANTED, check_types,
};
use super::written::reaches_only;
use super::{Example, Rule, RuleMeta, Severity};
use crate::glob::Glob;
use crate::json;
use crate::view::{ContainerView, View};
use crate::violation::{Edit, Found, Report, Violation};

crate::setting_words! {
    /// The meaning of the old annotations.
    pub enum LegacyAnnotations {
        /// Nothing, as on clusters since Kubernetes 1.27; one that the fields do not confirm is a violation.
        Report = "report",
        /// They are in force where there is no field, as on clusters before Kubernetes 1.27.
        Accept = "accept",
    }
}

crate::settings! {
    /// Every container runs under a seccomp profile.
    ///
    /// A container without one can make every system call of the kernel, and most ways out of a container
    /// begin with a call that the runtime's default profile refuses. Unless the kubelet is told otherwise,
    /// unset means unconfined.
    ///
    /// The annotations from before the field existed do nothing since Kubernetes 1.27, so a manifest that
    /// still relies on them is unconfined. They are reported with the field to use, unless the field says
    /// the same already.
    ///
    /// **Restricted fields:** `securityContext.seccompProfile` of the pod, containers, init containers and
    /// ephemeral containers; annotations `seccomp.security.alpha.kubernetes.io/pod` and
    /// `container.seccomp.security.alpha.kubernetes.io/<container>`.
    ///
    /// **Allowed values:** `type` is one of `allowedTypes`, set for each container or for the pod;
    /// `localhostProfile` matches `localhostProfiles`. Another type is refused at pod level even if every
    /// container overrides it. With `requireExplicit: false`, no profile passes too.
    ///
    /// **Kubernetes:** fields since 1.19, annotations (`legacyAnnotations: accept`) until 1.26; the
    /// restricted standard demands a profile. Windows pods are exempt, the field is forbidden there.
    pub struct SeccompProfile {
        /// Types of profile that may be used: `RuntimeDefault`, `Localhost`, `Unconfined`.
        allowed_types("allowedTypes"): Vec<ProfileType> = vec![ProfileType::RuntimeDefault, ProfileType::Localhost]
            => serde_json::json!({ "minItems": 1 }),
        /// Globs on the `localhostProfile` of type `Localhost`; none for any name.
        localhost_profiles("localhostProfiles"): Vec<Glob> = Vec::new(),
        /// Whether a profile must be set. If not, only what is set is judged, as in the baseline standard.
        require_explicit("requireExplicit"): bool = true,
        /// The meaning of the old annotations: `report` for clusters since Kubernetes 1.27, `accept` for older ones.
        legacy_annotations("legacyAnnotations"): LegacyAnnotations = LegacyAnnotations::Report,
    }
    check(this) {
        profile::verify(&this.allowed_types, &this.localhost_profiles)?;
    }
}

static SECCOMP: Dialect = Dialect {
    field: "seccompProfile",
    read: |context| context.seccomp_profile.as_ref(),
    container_key: "container.seccomp.security.alpha.kubernetes.io/",
    pod_key: "seccomp.security.alpha.kubernetes.io/pod",
    default_words: &["runtime/default", "docker/default"],
};

impl RuleMeta for SeccompProfile {
    const ID: &'static str = "seccomp-profile";
    const TITLE: &'static str = "Containers run under a seccomp profile";
    const SEVERITY: Severity = Severity::Medium;
    const MUTATES: bool = true;
    const ON_WINDOWS: bool = false;
    const SOURCES: &'static [&'static str] = &[
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted",
        "https://kubernetes.io/docs/tutorials/security/seccomp/",
    ];
    const EXAMPLE: Example = Example {
        rejected: "containers: [{}]",
        accepted: "{securityContext: {seccompProfile: {type: RuntimeDefault}}, containers: [{}]}",
        fix: "Set `seccompProfile: {type: RuntimeDefault}` for the pod; hardly any program needs more. For one \
              that does, load a profile of its own on the nodes and name it: `type: Localhost` with \
              `localhostProfile`.",
    };
}

impl Rule for SeccompProfile {
    fn check(&self, view: &View<'_>, report: &mut Report) {
        let default = self.allowed_types.contains(&ProfileType::RuntimeDefault);
        let demand = ProfileDemand {
            dialect: &SECCOMP,
            types: &self.allowed_types,
            names: &self.localhost_profiles,
            annotations_count: self.legacy_annotations == LegacyAnnotations::Accept,
            required: self.require_explicit,
            unused_too: true,
            fill: default.then(|| Stated::new(ProfileType::RuntimeDefault, None)),
        };
        let survey = demand.survey(view);
        demand.check(&survey, report);
        if self.legacy_annotations == LegacyAnnotations::Report {
            let judge = |holder: &Holder<'_>, said: &str| outdated(&demand, &survey, holder, said);
            if let Some(violation) = survey.pod.annotation.and_then(|said| judge(&survey.pod, said)) {
                report.add(violation);
            }
            demand.check_annotations(&survey, report, judge);
        }
    }
}

/// The violation of an annotation that says something else than the fields.
fn outdated(demand: &ProfileDemand<'_>, survey: &Survey<'_>, holder: &Holder<'_>, said: &str) -> Option<Violation> {
    let stated = SECCOMP.meaning(said);
    let allowed = demand.accepts(&stated);
    let of_pod = holder.owner.is_none();
    let in_force = holder.field.or(survey.pod.field);
    let harmless = match in_force {
        Some(field) => field.means(&stated),
        // Every container has a field of its own: nothing is lost with the annotation.
        None => of_pod && allowed && survey.inheriting.is_empty(),
    };
    if harmless {
        return None;
    }
    let (path, found) = (demand.annotation_path(survey, holder), Found::text(said));
    let field = demand.field_path(survey, holder);
    let wanted = format!("must be replaced by {field}: the annotation does nothing since Kubernetes 1.27");
    let violation = match &holder.owner {
        Some(container) => Violation::in_container(container, path, found, wanted),
        None => survey.of_pod(Violation::at(path, found, wanted)),
    };
    if in_force.is_some() || !allowed {
        return Some(violation.removed());
    }
    let fix = if of_pod { demand.put_in_pod(survey, stated) } else { demand.put(survey, holder, stated) };
    Some(violation.with_fix(fix.edits, fix.overwrites))
}

standard!(SeccompProfile {
    /// before 1.19 annotations `seccomp.security.alpha.kubernetes.io/pod` and
    /// `container.seccomp.security.alpha.kubernetes.io/<container>`, then `seccompProfile.type`, in the securityContext
    /// of the pod and of containers
    Baseline "seccomp-profile", upstream "seccompProfile_baseline" {
        0 => "`runtime/default`, `docker/default`, `localhost/*` or unset", check baseline_1_0;
        19 => "`RuntimeDefault`, `Localhost` or no profile", check |view, report| check_types(&FIELD, view, report);
    }
    /// `seccompProfile.type`, in the securityContext of the pod and of containers
    Restricted "seccomp-profile" instead of "seccomp-profile", upstream "seccompProfile_restricted" {
        19 => "`RuntimeDefault` or `Localhost` for the pod or for every container, nothing else anywhere",
              check restricted_1_19;
        25 => "the same, but not of Windows pods", check |view, report| if !view.is_windows() {
            restricted_1_19(view, report);
        };
    }
});

static FIELD: ProfileField =
    ProfileField { dialect: &SECCOMP, sets: |context| context.seccomp_profile.is_some(), annotations_count: false };

fn baseline_1_0(view: &View<'_>, report: &mut Report) {
    check_annotation(SECCOMP.pod_key, None, view, report);
    for container in view.containers() {
        check_annotation(&[SECCOMP.container_key, container.name()].concat(), Some(&container), view, report);
    }
}

#[inline(never)]
fn check_annotation(key: &str, owner: Option<&ContainerView<'_>>, view: &View<'_>, report: &mut Report) {
    let Some(value) = view.template().annotation(key) else { return };
    if SECCOMP.default_words.contains(&value) || value.starts_with("localhost/") {
        return;
    }
    let wanted = "must be runtime/default, localhost/<name> or unset";
    let violation = Violation {
        container: owner.map(|container| (container.kind, container.name().to_owned())),
        ..Violation::at(view.annotation_path(key), Found::text(value), wanted)
    };
    report.add(violation.fixed_by(json::string("runtime/default")));
}

fn restricted_1_19(view: &View<'_>, report: &mut Report) {
    check_types(&FIELD, view, report);
    if view.security_context().seccomp_profile.is_some() {
        return;
    }
    let of_pod = reaches_only(view, FIELD.sets, |_| true);
    for container in view.containers() {
        if container.security_context().seccomp_profile.is_some() {
            continue;
        }
        let field = "securityContext.seccompProfile.type";
        let wanted = [WANTED, ", here or in the pod's securityContext"].concat();
        let violation = Violation::in_container(&container, container.path(field), Found::Unset, wanted);
        let path = if of_pod { view.spec_path(field) } else { violation.path.clone() };
        let edit = Edit::Set { path, value: json::string(ProfileType::RuntimeDefault.word()) };
        report.add(violation.with_fix(vec![edit], false).fixed_only_if(!view.is_windows()));
    }
}

#[cfg(test)]
pub(crate) fn standard_cases() -> Vec<super::check::cases::Case> {
    use super::check::cases::*;
    vec![
        pod("{}").restricted(19.., "spec.containers[0].securityContext.seccompProfile.type"),
        context("null").restricted(19.., "seccompProfile.type"),
        context(r#"{"seccompProfile":null}"#).restricted(19.., "seccompProfile.type"),
        pod(r#"{"securityContext":{"seccompProfile":{"type":"RuntimeDefault"}}}"#),
        pod(r#"{"securityContext":{"seccompProfile":{"type":"Localhost","localhostProfile":"x"}}}"#),
        context(r#"{"seccompProfile":{"type":"RuntimeDefault"}}"#),
        pod(r#"{"containers":[{"name":"a","securityContext":{"seccompProfile":{"type":"RuntimeDefault"}}},
            {"name":"b"}]}"#)
        .restricted(19.., "spec.containers[1].securityContext.seccompProfile.type"),
        pod(r#"{"containers":[{"name":"a"}],"initContainers":[{"name":"i"}],"ephemeralContainers":[{"name":"e"}]}"#)
            .restricted(
                19..,
                "spec.containers[0].securityContext.seccompProfile.type
                 spec.initContainers[0].securityContext.seccompProfile.type
                 spec.ephemeralContainers[0].securityContext.seccompProfile.type",
            ),
        contexts(r#"{"seccompProfile":{"type":"Unconfined"}}"#).both(19.., "seccompProfile.type"),
        pod(r#"{"securityContext":{"seccompProfile":{"type":"RuntimeDefault"}},
            "containers":[{"securityContext":{"seccompProfile":{"type":"Unconfined"}}}]}"#)
        .both(19.., "spec.containers[0].securityContext.seccompProfile.type"),
        pod(r#"{"securityContext":{"seccompProfile":{"type":"Unconfined"}},
            "containers":[{"securityContext":{"seccompProfile":{"type":"RuntimeDefault"}}}]}"#)
        .both(19.., "spec.securityContext.seccompProfile.type"),
        pod(r#"{"securityContext":{"seccompProfile":{"type":"Unconfined"}}}"#)
            .both(19.., "spec.securityContext.seccompProfile.type"),
        pod(r#"{"securityContext":{"seccompProfile":{}}}"#).both(19.., "spec.securityContext.seccompProfile.type"),
        pod(r#"{"securityContext":{"seccompProfile":{"localhostProfile":"x"}}}"#)
            .both(19.., "spec.securityContext.seccompProfile.type"),
        pod(r#"{"securityContext":{"seccompProfile":{"type":""}}}"#)
            .both(19.., "spec.securityContext.seccompProfile.type"),
        pod(r#"{"securityContext":{"seccompProfile":{"type":"runtime/default"}}}"#)
            .both(19.., "spec.securityContext.seccompProfile.type"),
        pod(r#"{"metadata":{"annotations":{"seccomp.security.alpha.kubernetes.io/pod":"runtime/default",
            "container.seccomp.security.alpha.kubernetes.io/a":"docker/default",
            "container.seccomp.security.alpha.kubernetes.io/i":"localhost/x",
            "container.seccomp.security.alpha.kubernetes.io/e":"localhost/"}},
            "spec":{"securityContext":{"seccompProfile":{"type":"RuntimeDefault"}},
            "containers":[{"name":"a"}],"initContainers":[{"name":"i"}],"ephemeralContainers":[{"name":"e"}]}}"#),
        pod(r#"{"metadata":{"annotations":{"seccomp.security.alpha.kubernetes.io/pod":"unconfined",
            "container.seccomp.security.alpha.kubernetes.io/a":"unconfined",
            "container.seccomp.security.alpha.kubernetes.io/i":"",
            "container.seccomp.security.alpha.kubernetes.io/e":null,
            "container.seccomp.security.alpha.kubernetes.io/none":"unconfined"}},
            "spec":{"securityContext":{"seccompProfile":{"type":"RuntimeDefault"}},
            "containers":[{"name":"a"}],"initContainers":[{"name":"i"}],"ephemeralContainers":[{"name":"e"}]}}"#)
        .both(
            ..=18,
            r#"metadata.annotations["seccomp.security.alpha.kubernetes.io/pod"]
                 metadata.annotations["container.seccomp.security.alpha.kubernetes.io/a"]
                 metadata.annotations["container.seccomp.security.alpha.kubernetes.io/i"]
                 metadata.annotations["container.seccomp.security.alpha.kubernetes.io/e"]"#,
        ),
        pod(r#"{"metadata":{"annotations":{"seccomp.security.alpha.kubernetes.io/pod":""}},
            "spec":{"securityContext":{"seccompProfile":{"type":"RuntimeDefault"}},
            "containers":[{"name":"a"}],"initContainers":[{"name":"i"}],"ephemeralContainers":[{"name":"e"}]}}"#)
        .both(..=18, r#"metadata.annotations["seccomp.security.alpha.kubernetes.io/pod"]"#),
        pod(r#"{"os":{"name":"windows"}}"#)
            .restricted(19..=24, "spec.containers[0].securityContext.seccompProfile.type"),
        pod(r#"{"os":{"name":"windows"},"securityContext":{"seccompProfile":{"type":"Unconfined"}}}"#)
            .baseline(19.., "spec.securityContext.seccompProfile.type")
            .restricted(19..=24, "spec.securityContext.seccompProfile.type"),
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::*;
    use super::*;

    const ACCEPT: &str = r#"{"legacyAnnotations":"accept"}"#;
    const POD: &str = r#"metadata.annotations["seccomp.security.alpha.kubernetes.io/pod"]"#;
    const OF_A: &str = r#"metadata.annotations["container.seccomp.security.alpha.kubernetes.io/a"]"#;
    const A_TYPE: &str = "spec.containers[0].securityContext.seccompProfile.type";

    /// The security context of a profile.
    fn context(profile: &str) -> String {
        format!(r#""securityContext":{{"seccompProfile":{profile}}}"#)
    }

    /// A pod of containers `a` and `b` with their profiles, `-` for none.
    fn pod(annotations: &str, of_pod: &str, of_a: &str, of_b: &str) -> String {
        let context = |profile| if profile == "-" { r#""x":0"#.to_owned() } else { context(profile) };
        let (of_pod, of_a, of_b) = (context(of_pod), context(of_a), context(of_b));
        let annotations = annotations
            .replace("POD", "seccomp.security.alpha.kubernetes.io/pod")
            .replace("OF_", "container.seccomp.security.alpha.kubernetes.io/");
        format!(
            r#"{{"metadata":{{"annotations":{annotations}}},"spec":{{{of_pod},"containers":[{{"name":"a",{of_a}}},{{"name":"b",{of_b}}}]}}}}"#
        )
    }

    const DEFAULT: &str = r#"{"type":"RuntimeDefault"}"#;
    const UNCONFINED: &str = r#"{"type":"Unconfined"}"#;

    #[test]
    fn annotations() {
        let node = r#"{"type":"Localhost","localhostProfile":"x"}"#;
        for (settings, annotations, of_pod, of_a, of_b, expected) in [
            // Leftovers that the fields confirm.
            ("{}", r#"{"POD":"runtime/default"}"#, DEFAULT, "-", "-", vec![]),
            ("{}", r#"{"POD":"docker/default"}"#, DEFAULT, "-", "-", vec![]),
            ("{}", r#"{"OF_a":"localhost/x"}"#, DEFAULT, node, "-", vec![]),
            ("{}", r#"{"OF_a":"runtime/default"}"#, DEFAULT, "-", "-", vec![]),
            ("{}", r#"{"POD":"runtime/default"}"#, "-", DEFAULT, node, vec![]),
            // Those that they do not.
            ("{}", r#"{"POD":"unconfined"}"#, DEFAULT, "-", "-", vec![POD]),
            ("{}", r#"{"POD":"unconfined"}"#, "-", DEFAULT, DEFAULT, vec![POD]),
            ("{}", r#"{"POD":"localhost/y"}"#, node, "-", "-", vec![POD]),
            ("{}", r#"{"POD":""}"#, DEFAULT, "-", "-", vec![POD]),
            ("{}", r#"{"POD":"runtime/default"}"#, "-", "-", DEFAULT, vec![A_TYPE, POD]),
            ("{}", r#"{"OF_a":"unconfined"}"#, DEFAULT, "-", "-", vec![OF_A]),
            ("{}", r#"{"OF_a":"runtime/default"}"#, "-", "-", DEFAULT, vec![A_TYPE, OF_A]),
            // In force before 1.27: container's field, its annotation, pod's field, its annotation.
            (ACCEPT, r#"{"POD":"runtime/default"}"#, "-", "-", "-", vec![]),
            (ACCEPT, r#"{"POD":"docker/default"}"#, "-", "-", "-", vec![]),
            (ACCEPT, r#"{"POD":"unconfined"}"#, "-", "-", "-", vec![POD]),
            (ACCEPT, r#"{"POD":"unconfined"}"#, "-", DEFAULT, DEFAULT, vec![POD]),
            (ACCEPT, r#"{"POD":"unconfined"}"#, DEFAULT, "-", "-", vec![]),
            (ACCEPT, r#"{"POD":"nonsense"}"#, "-", "-", "-", vec![POD]),
            (ACCEPT, r#"{"OF_a":"runtime/default","OF_b":"localhost/x"}"#, "-", "-", "-", vec![]),
            (ACCEPT, r#"{"OF_a":"unconfined"}"#, DEFAULT, "-", "-", vec![OF_A]),
            (ACCEPT, r#"{"OF_a":"unconfined"}"#, DEFAULT, DEFAULT, "-", vec![]),
            (ACCEPT, r#"{"OF_b":"runtime/default"}"#, "-", "-", "-", vec![A_TYPE]),
            (ACCEPT, r#"{"OF_b":""}"#, "-", DEFAULT, DEFAULT, vec![]),
            (ACCEPT, r#"{"OF_z":"unconfined"}"#, DEFAULT, "-", "-", vec![]),
        ] {
            let pod = pod(annotations, of_pod, of_a, of_b);
            assert_eq!(paths::<SeccompProfile>(settings, &pod), expected, "{settings} {pod}");
        }
    }

    /// Returns what a fix leaves: profiles of pod, `a` and `b`, and the annotations; or that it is refused.
    fn repaired(settings: &str, pod: &str) -> Option<serde_json::Value> {
        let pod = mutated::<SeccompProfile>(settings, pod).ok()?;
        let profile = |place: &serde_json::Value| place["securityContext"]["seccompProfile"].clone();
        let spec = &pod["spec"];
        let keys = pod["metadata"]["annotations"].as_object().map(serde_json::Map::len).unwrap_or_default();
        Some(json!([profile(spec), profile(&spec["containers"][0]), profile(&spec["containers"][1]), keys]))
    }

    #[test]
    fn repairs() {
        let (default, unconfined, none) = (json!({"type":"RuntimeDefault"}), json!({"type":"Unconfined"}), json!(null));
        let node = r#"{"type":"Localhost","localhostProfile":"x"}"#;
        let of_node = json!({"type":"Localhost","localhostProfile":"x"});
        let overwrite = r#"{"overwrite":true}"#;
        let exempt = r#"{"exemptions":[{"containers":["b"]}]}"#;
        let exempt_overwrite = r#"{"overwrite":true,"exemptions":[{"containers":["b"]}]}"#;
        let accept_overwrite = r#"{"overwrite":true,"legacyAnnotations":"accept"}"#;
        for (settings, pod, expected) in [
            ("{}", pod("{}", "-", "-", "-"), Some(json!([default, none, none, 0]))),
            ("{}", pod("{}", "-", "-", node), Some(json!([default, none, of_node, 0]))),
            ("{}", pod("{}", "{}", "{}", "-"), Some(json!([default, default, none, 0]))),
            ("{}", pod("{}", UNCONFINED, "-", "-"), None),
            (overwrite, pod("{}", UNCONFINED, "-", "-"), Some(json!([default, none, none, 0]))),
            (overwrite, pod("{}", UNCONFINED, DEFAULT, DEFAULT), Some(json!([default, default, default, 0]))),
            (overwrite, pod("{}", DEFAULT, UNCONFINED, "-"), Some(json!([default, default, none, 0]))),
            (overwrite, pod("{}", r#"{"type":"Localhost"}"#, "-", "-"), Some(json!([default, none, none, 0]))),
            // The exempt container stays as it is.
            (exempt, pod("{}", "-", "-", "-"), Some(json!([none, default, none, 0]))),
            (exempt, pod("{}", "-", "-", UNCONFINED), Some(json!([default, none, unconfined, 0]))),
            (exempt, pod("{}", UNCONFINED, DEFAULT, "-"), Some(json!([unconfined, default, none, 0]))),
            (exempt, pod("{}", UNCONFINED, "-", "-"), None),
            (exempt_overwrite, pod("{}", UNCONFINED, "-", "-"), Some(json!([unconfined, default, none, 0]))),
            (exempt, pod(r#"{"POD":"localhost/x"}"#, "-", "-", "-"), Some(json!([none, of_node, none, 1]))),
            (exempt, pod(r#"{"OF_b":"unconfined"}"#, DEFAULT, "-", "-"), Some(json!([default, none, none, 1]))),
            // Annotations become fields; those that may not are refused.
            ("{}", pod(r#"{"POD":"localhost/x"}"#, "-", "-", "-"), Some(json!([of_node, none, none, 1]))),
            ("{}", pod(r#"{"OF_a":"localhost/x"}"#, "-", "-", "-"), Some(json!([default, of_node, none, 1]))),
            ("{}", pod(r#"{"POD":"unconfined"}"#, "-", "-", "-"), None),
            (overwrite, pod(r#"{"POD":"unconfined"}"#, "-", "-", "-"), Some(json!([default, none, none, 0]))),
            (overwrite, pod(r#"{"OF_a":"unconfined"}"#, "-", "-", "-"), Some(json!([default, none, none, 0]))),
            (overwrite, pod(r#"{"OF_z":"runtime/default"}"#, DEFAULT, "-", "-"), Some(json!([default, none, none, 0]))),
            (ACCEPT, pod(r#"{"POD":"runtime/default"}"#, "-", "-", "-"), Some(json!([none, none, none, 1]))),
            (accept_overwrite, pod(r#"{"POD":"unconfined"}"#, "-", "-", "-"), Some(json!([default, none, none, 0]))),
            (
                accept_overwrite,
                pod(r#"{"OF_a":"unconfined"}"#, DEFAULT, "-", "-"),
                Some(json!([default, default, none, 0])),
            ),
            // Nothing to fill in.
            (r#"{"allowedTypes":["Localhost"]}"#, pod("{}", "-", "-", "-"), None),
            (
                r#"{"allowedTypes":["Localhost"]}"#,
                pod(r#"{"POD":"localhost/x"}"#, "-", "-", "-"),
                Some(json!([of_node, none, none, 1])),
            ),
        ] {
            assert_eq!(repaired(settings, &pod), expected, "{settings} {pod}");
        }
    }

    /// With `overwrite` every pod can be repaired, and what the exempt container runs under stays.
    #[test]
    fn every_combination_can_be_repaired() {
        let profiles = ["-", "{}", DEFAULT, UNCONFINED, r#"{"type":"Localhost"}"#];
        let said = [
            r#""y":"""#,
            r#""KEY":"""#,
            r#""KEY":"runtime/default""#,
            r#""KEY":"localhost/x""#,
            r#""KEY":"unconfined""#,
        ];
        let pairs =
            said.iter().flat_map(|pod| said.map(|a| [pod.replace("KEY", "POD"), a.replace("KEY", "OF_a")].join(",")));
        let pairs: Vec<String> = pairs.collect();
        for (mode, exempt) in [("report", "none"), ("report", "b"), ("accept", "none"), ("accept", "b")] {
            let settings = format!(
                r#"{{"overwrite":true,"legacyAnnotations":"{mode}","exemptions":[{{"containers":["{exempt}"]}}]}}"#
            );
            for ([of_pod, of_a, of_b], annotations) in
                triples(&profiles).into_iter().flat_map(|t| pairs.iter().map(move |p| (t, p)))
            {
                let pod = pod(&format!("{{{annotations}}}"), of_pod, of_a, of_b);
                let after = repaired(&settings, &pod);
                assert!(after.is_some(), "{settings} {pod}");
                if exempt == "b" && of_b == "-" {
                    let before = serde_json::from_str::<serde_json::Value>(&pod).ok();
                    let before = before.map(|pod| pod["spec"]["securityContext"]["seccompProfile"].clone());
                    let (after, before) = (after.unwrap_or_default(), before.unwrap_or_default());
                    assert!(after[2].is_null() && after[0] == before, "{settings} {pod} {after}");
                }
            }
        }
    }
}
