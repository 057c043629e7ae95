//! Rule `selinux-options`.

use super::check::standard;
use super::profile::either;
use super::selinux_level::MlsLevel;
use super::written::{Sets, contexts};
use super::{Example, Rule, RuleMeta, Severity};
use crate::json;
use crate::pod::SeLinuxOptions;
use crate::settings::{Names, SettingsError, check_each, names};
use crate::view::{ContainerView, Inherited, View};
use crate::violation::{Edit, Found, Report, Violation};

crate::settings! {
    /// Containers keep SELinux's confinement.
    ///
    /// On nodes with SELinux the type of a process decides what it may touch, and the categories of its
    /// level keep containers apart from each other. The runtime picks both; a manifest that asks for
    /// another type, such as `spc_t`, or for another user or role can leave the confinement behind.
    ///
    /// The options of a container replace those of the pod as a whole, also those that they leave out.
    /// Options of the pod that no container uses are not judged.
    ///
    /// **Restricted fields:** `securityContext.seLinuxOptions` of the pod, containers, init containers and
    /// ephemeral containers.
    ///
    /// **Allowed values:** `type` unset or one of `allowedTypes`; `user` and `role` unset; `level` unset or
    /// one of `allowedLevels`. What `required` names must be set to that value instead.
    ///
    /// **Kubernetes:** all versions; the baseline standard allows `container_engine_t` since 1.31. Windows
    /// pods are exempt, the field is forbidden there.
    pub struct SelinuxOptions {
        /// Types that may be asked for.
        allowed_types("allowedTypes"): Names =
            names(&TYPES)
                => serde_json::json!({ "items": { "minLength": 1 } }),
        /// Levels that may be asked for, such as `s0:c1,c2` (the order does not matter, `c0.c3` is a range of
        /// categories); none for any level.
        allowed_levels("allowedLevels"): Vec<MlsLevel> = Vec::new(),
        /// Values that must be set, in place of the lists.
        required("required"): Required = Required::default(),
    }
    check(this) {
        check_each("allowedTypes", &this.allowed_types, |kind| {
            kind.is_empty().then(|| SettingsError::new("must not be empty"))
        })?;
        let level = this.required.level.as_ref().filter(|_| !this.allowed_levels.is_empty());
        if level.is_some_and(|level| !this.allowed_levels.iter().any(|allowed| allowed.is_same(level.as_str()))) {
            return Err(SettingsError::new("is not in allowedLevels").under("required.level"));
        }
    }
}

crate::settings! {
    /// Values of `seLinuxOptions` that must be set.
    pub struct Required {
        /// `user`; unset if not given.
        user("user"): Option<String> = None => serde_json::json!({ "minLength": 1 }),
        /// `role`; unset if not given.
        role("role"): Option<String> = None => serde_json::json!({ "minLength": 1 }),
        /// `type`; by `allowedTypes` if not given.
        kind("type"): Option<String> = None => serde_json::json!({ "minLength": 1 }),
        /// `level`; by `allowedLevels` if not given.
        level("level"): Option<MlsLevel> = None,
    }
    check(this) {
        for (key, value) in [("user", &this.user), ("role", &this.role), ("type", &this.kind)] {
            if value.as_deref() == Some("") {
                return Err(SettingsError::new("must not be empty; leave the key out to demand no value").under(key));
            }
        }
    }
}

/// The types that the standard allows; the last one since 1.31.
const TYPES: [&str; 4] = ["container_t", "container_init_t", "container_kvm_t", "container_engine_t"];

/// The fields of `seLinuxOptions`.
#[derive(Debug, Clone, Copy)]
enum Part {
    User,
    Role,
    Type,
    Level,
}

impl Part {
    const ALL: [Part; 4] = [Part::User, Part::Role, Part::Type, Part::Level];

    fn key(self) -> &'static str {
        match self {
            Part::User => "user",
            Part::Role => "role",
            Part::Type => "type",
            Part::Level => "level",
        }
    }

    /// The value in `options`; empty text is unset, as in Kubernetes.
    fn of<'a>(self, options: &'a SeLinuxOptions<'a>) -> &'a str {
        let value = match self {
            Part::User => &options.user,
            Part::Role => &options.role,
            Part::Type => &options.kind,
            Part::Level => &options.level,
        };
        value.as_deref().unwrap_or_default()
    }
}

impl RuleMeta for SelinuxOptions {
    const ID: &'static str = "selinux-options";
    const TITLE: &'static str = "Containers keep SELinux's confinement";
    const SEVERITY: Severity = Severity::Medium;
    const MUTATES: bool = true;
    const ON_WINDOWS: bool = false;
    const SOURCES: &'static [&'static str] = &[
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline",
        "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/",
    ];
    const EXAMPLE: Example = Example {
        rejected: "containers: [{securityContext: {seLinuxOptions: {type: spc_t}}}]",
        accepted: "containers: [{securityContext: {seLinuxOptions: {type: container_t}}}]",
        fix: "Take `seLinuxOptions` away: the runtime picks a type and a level. If the program needs more than \
              `container_t`, write a policy for it (`udica` makes one) and have its type allowed in \
              `allowedTypes`.",
    };
}

