//! Probes: commands in a container, and connections to it.
//!
//! A connection begins in the pod's own network, which only this machine's root can enter. Others connect to the pod's
//! address if this machine is on the pod's network itself, as with docker; never through a gateway, where another
//! machine may answer. Else the container's own programs are asked to connect.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::OnceLock;
use std::time::Duration;

use bollard::exec::{CreateExecOptions, StartExecOptions, StartExecResults};
use reqwest::redirect::Policy;
use tokio::time::timeout;
use trial::Failure;
use trial::pod::{Action, Probe};

use crate::api::{self, Api};
use crate::routes;

/// How much of what a probe says is kept.
const SAID: usize = 200;

/// A container to ask.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// Its id.
    pub(crate) id: String,
    /// Its first process on this machine, where that is known.
    pub(crate) pid: Option<i64>,
    /// The address of its pod.
    pub(crate) address: Ipv4Addr,
}

/// Asks a probe.
pub(crate) async fn ask(api: &Api, target: &Target, probe: &Probe) -> Result<(), Failure> {
    act(api, target, &probe.action, probe.timeout.max(Duration::from_secs(1))).await
}

/// Does what a probe or a hook says.
pub(crate) async fn act(api: &Api, target: &Target, action: &Action, limit: Duration) -> Result<(), Failure> {
    let late = || Err(Failure(format!("no answer within {} s", limit.as_secs())));
    match action {
        Action::Exec(command) => timeout(limit, exec(api, target, command)).await.unwrap_or_else(|_| late()),
        action => {
            if let Some(pid) = target.pid
                && let Some(answer) = within(pid, target.address, action, limit).await
            {
                return answer;
            }
            if target.pid.is_some() && routes::is_neighbour(target.address) {
                return connect(target.address, action, limit).await;
            }
            timeout(limit + Duration::from_secs(2), by_tools(api, target, action, limit))
                .await
                .unwrap_or_else(|_| late())
        }
    }
}

/// Runs a command in a container: its exit code and what it writes.
async fn output(api: &Api, target: &Target, command: &[String]) -> Result<(i64, String), Failure> {
    let said = |error: bollard::errors::Error| Failure(api.said(&error));
    let options = CreateExecOptions {
        cmd: Some(command.to_vec()),
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        ..CreateExecOptions::default()
    };
    let id = api.docker.create_exec(&target.id, options).await.map_err(said)?.id;
    let text = match api.docker.start_exec(&id, None::<StartExecOptions>).await.map_err(said)? {
        StartExecResults::Attached { output, .. } => api::text(output).await,
        StartExecResults::Detached => String::new(),
    };
    let code = api.docker.inspect_exec(&id).await.map_err(said)?.exit_code;
    Ok((code.unwrap_or(-1), text))
}

async fn exec(api: &Api, target: &Target, command: &[String]) -> Result<(), Failure> {
    let (code, text) = output(api, target, command).await?;
    if code == 0 {
        return Ok(());
    }
    let last: String =
        text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default().chars().take(SAID).collect();
    let colon = if last.is_empty() { "" } else { ": " };
    Err(Failure(format!("its command ended with {code}{colon}{last}")))
}

/// Asks from within the pod's network; `None` where that cannot be entered.
async fn within(pid: i64, address: Ipv4Addr, action: &Action, limit: Duration) -> Option<Result<(), Failure>> {
    let action = action.clone();
    let (send, receive) = tokio::sync::oneshot::channel();
    // A network is entered by a thread, which keeps to it until it ends.
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let answer = match (enter(pid), runtime) {
            (true, Ok(runtime)) => Some(runtime.block_on(connect(address, &action, limit))),
            _ => None,
        };
        // Nobody waits any more if the run was interrupted.
        let _ = send.send(answer);
    });
    receive.await.ok().flatten()
}

