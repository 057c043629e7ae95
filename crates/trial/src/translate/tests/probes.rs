//! Probes.

use std::time::Duration;

use super::*;
use crate::pod::{Action, Probe};

fn probe(members: Value) -> Result<Probe, String> {
    let container = container(json!({
        "readinessProbe": members,
        "ports": [{ "name": "web", "containerPort": 8080 }],
        "env": [{ "name": "A", "value": "a" }, { "name": "B", "value": "$(A)" }, { "name": "N", "valueFrom": { "fieldRef": { "fieldPath": "metadata.name" } } }]
    }));
    let place = "Deployment web: spec.template.spec.containers[0].readinessProbe";
    container.map(|container| container.readiness.unwrap()).map_err(|error| error.replace(place, ""))
}

#[test]
fn what_a_probe_does() {
    let http = |port, path: &str, tls| Action::Http { port, path: path.to_owned(), tls, headers: Vec::new() };
    for (members, want) in [
        (json!({ "httpGet": { "port": 80 } }), http(80, "/", false)),
        (json!({ "httpGet": { "port": "web", "path": "/ready?a=b" } }), http(8080, "/ready?a=b", false)),
        (json!({ "httpGet": { "port": "81", "path": "healthz#x", "scheme": "HTTPS" } }), http(81, "/healthz", true)),
        (json!({ "httpGet": { "port": 80, "host": "example.com" } }), http(80, "/", false)),
        (
            json!({ "httpGet": { "port": 80, "httpHeaders": [{ "name": "Host", "value": "a" }] } }),
            Action::Http {
                port: 80,
                path: "/".to_owned(),
                tls: false,
                headers: vec![("Host".to_owned(), "a".to_owned())],
            },
        ),
        (json!({ "tcpSocket": { "port": "web" } }), Action::Tcp { port: 8080 }),
        (json!({ "grpc": { "port": 9000, "service": "s" } }), Action::Tcp { port: 9000 }),
        (json!({ "exec": { "command": ["cat", "/x"] } }), Action::Exec(vec!["cat".to_owned(), "/x".to_owned()])),
        // Of a probe's command, only variables with a value of their own are known, and that as it is written.
        (
            json!({ "exec": { "command": ["$(A)", "$(B)", "$(N)", "$(MY_DB_SERVICE_PORT)", "$$(A)"] } }),
            Action::Exec(["a", "$(A)", "", "$(MY_DB_SERVICE_PORT)", "$(A)"].map(str::to_owned).to_vec()),
        ),
    ] {
        assert_eq!(probe(members.clone()).map(|probe| probe.action), Ok(want), "{members}");
    }
}

#[test]
fn numbers_have_the_api_servers_defaults() {
    type Numbers = (u64, u64, u64, u32, u32);
    let numbers = |probe: Probe| -> Numbers {
        let seconds = |time: Duration| time.as_secs();
        (seconds(probe.delay), seconds(probe.period), seconds(probe.timeout), probe.successes, probe.failures)
    };
    for (members, want) in [
        (json!({}), (0, 10, 1, 1, 3)),
        (
            json!({ "periodSeconds": 0, "timeoutSeconds": 0, "successThreshold": 0, "failureThreshold": 0 }),
            (0, 10, 1, 1, 3),
        ),
        (
            json!({ "initialDelaySeconds": 5, "periodSeconds": 2, "timeoutSeconds": 3, "successThreshold": 4, "failureThreshold": 6,
                    "terminationGracePeriodSeconds": 1 }),
            (5, 2, 3, 4, 6),
        ),
    ] {
        let mut members = members;
        members["tcpSocket"] = json!({ "port": 1 });
        assert_eq!(probe(members.clone()).map(numbers), Ok(want), "{members}");
    }
}

#[test]
fn what_the_api_server_refuses_is_refused() {
    for (members, want) in [
        (json!({}), ": has none of exec, grpc, httpGet and tcpSocket; write one"),
        (json!({ "exec": {} }), ".exec.command: is empty; write the command"),
        (
            json!({ "tcpSocket": { "port": "none" } }),
            ".tcpSocket.port: \"none\" is neither a port of this container by name nor a number from 1 to 65535",
        ),
        (
            json!({ "httpGet": { "port": 0 } }),
            ".httpGet.port: 0 is neither a port of this container by name nor a number from 1 to 65535",
        ),
        (
            json!({ "httpGet": { "port": 65536 } }),
            ".httpGet.port: 65536 is neither a port of this container by name nor a number from 1 to 65535",
        ),
        (
            json!({ "httpGet": { "port": 80, "path": 5 } }),
            ".httpGet.path: invalid type: integer `5`, expected a string",
        ),
    ] {
        assert_eq!(probe(members.clone()).unwrap_err(), want, "{members}");
    }
}

#[test]
fn every_probe_and_the_hook_after_the_start_have_their_place() {
    let socket = |port: u16| json!({ "tcpSocket": { "port": port } });
    let container = container(json!({
        "startupProbe": socket(1), "livenessProbe": socket(2), "lifecycle": { "postStart": { "exec": { "command": ["x"] } } }
    }));
    let container = container.unwrap();
    let port = |probe: Option<Probe>| probe.map(|probe| probe.action);
    assert_eq!(port(container.startup), Some(Action::Tcp { port: 1 }));
    assert_eq!(port(container.readiness), None);
    assert_eq!(port(container.liveness), Some(Action::Tcp { port: 2 }));
    assert_eq!(container.post_start, Some(Action::Exec(vec!["x".to_owned()])));
    let sleeping = super::container(json!({ "lifecycle": { "postStart": { "sleep": { "seconds": 1 } } } }));
    assert_eq!(sleeping.unwrap().post_start, None);
}
