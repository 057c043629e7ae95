//! Rule `host-probes`.

use super::{Example, Rule, RuleMeta, Severity};
use crate::glob::{Glob, any_matches};
use crate::json;
use crate::pod::Handler;
use crate::settings::SettingsError;
use crate::view::{ContainerView, View};
use crate::violation::{Edit, Found, Report, Violation};

crate::settings! {
    /// Probes and lifecycle handlers call the pod they belong to, and no other host.
    ///
    /// The kubelet makes these calls from the node. With a `host` whoever may create pods chooses what the
    /// node connects to, past network policies: daemons on its localhost, other machines, the cloud's
    /// metadata service; and learns from the probe's result what answers there.
    ///
    /// **Restricted fields:** `httpGet.host` and `tcpSocket.host` of `livenessProbe`, `readinessProbe`,
    /// `startupProbe`, `lifecycle.postStart` and `lifecycle.preStop` of containers, init containers and
    /// ephemeral containers.
    ///
    /// **Allowed values:** unset, the empty string, and hosts that `allowedHosts` matches. Unset means the
    /// pod's own address; `127.0.0.1` and `localhost` mean the node, not the pod, unless the pod has the
    /// node's network.
    ///
    /// **Kubernetes:** all versions; the baseline standard demands it since 1.34. Applies to Windows pods too.
    pub struct HostProbes {
        /// Globs on the host.
        allowed_hosts("allowedHosts"): Vec<Glob> = Vec::new(),
    }
    check(this) {
        if let Some(index) = this.allowed_hosts.iter().position(|glob| matches_nothing(glob.as_str())) {
            let error = SettingsError::new("matches no host; write the name or address alone, without scheme, port and path");
            return Err(error.under(&format!("allowedHosts[{index}]")));
        }
    }
}

/// Whether `pattern` can match no host. A lone colon comes before a port, an IPv6 address has two or more.
fn matches_nothing(pattern: &str) -> bool {
    let is_plain = !pattern.contains(['*', '?', '[', '\\']);
    pattern.contains('/') || is_plain && pattern.matches(':').count() == 1
}

impl RuleMeta for HostProbes {
    const ID: &'static str = "host-probes";
    const TITLE: &'static str = "Probes call no other host";
    const SEVERITY: Severity = Severity::Low;
    const MUTATES: bool = true;
    const ON_WINDOWS: bool = true;
    const SOURCES: &'static [&'static str] = &[
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline",
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/",
    ];
    const EXAMPLE: Example = Example {
        rejected: "containers: [{livenessProbe: {httpGet: {host: 169.254.169.254, path: /latest, port: 80}}}]",
        accepted: "containers: [{livenessProbe: {httpGet: {path: /healthz, port: 8080}}}]",
        fix: "Take `host` away: the kubelet calls the pod's own address then. A virtual host is named by a `Host` \
              header in `httpHeaders`. To watch another program, let a monitoring system do it.",
    };
}

impl Rule for HostProbes {
    fn check(&self, view: &View<'_>, report: &mut Report) {
        for view in view.containers() {
            let container = view.container;
            let lifecycle = container.lifecycle.as_ref();
            for (place, handler) in [
                ("livenessProbe", container.liveness_probe.as_ref()),
                ("readinessProbe", container.readiness_probe.as_ref()),
                ("startupProbe", container.startup_probe.as_ref()),
                ("lifecycle.postStart", lifecycle.and_then(|lifecycle| lifecycle.post_start.as_ref())),
                ("lifecycle.preStop", lifecycle.and_then(|lifecycle| lifecycle.pre_stop.as_ref())),
            ] {
                if let Some(handler) = handler {
                    self.check_handler(&view, place, handler, report);
                }
            }
        }
    }
}

