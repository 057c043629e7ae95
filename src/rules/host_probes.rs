//! Rule `host-probes`.

use super::check::standard;
use super::{Example, Rule, RuleMeta, Severity};
use crate::glob::{self, Glob, any_matches};
use crate::json;
use crate::pod::Handler;
use crate::settings::{SettingsError, check_each};
use crate::view::{ContainerView, View};
use crate::violation::{Found, Report, Violation};

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
        check_each("allowedHosts", &this.allowed_hosts, |glob| {
            let message = "matches no host; write the name or address alone, without scheme, port and path";
            matches_nothing(glob.as_str()).then(|| SettingsError::new(message))
        })?;
    }
}

/// Whether `pattern` can match no host. A lone colon comes before a port, an IPv6 address has two or more.
fn matches_nothing(pattern: &str) -> bool {
    pattern.contains('/') || glob::is_plain(pattern) && pattern.matches(':').count() == 1
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
            for (owner, handler) in [
                ("livenessProbe", container.liveness_probe.as_ref()),
                ("readinessProbe", container.readiness_probe.as_ref()),
                ("startupProbe", container.startup_probe.as_ref()),
                ("lifecycle.postStart", lifecycle.and_then(|lifecycle| lifecycle.post_start.as_ref())),
                ("lifecycle.preStop", lifecycle.and_then(|lifecycle| lifecycle.pre_stop.as_ref())),
            ] {
                if let Some(handler) = handler {
                    self.check_handler(&view, owner, handler, report);
                }
            }
        }
    }
}

impl HostProbes {
    fn check_handler(&self, view: &ContainerView<'_>, owner: &str, handler: &Handler<'_>, report: &mut Report) {
        for (call, target) in [("httpGet", &handler.http_get), ("tcpSocket", &handler.tcp_socket)] {
            let host = target.as_ref().and_then(|target| target.host.as_deref()).unwrap_or_default();
            if host.is_empty() || any_matches(&self.allowed_hosts, host) {
                continue;
            }
            let path = view.path(&format!("{owner}.{call}.host"));
            report.add(Violation::in_container(view, path, Found::text(host), self.wanted()).removed());
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

standard!(HostProbes {
    /// `httpGet.host` and `tcpSocket.host` of probes and lifecycle handlers
    Baseline "host-probes", upstream "hostProbesAndHostLifecycle" {
        34 => "empty or unset", rule HostProbes { allowed_hosts: Vec::new() };
    }
});

#[cfg(test)]
pub(crate) fn standard_cases() -> Vec<super::check::cases::Case> {
    use super::check::cases::*;
    vec![
        pod("{}"),
        container(
            r#""livenessProbe":{"httpGet":{"port":80,"host":""}},"lifecycle":{"preStop":{"exec":{}},
            "postStart":null}"#,
        ),
        container(r#""readinessProbe":{"tcpSocket":{"port":80}},"startupProbe":{"grpc":{"port":1}}"#),
        container(r#""livenessProbe":{"httpGet":{"httpHeaders":[{"name":"Host","value":"x"}]}}"#),
        container(r#""livenessProbe":{"httpGet":{"host":"10.0.0.1"}}"#).both(34.., "livenessProbe.httpGet.host"),
        container(r#""livenessProbe":{"tcpSocket":{"host":"10.0.0.1"}}"#).both(34.., "livenessProbe.tcpSocket.host"),
        container(r#""readinessProbe":{"httpGet":{"host":"10.0.0.1"}}"#).both(34.., "readinessProbe.httpGet.host"),
        container(r#""readinessProbe":{"tcpSocket":{"host":"10.0.0.1"}}"#).both(34.., "readinessProbe.tcpSocket.host"),
        container(r#""startupProbe":{"httpGet":{"host":"10.0.0.1"}}"#).both(34.., "startupProbe.httpGet.host"),
        container(r#""startupProbe":{"tcpSocket":{"host":"10.0.0.1"}}"#).both(34.., "startupProbe.tcpSocket.host"),
        container(r#""lifecycle":{"postStart":{"httpGet":{"host":"10.0.0.1"}}}"#)
            .both(34.., "lifecycle.postStart.httpGet.host"),
        container(r#""lifecycle":{"postStart":{"tcpSocket":{"host":"10.0.0.1"}}}"#)
            .both(34.., "lifecycle.postStart.tcpSocket.host"),
        container(r#""lifecycle":{"preStop":{"httpGet":{"host":"10.0.0.1"}}}"#)
            .both(34.., "lifecycle.preStop.httpGet.host"),
        container(r#""lifecycle":{"preStop":{"tcpSocket":{"host":"10.0.0.1"}}}"#)
            .both(34.., "lifecycle.preStop.tcpSocket.host"),
        container(r#""livenessProbe":{"httpGet":{"host":"localhost"}}"#).both(34.., "livenessProbe.httpGet.host"),
        pod(r#"{"containers":[{"name":"a"}],"initContainers":[{"name":"i",
            "startupProbe":{"tcpSocket":{"host":"x"}}}],"ephemeralContainers":[{"name":"e",
            "livenessProbe":{"httpGet":{"host":"x"}}}]}"#)
        .both(
            34..,
            "spec.initContainers[0].startupProbe.tcpSocket.host
                 spec.ephemeralContainers[0].livenessProbe.httpGet.host",
        ),
    ]
}
