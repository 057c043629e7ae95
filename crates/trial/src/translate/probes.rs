//! Probes, and what is done right after the start.

use std::time::Duration;

use serde_json::Value;

use super::error::TranslateError;
use super::expand::expand_known;
use super::given::Given;
use super::services::port_named;
use super::template::{self, Container, Handler, HttpGet};
use crate::pod::{Action, Probe};

/// A probe of a container, with the API server's defaults; a number that is 0 is not set.
pub(super) fn probe(
    given: &Given<'_>,
    at: &str,
    container: &Container,
    probe: Option<&template::Probe>,
) -> Result<Option<Probe>, TranslateError> {
    let Some(probe) = probe else { return Ok(None) };
    let handler: Handler = given.read(at, &Value::Object(probe.handler.clone()))?;
    let Some(mut action) = action(given, at, container, &handler)? else {
        return Err(given.value(at, "has none of exec, grpc, httpGet and tcpSocket; write one"));
    };
    if let Action::Exec(command) = &mut action {
        // A probe's command sees variables with a value of their own as they are written, and no others.
        let own = |name: &str| container.env.iter().rfind(|variable| variable.name == name);
        for word in command {
            *word = expand_known(word, |name| own(name).map(|variable| variable.value.as_str()));
        }
    }
    let or = |number: u32, default: u32| if number == 0 { default } else { number };
    let seconds = |number: u32, default: u32| Duration::from_secs(or(number, default).into());
    Ok(Some(Probe {
        action,
        delay: seconds(probe.initial_delay_seconds, 0),
        period: seconds(probe.period_seconds, 10),
        timeout: seconds(probe.timeout_seconds, 1),
        successes: or(probe.success_threshold, 1),
        failures: or(probe.failure_threshold, 3),
    }))
}

/// The action of the hook after the start; none for one that only sleeps.
pub(super) fn post_start(given: &Given<'_>, at: &str, container: &Container) -> Result<Option<Action>, TranslateError> {
    let at = format!("{at}.lifecycle.postStart");
    container.lifecycle.post_start.as_ref().map_or(Ok(None), |handler| action(given, &at, container, handler))
}

fn action(
    given: &Given<'_>,
    at: &str,
    container: &Container,
    handler: &Handler,
) -> Result<Option<Action>, TranslateError> {
    let port = |kind: &str, value: &Value| port(given, &format!("{at}.{kind}.port"), container, value);
    let without_host = |host: &str| {
        if !host.is_empty() {
            given.note(format!("Container {}: probes go to the container, not to the host {host}.", container.name));
        }
    };
    Ok(Some(if let Some(exec) = &handler.exec {
        if exec.command.is_empty() {
            return Err(given.value(&format!("{at}.exec.command"), "is empty; write the command"));
        }
        Action::Exec(exec.command.clone())
    } else if let Some(get) = &handler.http_get {
        without_host(&get.host);
        http(port("httpGet", &get.port)?, get)
    } else if let Some(socket) = &handler.tcp_socket {
        without_host(&socket.host);
        Action::Tcp { port: port("tcpSocket", &socket.port)? }
    } else if let Some(socket) = &handler.grpc {
        given.note(format!("Container {}: of the gRPC probe, only the connection is tried.", container.name));
        Action::Tcp { port: port("grpc", &socket.port)? }
    } else {
        return Ok(None);
    }))
}

fn http(port: u16, get: &HttpGet) -> Action {
    // A fragment is never sent.
    let path = get.path.split('#').next().unwrap_or_default();
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    let headers = get.http_headers.iter().map(|header| (header.name.clone(), header.value.clone())).collect();
    Action::Http { port, path, tls: get.scheme.eq_ignore_ascii_case("https"), headers }
}

/// A port by its number, its name, or its number as text.
fn port(given: &Given<'_>, at: &str, container: &Container, value: &Value) -> Result<u16, TranslateError> {
    let number = match value {
        Value::String(name) => port_named(container, name).or_else(|| name.parse().ok()),
        other => other.as_u64().and_then(|number| number.try_into().ok()),
    };
    number.filter(|number| *number > 0).ok_or_else(|| {
        let why = format!("{value} is neither a port of this container by name nor a number from 1 to 65535");
        given.value(at, why)
    })
}
