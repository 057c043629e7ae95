//! Rule `proc-mount`.

use super::{Example, Rule, RuleMeta, Severity};
use crate::settings::SettingsError;
use crate::view::View;
use crate::violation::{Found, Report, Violation};

crate::setting_words! {
    /// How much of `/proc` a container sees.
    pub enum ProcMountType {
        /// As the runtime ships it: what tells of the node is masked, the rest is read-only.
        Default = "Default",
        /// Everything, writable.
        Unmasked = "Unmasked",
    }
}

crate::settings! {
    /// Containers keep the runtime's masks over `/proc`.
    ///
    /// Runtimes hide `/proc/kcore`, `/proc/keys`, `/proc/timer_list` and others, and make `/proc/sys` and
    /// `/proc/sysrq-trigger` read-only. `procMount: Unmasked` takes all of that away: the container reads
    /// what the kernel tells of the node and writes where the kernel lets its user write.
    ///
    /// **Restricted fields:** `securityContext.procMount` of containers, init containers and ephemeral
    /// containers.
    ///
    /// **Allowed values:** unset, and those of `allowedTypes`.
    ///
    /// **Kubernetes:** since 1.12; newer API servers take `Unmasked` only beside `hostUsers: false`, where
    /// the standard's baseline level allows it since 1.35; the restricted level never does. Windows pods
    /// are exempt, the field is forbidden there.
    pub struct ProcMount {
        /// Types that may be written: `Default`, `Unmasked`. `Default` is always one, unset means it.
        allowed_types("allowedTypes"): Vec<ProcMountType> = vec![ProcMountType::Default]
            => serde_json::json!({ "contains": { "const": "Default" } }),
    }
    check(this) {
        if !this.allowed_types.contains(&ProcMountType::Default) {
            return Err(SettingsError::new("must contain Default, which unset means").under("allowedTypes"));
        }
    }
}

impl RuleMeta for ProcMount {
    const ID: &'static str = "proc-mount";
    const TITLE: &'static str = "Containers keep /proc masked";
    const SEVERITY: Severity = Severity::High;
    const MUTATES: bool = true;
    const ON_WINDOWS: bool = false;
    const SOURCES: &'static [&'static str] = &[
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline",
        "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#proc-access",
    ];
    const EXAMPLE: Example = Example {
        rejected: "containers: [{securityContext: {procMount: Unmasked}}]",
        accepted: "containers: [{securityContext: {procMount: Default}}]",
        fix: "Take the field away. Only container runtimes inside of containers need `Unmasked`; give them a user \
              namespace (`hostUsers: false`) and have it allowed in `allowedTypes`.",
    };
}

impl Rule for ProcMount {
    fn check(&self, view: &View<'_>, report: &mut Report) {
        for container in view.containers() {
            let Some(found) = container.security_context().proc_mount.as_deref() else { continue };
            if self.allowed_types.iter().any(|allowed| allowed.word() == found) {
                continue;
            }
            let words: Vec<&str> = self.allowed_types.iter().map(|allowed| allowed.word()).collect();
            let path = container.path("securityContext.procMount");
            let wanted = ["must be ", &words.join(" or ")].concat();
            let violation = Violation::in_container(&container, path, Found::text(found), wanted);
            report.add(violation.fixed_by(DEFAULT));
        }
    }
}

