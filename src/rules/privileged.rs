//! Rule `privileged`.

use super::check::standard;
use super::{Example, Rule, RuleMeta, Severity};
use crate::view::View;
use crate::violation::{Found, Report, Violation};

crate::settings! {
    /// No container is privileged, and each says so.
    ///
    /// A privileged container has every capability, every device of the node and no confinement by
    /// seccomp, AppArmor or SELinux: whoever takes over its process has the node. Written explicitly,
    /// `privileged: false` also survives a change of defaults and shows that somebody thought of it.
    ///
    /// **Restricted fields:** `securityContext.privileged` of containers, init containers and ephemeral
    /// containers.
    ///
    /// **Allowed values:** `false`; unset too with `requireExplicit: false`.
    ///
    /// **Kubernetes:** all versions. Windows pods are exempt, the field is forbidden there.
    pub struct Privileged {
        /// Whether `privileged: false` must be written; otherwise unset passes too.
        require_explicit("requireExplicit"): bool = true,
    }
}

impl RuleMeta for Privileged {
    const ID: &'static str = "privileged";
    const TITLE: &'static str = "Containers are not privileged";
    const SEVERITY: Severity = Severity::Critical;
    const MUTATES: bool = true;
    const ON_WINDOWS: bool = false;
    const SOURCES: &'static [&'static str] = &[
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline",
        "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/",
    ];
    const EXAMPLE: Example = Example {
        rejected: "containers: [{securityContext: {privileged: true}}]",
        accepted: "containers: [{securityContext: {privileged: false}}]",
        fix: "Write `privileged: false`. A program that fails without it most often needs a single capability or \
              device: give it that one.",
    };
}

impl Rule for Privileged {
    fn check(&self, view: &View<'_>, report: &mut Report) {
        for container in view.containers() {
            let found = match container.security_context().privileged {
                Some(false) => continue,
                None if !self.require_explicit => continue,
                None => Found::Unset,
                Some(true) => Found::plain(true),
            };
            let path = container.path("securityContext.privileged");
            report.add(Violation::in_container(&container, path, found, "must be false").fixed_by("false"));
        }
    }
}

standard!(Privileged {
    /// `privileged`, in the securityContext of containers
    Baseline "privileged", upstream "privileged" {
        0 => "not true", rule Privileged { require_explicit: false };
    }
});

#[cfg(test)]
pub(crate) fn standard_cases() -> Vec<super::check::cases::Case> {
    use super::check::cases::*;
    vec![
        pod("{}"),
        context(r#"{"privileged":false}"#),
        context(r#"{"privileged":null}"#),
        context("null"),
        context(r#"{"privileged":true}"#).both(0.., "privileged"),
        contexts(r#"{"privileged":true}"#).both(0.., "privileged"),
        pod(r#"{"os":{"name":"windows"},"hostUsers":false,"containers":[{"securityContext":{"privileged":true}}]}"#)
            .both(0.., "spec.containers[0].securityContext.privileged"),
    ]
}
