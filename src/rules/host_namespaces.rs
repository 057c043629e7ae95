//! Rule `host-namespaces`.

use super::check::standard;
use super::windows_host_process::has_host_process;
use super::{Example, Rule, RuleMeta, Severity};
use crate::view::View;
use crate::violation::{Found, Report, Violation};

crate::settings! {
    /// Pods keep to namespaces of their own and use none of the node's.
    ///
    /// With the node's network a pod listens on its addresses, reaches what the kubelet and other daemons
    /// bind to localhost, and stands outside of network policies. With the node's process ids it sees every
    /// process, with their arguments and environment, and can signal or trace those of its user. With the
    /// node's IPC it reads and writes the shared memory of other programs.
    ///
    /// **Restricted fields:** `spec.hostNetwork`, `spec.hostPID`, `spec.hostIPC`.
    ///
    /// **Allowed values:** `false` and unset; `true` too where a setting allows it.
    ///
    /// **Kubernetes:** all versions. Applies to Windows pods too: `hostPID` and `hostIPC` are forbidden there,
    /// `hostNetwork` is what a HostProcess pod must have. As long as such a pod is one, a repair leaves its
    /// `hostNetwork` alone: see `windows-host-process`.
    pub struct HostNamespaces {
        /// Whether `hostNetwork: true` passes. Its ports are judged by `host-ports`.
        allow_host_network("allowHostNetwork"): bool = false,
        /// Whether `hostPID: true` passes.
        allow_host_pid("allowHostPID"): bool = false,
        /// Whether `hostIPC: true` passes.
        allow_host_ipc("allowHostIPC"): bool = false,
    }
}

impl RuleMeta for HostNamespaces {
    const ID: &'static str = "host-namespaces";
    const TITLE: &'static str = "Pods use no namespaces of the node";
    const SEVERITY: Severity = Severity::High;
    const MUTATES: bool = true;
    const ON_WINDOWS: bool = true;
    const SOURCES: &'static [&'static str] = &[
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline",
        "https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/",
    ];
    const EXAMPLE: Example = Example {
        rejected: "{hostNetwork: true, hostPID: true, containers: [{}]}",
        accepted: "{hostNetwork: false, hostPID: false, containers: [{}]}",
        fix: "Take the fields away. A program that others reach through the node's address can have a Service; one \
              that watches the node, such as an exporter, is a case for `exemptions`.",
    };
}

impl Rule for HostNamespaces {
    fn check(&self, view: &View<'_>, report: &mut Report) {
        let spec = view.spec();
        for (field, value, is_allowed) in [
            (HOST_NETWORK, spec.host_network, self.allow_host_network),
            ("hostPID", spec.host_pid, self.allow_host_pid),
            ("hostIPC", spec.host_ipc, self.allow_host_ipc),
        ] {
            if value != Some(true) || is_allowed {
                continue;
            }
            let violation = Violation::in_pod(view, field, Found::plain(true), "must be false");
            // The API server refuses a HostProcess pod without the node's network.
            let is_needed = field == HOST_NETWORK && has_host_process(view);
            report.add(if is_needed { violation } else { violation.fixed_by("false") });
        }
    }
}

const HOST_NETWORK: &str = "hostNetwork";

standard!(HostNamespaces {
    /// `hostNetwork`, `hostPID`, `hostIPC`
    Baseline "host-namespaces", upstream "hostNamespaces" {
        0 => "not true", rule HostNamespaces::default();
    }
});

#[cfg(test)]
pub(crate) fn standard_cases() -> Vec<super::check::cases::Case> {
    use super::check::cases::*;
    vec![
        pod("{}"),
        pod(r#"{"hostNetwork":false,"hostPID":false,"hostIPC":false}"#),
        pod(r#"{"hostNetwork":null,"hostUsers":true,"shareProcessNamespace":true}"#),
        pod(r#"{"hostNetwork":true}"#).both(0.., "spec.hostNetwork"),
        pod(r#"{"hostPID":true}"#).both(0.., "spec.hostPID"),
        pod(r#"{"hostIPC":true}"#).both(0.., "spec.hostIPC"),
        pod(r#"{"os":{"name":"windows"},"hostNetwork":true,"hostPID":true,"hostIPC":true}"#)
            .both(0.., "spec.hostNetwork spec.hostPID spec.hostIPC"),
        pod(r#"{"hostNetwork":true,"hostPID":true,"securityContext":{"windowsOptions":{"hostProcess":true}}}"#)
            .both(0.., "spec.hostNetwork spec.hostPID"),
    ]
}
