//! Rule `host-ports`.

use super::{Example, Rule, RuleMeta, Severity};
use crate::json::list;
use crate::settings::SettingsError;
use crate::view::{ContainerKind, View};
use crate::violation::{Edit, Found, Report, Violation};

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
        if this.min > this.max {
            let message = format!("must not be greater than max ({} > {})", this.min, this.max);
            return Err(SettingsError::new(message).under("min"));
        }
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
                let fix = vec![Edit::Remove { path: path.clone() }];
                let violation = Violation::in_container(&container, path, Found::plain(number), wanted);
                report.add(if has_host_network { violation } else { violation.with_fix(fix, true) });
            }
        }
    }
}

impl HostPorts {
    /// What is wanted of a host port; `implied` if it is a container port that `hostNetwork` makes one.
    fn wanted(&self, implied: bool) -> String {
        let mut out = String::from(match (self.allowed.is_empty(), implied) {
            (false, _) => "must be",
            (true, true) => "must not be opened on the node",
            (true, false) => "must not be set",
        });
        for (index, PortRange { min, max }) in self.allowed.iter().enumerate() {
            out.push_str(if index == 0 { " " } else { " or " });
            out.push_str(&if min == max { min.to_string() } else { format!("from {min} to {max}") });
        }
        if implied {
            out.push_str(": hostNetwork makes it a host port");
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    /// Core 7: as the API server, which fills in nothing for port 0 and for ephemeral containers.
    #[test]
    fn what_the_api_server_does_not_open() {
        let spec = r#"{"hostNetwork":true,"containers":[{"ports":[{"containerPort":0},{}]}],
            "initContainers":[{"ports":[{"containerPort":81}]}],
            "ephemeralContainers":[{"ports":[{"containerPort":80},{"hostPort":82}]}]}"#;
        let expected =
            ["spec.initContainers[0].ports[0].containerPort", "spec.ephemeralContainers[0].ports[1].hostPort"];
        assert_eq!(paths::<HostPorts>("{}", spec), expected);
    }

    #[test]
    fn ports() {
        let ranges = r#"{"allowed":[{"min":80,"max":80},{"min":8000,"max":9000}]}"#;
        for (settings, ports, expected) in [
            ("{}", r#"[]"#, vec![]),
            ("{}", r#"null"#, vec![]),
            ("{}", r#"[{"containerPort":80}]"#, vec![]),
            ("{}", r#"[{"containerPort":80,"hostPort":0}]"#, vec![]),
            ("{}", r#"[{"containerPort":80,"hostPort":null}]"#, vec![]),
            ("{}", r#"[{"containerPort":80,"hostPort":80}]"#, vec![0]),
            ("{}", r#"[{"hostPort":1},{"containerPort":80},{"hostPort":65535,"protocol":"UDP"}]"#, vec![0, 2]),
            ("{}", r#"[{"containerPort":80,"hostIP":"127.0.0.1","hostPort":80}]"#, vec![0]),
            // No port at all: the API server says so too.
            ("{}", r#"[{"hostPort":-1},{"hostPort":65536}]"#, vec![0, 1]),
            (ranges, r#"[{"hostPort":79},{"hostPort":80},{"hostPort":81}]"#, vec![0, 2]),
            (ranges, r#"[{"hostPort":7999},{"hostPort":8000},{"hostPort":9000},{"hostPort":9001}]"#, vec![0, 3]),
            (
                r#"{"allowed":[{"min":30000}]}"#,
                r#"[{"hostPort":29999},{"hostPort":65535},{"hostPort":65536}]"#,
                vec![0, 2],
            ),
            (r#"{"allowed":[{"max":1023}]}"#, r#"[{"hostPort":1},{"hostPort":-1},{"hostPort":1024}]"#, vec![1, 2]),
            (r#"{"allowed":[{}]}"#, r#"[{"hostPort":1},{"hostPort":65535}]"#, vec![]),
        ] {
            let expected: Vec<String> = expected.into_iter().map(|index| format!("ports[{index}].hostPort")).collect();
            let found = container_paths::<HostPorts>(settings, &format!(r#"{{"ports":{ports}}}"#));
            assert_eq!(found, expected, "{settings} {ports}");
        }
    }

    #[test]
    fn host_network_makes_every_port_a_host_port() {
        let spec = |network: &str| {
            format!(
                r#"{{"hostNetwork":{network},"containers":[{{"ports":[{{"containerPort":80}},{{"containerPort":81,"hostPort":0}},{{"containerPort":82,"hostPort":82}}]}}]}}"#
            )
        };
        let (first, second, third) = (
            "spec.containers[0].ports[0].containerPort",
            "spec.containers[0].ports[1].containerPort",
            "spec.containers[0].ports[2].hostPort",
        );
        for (settings, network, expected) in [
            ("{}", "true", vec![first, second, third]),
            ("{}", "false", vec![third]),
            ("{}", "null", vec![third]),
            (r#"{"allowed":[{"min":80,"max":81}]}"#, "true", vec![third]),
            (r#"{"allowed":[{"min":81,"max":82}]}"#, "true", vec![first]),
        ] {
            assert_eq!(paths::<HostPorts>(settings, &spec(network)), expected, "{settings} {network}");
        }
        assert!(violations::<HostPorts>("{}", &spec("true")).iter().all(|v| v.fix.is_none()));
    }

    #[test]
    fn every_list_is_judged() {
        let bad = r#"[{"ports":[{"hostPort":80}]}]"#;
        let spec = format!(r#"{{"containers":{bad},"initContainers":{bad},"ephemeralContainers":{bad}}}"#);
        let expected = ["containers", "initContainers", "ephemeralContainers"];
        assert_eq!(paths::<HostPorts>("{}", &spec), expected.map(|list| format!("spec.{list}[0].ports[0].hostPort")));
    }

    #[test]
    fn a_fix_takes_the_port_away() {
        let fix = violations::<HostPorts>("{}", r#"{"containers":[{"ports":[{"hostPort":80}]}]}"#).remove(0).fix;
        let fix = fix.expect("there is a fix");
        assert_eq!(fix.edits, [Edit::Remove { path: "spec.containers[0].ports[0].hostPort".into() }]);
        assert!(fix.overwrites);
    }

    #[test]
    fn the_message_says_who_where_what() {
        let bound = r#"{"containers":[{"name":"web","ports":[{"containerPort":80,"hostPort":8080}]}]}"#;
        let network = r#"{"hostNetwork":true,"containers":[{"name":"web","ports":[{"containerPort":80}]}]}"#;
        let allowed = r#"{"allowed":[{"min":443,"max":443},{"min":30000,"max":32767}]}"#;
        for (settings, spec, expected) in [
            ("{}", bound, "ports[0].hostPort is 8080, must not be set"),
            (allowed, bound, "ports[0].hostPort is 8080, must be 443 or from 30000 to 32767"),
            (
                "{}",
                network,
                "ports[0].containerPort is 80, must not be opened on the node: hostNetwork makes it a host port",
            ),
            (
                allowed,
                network,
                "ports[0].containerPort is 80, must be 443 or from 30000 to 32767: hostNetwork makes it a host port",
            ),
        ] {
            let message = violations::<HostPorts>(settings, spec)[0].message();
            assert_eq!(message, format!(r#"container "web": spec.containers[0].{expected}"#), "{settings} {spec}");
        }
    }

    #[test]
    fn bad_settings() {
        for (settings, expected) in [
            (r#"{"allowed":{"min":1}}"#, "allowed: must be a list"),
            (r#"{"allowed":[80]}"#, "allowed[0]: must be an object"),
            (r#"{"allowed":[{"min":0}]}"#, "allowed[0].min: must be a port, from 1 to 65535"),
            (r#"{"allowed":[{"min":1,"max":65536}]}"#, "allowed[0].max: must be a port, from 1 to 65535"),
            (
                r#"{"allowed":[{"min":1},{"min":81,"max":80}]}"#,
                "allowed[1].min: must not be greater than max (81 > 80)",
            ),
            (r#"{"allowed":[{"min":"80"}]}"#, "allowed[0].min: must be a whole number"),
            (r#"{"allowed":[{"port":80}]}"#, "allowed[0].port: unknown setting, expected one of: min, max"),
            (r#"{"hostPorts":[]}"#, "hostPorts: unknown setting, expected one of: allowed, action"),
        ] {
            let error = settings_error::<HostPorts>(settings).unwrap_or_default();
            assert!(error.starts_with(expected), "{settings}: {error}");
        }
    }
}
