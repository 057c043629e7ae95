//! Rule `proc-mount`.

use super::check::{by_rule, standard};
use super::{Example, Rule, RuleMeta, Severity};
use crate::settings::SettingsError;
use crate::view::View;
use crate::violation::{Found, Report, Violation};

crate::setting_words! {
    /// How much of `/proc` a container sees.
    pub enum ProcMountType {
        /// As the runtime ships it: files about the node are masked, the rest is read-only.
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
    /// what the kernel says about the node and writes where the kernel lets its user write.
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

standard!(ProcMount {
    /// `procMount`, in the securityContext of containers
    Baseline "proc-mount", upstream "procMount" {
        0 => "`Default` or unset", check default_only;
        35 => "the same, but anything with `hostUsers: false`", check |view, report| if !view.has_user_namespace() {
            default_only(view, report);
        };
    }
    /// `procMount`, in the securityContext of containers
    Restricted "proc-mount" instead of "proc-mount", upstream "procMount_restricted" {
        35 => "`Default` or unset, with `hostUsers: false` too", check default_only;
    }
});

fn default_only(view: &View<'_>, report: &mut Report) {
    by_rule(&ProcMount::default(), view, report);
}

#[cfg(test)]
pub(crate) fn standard_cases() -> Vec<super::check::cases::Case> {
    use super::check::cases::*;
    vec![
        pod("{}"),
        context(r#"{"procMount":"Default"}"#),
        context(r#"{"procMount":null}"#),
        contexts(r#"{"procMount":"Unmasked"}"#).both(0.., "procMount"),
        context(r#"{"procMount":""}"#).both(0.., "procMount"),
        context(r#"{"procMount":"default"}"#).both(0.., "procMount"),
        pod(r#"{"hostUsers":true,"containers":[{"securityContext":{"procMount":"Unmasked"}}]}"#)
            .both(0.., "spec.containers[0].securityContext.procMount"),
        pod(r#"{"hostUsers":false,"containers":[{"securityContext":{"procMount":"Unmasked"}}]}"#)
            .baseline(..=34, "spec.containers[0].securityContext.procMount")
            .restricted(0.., "spec.containers[0].securityContext.procMount"),
    ]
}