/// Field of a security context.
const OPTIONS: &str = "securityContext.seLinuxOptions";

impl Rule for SelinuxOptions {
    fn check(&self, view: &View<'_>, report: &mut Report) {
        let options = |container: &ContainerView<'_>| container.security_context().se_linux_options.is_some();
        for container in view.containers() {
            let Some(options) = &container.security_context().se_linux_options else { continue };
            let base = container.path(OPTIONS);
            for (part, wanted) in self.faults(options) {
                let (path, found) = at(&base, part, options);
                let violation = Violation::in_container(&container, path, found, wanted);
                report.add(self.repaired(violation, &[], std::slice::from_ref(&base), part));
            }
        }

        let Inherited { judged: inheriting, by_exempt: exempt_inherit } = view.inherited(&|c| !options(c));
        if inheriting.is_empty() {
            return;
        }
        let pod = view.spec_path(OPTIONS);
        match &view.security_context().se_linux_options {
            Some(options) => {
                // A repair must not change what exempt containers use: the others get a copy of their own.
                let copies = if exempt_inherit { copied(options) } else { Vec::new() };
                let places = if exempt_inherit {
                    inheriting.iter().map(|c| c.path(OPTIONS)).collect()
                } else {
                    vec![pod.clone()]
                };
                for (part, wanted) in self.faults(options) {
                    let (path, found) = at(&pod, part, options);
                    let violation = Violation::at(path, found, wanted).inherited(&inheriting);
                    report.add(self.repaired(violation, &copies, &places, part));
                }
            }
            None => {
                let unset = SeLinuxOptions::default();
                for container in &inheriting {
                    let base = container.path(OPTIONS);
                    let target = if exempt_inherit { &base } else { &pod };
                    for (part, wanted) in self.faults(&unset) {
                        let (path, found) = at(&base, part, &unset);
                        let violation = Violation::in_container(container, path, found, wanted);
                        report.add(self.repaired(violation, &[], std::slice::from_ref(target), part));
                    }
                }
            }
        }
    }
}

/// Path and value of a part.
fn at(base: &str, part: Part, options: &SeLinuxOptions<'_>) -> (String, Found) {
    let value = part.of(options);
    let found = if value.is_empty() { Found::Unset } else { Found::text(value) };
    (format!("{base}.{}", part.key()), found)
}

/// The parts that are set, with their values as JSON.
fn copied(options: &SeLinuxOptions<'_>) -> Vec<(Part, String)> {
    let set = Part::ALL.into_iter().filter(|part| !part.of(options).is_empty());
    set.map(|part| (part, json::string(part.of(options)))).collect()
}

impl SelinuxOptions {
    /// The parts of `options` that are not as they must be, with what is wanted.
    fn faults(&self, options: &SeLinuxOptions<'_>) -> Vec<(Part, String)> {
        Part::ALL.into_iter().filter_map(|part| Some((part, self.wanted(part, part.of(options))?))).collect()
    }

    fn required(&self, part: Part) -> Option<&str> {
        match part {
            Part::User => self.required.user.as_deref(),
            Part::Role => self.required.role.as_deref(),
            Part::Type => self.required.kind.as_deref(),
            Part::Level => self.required.level.as_ref().map(MlsLevel::as_str),
        }
    }

    /// Describes what is wanted instead of `value`; `None` if it is accepted.
    fn wanted(&self, part: Part, value: &str) -> Option<String> {
        if let Some(required) = self.required(part) {
            let same = match (part, &self.required.level) {
                (Part::Level, Some(level)) => level.is_same(value),
                _ => value == required,
            };
            return (!same).then(|| format!("must be {required}"));
        }
        let (allowed, is_allowed): (Vec<&str>, bool) = match part {
            _ if value.is_empty() => return None,
            Part::User | Part::Role => (Vec::new(), false),
            Part::Type => {
                let types = self.allowed_types.iter().map(String::as_str).collect();
                (types, self.allowed_types.iter().any(|allowed| allowed == value))
            }
            Part::Level if self.allowed_levels.is_empty() => return None,
            Part::Level => {
                let levels = self.allowed_levels.iter().map(MlsLevel::as_str).collect();
                (levels, self.allowed_levels.iter().any(|allowed| allowed.is_same(value)))
            }
        };
        match (is_allowed, allowed.as_slice()) {
            (true, _) => None,
            (false, []) => Some("must not be set".to_owned()),
            (false, allowed) => Some(format!("must be unset or {}", either(allowed))),
        }
    }

