//! Rule `windows-host-process`.

use super::check::standard;
use super::{Example, Rule, RuleMeta, Severity};
use crate::pod::SecurityContext;
use crate::view::{Level, View};
use crate::violation::{Found, Report, Violation};

crate::settings! {
    /// No Windows container is a HostProcess container.
    ///
    /// Such a container is a process of the node and no container at all: it has the node's files, devices
    /// and network, and as `NT AUTHORITY\SYSTEM` all rights over them. It is what `privileged` is on Linux.
    ///
    /// **Restricted fields:** `securityContext.windowsOptions.hostProcess` of the pod, containers, init
    /// containers and ephemeral containers.
    ///
    /// **Allowed values:** `false` and unset, wherever it is set: a container that takes back what its pod
    /// says is refused by the API server.
    ///
    /// **Kubernetes:** all versions; HostProcess containers exist since 1.22. Applies to every pod, because one
    /// without `spec.os` may still run on a Windows node.
    pub struct WindowsHostProcess {}
}

impl RuleMeta for WindowsHostProcess {
    const ID: &'static str = "windows-host-process";
    const TITLE: &'static str = "Windows containers are not processes of the node";
    const SEVERITY: Severity = Severity::Critical;
    const MUTATES: bool = true;
    const ON_WINDOWS: bool = true;
    const SOURCES: &'static [&'static str] = &[
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline",
        "https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/",
    ];
    const EXAMPLE: Example = Example {
        rejected: "{os: {name: windows}, hostNetwork: true, securityContext: {windowsOptions: {hostProcess: true, \
              runAsUserName: 'NT AUTHORITY\\SYSTEM'}}, containers: [{}]}",
        accepted: "{os: {name: windows}, securityContext: {windowsOptions: {runAsUserName: ContainerUser}}, containers: \
              [{}]}",
        fix: "Take `hostProcess` away, and `hostNetwork` with it. Agents that manage the node are a case for \
              `exemptions`.",
    };
}

impl Rule for WindowsHostProcess {
    fn check(&self, view: &View<'_>, report: &mut Report) {
        // All containers of a pod are HostProcess containers or none is. While one is left alone, the API
        // server refuses a pod in which the others are changed.
        let is_whole = view.is_whole();
        let mut add = |violation: Violation| {
            report.add(if is_whole { violation.fixed_by("false") } else { violation });
        };
        if host_process(view.security_context()) == Some(true) {
            let field = ["securityContext.", FIELD].concat();
            let inherited = view.inherited(&|container| host_process(container.security_context()).is_none());
            add(Violation::in_pod(view, &field, Found::plain(true), WANTED).inherited(&inherited.judged));
        }
        for container in view.containers() {
            if host_process(container.security_context()) == Some(true) {
                let path = container.context_path(Level::Container, FIELD);
                add(Violation::in_container(&container, path, Found::plain(true), WANTED));
            }
        }
    }
}

const FIELD: &str = "windowsOptions.hostProcess";
const WANTED: &str = "must be false";

/// Returns the value of the security context.
pub(crate) fn host_process(context: &SecurityContext<'_>) -> Option<bool> {
    context.windows_options.as_ref()?.host_process
}

/// Whether a container of the pod, exempt or not, is a HostProcess container.
pub(crate) fn has_host_process(view: &View<'_>) -> bool {
    let is_one = |effective: Option<(bool, Level)>| effective.is_some_and(|(value, _)| value);
    view.all_containers().any(|container| is_one(container.effective(host_process)))
}

standard!(WindowsHostProcess {
    /// `windowsOptions.hostProcess`, in the securityContext of the pod and of containers
    Baseline "windows-host-process", upstream "windowsHostProcess" {
        0 => "not true", rule WindowsHostProcess {};
    }
});

#[cfg(test)]
pub(crate) fn standard_cases() -> Vec<super::check::cases::Case> {
    use super::check::cases::*;
    vec![
        pod("{}"),
        context(r#"{"windowsOptions":{"hostProcess":false}}"#),
        pod(r#"{"securityContext":{"windowsOptions":{"runAsUserName":"x"}}}"#),
        context(r#"{"windowsOptions":null}"#),
        contexts(r#"{"windowsOptions":{"hostProcess":true}}"#).both(0.., "windowsOptions.hostProcess"),
        pod(r#"{"securityContext":{"windowsOptions":{"hostProcess":true}},
            "containers":[{"securityContext":{"windowsOptions":{"hostProcess":false}}}]}"#)
        .both(0.., "spec.securityContext.windowsOptions.hostProcess"),
        pod(r#"{"os":{"name":"windows"},"hostNetwork":true,
            "securityContext":{"windowsOptions":{"hostProcess":true}}}"#)
        .both(0.., "spec.securityContext.windowsOptions.hostProcess"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn effective_values_make_a_host_process_pod() {
        let set = |value: bool| format!(r#""securityContext":{{"windowsOptions":{{"hostProcess":{value}}}}}"#);
        let (yes, no) = (set(true), set(false));
        for (spec, expected) in [
            (format!(r#"{{{yes},"containers":[{{}}]}}"#), true),
            (format!(r#"{{{yes},"containers":[{{{no}}}]}}"#), false),
            (format!(r#"{{"containers":[{{}}],"ephemeralContainers":[{{{yes}}}]}}"#), true),
            (r#"{"containers":[{}]}"#.to_owned(), false),
        ] {
            let text = format!(r#"{{"spec":{spec}}}"#);
            let template = crate::json::read_object(&text).expect("the pod is readable");
            assert_eq!(has_host_process(&View::new("", &template, &[])), expected, "{spec}");
        }
    }
}
