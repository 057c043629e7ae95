//! Rule `allow-privilege-escalation`.

use super::check::standard;
use super::{Example, Rule, RuleMeta, Severity};
use crate::view::{ContainerView, View};
use crate::violation::{Found, Report, Violation};

crate::settings! {
    /// No process in a container can gain more privileges than its parent.
    ///
    /// `allowPrivilegeEscalation: false` sets the kernel's `no_new_privs`: set-uid binaries such as `sudo`
    /// and file capabilities no longer raise a process above what the container was started with. Unset
    /// means `true`.
    ///
    /// **Restricted fields:** `securityContext.allowPrivilegeEscalation` of containers, init containers
    /// and ephemeral containers.
    ///
    /// **Allowed values:** `false`, written.
    ///
    /// **Kubernetes:** since 1.8. Windows pods are exempt, the field is forbidden there. The API server
    /// refuses `false` beside `privileged: true` or an added `SYS_ADMIN`, so such a container is not
    /// repaired before those are gone.
    pub struct AllowPrivilegeEscalation {}
}

impl RuleMeta for AllowPrivilegeEscalation {
    const ID: &'static str = "allow-privilege-escalation";
    const TITLE: &'static str = "Processes cannot gain privileges";
    const SEVERITY: Severity = Severity::High;
    const MUTATES: bool = true;
    const ON_WINDOWS: bool = false;
    const SOURCES: &'static [&'static str] = &[
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted",
        "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/",
    ];
    const BY_HAND: &'static str = "the API server refuses it beside privileged: true or SYS_ADMIN";
    const EXAMPLE: Example = Example {
        rejected: "containers: [{}]",
        accepted: "containers: [{securityContext: {allowPrivilegeEscalation: false}}]",
        fix: "Write `allowPrivilegeEscalation: false` in every container; few programs notice. One that calls \
              `sudo` or a binary with file capabilities can be started as the user and with the capabilities it \
              needs instead.",
    };
}

impl Rule for AllowPrivilegeEscalation {
    fn check(&self, view: &View<'_>, report: &mut Report) {
        for container in view.containers() {
            let found = match container.security_context().allow_privilege_escalation {
                Some(false) => continue,
                None => Found::Unset,
                Some(true) => Found::plain(true),
            };
            let path = container.path("securityContext.allowPrivilegeEscalation");
            let violation = Violation::in_container(&container, path, found, "must be false");
            report.add(if needs_escalation(&container) { violation } else { violation.fixed_by("false") });
        }
    }
}

/// Whether the API server refuses `allowPrivilegeEscalation: false` for this container.
pub(crate) fn needs_escalation(container: &ContainerView<'_>) -> bool {
    let context = container.security_context();
    let added = context.capabilities.as_ref().and_then(|c| c.add.as_deref()).unwrap_or_default();
    context.privileged == Some(true) || added.iter().any(|c| matches!(&**c, "SYS_ADMIN" | "CAP_SYS_ADMIN"))
}

standard!(AllowPrivilegeEscalation {
    /// `allowPrivilegeEscalation`, in the securityContext of containers
    Restricted "allow-privilege-escalation", upstream "allowPrivilegeEscalation" {
        8 => "false", rule AllowPrivilegeEscalation {};
        25 => "the same, but not of Windows pods", check |view, report| if !view.is_windows() {
            AllowPrivilegeEscalation {}.check(view, report);
        };
    }
});

#[cfg(test)]
pub(crate) fn standard_cases() -> Vec<super::check::cases::Case> {
    use super::check::cases::*;
    vec![
        pod("{}").restricted(8.., "spec.containers[0].securityContext.allowPrivilegeEscalation"),
        context("null").restricted(8.., "allowPrivilegeEscalation"),
        context(r#"{"allowPrivilegeEscalation":null}"#).restricted(8.., "allowPrivilegeEscalation"),
        context(r#"{"allowPrivilegeEscalation":false}"#),
        contexts(r#"{"allowPrivilegeEscalation":false}"#),
        contexts(r#"{"allowPrivilegeEscalation":true}"#).restricted(8.., "allowPrivilegeEscalation"),
        context(r#"{"allowPrivilegeEscalation":true,"capabilities":{"add":["SYS_ADMIN"]}}"#)
            .restricted(8.., "allowPrivilegeEscalation"),
        pod(r#"{"os":{"name":"windows"}}"#)
            .restricted(8..=24, "spec.containers[0].securityContext.allowPrivilegeEscalation"),
        pod(r#"{"os":{"name":"windows"},"containers":[{"securityContext":{"allowPrivilegeEscalation":true}}]}"#)
            .restricted(8..=24, "spec.containers[0].securityContext.allowPrivilegeEscalation"),
        pod(r#"{"os":{"name":"linux"},"hostUsers":false}"#)
            .restricted(8.., "spec.containers[0].securityContext.allowPrivilegeEscalation"),
    ]
}
