//! Services that lead from one port to another.
//!
//! In a cluster, a service has an address of its own, at which the nodes' kernels send connections on to a pod. Here it
//! is a sandbox with an address, in whose network a thread of this process listens and hands connections on, as long as
//! the pod itself listens. Only root of the engine's machine can enter that network; elsewhere the service's names lead
//! to the pod itself.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use bollard::query_parameters::InspectContainerOptions;
use futures_util::future::select;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::sync::{oneshot, watch};
use tokio::time::sleep;
use trial::pod::{Forward, Pod};

use crate::EngineError;
use crate::evidence::State;
use crate::local::{Processes, listens};
use crate::place::Site;
use crate::reach::enter;

/// How often is looked whether a pod listens.
const TICK: Duration = Duration::from_millis(50);

/// A thread that hands connections on, until this is dropped.
#[derive(Debug)]
struct Forwarder {
    /// The number of the pod that it leads to.
    pod: usize,
    /// The first process of that pod's sandbox, once there is one.
    leads: watch::Sender<Option<i64>>,
}

impl Forwarder {
    /// Enters the network of a process, to lead each of the ports at one address to one at another; `None` where it
    /// cannot be entered.
    async fn start(pid: i64, pod: usize, from: Ipv4Addr, to: Ipv4Addr, ports: &[(u16, u16)]) -> Option<Forwarder> {
        let (leads, mut led) = watch::channel(None);
        let (send, entered) = oneshot::channel();
        let ports = ports.to_vec();
        std::thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build();
            let (true, Ok(runtime)) = (enter(pid), runtime) else { return };
            runtime.block_on(async {
                // Nobody waits any more if the run was interrupted; the next wait tells.
                let _ = send.send(());
                let Ok(Some(pid)) = led.wait_for(Option::is_some).await.map(|pid| *pid) else { return };
                for (port, target) in ports {
                    tokio::spawn(lead(pid, SocketAddr::from((from, port)), SocketAddr::from((to, target))));
                }
                // An error is the other end that was dropped, which is the end.
                while led.changed().await.is_ok() {}
            });
        });
        entered.await.ok().map(|()| Forwarder { pod, leads })
    }
}

/// Listens at `from` while a process's network listens on the port of `to`, and hands connections on.
async fn lead(pid: i64, from: SocketAddr, to: SocketAddr) {
    loop {
        if listens(pid, to.port())
            && let Ok(listener) = TcpListener::bind(from).await
        {
            select(Box::pin(hand_on(listener, to)), Box::pin(until_closed(pid, to.port()))).await;
        }
        sleep(TICK).await;
    }
}

async fn until_closed(pid: i64, port: u16) {
    while listens(pid, port) {
        sleep(TICK).await;
    }
}

/// Takes connections and hands each on to `target`.
async fn hand_on(listener: TcpListener, target: SocketAddr) {
    loop {
        let Ok((mut caller, _)) = listener.accept().await else {
            // Too many connections at once: some of them end.
            sleep(TICK).await;
            continue;
        };
        tokio::spawn(async move {
            if let Ok(mut called) = TcpStream::connect(target).await {
                // Either end may close the connection in its own way.
                let _ = copy_bidirectional(&mut caller, &mut called).await;
            }
        });
    }
}

/// The services of a run that have an address of their own.
#[derive(Debug, Default)]
pub(crate) struct Services {
    addresses: BTreeMap<String, Ipv4Addr>,
    forwarders: Vec<Forwarder>,
    /// Sentences on those that lead to their pod instead.
    pub(crate) notes: Vec<String>,
}

impl Services {
    /// Opens those that other pods of the run may ask for.
    pub(crate) async fn open(site: &Site<'_>, pods: &[Pod]) -> Result<Services, EngineError> {
        let mut services = Services::default();
        // A pod alone has nobody who asks.
        let others = if pods.len() > 1 { pods } else { &[] };
        let forwards =
            others.iter().enumerate().flat_map(|(number, pod)| pod.forwards.iter().map(move |one| (number, one)));
        for (at, (pod, forward)) in forwards.enumerate() {
            let number = pods.len() + at;
            if let Some(forwarder) = open(site, number, pod, forward).await? {
                let address = site.network.address(number);
                services.addresses.extend(forward.names.iter().map(|name| (name.clone(), address)));
                services.forwarders.push(forwarder);
            } else {
                services.notes.push(note(forward));
            }
        }
        Ok(services)
    }

    /// The address that a name has in place of its pod's.
    pub(crate) fn address(&self, name: &str) -> Option<Ipv4Addr> {
        self.addresses.get(name).copied()
    }

