//! Rule `apparmor-profile`.

use super::check::standard;
use super::profile::{self, Dialect, Holder, ProfileDemand, ProfileField, ProfileType, Stated, check_types};
use super::{Example, Rule, RuleMeta, Severity};
use crate::glob::{Glob, any_matches};
use crate::index::Index;
use crate::settings::SettingsError;
use crate::view::{ContainerView, Held, View};
use crate::violation::{Found, Report, Violation};

crate::settings! {
    /// No container switches AppArmor off.
    ///
    /// On nodes with AppArmor the runtime's profile keeps a container from writing below `/proc` and
    /// `/sys`, from mounting and from tracing other processes, even as root. Runtimes apply it by
    /// themselves, so unset is safe there and `Unconfined` is a decision against it.
    ///
    /// Until Kubernetes 1.30 the profile was an annotation. A container's field comes first, then its
    /// annotation, then the pod's field. A field and an annotation of one container that differ are
    /// refused by the API server, and so is an annotation for a container that does not exist, which is
    /// most often a misspelt one: both are reported here, before a Deployment's pods fail.
    ///
    /// **Restricted fields:** `securityContext.appArmorProfile` of the pod, containers, init containers and
    /// ephemeral containers; annotations `container.apparmor.security.beta.kubernetes.io/<container>`.
    ///
    /// **Allowed values:** unset unless `require`; `type` is one of `allowedTypes`; `localhostProfile`
    /// matches `localhostProfiles`. In annotations `runtime/default`, `localhost/<name>` and `unconfined`
    /// stand for the types, and the empty text for unset.
    ///
    /// **Kubernetes:** fields, and so repairs, since 1.30; annotations since 1.4. Windows pods are exempt,
    /// the field is forbidden there. A node without AppArmor refuses pods that state any profile, so
    /// `require` is for clusters where every node has it.
    pub struct ApparmorProfile {
        /// Types of profile that may be used: `RuntimeDefault`, `Localhost`, `Unconfined`.
        allowed_types("allowedTypes"): Vec<ProfileType> = vec![ProfileType::RuntimeDefault, ProfileType::Localhost]
            => serde_json::json!({ "minItems": 1 }),
        /// Globs on the name of a `Localhost` profile; none for any name.
        localhost_profiles("localhostProfiles"): Vec<Glob> = Vec::new(),
        /// Whether a profile must be stated; otherwise unset passes.
        require("require"): bool = false,
        /// The profile that a fix fills in; by default `RuntimeDefault`, if that is allowed.
        default("default"): Option<DefaultProfile> = None,
    }
    check(this) {
        profile::verify(&this.allowed_types, &this.localhost_profiles)?;
        if let Some(DefaultProfile { kind, localhost_profile }) = &this.default {
            if !this.allowed_types.contains(kind) {
                return Err(SettingsError::new("is not in allowedTypes").under("default.type"));
            }
            let name = localhost_profile.as_deref().filter(|_| !this.localhost_profiles.is_empty());
            if name.is_some_and(|name| !any_matches(&this.localhost_profiles, name)) {
                return Err(SettingsError::new("does not match localhostProfiles").under("default.localhostProfile"));
            }
        }
    }
}

crate::settings! {
    /// The profile that a repair fills in.
    pub struct DefaultProfile {
        /// Its type: `RuntimeDefault`, `Localhost` or `Unconfined`.
        kind("type"): ProfileType = ProfileType::RuntimeDefault,
        /// The name of a profile of type `Localhost`.
        localhost_profile("localhostProfile"): Option<String> = None,
    }
    check(this) {
        let has_name = this.localhost_profile.as_deref().is_some_and(|name| !name.is_empty());
        if (this.kind == ProfileType::Localhost) != has_name {
            let error = SettingsError::new("must be the name of a profile with type Localhost, and only then");
            return Err(error.under("localhostProfile"));
        }
    }
}

static APPARMOR: Dialect = Dialect {
    field: "appArmorProfile",
    read: |context| context.app_armor_profile.as_ref(),
    container_key: "container.apparmor.security.beta.kubernetes.io/",
    pod_key: "",
    default_words: &["runtime/default"],
};

