//! Check `host-ports`: ports of the node.

use super::context::by_rule;
use crate::rules::host_ports::HostPorts;
use crate::view::View;
use crate::violation::Report;

/// Since 1.0: `hostPort` is 0 or unset.
pub(super) fn host_ports_1_0(view: &View<'_>, report: &mut Report) {
    by_rule(&HostPorts { allowed: Vec::new() }, view, report);
}

#[cfg(test)]
use super::cases::{BOTH, Case};

#[cfg(test)]
#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    Case { pod: r#"{}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","ports":[{"containerPort":80}]}]}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","ports":[{"containerPort":80,"hostPort":0},{"hostPort":null}]}]}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","ports":[{"containerPort":80},{"hostPort":8080},{"hostPort":-1}]}]}"#, bad: &[(BOTH, 0..=37, &["spec.containers[0].ports[1].hostPort", "spec.containers[0].ports[2].hostPort"])] },
    Case { pod: r#"{"containers":[{"name":"a"}],"initContainers":[{"name":"i","ports":[{"hostPort":1}]}],"ephemeralContainers":[{"name":"e","ports":[{"hostPort":2}]}]}"#, bad: &[(BOTH, 0..=37, &["spec.initContainers[0].ports[0].hostPort", "spec.ephemeralContainers[0].ports[0].hostPort"])] },
    Case { pod: r#"{"hostNetwork":true,"containers":[{"ports":[{"containerPort":0},{}]}],"ephemeralContainers":[{"name":"e","ports":[{"containerPort":80}]}]}"#, bad: &[] },
    Case { pod: r#"{"hostNetwork":true,"containers":[{"ports":[{"containerPort":80},{"containerPort":81,"hostPort":81}]}]}"#, bad: &[(BOTH, 0..=37, &["spec.containers[0].ports[0].containerPort", "spec.containers[0].ports[1].hostPort"])] },
];