    /// Lets the services of the pod with a number lead to its sandbox, whose id this is.
    pub(crate) async fn lead(&self, site: &Site<'_>, pod: usize, sandbox: &str) -> Result<(), EngineError> {
        let mut own = self.forwarders.iter().filter(|forwarder| forwarder.pod == pod).peekable();
        if own.peek().is_some() {
            let pid = process(site, sandbox).await?;
            own.for_each(|forwarder| {
                forwarder.leads.send_replace(pid);
            });
        }
        Ok(())
    }
}

/// Opens a service at the address with a number, which leads to the pod with the number `pod`.
async fn open(site: &Site<'_>, number: usize, pod: usize, forward: &Forward) -> Result<Option<Forwarder>, EngineError> {
    if !site.api.local {
        return Ok(None);
    }
    let sandbox = site.sandbox(number, "", site.ways.host()).await?;
    let Some(pid) = process(site, &sandbox).await? else { return Ok(None) };
    let (from, to) = (site.network.address(number), site.network.address(pod));
    Ok(Forwarder::start(pid, pod, from, to, &forward.ports).await)
}

/// The first process of a container on this machine.
async fn process(site: &Site<'_>, id: &str) -> Result<Option<i64>, EngineError> {
    let inspected = site.api.docker.inspect_container(id, None::<InspectContainerOptions>).await;
    let state = State::of(inspected.map_err(|error| site.api.error("look at a sandbox", &error))?);
    // Another machine's number may be the one of a process here.
    Ok(state.pid.filter(|pid| Processes::of(*pid, id).is_some()))
}

/// Tells which ports of a service answer where it has no address of its own.
fn note(forward: &Forward) -> String {
    let differs = forward.ports.iter().filter(|(port, target)| port != target);
    let ports: Vec<String> = differs.map(|(port, target)| format!("{target} instead of {port}")).collect();
    format!(
        "Service {}: its name leads to the pod itself, at port {}; run harden as root on the engine's machine to have \
         the service's own.",
        forward.names.first().map_or("", String::as_str),
        ports.join(", ")
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    /// Between two addresses of this machine, whose network is the one of this process.
    #[test]
    fn connections_are_handed_on_while_the_pod_listens() {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (from, to) = (Ipv4Addr::new(127, 0, 0, 2), Ipv4Addr::LOCALHOST);
            let us = i64::from(std::process::id());
            let pod = TcpListener::bind("0.0.0.0:0").await.unwrap();
            let target = pod.local_addr().unwrap().port();
            let port = TcpListener::bind((from, 0)).await.unwrap().local_addr().unwrap().port();
            let Some(forwarder) = Forwarder::start(us, 0, from, to, &[(port, target)]).await else {
                assert!(!enter(us), "the network can be entered");
                return;
            };
            assert!(TcpStream::connect((from, port)).await.is_err(), "the pod has no sandbox yet");
            forwarder.leads.send(Some(us)).unwrap();
            let mut caller = until(|| TcpStream::connect((from, port))).await;
            caller.write_all(b"ping").await.unwrap();
            let (mut called, _) = pod.accept().await.unwrap();
            let mut text = [0; 4];
            called.read_exact(&mut text).await.unwrap();
            assert_eq!(&text, b"ping");
            drop(called);
            assert_eq!(caller.read(&mut text).await.unwrap(), 0, "the end is handed on, too");
            drop(pod);
            let refused = || async { TcpStream::connect((from, port)).await.is_err().then_some(()).ok_or(()) };
            until(refused).await;
            let pod = TcpListener::bind(("0.0.0.0", target)).await.unwrap();
            until(|| TcpStream::connect((from, port))).await;
            drop(forwarder);
            until(refused).await;
            drop(pod);
        });
    }

    async fn until<T, E, F: Future<Output = Result<T, E>>>(mut ask: impl FnMut() -> F) -> T {
        for _ in 0..200 {
            if let Ok(answer) = ask().await {
                return answer;
            }
            sleep(Duration::from_millis(20)).await;
        }
        unreachable!("no answer within 4 seconds")
    }

    #[test]
    fn a_note_names_the_ports_that_answer() {
        let forward = Forward { names: vec!["db".to_owned()], ports: vec![(80, 8080), (81, 81), (443, 8443)] };
        assert_eq!(
            note(&forward),
            "Service db: its name leads to the pod itself, at port 8080 instead of 80, 8443 instead of 443; run harden \
             as root on the engine's machine to have the service's own."
        );
    }
}
