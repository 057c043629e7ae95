//! Which engine answers where.

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bollard::{API_DEFAULT_VERSION, ClientVersion, Docker};
use tokio::time::{sleep, timeout};

use crate::service::Service;
use crate::session::Session;
use crate::{Choice, EngineError};

/// How many seconds the engine may take for a request.
const REQUEST: u64 = 120;
/// How long it may take to say that it is there.
const PING: Duration = Duration::from_secs(5);
/// How long podman's service may take to start.
const START: Duration = Duration::from_secs(20);

/// A connection to an engine.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) docker: Docker,
    pub(crate) kind: Choice,
    /// The processor of its machine.
    pub(crate) architecture: String,
    /// Podman's service, where it was started for this process.
    pub(crate) service: Option<Service>,
    /// Whether the engine may run on this machine.
    pub(crate) local: bool,
}

/// Where an engine may be.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Address {
    Socket(PathBuf),
    Tcp(String),
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Address::Socket(path) => write!(f, "unix://{}", path.display()),
            Address::Tcp(host) => write!(f, "tcp://{host}"),
        }
    }
}

/// Connects to the chosen engine, else to the first that answers.
pub(crate) async fn connect(choice: Option<Choice>, session: &Session) -> Result<Connection, EngineError> {
    if let Some(host) = env::var("DOCKER_HOST").ok().filter(|host| !host.is_empty()) {
        let address = parse(&host, env::var_os("DOCKER_TLS_VERIFY").is_some_and(|value| !value.is_empty()))?;
        return reach(&address, choice).await;
    }
    let mut asked = Vec::new();
    for path in sockets(choice, |name| env::var_os(name).map(PathBuf::from)) {
        let address = Address::Socket(path);
        match reach(&address, choice).await {
            Ok(connection) => return Ok(connection),
            Err(EngineError::Unreachable { address, why }) => asked.push(format!("{address} ({why})")),
            // A socket of podman that calls itself docker's, and the other way round.
            Err(error @ EngineError::Other { .. }) => asked.push(error.to_string()),
            Err(error) => return Err(error),
        }
    }
    if choice != Some(Choice::Docker) {
        if let Some(service) = Service::start(session.folder())? {
            return serve(service, choice).await;
        }
        asked.push("the command podman (not found)".to_owned());
    }
    Err(EngineError::None { asked: asked.join(", ") })
}

/// Connects to podman's service when it is up.
async fn serve(mut service: Service, choice: Option<Choice>) -> Result<Connection, EngineError> {
    let address = Address::Socket(service.socket().to_owned());
    let up = timeout(START, async {
        loop {
            match reach(&address, choice).await {
                Err(EngineError::Unreachable { .. }) if service.is_running() => sleep(Duration::from_millis(50)).await,
                Err(EngineError::Unreachable { .. }) => return Err(EngineError::Service(service.last_words())),
                reached => return reached,
            }
        }
    });
    let late = EngineError::Late { what: "start podman's service", within: START };
    let connection = up.await.unwrap_or(Err(late))?;
    Ok(Connection { service: Some(service), ..connection })
}

impl Connection {
    /// Starts podman's service again where it was started for this process and has ended for want of requests.
    pub(crate) async fn revive(&mut self, session: &Session) -> Result<(), EngineError> {
        let ended = self.service.as_mut().is_some_and(|service| !service.is_running());
        if ended && let Some(service) = Service::start(session.folder())? {
            *self = serve(service, Some(self.kind)).await?;
        }
        Ok(())
    }
}

/// Reads the address that `DOCKER_HOST` names.
fn parse(host: &str, tls: bool) -> Result<Address, EngineError> {
    let refuse = |why| Err(EngineError::Host { host: host.to_owned(), why });
    if tls {
        return refuse("harden does not connect with TLS (DOCKER_TLS_VERIFY); forward the engine's socket instead");
    }
    match host.split_once("://") {
        Some(("unix", path)) if path.starts_with('/') => Ok(Address::Socket(path.into())),
        Some(("unix", _)) => refuse("the path of a socket begins with a slash"),
        Some(("tcp" | "http", address)) => {
            let address = address.trim_end_matches('/');
            let port = address.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
            if port.is_some() {
                Ok(Address::Tcp(address.to_owned()))
            } else {
                refuse("the port is missing: tcp://HOST:PORT")
            }
        }
        Some(("ssh", _)) => {
            refuse("harden does not connect with ssh; forward the socket: ssh -L engine.sock:/run/docker.sock")
        }
        Some(("https", _)) => refuse("harden does not connect with TLS; forward the engine's socket instead"),
        _ => refuse("write unix:///PATH or tcp://HOST:PORT"),
    }
}

