//! Check `host-probes`: the host that probes and lifecycle handlers call.

use super::context::by_rule;
use crate::rules::host_probes::HostProbes;
use crate::view::View;
use crate::violation::Report;

/// Since 1.34: `host` is empty or unset.
pub(super) fn host_probes_1_34(view: &View<'_>, report: &mut Report) {
    by_rule(&HostProbes { allowed_hosts: Vec::new() }, view, report);
}

#[cfg(test)]
use super::cases::{BOTH, Case};

#[cfg(test)]
#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    Case { pod: r#"{}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","livenessProbe":{"httpGet":{"port":80,"host":""}},"lifecycle":{"preStop":{"exec":{}},"postStart":null}}]}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","readinessProbe":{"tcpSocket":{"port":80}},"startupProbe":{"grpc":{"port":1}}}]}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","livenessProbe":{"httpGet":{"httpHeaders":[{"name":"Host","value":"x"}]}}}]}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","livenessProbe":{"httpGet":{"host":"10.0.0.1"}}}]}"#, bad: &[(BOTH, 34..=37, &["spec.containers[0].livenessProbe.httpGet.host"])] },
    Case { pod: r#"{"containers":[{"name":"a","livenessProbe":{"tcpSocket":{"host":"10.0.0.1"}}}]}"#, bad: &[(BOTH, 34..=37, &["spec.containers[0].livenessProbe.tcpSocket.host"])] },
    Case { pod: r#"{"containers":[{"name":"a","readinessProbe":{"httpGet":{"host":"10.0.0.1"}}}]}"#, bad: &[(BOTH, 34..=37, &["spec.containers[0].readinessProbe.httpGet.host"])] },
    Case { pod: r#"{"containers":[{"name":"a","readinessProbe":{"tcpSocket":{"host":"10.0.0.1"}}}]}"#, bad: &[(BOTH, 34..=37, &["spec.containers[0].readinessProbe.tcpSocket.host"])] },
    Case { pod: r#"{"containers":[{"name":"a","startupProbe":{"httpGet":{"host":"10.0.0.1"}}}]}"#, bad: &[(BOTH, 34..=37, &["spec.containers[0].startupProbe.httpGet.host"])] },
    Case { pod: r#"{"containers":[{"name":"a","startupProbe":{"tcpSocket":{"host":"10.0.0.1"}}}]}"#, bad: &[(BOTH, 34..=37, &["spec.containers[0].startupProbe.tcpSocket.host"])] },
    Case { pod: r#"{"containers":[{"name":"a","lifecycle":{"postStart":{"httpGet":{"host":"10.0.0.1"}}}}]}"#, bad: &[(BOTH, 34..=37, &["spec.containers[0].lifecycle.postStart.httpGet.host"])] },
    Case { pod: r#"{"containers":[{"name":"a","lifecycle":{"postStart":{"tcpSocket":{"host":"10.0.0.1"}}}}]}"#, bad: &[(BOTH, 34..=37, &["spec.containers[0].lifecycle.postStart.tcpSocket.host"])] },
    Case { pod: r#"{"containers":[{"name":"a","lifecycle":{"preStop":{"httpGet":{"host":"10.0.0.1"}}}}]}"#, bad: &[(BOTH, 34..=37, &["spec.containers[0].lifecycle.preStop.httpGet.host"])] },
    Case { pod: r#"{"containers":[{"name":"a","lifecycle":{"preStop":{"tcpSocket":{"host":"10.0.0.1"}}}}]}"#, bad: &[(BOTH, 34..=37, &["spec.containers[0].lifecycle.preStop.tcpSocket.host"])] },
    Case { pod: r#"{"containers":[{"name":"a","livenessProbe":{"httpGet":{"host":"localhost"}}}]}"#, bad: &[(BOTH, 34..=37, &["spec.containers[0].livenessProbe.httpGet.host"])] },
    Case { pod: r#"{"containers":[{"name":"a"}],"initContainers":[{"name":"i","startupProbe":{"tcpSocket":{"host":"x"}}}],"ephemeralContainers":[{"name":"e","livenessProbe":{"httpGet":{"host":"x"}}}]}"#, bad: &[(BOTH, 34..=37, &["spec.initContainers[0].startupProbe.tcpSocket.host", "spec.ephemeralContainers[0].livenessProbe.httpGet.host"])] },
];