impl RuleMeta for ApparmorProfile {
    const ID: &'static str = "apparmor-profile";
    const TITLE: &'static str = "Containers keep their AppArmor profile";
    const SEVERITY: Severity = Severity::Medium;
    const MUTATES: bool = true;
    const ON_WINDOWS: bool = false;
    const SOURCES: &'static [&'static str] = &[
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline",
        "https://kubernetes.io/docs/tutorials/security/apparmor/",
    ];
    const EXAMPLE: Example = Example {
        rejected: "containers: [{securityContext: {appArmorProfile: {type: Unconfined}}}]",
        accepted: "containers: [{securityContext: {appArmorProfile: {type: RuntimeDefault}}}]",
        fix: "Write `type: RuntimeDefault`, or take the field away. If the program needs what the runtime's \
              profile forbids, load a profile of its own on the nodes and name it: `type: Localhost` with \
              `localhostProfile`.",
    };
}

impl Rule for ApparmorProfile {
    fn check(&self, view: &View<'_>, report: &mut Report) {
        let demand = ProfileDemand {
            dialect: &APPARMOR,
            types: &self.allowed_types,
            names: &self.localhost_profiles,
            annotations_count: true,
            required: self.require,
            unused_too: false,
            fill: self.fill(),
        };
        let survey = demand.survey(view);
        demand.check(&survey, report);
        demand.check_annotations(&survey, report, |holder: &Holder<'_>, said| {
            let (Some(container), Some(field)) = (&holder.owner, &holder.field) else { return None };
            if field.means(&APPARMOR.meaning(said)) {
                return None;
            }
            let wanted = format!(
                "must be removed or say the same as {}: the API server refuses pods in which they differ",
                demand.field_path(&survey, holder)
            );
            let path = demand.annotation_path(&survey, holder);
            Some(Violation::in_container(container, path, Found::text(said), wanted).removed())
        });
    }
}

impl ApparmorProfile {
    fn fill(&self) -> Option<Stated<'_>> {
        match &self.default {
            Some(DefaultProfile { kind, localhost_profile }) => Some(Stated::new(*kind, localhost_profile.as_deref())),
            None if self.allowed_types.contains(&ProfileType::RuntimeDefault) => {
                Some(Stated::new(ProfileType::RuntimeDefault, None))
            }
            None => None,
        }
    }
}

standard!(ApparmorProfile {
    /// `appArmorProfile.type`, in the securityContext of the pod and of containers; annotations
    /// `container.apparmor.security.beta.kubernetes.io/*`
    Baseline "apparmor-profile", upstream "appArmorProfile" {
        0 => "`RuntimeDefault`, `Localhost` or no profile; annotations `runtime/default`, `localhost/*` or empty",
             check baseline_1_0;
    }
});

static FIELD: ProfileField =
    ProfileField { dialect: &APPARMOR, sets: |context| context.app_armor_profile.is_some(), annotations_count: true };

/// The fields, new in 1.30, are judged in older versions too.
fn baseline_1_0(view: &View<'_>, report: &mut Report) {
    check_types(&FIELD, view, report);
    let template = view.template();
    let names = Held::names(view);
    let (mut containers, mut index) = (None, None);
    for (key, _) in template.annotations() {
        let Some(container) = key.strip_prefix(APPARMOR.container_key) else { continue };
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
        report.add(violation.inherited(owner).removed());
    }
}

