//! Probes of containers.

use std::time::Duration;

use trial::pod::{Action, Container};
use trial::{Outcome, Readiness};

use crate::support::{Bench, how, not, pod, probe, run, sh};

fn http(path: &str) -> Action {
    Action::Http { port: 8080, path: path.to_owned(), tls: false, headers: Vec::new() }
}

fn exec(script: &str) -> Action {
    Action::Exec(["sh", "-c", script].map(str::to_owned).to_vec())
}

/// Runs a server on port 8080 with this readiness probe.
fn served(test: &Bench, action: Action, seconds: u64) -> Outcome {
    let server = "mkdir -p /tmp/www; echo ok > /tmp/www/healthz; sleep 1; httpd -f -p 8080 -h /tmp/www";
    let app = Container { readiness: probe(action), ..sh(test, server) };
    let mut how = how(60);
    how.timeout = Duration::from_secs(seconds);
    run(test, &pod(vec![app]), &how)
}

#[test]
fn a_readiness_probe_is_asked_in_the_pods_network() {
    let Some(test) = Bench::open() else { return };
    for action in [http("/healthz"), Action::Tcp { port: 8080 }, exec("test -f /tmp/www/healthz")] {
        let outcome = served(&test, action.clone(), 20);
        assert_eq!(outcome.readiness, Readiness::Ready, "{action:?}");
    }
}

/// Asserts what is said about a pod that does not become ready for its probe.
fn assert_fails(test: &Bench, action: Action, expected: &str) {
    let outcome = served(test, action, 4);
    let why = not(&outcome);
    assert!(
        why.starts_with("was not ready within 4 s: its readiness probe failed ") && why.ends_with(expected),
        "{why}"
    );
}

#[test]
fn an_answer_over_the_network_fails_a_readiness_probe() {
    let Some(test) = Bench::open() else { return };
    assert_fails(&test, http("/missing"), "GET /missing on port 8080 was answered with 404");
    assert_fails(&test, Action::Tcp { port: 8081 }, "port 8081: connection refused");
}

#[test]
fn a_command_fails_a_readiness_probe() {
    let Some(test) = Bench::open() else { return };
    assert_fails(&test, exec("echo no; exit 3"), "its command ended with 3: no");
    assert_fails(&test, exec("sleep 30"), "no answer within 1 s");
}

#[test]
fn a_liveness_probe_kills() {
    let Some(test) = Bench::open() else { return };
    let app = Container { liveness: probe(Action::Tcp { port: 1 }), ..sh(&test, "sleep 60") };
    let outcome = run(&test, &pod(vec![app]), &how(5));
    assert_eq!(not(&outcome), "is killed by the kubelet: its liveness probe failed: port 1: connection refused");
}
