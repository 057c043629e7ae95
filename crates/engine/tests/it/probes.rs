//! Probes of containers.

use std::time::Duration;

use trial::Readiness;
use trial::pod::{Action, Container};

use crate::support::{Bench, how, not, pod, probe, run, sh};

#[test]
fn probes_are_asked_in_the_pods_network() {
    let Some(test) = Bench::open() else { return };
    let server = "mkdir -p /tmp/www; echo ok > /tmp/www/healthz; sleep 1; httpd -f -p 8080 -h /tmp/www";
    let http = |path: &str| Action::Http { port: 8080, path: path.to_owned(), tls: false, headers: Vec::new() };
    let exec = |script: &str| Action::Exec(["sh", "-c", script].map(str::to_owned).to_vec());
    let with = |action: Action, seconds: u64| {
        let app = Container { readiness: probe(action), ..sh(&test, server) };
        let mut how = how(60);
        how.timeout = Duration::from_secs(seconds);
        run(&test, &pod(vec![app]), &how)
    };
    for action in [http("/healthz"), Action::Tcp { port: 8080 }, exec("test -f /tmp/www/healthz")] {
        let outcome = with(action.clone(), 20);
        assert_eq!(outcome.readiness, Readiness::Ready, "{action:?}");
    }
    for (action, expected) in [
        (http("/missing"), "GET /missing on port 8080 was answered with 404"),
        (Action::Tcp { port: 8081 }, "port 8081: connection refused"),
        (exec("echo no; exit 3"), "its command ended with 3: no"),
        (exec("sleep 30"), "no answer within 1 s"),
    ] {
        let outcome = with(action, 4);
        let why = not(&outcome);
        assert!(
            why.starts_with("was not ready within 4 s: its readiness probe failed ") && why.ends_with(expected),
            "{why}"
        );
    }
}

#[test]
fn a_liveness_probe_kills() {
    let Some(test) = Bench::open() else { return };
    let app = Container { liveness: probe(Action::Tcp { port: 1 }), ..sh(&test, "sleep 60") };
    let outcome = run(&test, &pod(vec![app]), &how(5));
    assert_eq!(not(&outcome), "is killed by the kubelet: its liveness probe failed: port 1: connection refused");
}