#[cfg(test)]
pub(crate) fn standard_cases() -> Vec<super::check::cases::Case> {
    use super::check::cases::*;
    vec![
        pod("{}"),
        context(r#"{"appArmorProfile":{"type":"RuntimeDefault"}}"#),
        context(r#"{"appArmorProfile":{"type":"Localhost","localhostProfile":"x"}}"#),
        pod(r#"{"securityContext":{"appArmorProfile":{"type":"RuntimeDefault"}}}"#),
        context(r#"{"appArmorProfile":null}"#),
        contexts(r#"{"appArmorProfile":{"type":"Unconfined"}}"#).both(0.., "appArmorProfile.type"),
        context(r#"{"appArmorProfile":{}}"#).both(0.., "appArmorProfile.type"),
        context(r#"{"appArmorProfile":{"type":""}}"#).both(0.., "appArmorProfile.type"),
        context(r#"{"appArmorProfile":{"type":"runtimeDefault"}}"#).both(0.., "appArmorProfile.type"),
        pod(r#"{"securityContext":{"appArmorProfile":{"type":"Unconfined"}},
            "containers":[{"securityContext":{"appArmorProfile":{"type":"RuntimeDefault"}}}]}"#)
        .both(0.., "spec.securityContext.appArmorProfile.type"),
        pod(r#"{"securityContext":{"appArmorProfile":{"type":"Unconfined","localhostProfile":"x"}}}"#)
            .both(0.., "spec.securityContext.appArmorProfile.type"),
        pod(r#"{"metadata":{"annotations":{"container.apparmor.security.beta.kubernetes.io/a":"runtime/default",
            "container.apparmor.security.beta.kubernetes.io/i":"localhost/x",
            "container.apparmor.security.beta.kubernetes.io/e":"",
            "container.apparmor.security.beta.kubernetes.io/none":"localhost/"}},
            "spec":{"containers":[{"name":"a"}],"initContainers":[{"name":"i"}],
            "ephemeralContainers":[{"name":"e"}]}}"#),
        pod(r#"{"metadata":{"annotations":{"container.apparmor.security.beta.kubernetes.io/a":null}},
            "spec":{"containers":[{"name":"a"}],"initContainers":[{"name":"i"}],
            "ephemeralContainers":[{"name":"e"}]}}"#),
        pod(r#"{"metadata":{"annotations":{"container.apparmor.security.beta.kubernetes.io/a":"unconfined",
            "container.apparmor.security.beta.kubernetes.io/i":"localhost",
            "container.apparmor.security.beta.kubernetes.io/e":"RuntimeDefault",
            "container.apparmor.security.beta.kubernetes.io/none":"unconfined"}},
            "spec":{"containers":[{"name":"a"}],"initContainers":[{"name":"i"}],
            "ephemeralContainers":[{"name":"e"}]}}"#)
        .both(
            0..,
            r#"metadata.annotations["container.apparmor.security.beta.kubernetes.io/a"]
                 metadata.annotations["container.apparmor.security.beta.kubernetes.io/i"]
                 metadata.annotations["container.apparmor.security.beta.kubernetes.io/e"]
                 metadata.annotations["container.apparmor.security.beta.kubernetes.io/none"]"#,
        ),
        pod(r#"{"metadata":{"annotations":{"other.kubernetes.io/a":"unconfined"}},
            "spec":{"containers":[{"name":"a"}],"initContainers":[{"name":"i"}],
            "ephemeralContainers":[{"name":"e"}]}}"#),
        pod(r#"{"os":{"name":"windows"},
            "containers":[{"securityContext":{"appArmorProfile":{"type":"Unconfined"}}}]}"#)
        .both(0.., "spec.containers[0].securityContext.appArmorProfile.type"),
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::*;
    use super::*;

    const OF_A: &str = r#"metadata.annotations["container.apparmor.security.beta.kubernetes.io/a"]"#;
    const A_TYPE: &str = "spec.containers[0].securityContext.appArmorProfile.type";
    const POD_TYPE: &str = "spec.securityContext.appArmorProfile.type";
    const DEFAULT: &str = r#"{"type":"RuntimeDefault"}"#;
    const UNCONFINED: &str = r#"{"type":"Unconfined"}"#;
    const REQUIRE: &str = r#"{"require":true}"#;

    /// A pod of containers `a` and `b` with their profiles, `-` for none.
    fn pod(annotations: &str, of_pod: &str, of_a: &str, of_b: &str) -> String {
        let context = |profile| match profile {
            "-" => r#""x":0"#.to_owned(),
            profile => format!(r#""securityContext":{{"appArmorProfile":{profile}}}"#),
        };
        let (of_pod, of_a, of_b) = (context(of_pod), context(of_a), context(of_b));
        let annotations = annotations.replace("OF_", "container.apparmor.security.beta.kubernetes.io/");
        format!(
            r#"{{"metadata":{{"annotations":{annotations}}},"spec":{{{of_pod},"containers":[{{"name":"a",{of_a}}},{{"name":"b",{of_b}}}]}}}}"#
        )
    }

    #[test]
    fn annotations() {
        let named = r#"{"type":"Localhost","localhostProfile":"x"}"#;
        for (settings, annotations, of_pod, of_a, expected) in [
            ("{}", r#"{"OF_a":"runtime/default"}"#, "-", "-", vec![]),
            // Words of the field, which annotations do not have.
            ("{}", r#"{"OF_a":"RuntimeDefault"}"#, "-", "-", vec![OF_A]),
            ("{}", r#"{"OF_a":"Localhost"}"#, "-", "-", vec![OF_A]),
            ("{}", r#"{"OF_a":"localhost/x"}"#, "-", "-", vec![]),
            ("{}", r#"{"OF_a":""}"#, "-", "-", vec![]),
            ("{}", r#"{"OF_a":null}"#, "-", "-", vec![]),
            ("{}", r#"{"OF_a":"unconfined"}"#, "-", "-", vec![OF_A]),
            ("{}", r#"{"OF_a":"localhost/"}"#, "-", "-", vec![OF_A]),
            ("{}", r#"{"OF_a":"docker/default"}"#, "-", "-", vec![OF_A]),
            (r#"{"localhostProfiles":["y"]}"#, r#"{"OF_a":"localhost/x"}"#, "-", "-", vec![OF_A]),
            // It comes before the pod's field, after the container's.
            ("{}", r#"{"OF_a":"unconfined"}"#, DEFAULT, "-", vec![OF_A]),
            ("{}", r#"{"OF_a":"runtime/default","OF_b":"localhost/x"}"#, UNCONFINED, "-", vec![]),
            ("{}", r#"{"OF_a":""}"#, UNCONFINED, "-", vec![POD_TYPE]),
            ("{}", r#"{"OF_a":"localhost/x"}"#, "-", named, vec![]),
            ("{}", r#"{"OF_a":"localhost/y"}"#, "-", named, vec![OF_A]),
            ("{}", r#"{"OF_a":"unconfined"}"#, "-", DEFAULT, vec![OF_A]),
            ("{}", r#"{"OF_a":"unconfined"}"#, "-", UNCONFINED, vec![A_TYPE]),
            (REQUIRE, r#"{"OF_a":"runtime/default","OF_b":"localhost/x"}"#, "-", "-", vec![]),
            (REQUIRE, r#"{"OF_a":"","OF_b":"runtime/default"}"#, "-", "-", vec![A_TYPE]),
        ] {
            let pod = pod(annotations, of_pod, of_a, "-");
            assert_eq!(paths::<ApparmorProfile>(settings, &pod), expected, "{settings} {pod}");
        }
    }

    /// Returns what a fix leaves: profiles of pod, `a` and `b`, and the number of annotations; or that it is refused.
    fn repaired(settings: &str, pod: &str) -> Option<serde_json::Value> {
        let pod = mutated::<ApparmorProfile>(settings, pod).ok()?;
        let profile = |place: &serde_json::Value| place["securityContext"]["appArmorProfile"].clone();
        let spec = &pod["spec"];
        let keys = pod["metadata"]["annotations"].as_object().map(serde_json::Map::len).unwrap_or_default();
        Some(json!([profile(spec), profile(&spec["containers"][0]), profile(&spec["containers"][1]), keys]))
    }

    #[test]
    fn repairs() {
        let (default, unconfined, none) = (json!({"type":"RuntimeDefault"}), json!({"type":"Unconfined"}), json!(null));
        let of_node = json!({"type":"Localhost","localhostProfile":"x"});
        let overwrite = r#"{"overwrite":true}"#;
        let named = r#"{"require":true,"default":{"type":"Localhost","localhostProfile":"x"}}"#;
        let exempt = r#"{"require":true,"exemptions":[{"containers":["b"]}]}"#;
        let exempt_overwrite = r#"{"overwrite":true,"exemptions":[{"containers":["b"]}]}"#;
        for (settings, pod, expected) in [
            ("{}", pod("{}", "-", "-", "-"), Some(json!([none, none, none, 0]))),
            (REQUIRE, pod("{}", "-", "-", "-"), Some(json!([default, none, none, 0]))),
            (named, pod("{}", "-", "-", DEFAULT), Some(json!([of_node, none, default, 0]))),
            (REQUIRE, pod(r#"{"OF_a":"","OF_b":"localhost/x"}"#, "-", "-", "-"), Some(json!([default, none, none, 2]))),
            // The exempt container stays as it is.
            (exempt, pod("{}", "-", "-", "-"), Some(json!([none, default, none, 0]))),
            (exempt, pod(r#"{"OF_a":""}"#, "-", "-", "-"), Some(json!([none, default, none, 0]))),
            (exempt_overwrite, pod("{}", UNCONFINED, "-", "-"), Some(json!([unconfined, default, none, 0]))),
            (exempt, pod(r#"{"OF_b":"unconfined"}"#, "-", "-", "-"), Some(json!([default, none, none, 1]))),
            ("{}", pod("{}", UNCONFINED, "-", "-"), None),
            (overwrite, pod("{}", UNCONFINED, "-", "-"), Some(json!([default, none, none, 0]))),
            (overwrite, pod("{}", UNCONFINED, UNCONFINED, "-"), Some(json!([default, default, none, 0]))),
            ("{}", pod(r#"{"OF_a":"unconfined"}"#, "-", "-", "-"), None),
            (overwrite, pod(r#"{"OF_a":"unconfined"}"#, "-", "-", "-"), Some(json!([none, default, none, 0]))),
            (overwrite, pod(r#"{"OF_a":"unconfined"}"#, "-", UNCONFINED, "-"), Some(json!([none, default, none, 0]))),
            (overwrite, pod(r#"{"OF_a":"unconfined"}"#, "-", DEFAULT, "-"), Some(json!([none, default, none, 0]))),
            (overwrite, pod(r#"{"OF_z":"runtime/default"}"#, "-", "-", "-"), Some(json!([none, none, none, 0]))),
            (r#"{"require":true,"allowedTypes":["Localhost"]}"#, pod("{}", "-", "-", "-"), None),
        ] {
            assert_eq!(repaired(settings, &pod), expected, "{settings} {pod}");
        }
    }

    /// With `overwrite` every pod can be repaired, and what the exempt container runs under stays.
    #[test]
    fn every_combination_can_be_repaired() {
        let profiles = ["-", "{}", DEFAULT, UNCONFINED, r#"{"type":"Localhost"}"#];
        let said = ["{}", r#"{"OF_a":""}"#, r#"{"OF_a":"runtime/default"}"#, r#"{"OF_a":"unconfined","OF_z":"x"}"#];
        for (require, exempt) in [(false, "none"), (false, "b"), (true, "none"), (true, "b")] {
            let settings =
                format!(r#"{{"overwrite":true,"require":{require},"exemptions":[{{"containers":["{exempt}"]}}]}}"#);
            for ([of_pod, of_a, of_b], annotations) in
                triples(&profiles).into_iter().flat_map(|t| said.map(move |said| (t, said)))
            {
                let pod = pod(annotations, of_pod, of_a, of_b);
                let after = repaired(&settings, &pod);
                assert!(after.is_some(), "{settings} {pod}");
                if exempt == "b" && of_b == "-" {
                    let before = serde_json::from_str::<serde_json::Value>(&pod).ok();
                    let before = before.map(|pod| pod["spec"]["securityContext"]["appArmorProfile"].clone());
                    let (after, before) = (after.unwrap_or_default(), before.unwrap_or_default());
                    assert!(after[2].is_null() && after[0] == before, "{settings} {pod} {after}");
                }
            }
        }
    }
}
