//! Rule `host-ports`.

use super::check::standard;
use super::{Example, Rule, RuleMeta, Severity};
use crate::json::list;
use crate::settings::{SettingsError, ordered, push_ranges};
use crate::view::{ContainerKind, View};
use crate::violation::{Found, Report, Violation};

crate::settings! {
    /// Containers open no ports of the node but the allowed ones.
    ///
    /// A host port is reached from wherever the node is, past Services, ingress and most network policies;
    /// it can take the place of a daemon's port, and only one pod per node can have it. A Service does the
    /// same job and can be guarded.
    ///
    /// **Restricted fields:** `ports[*].hostPort` of containers, init containers and ephemeral containers;
    /// with `spec.hostNetwork: true` also `ports[*].containerPort` where `hostPort` is 0 or unset, because
    /// the API server then fills it in with the same number when the pod is made.
    ///
    /// **Allowed values:** 0, unset, and the ports of `allowed`. A process in a pod with the node's network
    /// can open ports that it does not declare: only `host-namespaces` keeps it from that.
    ///
    /// **Kubernetes:** all versions. Applies to Windows pods too. A repair takes `hostPort` away, unless the
    /// pod has the node's network, where it would come back.
    pub struct HostPorts {
        /// Ports of the node that may be opened.
        allowed("allowed"): Vec<PortRange> = Vec::new(),
    }
}

crate::settings! {
    /// A range of ports, both ends included.
    pub struct PortRange {
        /// Smallest port.
        min("min"): u32 = 1 => port_schema(),
        /// Largest port.
        max("max"): u32 = LAST_PORT => port_schema(),
    }
    check(this) {
        for (key, port) in [("min", this.min), ("max", this.max)] {
            if !(1..=LAST_PORT).contains(&port) {
                return Err(SettingsError::new(format!("must be a port, from 1 to {LAST_PORT}")).under(key));
            }
        }
        ordered(this.min, this.max)?;
    }
}

const LAST_PORT: u32 = 65535;

fn port_schema() -> serde_json::Value {
    serde_json::json!({ "minimum": 1, "maximum": LAST_PORT })
}

impl PortRange {
    fn contains(&self, port: i64) -> bool {
        (i64::from(self.min)..=i64::from(self.max)).contains(&port)
    }
}

impl RuleMeta for HostPorts {
    const ID: &'static str = "host-ports";
    const TITLE: &'static str = "Containers open no ports of the node";
    const SEVERITY: Severity = Severity::Medium;
    const MUTATES: bool = true;
    const ON_WINDOWS: bool = true;
    const SOURCES: &'static [&'static str] = &[
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline",
        "https://kubernetes.io/docs/concepts/configuration/overview/#services",
    ];
    const BY_HAND: &'static str = "with hostNetwork every port is the node's";
    const EXAMPLE: Example = Example {
        rejected: "containers: [{ports: [{containerPort: 8080, hostPort: 80}]}]",
        accepted: "containers: [{ports: [{containerPort: 8080}]}]",
        fix: "Take `hostPort` away and put a Service in front, of type `NodePort` or `LoadBalancer` if it is \
              called from outside.",
    };
}

impl Rule for HostPorts {
    fn check(&self, view: &View<'_>, report: &mut Report) {
        let has_host_network = view.spec().host_network == Some(true);
        for container in view.containers() {
            for (index, port) in list(&container.container.ports).iter().enumerate() {
                let host_port = port.host_port.filter(|port| *port != 0).map(|port| (port, "hostPort"));
                // The API server fills in `hostPort` before the pod is judged, but not for ephemeral containers,
                // which cannot have ports.
                let is_filled_in = has_host_network && container.kind != ContainerKind::Ephemeral;
                let implied = port.container_port.filter(|port| is_filled_in && *port != 0);
                let implied = implied.map(|port| (port, "containerPort"));
                let Some((number, field)) = host_port.or(implied) else { continue };
                if self.allowed.iter().any(|range| range.contains(number)) {
                    continue;
                }
                let path = container.path(&format!("ports[{index}].{field}"));
                let wanted = self.wanted(host_port.is_none());
                let violation = Violation::in_container(&container, path, Found::plain(number), wanted);
                report.add(if has_host_network { violation } else { violation.removed() });
            }
        }
    }
}

impl HostPorts {
    /// Describes the wanted host ports; `implied` if it is a container port that `hostNetwork` makes one.
    fn wanted(&self, implied: bool) -> String {
        let mut out = String::from(match (self.allowed.is_empty(), implied) {
            (false, _) => "must be",
            (true, true) => "must not be opened on the node",
            (true, false) => "must not be set",
        });
        push_ranges(&mut out, self.allowed.iter().map(|range| (range.min, range.max)));
        if implied {
            out.push_str(": hostNetwork makes it a host port");
        }
        out
    }
}

standard!(HostPorts {
    /// `ports[].hostPort` of containers
    Baseline "host-ports", upstream "hostPorts" {
        0 => "0 or unset", rule HostPorts { allowed: Vec::new() };
    }
});

#[cfg(test)]
pub(crate) fn standard_cases() -> Vec<super::check::cases::Case> {
    use super::check::cases::*;
    vec![
        pod("{}"),
        container(r#""ports":[{"containerPort":80}]"#),
        container(r#""ports":[{"containerPort":80,"hostPort":0},{"hostPort":null}]"#),
        container(r#""ports":[{"containerPort":80},{"hostPort":8080},{"hostPort":-1}]"#)
            .both(0.., "ports[1].hostPort ports[2].hostPort"),
        pod(r#"{"containers":[{"name":"a"}],"initContainers":[{"name":"i","ports":[{"hostPort":1}]}],
            "ephemeralContainers":[{"name":"e","ports":[{"hostPort":2}]}]}"#)
        .both(0.., "spec.initContainers[0].ports[0].hostPort spec.ephemeralContainers[0].ports[0].hostPort"),
        pod(r#"{"hostNetwork":true,"containers":[{"ports":[{"containerPort":0},{}]}],
            "ephemeralContainers":[{"name":"e","ports":[{"containerPort":80}]}]}"#),
        pod(r#"{"hostNetwork":true,"containers":[{"ports":[{"containerPort":80},{"containerPort":81,
            "hostPort":81}]}]}"#)
        .both(0.., "spec.containers[0].ports[0].containerPort spec.containers[0].ports[1].hostPort"),
    ]
}