impl HostProbes {
    fn check_handler(&self, view: &ContainerView<'_>, place: &str, handler: &Handler<'_>, report: &mut Report) {
        for (call, target) in [("httpGet", &handler.http_get), ("tcpSocket", &handler.tcp_socket)] {
            let host = target.as_ref().and_then(|target| target.host.as_deref()).unwrap_or_default();
            if host.is_empty() || any_matches(&self.allowed_hosts, host) {
                continue;
            }
            let path = view.path(&format!("{place}.{call}.host"));
            let fix = vec![Edit::Remove { path: path.clone() }];
            report.add(Violation::in_container(view, path, Found::text(host), self.wanted()).with_fix(fix, true));
        }
    }

    fn wanted(&self) -> String {
        if self.allowed_hosts.is_empty() {
            return "must not be set: the kubelet would call it from the node".to_owned();
        }
        let allowed: Vec<String> = self.allowed_hosts.iter().map(|glob| json::string(glob.as_str())).collect();
        format!("must be unset or {}", allowed.join(" or "))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn handlers() {
        for (container, expected) in [
            (r#"{}"#, vec![]),
            (r#"{"livenessProbe":null,"lifecycle":null}"#, vec![]),
            (r#"{"livenessProbe":{"httpGet":{"port":80,"path":"/"}}}"#, vec![]),
            (r#"{"livenessProbe":{"httpGet":{"port":80,"host":""}}}"#, vec![]),
            (r#"{"livenessProbe":{"httpGet":{"port":80,"host":null}}}"#, vec![]),
            (r#"{"livenessProbe":{"grpc":{"port":80},"exec":{"command":["host"]}}}"#, vec![]),
            (r#"{"livenessProbe":{"httpGet":{"httpHeaders":[{"name":"Host","value":"a"}]}}}"#, vec![]),
            (r#"{"livenessProbe":{"httpGet":{"host":"a"}}}"#, vec!["livenessProbe.httpGet.host"]),
            (r#"{"livenessProbe":{"tcpSocket":{"host":"a"}}}"#, vec!["livenessProbe.tcpSocket.host"]),
            (r#"{"readinessProbe":{"httpGet":{"host":"a"}}}"#, vec!["readinessProbe.httpGet.host"]),
            (r#"{"readinessProbe":{"tcpSocket":{"host":"a"}}}"#, vec!["readinessProbe.tcpSocket.host"]),
            (r#"{"startupProbe":{"httpGet":{"host":"a"}}}"#, vec!["startupProbe.httpGet.host"]),
            (r#"{"startupProbe":{"tcpSocket":{"host":"a"}}}"#, vec!["startupProbe.tcpSocket.host"]),
            (r#"{"lifecycle":{"postStart":{"httpGet":{"host":"a"}}}}"#, vec!["lifecycle.postStart.httpGet.host"]),
            (r#"{"lifecycle":{"postStart":{"tcpSocket":{"host":"a"}}}}"#, vec!["lifecycle.postStart.tcpSocket.host"]),
            (r#"{"lifecycle":{"preStop":{"httpGet":{"host":"a"}}}}"#, vec!["lifecycle.preStop.httpGet.host"]),
            (r#"{"lifecycle":{"preStop":{"tcpSocket":{"host":"a"}}}}"#, vec!["lifecycle.preStop.tcpSocket.host"]),
            (r#"{"lifecycle":{"preStop":{"sleep":{"seconds":5}},"postStart":{"httpGet":{"port":80}}}}"#, vec![]),
            (
                r#"{"livenessProbe":{"httpGet":{"host":"a"},"tcpSocket":{"host":"b"}},"startupProbe":{"httpGet":{"host":"c"}}}"#,
                vec!["livenessProbe.httpGet.host", "livenessProbe.tcpSocket.host", "startupProbe.httpGet.host"],
            ),
        ] {
            assert_eq!(container_paths::<HostProbes>("{}", container), expected, "{container}");
        }
    }

    #[test]
    fn hosts() {
        for (settings, host, is_allowed) in [
            ("{}", "127.0.0.1", false),
            ("{}", "localhost", false),
            (r#"{"allowedHosts":["127.0.0.1","::1"]}"#, "127.0.0.1", true),
            (r#"{"allowedHosts":["127.0.0.1","::1"]}"#, "::1", true),
            (r#"{"allowedHosts":["127.0.0.1","::1"]}"#, "127.0.0.10", false),
            (r#"{"allowedHosts":["127.0.0.1","::1"]}"#, "localhost", false),
            (r#"{"allowedHosts":["*.corp.example"]}"#, "health.corp.example", true),
            (r#"{"allowedHosts":["*.corp.example"]}"#, "corp.example", false),
            (r#"{"allowedHosts":["*.corp.example"]}"#, "health.corp.example.evil", false),
            // A list of what is allowed is not widened, by case as little as by anything else.
            (r#"{"allowedHosts":["localhost"]}"#, "LOCALHOST", false),
            (r#"{"allowedHosts":["*"]}"#, "169.254.169.254", true),
        ] {
            let container = format!(r#"{{"livenessProbe":{{"tcpSocket":{{"host":"{host}"}}}}}}"#);
            let found = container_paths::<HostProbes>(settings, &container);
            assert_eq!(found.is_empty(), is_allowed, "{settings} {host}");
        }
    }

    #[test]
    fn every_list_is_judged() {
        let bad = r#"[{"livenessProbe":{"httpGet":{"host":"a"}}}]"#;
        let spec = format!(
            r#"{{"os":{{"name":"windows"}},"containers":{bad},"initContainers":{bad},"ephemeralContainers":{bad}}}"#
        );
        let expected = ["containers", "initContainers", "ephemeralContainers"];
        let expected = expected.map(|list| format!("spec.{list}[0].livenessProbe.httpGet.host"));
        assert_eq!(paths::<HostProbes>("{}", &spec), expected);
    }

    #[test]
    fn a_fix_takes_the_host_away() {
        let spec = r#"{"containers":[{"lifecycle":{"preStop":{"httpGet":{"host":"a","port":80}}}}]}"#;
        let fix = violations::<HostProbes>("{}", spec).remove(0).fix.expect("there is a fix");
        assert_eq!(fix.edits, [Edit::Remove { path: "spec.containers[0].lifecycle.preStop.httpGet.host".into() }]);
        assert!(fix.overwrites);
    }

    #[test]
    fn the_message_says_who_where_what() {
        let spec = r#"{"containers":[{"name":"web","livenessProbe":{"httpGet":{"host":"169.254.169.254"}}}]}"#;
        for (settings, wanted) in [
            ("{}", "must not be set: the kubelet would call it from the node"),
            (
                r#"{"allowedHosts":["localhost","*.corp.example"]}"#,
                r#"must be unset or "localhost" or "*.corp.example""#,
            ),
        ] {
            let expected = r#"container "web": spec.containers[0].livenessProbe.httpGet.host is "169.254.169.254", "#;
            assert_eq!(violations::<HostProbes>(settings, spec)[0].message(), [expected, wanted].concat());
        }
    }

    #[test]
    fn bad_settings() {
        for (settings, expected) in [
            (r#"{"allowedHosts":"localhost"}"#, "allowedHosts: must be a list"),
            (r#"{"allowedHosts":[1]}"#, "allowedHosts[0]: must be a string"),
            (r#"{"allowedHosts":["a","[b"]}"#, "allowedHosts[1]: \"[b\" is not a glob"),
            (r#"{"allowedHosts":[""]}"#, "allowedHosts[0]: \"\" is not a glob"),
            (r#"{"allowedHosts":["http://a"]}"#, "allowedHosts[0]: matches no host; write the name or address alone"),
            (r#"{"allowedHosts":["a","a:80"]}"#, "allowedHosts[1]: matches no host; write the name or address alone"),
            (r#"{"hosts":[]}"#, "hosts: unknown setting, expected one of: allowedHosts, action"),
        ] {
            let error = settings_error::<HostProbes>(settings).unwrap_or_default();
            assert!(error.starts_with(expected), "{settings}: {error}");
        }
        assert_eq!(settings_error::<HostProbes>(r#"{"allowedHosts":["fd00::1","fd00:*","\\[::1\\]"]}"#), None);
    }
}
