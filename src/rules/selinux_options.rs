//! Rule `selinux-options`.

mod values;

pub use values::Values;

use self::values::ANY;
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
    /// one of `allowedLevels`. What `required` names must be set to that value instead. With `allowed`, the options
    /// as a whole must be as one of its sets allows. With `requireExplicit`, one at least must be set.
    ///
    /// **Repair:** sets what is `required`, and takes away what is not allowed, which needs `overwrite`; with
    /// `requireExplicit` it takes nothing away.
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
        required("required"): Values = Values::default() => serde_json::json!({
            "properties": { "user": value(), "role": value(), "type": value() },
        }),
        /// Sets of values, one of which the options must match: each option is unset, or has the value that the
        /// set gives it, or any for `*`. Not beside `required`.
        allowed("allowed"): Vec<Values> = Vec::new(),
        /// Whether each container needs options, its own or the pod's.
        require_explicit("requireExplicit"): bool = false,
    }
    check(this) {
        let is_required = this.required != Values::default();
        if is_required && !this.allowed.is_empty() {
            return Err(SettingsError::new("has no effect unless required is empty; keep one").under("allowed"));
        }
        if Part::ALL.iter().any(|part| this.required.of(*part) == Some(ANY)) {
            return Err(SettingsError::new("must be a value; `*` is for allowed, and requireExplicit demands any").under("required"));
        }
        check_each("allowedTypes", &this.allowed_types, |kind| {
            kind.is_empty().then(|| SettingsError::new("must not be empty"))
        })?;
        let level = this.required.level.as_ref().filter(|_| !this.allowed_levels.is_empty());
        if level.is_some_and(|level| !this.allowed_levels.iter().any(|allowed| allowed.is_same(level.as_str()))) {
            return Err(SettingsError::new("is not in allowedLevels").under("required.level"));
        }
    }
}

/// The schema of a value that must be set.
fn value() -> serde_json::Value {
    serde_json::json!({ "not": { "const": ANY } })
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
            if self.misses(options) {
                Self::report_missing(&container, report);
            }
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
        let unset = SeLinuxOptions::default();
        if self.misses(view.security_context().se_linux_options.as_ref().unwrap_or(&unset)) {
            inheriting.iter().for_each(|container| Self::report_missing(container, report));
        }
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

/// The parts that `wanted` finds fault with.
fn faults_by(wanted: &dyn Fn(Part) -> Option<String>) -> Vec<(Part, String)> {
    Part::ALL.into_iter().filter_map(|part| Some((part, wanted(part)?))).collect()
}

impl SelinuxOptions {
    /// The parts of `options` that are not as they must be, with what is wanted.
    fn faults(&self, options: &SeLinuxOptions<'_>) -> Vec<(Part, String)> {
        if self.allowed.is_empty() {
            return faults_by(&|part| self.wanted(part, part.of(options)));
        }
        let by_set = |set: &Values| faults_by(&|part| self.wanted_of(set, part, part.of(options)));
        let nearest = self.allowed.iter().map(by_set).min_by_key(Vec::len);
        let mut faults = nearest.unwrap_or_default();
        if self.allowed.len() > 1 {
            faults.iter_mut().for_each(|(_, wanted)| wanted.push_str(", or all as in another set of allowed"));
        }
        faults
    }

    /// Whether the rule misses options that are not set.
    fn misses(&self, options: &SeLinuxOptions<'_>) -> bool {
        let is_set = Part::ALL.iter().any(|part| !part.of(options).is_empty());
        self.require_explicit && !is_set && self.required == Values::default()
    }

    /// Reports a container without options.
    fn report_missing(container: &ContainerView<'_>, report: &mut Report) {
        let wanted = "must name a type, level, user or role, here or in the pod's securityContext";
        report.add(Violation::in_container(container, container.path(OPTIONS), Found::Unset, wanted));
    }

    /// Describes what is wanted instead of `value`; `None` if it is accepted.
    fn wanted(&self, part: Part, value: &str) -> Option<String> {
        match self.required.of(part) {
            Some(required) => (!self.required.is_same(part, value)).then(|| format!("must be {required}")),
            None => self.wanted_of(&self.required, part, value),
        }
    }

    /// Describes what is wanted instead of `value` by a set that need not be set.
    fn wanted_of(&self, values: &Values, part: Part, value: &str) -> Option<String> {
        let levels = || self.allowed_levels.iter().map(MlsLevel::as_str).collect();
        let (allowed, is_allowed): (Vec<&str>, bool) = match (part, values.of(part)) {
            _ if value.is_empty() => return None,
            (_, Some(wanted)) => (vec![wanted], wanted == ANY || values.is_same(part, value)),
            (Part::User | Part::Role, None) => (Vec::new(), false),
            (Part::Type, None) => {
                let types = self.allowed_types.iter().map(String::as_str).collect();
                (types, self.allowed_types.iter().any(|allowed| allowed == value))
            }
            (Part::Level, None) if self.allowed_levels.is_empty() => return None,
            (Part::Level, None) => (levels(), self.allowed_levels.iter().any(|allowed| allowed.is_same(value))),
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
            edits.push(match self.required.of(part) {
                Some(value) => Edit::Set { path: path(part), value: json::string(value) },
                None => Edit::Remove { path: path(part) },
            });
        }
        let overwrites = violation.found != Found::Unset;
        // What is taken away may leave nothing.
        let is_possible = !self.require_explicit || self.required.of(part).is_some();
        violation.with_fix(edits, overwrites).fixed_only_if(is_possible)
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
mod tests;
