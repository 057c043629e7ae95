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