/// The usual places of sockets that are there, docker's first unless podman is wanted.
fn sockets(choice: Option<Choice>, variable: impl Fn(&str) -> Option<PathBuf>) -> Vec<PathBuf> {
    let runtime = variable("XDG_RUNTIME_DIR");
    let below = |folder: &Option<PathBuf>, path: &str| folder.as_ref().map(|folder| folder.join(path));
    let docker = [
        Some(PathBuf::from("/var/run/docker.sock")),
        below(&runtime, "docker.sock"),
        below(&variable("HOME"), ".docker/run/docker.sock"),
    ];
    let podman = [below(&runtime, "podman/podman.sock"), Some(PathBuf::from("/run/podman/podman.sock"))];
    let wanted = |kind| choice.is_none_or(|choice| choice == kind);
    let docker = docker.into_iter().flatten().filter(|_| wanted(Choice::Docker));
    let podman = podman.into_iter().flatten().filter(|_| wanted(Choice::Podman));
    docker.chain(podman).filter(|path| path.exists()).collect()
}

/// Connects to the engine at an address.
async fn reach(address: &Address, choice: Option<Choice>) -> Result<Connection, EngineError> {
    let unreachable = |why: String| EngineError::Unreachable { address: address.to_string(), why };
    let open = |version: &ClientVersion| {
        let opened = match address {
            Address::Socket(path) => Docker::connect_with_unix(&text(path), REQUEST, version),
            Address::Tcp(host) => Docker::connect_with_http(host, REQUEST, version),
        };
        opened.map_err(|error| unreachable(error.to_string()))
    };
    // Once: podman looks for its packages each time. bollard's `negotiate_version` would ask for the same.
    let version = match timeout(PING, open(API_DEFAULT_VERSION)?.version()).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => return Err(unreachable(innermost(&error))),
        Err(_) => return Err(unreachable(format!("no answer within {} seconds", PING.as_secs()))),
    };
    let docker = open(&spoken(version.api_version.as_deref().unwrap_or_default()))?;
    let components = version.components.unwrap_or_default();
    let podman = components.iter().any(|component| component.name.to_lowercase().contains("podman"));
    let kind = if podman { Choice::Podman } else { Choice::Docker };
    if let Some(wanted) = choice.filter(|choice| *choice != kind) {
        let address = address.to_string();
        return Err(EngineError::Other { address, found: kind.name(), wanted: wanted.name() });
    }
    let local = matches!(address, Address::Socket(_)) && cfg!(target_os = "linux");
    Ok(Connection { docker, kind, architecture: version.arch.unwrap_or_default(), service: None, local })
}

/// The newest version of the interface that both an engine, which offers `newest`, and this program speak.
fn spoken(newest: &str) -> ClientVersion {
    let numbers = newest.split_once('.').and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)));
    let theirs = numbers.map(|(major_version, minor_version)| ClientVersion { major_version, minor_version });
    theirs.filter(|theirs| theirs < API_DEFAULT_VERSION).unwrap_or(*API_DEFAULT_VERSION)
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// The cause at the end of an error's chain, which names what failed.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_older_version_is_spoken() {
        let (ours, spoken) = (API_DEFAULT_VERSION.minor_version, |newest: &str| {
            let version = spoken(newest);
            (version.major_version, version.minor_version)
        });
        assert_eq!(spoken("1.41"), (1, 41));
        for newest in ["1.999", "2.0", "", "1", "one.two"] {
            assert_eq!(spoken(newest), (1, ours), "{newest}");
        }
    }

    #[test]
    fn docker_host_is_a_socket_or_a_port() {
        assert_eq!(parse("unix:///run/x.sock", false).unwrap(), Address::Socket("/run/x.sock".into()));
        assert_eq!(parse("tcp://10.0.0.1:2375", false).unwrap(), Address::Tcp("10.0.0.1:2375".to_owned()));
        assert_eq!(parse("tcp://[::1]:2375/", false).unwrap(), Address::Tcp("[::1]:2375".to_owned()));
        for (host, tls, why) in [
            ("ssh://user@host", false, "does not connect with ssh"),
            ("tcp://10.0.0.1:2376", true, "does not connect with TLS (DOCKER_TLS_VERIFY)"),
            ("https://10.0.0.1:2376", false, "does not connect with TLS"),
            ("unix://run/x.sock", false, "begins with a slash"),
            ("tcp://10.0.0.1", false, "the port is missing"),
            ("npipe:////./pipe/docker", false, "unix:///PATH"),
            ("/run/docker.sock", false, "unix:///PATH"),
        ] {
            let error = parse(host, tls).unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("DOCKER_HOST: cannot use `{host}`: ")) && error.contains(why),
                "{error}"
            );
        }
    }

    #[test]
    fn sockets_are_those_of_the_choice() {
        let home = tempfile::tempdir().unwrap();
        let make = |path: &str| {
            let path = home.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, "").unwrap();
            path
        };
        let (docker, podman) = (make(".docker/run/docker.sock"), make("run/podman/podman.sock"));
        let variable = |name: &str| match name {
            "HOME" => Some(home.path().to_owned()),
            "XDG_RUNTIME_DIR" => Some(home.path().join("run")),
            _ => None,
        };
        let of = |choice| {
            let mut paths = sockets(choice, variable);
            paths.retain(|path| path.starts_with(home.path()));
            paths
        };
        assert_eq!(of(None), [docker.clone(), podman.clone()]);
        assert_eq!(of(Some(Choice::Docker)), [docker]);
        assert_eq!(of(Some(Choice::Podman)), [podman]);
    }
}