/// `Default`, as JSON.
const DEFAULT: &str = "\"Default\"";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::*;
    use super::*;

    const AT: &str = "securityContext.procMount";
    const BOTH: &str = r#"{"allowedTypes":["Default","Unmasked"]}"#;

    #[test]
    fn containers() {
        for (settings, container, expected) in [
            ("{}", r#"{}"#, vec![]),
            ("{}", r#"{"securityContext":null}"#, vec![]),
            ("{}", r#"{"securityContext":{"privileged":true}}"#, vec![]),
            ("{}", r#"{"securityContext":{"procMount":null}}"#, vec![]),
            ("{}", r#"{"securityContext":{"procMount":"Default"}}"#, vec![]),
            ("{}", r#"{"securityContext":{"procMount":"Unmasked"}}"#, vec![AT]),
            ("{}", r#"{"securityContext":{"procMount":"default"}}"#, vec![AT]),
            ("{}", r#"{"securityContext":{"procMount":"UnmaskedProcMount"}}"#, vec![AT]),
            ("{}", r#"{"securityContext":{"procMount":""}}"#, vec![AT]),
            (r#"{"allowedTypes":["Default"]}"#, r#"{"securityContext":{"procMount":"Unmasked"}}"#, vec![AT]),
            (BOTH, r#"{"securityContext":{"procMount":"Unmasked"}}"#, vec![]),
            (BOTH, r#"{"securityContext":{"procMount":"Default"}}"#, vec![]),
            (BOTH, r#"{"securityContext":{"procMount":"unmasked"}}"#, vec![AT]),
            (BOTH, r#"{}"#, vec![]),
        ] {
            assert_eq!(container_paths::<ProcMount>(settings, container), expected, "{settings} {container}");
        }
    }

    #[test]
    fn every_list_is_judged_and_the_pod_has_no_such_field() {
        let bad = r#"[{"securityContext":{"procMount":"Default"}},{"securityContext":{"procMount":"Unmasked"}}]"#;
        let spec = format!(
            r#"{{"securityContext":{{"procMount":"Unmasked"}},"containers":{bad},"initContainers":{bad},"ephemeralContainers":{bad}}}"#
        );
        let expected = [
            "spec.containers[1].securityContext.procMount",
            "spec.initContainers[1].securityContext.procMount",
            "spec.ephemeralContainers[1].securityContext.procMount",
        ];
        assert_eq!(paths::<ProcMount>("{}", &spec), expected);
    }

    #[test]
    fn the_message_says_who_where_what() {
        let message = |settings: &str, found: &str| {
            let spec = json!({ "containers": [{ "name": "web", "securityContext": { "procMount": found } }] });
            violations::<ProcMount>(settings, &spec.to_string())[0].message()
        };
        assert_eq!(
            message("{}", "Unmasked"),
            r#"container "web": spec.containers[0].securityContext.procMount is "Unmasked", must be Default"#
        );
        assert!(message(BOTH, "unmasked").ends_with(r#"is "unmasked", must be Default or Unmasked"#));
    }

    #[test]
    fn repairs_need_overwrite() {
        let pod = r#"{"containers":[{"name":"a","securityContext":{"procMount":"Unmasked","x":1}},{"name":"b"}]}"#;
        let repaired = json!({ "spec": { "containers": [
            { "name": "a", "securityContext": { "procMount": "Default", "x": 1 } }, { "name": "b" }
        ] } });
        assert_eq!(mutated::<ProcMount>(r#"{"overwrite":true}"#, pod), Ok(repaired));
        let refusal = mutated::<ProcMount>("{}", pod).unwrap_err();
        assert!(refusal.ends_with(r#"procMount is "Unmasked", must be Default"#), "{refusal}");
        let fine = r#"{"containers":[{"name":"b"}]}"#;
        assert_eq!(
            mutated::<ProcMount>(r#"{"overwrite":true}"#, fine),
            Ok(json!({ "spec": { "containers": [{ "name": "b" }] } }))
        );
    }

    #[test]
    fn windows_pods_are_exempt() {
        let pod = json!({ "spec": {
            "os": { "name": "windows" },
            "containers": [{ "name": "a", "securityContext": { "procMount": "Unmasked" } }],
        } });
        assert_eq!(mutated::<ProcMount>("{}", &pod.to_string()), Ok(pod));
    }

    #[test]
    fn bad_settings() {
        for (settings, expected) in [
            (r#"{"allowedTypes":[]}"#, "allowedTypes: must contain Default, which unset means"),
            (r#"{"allowedTypes":["Unmasked"]}"#, "allowedTypes: must contain Default, which unset means"),
            (r#"{"allowedTypes":["Default","Masked"]}"#, "allowedTypes[1]: must be one of: Default, Unmasked"),
            (r#"{"allowedTypes":["default"]}"#, "allowedTypes[0]: must be one of: Default, Unmasked"),
            (r#"{"allowedTypes":[null]}"#, "allowedTypes[0]: must be one of"),
            (r#"{"allowedTypes":"Default"}"#, "allowedTypes: must be a list"),
            (r#"{"allowed":["Default"]}"#, "allowed: unknown setting, expected one of: allowedTypes, action"),
        ] {
            let error = settings_error::<ProcMount>(settings).unwrap_or_default();
            assert!(error.starts_with(expected), "{settings}: {error}");
        }
        assert_eq!(settings_error::<ProcMount>(BOTH), None);
    }
}
