//! Check `host-ports`: ports of the node.

use super::context::{fixed_if, judged, removed};
use crate::json::list;
use crate::view::{ContainerKind, View};
use crate::violation::{Found, Report, Violation};

/// Since 1.0: `hostPort` is 0 or unset.
pub(super) fn host_ports_1_0(view: &View<'_>, report: &mut Report) {
    let has_host_network = view.spec().host_network == Some(true);
    for container in judged(view) {
        for (index, port) in list(&container.container.ports).iter().enumerate() {
            let written = port.host_port.filter(|port| *port != 0);
            // With the node's network the API server fills in `hostPort` before the standard is asked, but
            // not in ephemeral containers, which cannot have ports.
            let is_filled_in = has_host_network && container.kind != ContainerKind::Ephemeral;
            let implied = port.container_port.filter(|port| is_filled_in && *port != 0);
            let (number, field, wanted) = match (written, implied) {
                (Some(number), _) => (number, "hostPort", "must be 0 or unset"),
                (None, Some(number)) => {
                    (number, "containerPort", "must not be set: hostNetwork makes it a port of the node")
                }
                (None, None) => continue,
            };
            let path = container.path(&format!("ports[{index}].{field}"));
            let violation = Violation::in_container(&container, path, Found::plain(number), wanted);
            report.add(fixed_if(!has_host_network, removed(violation)));
        }
    }
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