/// Moves this thread into the network of a process, and tells whether that was possible.
#[cfg(target_os = "linux")]
pub(crate) fn enter(pid: i64) -> bool {
    use rustix::fs::{Mode, OFlags};
    use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
    use std::os::fd::AsFd as _;

    let path = format!("/proc/{pid}/ns/net");
    rustix::fs::open(path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
        .and_then(|space| move_into_link_name_space(space.as_fd(), Some(LinkNameSpaceType::Network)))
        .is_ok()
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn enter(_: i64) -> bool {
    false
}

/// Connects, and asks for a page where that is wanted.
async fn connect(address: Ipv4Addr, action: &Action, limit: Duration) -> Result<(), Failure> {
    let late = || Err(Failure(format!("no answer within {} s", limit.as_secs())));
    match action {
        Action::Tcp { port } => {
            let connected = tokio::net::TcpStream::connect(SocketAddr::from((address, *port)));
            match timeout(limit, connected).await {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(error)) => Err(Failure(format!("port {port}: {}", plain(&error)))),
                Err(_) => late(),
            }
        }
        Action::Http { port, path, tls, headers } => {
            let scheme = if *tls { "https" } else { "http" };
            let slash = if path.starts_with('/') { "" } else { "/" };
            let mut request = client(limit)?.get(format!("{scheme}://{address}:{port}{slash}{path}"));
            for (name, value) in headers {
                request = request.header(name, value);
            }
            match request.send().await {
                Ok(answer) if (200..400).contains(&answer.status().as_u16()) => Ok(()),
                Ok(answer) => {
                    let status = answer.status().as_u16();
                    Err(Failure(format!("GET {path} on port {port} was answered with {status}")))
                }
                Err(error) if error.is_timeout() => late(),
                Err(error) => Err(Failure(format!("GET {path} on port {port}: {}", innermost(&error)))),
            }
        }
        Action::Exec(_) => Err("a command needs no connection".into()),
    }
}

/// A client as the kubelet's: without a proxy, certificates unchecked, redirections followed on the same host only.
fn client(limit: Duration) -> Result<reqwest::Client, Failure> {
    static PROVIDER: OnceLock<()> = OnceLock::new();
    PROVIDER.get_or_init(|| {
        // Fails where it was done before, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    let policy = Policy::custom(|attempt| {
        let same = attempt.previous().first().and_then(|first| first.host_str()) == attempt.url().host_str();
        if same && attempt.previous().len() < 10 { attempt.follow() } else { attempt.stop() }
    });
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(limit)
        .user_agent("kube-probe/1")
        .tls_danger_accept_invalid_certs(true)
        .redirect(policy);
    client.build().map_err(|error| Failure(innermost(&error)))
}

/// Asks programs of the container to connect, the first that it has.
async fn by_tools(api: &Api, target: &Target, action: &Action, limit: Duration) -> Result<(), Failure> {
    for (command, says_missing) in tools(target.address, action, limit) {
        match output(api, target, &command).await {
            // Without the program, an engine says so in one of these ways.
            Ok((126 | 127, _)) => {}
            Ok((_, text))
                if text.contains("executable file not found") || text.contains("no such file or directory") => {}
            Ok((1, text)) if says_missing && text.contains("/dev/tcp") && text.contains("No such file") => {}
            Ok((0, _)) => return Ok(()),
            Ok((code, _)) => return Err(Failure(format!("{} ended with {code}", command[0]))),
            Err(Failure(why))
                if why.contains("executable file not found") || why.contains("no such file or directory") => {}
            Err(why) => return Err(why),
        }
    }
    Err("cannot be asked: harden cannot reach the pod's network from here, and the image has none of curl, wget, nc and \
         bash; run harden as root on the engine's machine, or use --ready with a line of the log"
        .into())
}

/// Commands that connect, and whether their shell may lack the means.
fn tools(address: Ipv4Addr, action: &Action, limit: Duration) -> Vec<(Vec<String>, bool)> {
    let seconds = limit.as_secs().max(1).to_string();
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<String>>();
    match action {
        Action::Http { port, path, tls, headers } => {
            let scheme = if *tls { "https" } else { "http" };
            let slash = if path.starts_with('/') { "" } else { "/" };
            let url = format!("{scheme}://{address}:{port}{slash}{path}");
            let mut curl = words(&["curl", "-ksf", "-o", "/dev/null", "-m", &seconds]);
            let mut wget = words(&["wget", "-q", "-O", "/dev/null", "-T", &seconds]);
            for (name, value) in headers {
                curl.extend(words(&["-H", &format!("{name}: {value}")]));
                wget.push(format!("--header={name}: {value}"));
            }
            curl.push(url.clone());
            wget.push(url);
            vec![(curl, false), (wget, false)]
        }
        Action::Tcp { port } => {
            let (address, port) = (address.to_string(), port.to_string());
            let shell = format!("exec 3<>/dev/tcp/{address}/{port}");
            vec![(words(&["nc", "-z", "-w", &seconds, &address, &port]), false), (words(&["bash", "-c", &shell]), true)]
        }
        Action::Exec(_) => Vec::new(),
    }
}

/// The cause at the end of an error's chain.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.downcast_ref::<std::io::Error>().map_or_else(|| error.to_string(), plain)
}

/// The system's words for an error, without its number.
fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}