    /// The same violation, repaired at each of `places` after the `copies` are set there.
    fn repaired(&self, violation: Violation, copies: &[(Part, String)], places: &[String], part: Part) -> Violation {
        let mut edits = Vec::new();
        for place in places {
            let path = |part: Part| format!("{place}.{}", part.key());
            edits.extend(copies.iter().map(|(part, value)| Edit::Set { path: path(*part), value: value.clone() }));
            edits.push(match self.required(part) {
                Some(value) => Edit::Set { path: path(part), value: json::string(value) },
                None => Edit::Remove { path: path(part) },
            });
        }
        let overwrites = violation.found != Found::Unset;
        violation.with_fix(edits, overwrites)
    }
}

standard!(SelinuxOptions {
    /// `seLinuxOptions`, in the securityContext of the pod and of containers
    Baseline "selinux-options", upstream "seLinuxOptions" {
        0 => "`type` empty, `container_t`, `container_init_t` or `container_kvm_t`; `user` and `role` empty",
             check |view, report| check_written(&TYPES[..3], view, report);
        31 => "`type` may be `container_engine_t` too", check |view, report| check_written(&TYPES, view, report);
    }
});

fn check_written(types: &[&str], view: &View<'_>, report: &mut Report) {
    let sets: Sets = |context| context.se_linux_options.is_some();
    for written in contexts(view) {
        let Some(options) = &written.context.se_linux_options else { continue };
        for (field, value, allowed) in [
            ("seLinuxOptions.type", &options.kind, types),
            ("seLinuxOptions.user", &options.user, &[]),
            ("seLinuxOptions.role", &options.role, &[]),
        ] {
            let Some(value) = value.as_deref().filter(|value| !value.is_empty() && !allowed.contains(value)) else {
                continue;
            };
            let wanted = if allowed.is_empty() {
                "must not be set".to_owned()
            } else {
                format!("must be unset or one of {}", allowed.join(", "))
            };
            let violation = written.violation(sets, field, Found::text(value), &wanted).removed();
            report.add(violation.fixed_only_if(written.reaches_judged_only(sets)));
        }
    }
}

