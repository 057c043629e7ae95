//! Rule `windows-host-process`.

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

/// What a security context says of it.
pub(crate) fn host_process(context: &SecurityContext<'_>) -> Option<bool> {
    context.windows_options.as_ref()?.host_process
}

/// Whether a container of the pod, exempt or not, is a HostProcess container.
pub(crate) fn has_host_process(view: &View<'_>) -> bool {
    let is_one = |effective: Option<(bool, Level)>| effective.is_some_and(|(value, _)| value);
    view.all_containers().any(|container| is_one(container.effective(host_process)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    const AT: &str = "securityContext.windowsOptions.hostProcess";

    #[test]
    fn containers() {
        for (container, expected) in [
            (r#"{"securityContext":{"windowsOptions":{"hostProcess":true}}}"#, vec![AT]),
            (r#"{"securityContext":{"windowsOptions":{"hostProcess":false}}}"#, vec![]),
            (r#"{"securityContext":{"windowsOptions":{"hostProcess":null}}}"#, vec![]),
            (r#"{"securityContext":{"windowsOptions":{"runAsUserName":"ContainerUser"}}}"#, vec![]),
            (r#"{"securityContext":{"windowsOptions":null}}"#, vec![]),
            (r#"{"securityContext":null}"#, vec![]),
            (r#"{}"#, vec![]),
        ] {
            assert_eq!(container_paths::<WindowsHostProcess>("{}", container), expected, "{container}");
        }
    }

    #[test]
    fn the_pod_and_every_list_are_judged() {
        let set = |value: bool| format!(r#""securityContext":{{"windowsOptions":{{"hostProcess":{value}}}}}"#);
        let (yes, no) = (set(true), set(false));
        let spec = format!(
            r#"{{"os":{{"name":"windows"}},{yes},"containers":[{{{no}}},{{{yes}}}],"initContainers":[{{{yes}}}],"ephemeralContainers":[{{}},{{{yes}}}]}}"#
        );
        let expected = [
            "spec.securityContext.windowsOptions.hostProcess",
            "spec.containers[1].securityContext.windowsOptions.hostProcess",
            "spec.initContainers[0].securityContext.windowsOptions.hostProcess",
            "spec.ephemeralContainers[1].securityContext.windowsOptions.hostProcess",
        ];
        assert_eq!(paths::<WindowsHostProcess>("{}", &spec), expected);
        let pod = format!(r#"{{{no},"containers":[{{}}]}}"#);
        assert!(paths::<WindowsHostProcess>("{}", &pod).is_empty());
    }

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

    #[test]
    fn fixes_overwrite_unless_a_container_is_left_alone() {
        let text = r#"{"spec":{"securityContext":{"windowsOptions":{"hostProcess":true}},"containers":[
            {"name":"a"},{"name":"b","securityContext":{"windowsOptions":{"hostProcess":true}}}]}}"#;
        let template = crate::json::read_object(text).expect("the pod is readable");
        for (exempt, expected) in [(vec![], true), (vec![false, false], true), (vec![true, false], false)] {
            let mut report = Report::default();
            WindowsHostProcess::default().check(&View::new("", &template, &exempt), &mut report);
            let overwrites: Vec<bool> =
                report.violations.iter().map(|v| v.fix.as_ref().is_some_and(|fix| fix.overwrites)).collect();
            assert_eq!(overwrites, [expected; 2], "{exempt:?}");
        }
    }

    #[test]
    fn the_message_says_who_where_what() {
        let spec = r#"{"securityContext":{"windowsOptions":{"hostProcess":true}},"containers":[{}],
            "initContainers":[{"name":"setup","securityContext":{"windowsOptions":{"hostProcess":true}}}]}"#;
        let found = violations::<WindowsHostProcess>("{}", spec);
        assert_eq!(
            found.iter().map(Violation::message).collect::<Vec<_>>(),
            [
                "spec.securityContext.windowsOptions.hostProcess is true, must be false",
                r#"init container "setup": spec.initContainers[0].securityContext.windowsOptions.hostProcess is true, must be false"#,
            ]
        );
    }

    #[test]
    fn bad_settings() {
        let error = settings_error::<WindowsHostProcess>(r#"{"allowHostProcess":true}"#).unwrap_or_default();
        assert!(error.starts_with("allowHostProcess: unknown setting, expected one of: action"), "{error}");
    }
}
