//! Runs pods with podman or docker, through the API that both have.
//!
//! ```text
//! pods ─ network ─ sandbox and volumes of each ─ containers in their order ─ probes, evidence ─▶ outcome
//! ```
//!
//! Everything that is made is labelled with its owner, and removed when a run is over, however that ends; what a killed
//! process has left, the next one removes.

// The client of the API takes its maps so; none of them is ever written out.
#![allow(clippy::disallowed_types)]

mod api;
mod body;
mod connect;
mod error;
mod evidence;
mod forward;
mod how;
mod image;
mod local;
mod network;
mod place;
mod reach;
mod routes;
mod run;
mod sandbox;
mod service;
mod session;
mod volumes;
mod ways;

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::{Either, select};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use tokio::runtime::{Builder, Runtime};
use tokio::time::{sleep, timeout};
use trial::{ImageFacts, Outcome, Pod};

pub use error::EngineError;
pub use how::{Choice, Event, How, Step};

use api::Api;
use connect::Connection;
use forward::Services;
use network::Network;
use place::Site;
use run::Running;
use session::{Run, Session};
use ways::Ways;

/// How long removing may take.
const REMOVAL: Duration = Duration::from_secs(60);

/// A container engine.
///
/// As long as it lives, Ctrl-C and SIGTERM do not end the process: the run that is on comes back as
/// [`EngineError::Interrupted`], with everything removed. A second one ends it at once.
#[derive(Debug)]
pub struct Engine {
    runtime: Runtime,
    connection: RefCell<Connection>,
    session: Session,
    image: String,
    ways: Ways,
    interrupted: Arc<AtomicBool>,
}

impl Engine {
    /// Connects to the chosen engine, else to the one that `DOCKER_HOST` names or whose socket is there; else starts
    /// podman's service. Finds out how containers are started here.
    ///
    /// # Errors
    /// No engine, or one that does not start containers.
    pub fn connect(choice: Option<Choice>) -> Result<Engine, EngineError> {
        let io = |source| EngineError::Io { path: "the client of container engines".into(), source };
        let interrupted = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // The second signal finds the flag set.
            flag::register_conditional_default(signal, Arc::clone(&interrupted)).map_err(io)?;
            flag::register(signal, Arc::clone(&interrupted)).map_err(io)?;
        }
        let runtime = Builder::new_current_thread().enable_all().build().map_err(io)?;
        let session = Session::begin()?;
        let connection = runtime.block_on(connect::connect(choice, &session))?;
        let api = Api { docker: connection.docker.clone(), kind: connection.kind, local: connection.local };
        let image = runtime.block_on(api.import(&connection.architecture, &session.owner()))?;
        let mut engine = Engine {
            runtime,
            connection: RefCell::new(connection),
            session,
            image,
            ways: Ways::default(),
            interrupted,
        };
        engine.ways = engine.runtime.block_on(Ways::find(&api, &engine.session, &engine.image))?;
        Ok(engine)
    }

    /// Which engine it is.
    #[must_use]
    pub fn kind(&self) -> Choice {
        self.connection.borrow().kind
    }

    /// Sentences that each name something that is not as in a cluster with this engine.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        self.ways.notes()
    }

    /// The API, of a service that is running.
    fn api(&self) -> Result<Api, EngineError> {
        let mut connection = self.connection.borrow_mut();
        self.runtime.block_on(connection.revive(&self.session))?;
        Ok(Api { docker: connection.docker.clone(), kind: connection.kind, local: connection.local })
    }

    /// Removes what runs that were killed have left, and says how many containers, networks, volumes, images and
    /// folders that were.
    ///
    /// # Errors
    /// What the engine says.
    pub fn clean(&self) -> Result<usize, EngineError> {
        let api = self.api()?;
        let removed = self.runtime.block_on(api.remove_left(|labels| self.session.is_left(labels)))?;
        // The folders are what tells that their owners are dead: they go last.
        Ok(removed + self.session.sweep())
    }

    /// The configuration of an image, which is pulled first if it is not there and `pull` asks for that.
    ///
    /// # Errors
    /// No such image, and what the engine says.
    pub fn image(&self, reference: &str, pull: bool) -> Result<ImageFacts, EngineError> {
        let api = self.api()?;
        self.or_interrupted(image::facts(&api, reference, pull))
    }

    /// Runs a pod, with others beside it on its network, and removes them all.
    ///
    /// # Errors
    /// What the engine says, an image that is not there, an interrupt. That a pod is not ready is an outcome.
    pub fn run(&self, pod: &Pod, with: &[Pod], how: &How, tell: &mut dyn FnMut(Event)) -> Result<Outcome, EngineError> {
        let api = self.api()?;
        let run = self.session.next();
        let outcome = self.or_interrupted(self.run_pods(&api, &run, pod, with, how, tell));
        tell(Event { pod: pod.name.clone(), container: None, step: Step::Removing });
        let removed = self.runtime.block_on(async {
            let late = EngineError::Late { what: "remove the containers", within: REMOVAL };
            timeout(REMOVAL, api.remove_run(run.name())).await.unwrap_or(Err(late))
        });
        outcome.and_then(|outcome| removed.map(|_| outcome))
    }

    async fn run_pods(
        &self,
        api: &Api,
        run: &Run,
        pod: &Pod,
        with: &[Pod],
        how: &How,
        tell: &mut dyn FnMut(Event),
    ) -> Result<Outcome, EngineError> {
        let network = Network::create(api, run, how.network).await?;
        let at = |(number, pod): (usize, &Pod)| pod.clone().at(&network.address(number).to_string());
        let all: Vec<Pod> = std::iter::once(pod).chain(with).enumerate().map(at).collect();
        let hosts = Vec::new();
        let mut site = Site { api, ways: &self.ways, image: &self.image, run, network, open: how.network, hosts };
        let services = Services::open(&site, &all).await?;
        for note in &services.notes {
            tell(Event { pod: pod.name.clone(), container: None, step: Step::Note(note.clone()) });
        }
        for (number, pod) in all.iter().enumerate() {
            let at = site.network.address(number);
            site.hosts.extend(pod.names.iter().map(|name| (name.clone(), services.address(name).unwrap_or(at))));
        }
        let running = Running { site, services, how, tell: RefCell::new(tell), waiting: Cell::new(0) };
        let (pod, with) = (all.first().unwrap_or(pod), all.get(1..).unwrap_or_default());
        running.run(pod, with).await
    }

    /// Awaits something, but not beyond an interrupt.
    fn or_interrupted<T>(&self, work: impl Future<Output = Result<T, EngineError>>) -> Result<T, EngineError> {
        let interrupt = async {
            while !self.interrupted.load(Ordering::Relaxed) {
                sleep(Duration::from_millis(50)).await;
            }
        };
        self.runtime.block_on(async {
            match select(Box::pin(interrupt), Box::pin(work)).await {
                Either::Left(((), _)) => Err(EngineError::Interrupted),
                Either::Right((result, _)) => result,
            }
        })
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if let Ok(api) = self.api() {
            // What stays is labelled, and goes with the next run's `clean`.
            let _ = self.runtime.block_on(async { timeout(REMOVAL, api.remove_image(&self.image)).await });
        }
        // From now on the first signal ends the process.
        self.interrupted.store(true, Ordering::Relaxed);
    }
}