#[cfg(test)]
pub(crate) fn standard_cases() -> Vec<super::check::cases::Case> {
    use super::check::cases::*;
    vec![
        pod("{}"),
        context(r#"{"seLinuxOptions":null}"#),
        context(r#"{"seLinuxOptions":{}}"#),
        context(r#"{"seLinuxOptions":{"type":"","user":"","role":"","level":"s0:c1"}}"#),
        context(r#"{"seLinuxOptions":{"type":"container_t"}}"#),
        context(r#"{"seLinuxOptions":{"type":"container_init_t"}}"#),
        pod(r#"{"securityContext":{"seLinuxOptions":{"type":"container_kvm_t"}}}"#),
        context(r#"{"seLinuxOptions":{"type":"container_engine_t"}}"#).both(..=30, "seLinuxOptions.type"),
        pod(r#"{"securityContext":{"seLinuxOptions":{"type":"container_engine_t"}}}"#)
            .both(..=30, "spec.securityContext.seLinuxOptions.type"),
        contexts(r#"{"seLinuxOptions":{"type":"spc_t"}}"#).both(0.., "seLinuxOptions.type"),
        context(r#"{"seLinuxOptions":{"type":"container_T","user":"u","role":"r"}}"#)
            .both(0.., "seLinuxOptions.type seLinuxOptions.user seLinuxOptions.role"),
        pod(r#"{"securityContext":{"seLinuxOptions":{"user":"system_u","role":"system_r"}},
            "containers":[{"securityContext":{"seLinuxOptions":{"type":"container_t"}}}]}"#)
        .both(0.., "spec.securityContext.seLinuxOptions.user spec.securityContext.seLinuxOptions.role"),
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::*;
    use super::*;

    const REQUIRED: &str = r#"{"required":{"user":"u","role":"r","type":"spc_t","level":"s0:c1,c2"}}"#;
    const LEVEL: &str = r#"{"required":{"level":"s0:c1,c2"}}"#;

    /// A pod of containers `a` and `b` with their options, `-` for none.
    fn pod(of_pod: &str, of_a: &str, of_b: &str) -> String {
        let context = |options| match options {
            "-" => r#""x":0"#.to_owned(),
            options => format!(r#""securityContext":{{"seLinuxOptions":{options}}}"#),
        };
        let (of_pod, of_a, of_b) = (context(of_pod), context(of_a), context(of_b));
        format!(r#"{{{of_pod},"containers":[{{"name":"a",{of_a}}},{{"name":"b",{of_b}}}]}}"#)
    }

    /// Returns what a fix leaves: options of pod, `a` and `b`; or that it is refused.
    fn repaired(settings: &str, pod: &str) -> Option<serde_json::Value> {
        let pod = mutated::<SelinuxOptions>(settings, pod).ok()?;
        let options = |place: &serde_json::Value| place["securityContext"]["seLinuxOptions"].clone();
        let spec = &pod["spec"];
        Some(json!([options(spec), options(&spec["containers"][0]), options(&spec["containers"][1])]))
    }

    #[test]
    fn repairs() {
        let overwrite = r#"{"overwrite":true}"#;
        let level_overwrite = r#"{"overwrite":true,"required":{"level":"s0:c1,c2"}}"#;
        let exempt = r#"{"required":{"level":"s0:c1,c2"},"exemptions":[{"containers":["b"]}]}"#;
        let exempt_overwrite =
            r#"{"overwrite":true,"required":{"level":"s0:c1,c2"},"exemptions":[{"containers":["b"]}]}"#;
        let all = json!({"user":"u","role":"r","type":"spc_t","level":"s0:c1,c2"});
        let (none, level) = (json!(null), json!({"level":"s0:c1,c2"}));
        for (settings, pod, expected) in [
            ("{}", pod("-", "-", "-"), Some(json!([none, none, none]))),
            (REQUIRED, pod("-", "-", "-"), Some(json!([all, none, none]))),
            (REQUIRED, pod(r#"{"user":"u"}"#, "-", "{}"), Some(json!([all, none, all]))),
            (
                LEVEL,
                pod("-", "-", r#"{"type":"container_t"}"#),
                Some(json!([level, none, {"type":"container_t","level":"s0:c1,c2"}])),
            ),
            (LEVEL, pod("-", "-", r#"{"level":"s0"}"#), None),
            (level_overwrite, pod("-", "-", r#"{"level":"s0"}"#), Some(json!([level, none, level]))),
            ("{}", pod(r#"{"type":"spc_t"}"#, "-", "-"), None),
            (
                overwrite,
                pod(r#"{"user":"u","role":"r","type":"spc_t","level":"s0"}"#, "-", "-"),
                Some(json!([{"level":"s0"}, none, none])),
            ),
            (
                r#"{"overwrite":true,"allowedLevels":["s0"]}"#,
                pod(r#"{"level":"s1"}"#, "-", "-"),
                Some(json!([{}, none, none])),
            ),
            // The exempt container stays as it is.
            (exempt, pod("-", "-", "-"), Some(json!([none, level, none]))),
            (exempt, pod("-", "-", "{}"), Some(json!([level, none, {}]))),
            (exempt, pod("{}", "-", "-"), Some(json!([{}, level, none]))),
            (
                exempt,
                pod(r#"{"type":"container_t"}"#, "-", "-"),
                Some(json!([{"type":"container_t"}, {"type":"container_t","level":"s0:c1,c2"}, none])),
            ),
            (exempt, pod(r#"{"type":"spc_t"}"#, "-", "-"), None),
            (
                exempt,
                pod(r#"{"type":"spc_t"}"#, r#"{"level":"s0:c1,c2"}"#, "-"),
                Some(json!([{"type":"spc_t"}, level, none])),
            ),
            (
                exempt_overwrite,
                pod(r#"{"user":"u","type":"spc_t"}"#, "-", "-"),
                Some(json!([{"user":"u","type":"spc_t"}, level, none])),
            ),
        ] {
            assert_eq!(repaired(settings, &pod), expected, "{settings} {pod}");
        }
    }

    /// With `overwrite` every pod can be repaired, and what the exempt container runs under stays.
    #[test]
    fn every_combination_can_be_repaired() {
        let options = ["-", "{}", r#"{"user":"u","level":"s0:c2,c1"}"#, r#"{"role":"r","type":"spc_t","level":"x"}"#];
        for required in ["{}", r#"{"level":"s0:c1,c2"}"#, r#"{"role":"q","type":"mine_t"}"#] {
            for exempt in ["none", "b"] {
                let settings = format!(
                    r#"{{"overwrite":true,"required":{required},"exemptions":[{{"containers":["{exempt}"]}}]}}"#
                );
                for [of_pod, of_a, of_b] in triples(&options) {
                    let pod = pod(of_pod, of_a, of_b);
                    let after = repaired(&settings, &pod);
                    assert!(after.is_some(), "{settings} {pod}");
                    if exempt == "b" && of_b == "-" {
                        let before = serde_json::from_str::<serde_json::Value>(&pod).ok();
                        let before = before.map(|pod| pod["securityContext"]["seLinuxOptions"].clone());
                        let (after, before) = (after.unwrap_or_default(), before.unwrap_or_default());
                        assert!(after[2].is_null() && after[0] == before, "{settings} {pod} {after}");
                    }
                }
            }
        }
    }
}
