//! Runs a pod among others, as the kubelet would, until it is ready or will not be.

mod live;
mod why;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures_util::future::{Either, join_all, select};
use tokio::time::{sleep, timeout};
use trial::pod::{Pod, Role};
use trial::{Evidence, Outcome, Readiness};

use crate::evidence;
use crate::forward::Services;
use crate::place::{Placed, Site};
use crate::{EngineError, Event, How, Step};
use live::{BACK_OFF, Live};
use why::late;

/// How often containers are looked at.
const TICK: Duration = Duration::from_millis(100);
/// The companions have this part of the time to be ready, and at most so long.
const COMPANIONS: (u32, Duration) = (3, Duration::from_secs(30));
/// How many lines of a log are searched at a time.
const SEARCHED: usize = 1000;

/// Why a pod is not run any further.
enum Stop {
    /// It is not ready, and will not be.
    Not(Readiness),
    /// The engine fails.
    Engine(EngineError),
}

impl From<EngineError> for Stop {
    fn from(error: EngineError) -> Stop {
        Stop::Engine(error)
    }
}

/// A run of a pod and its companions.
pub(crate) struct Running<'a, 't> {
    pub(crate) site: Site<'a>,
    pub(crate) services: Services,
    pub(crate) how: &'a How,
    pub(crate) tell: RefCell<&'t mut dyn FnMut(Event)>,
    /// How many companions have not become ready.
    pub(crate) waiting: Cell<usize>,
}

impl Running<'_, '_> {
    fn tell(&self, pod: &Pod, container: Option<&str>, step: Step) {
        let event = Event { pod: pod.name.clone(), container: container.map(str::to_owned), step };
        (self.tell.borrow_mut())(event);
    }

    /// Runs a pod, and its companions for as long.
    pub(crate) async fn run(&self, pod: &Pod, with: &[Pod]) -> Result<Outcome, EngineError> {
        let first = self.place(pod, 0).await?;
        let mut others = Vec::new();
        for (number, companion) in with.iter().enumerate() {
            others.push(self.place(companion, number + 1).await?);
        }
        let begun = Instant::now();
        self.waiting.set(others.len());
        let companions = join_all(others.iter().map(|companion| self.accompany(companion)));
        let trial = async {
            let patience = (self.how.timeout / COMPANIONS.0).min(COMPANIONS.1);
            while self.waiting.get() > 0 && begun.elapsed() < patience {
                sleep(TICK).await;
            }
            self.stand_trial(&first, !with.is_empty()).await
        };
        // The companions run on until the trial is over.
        let (readiness, evidence) = match select(Box::pin(trial), Box::pin(companions)).await {
            Either::Left((outcome, _)) => outcome?,
            Either::Right((ended, trial)) => {
                ended.into_iter().collect::<Result<Vec<()>, _>>()?;
                trial.await?
            }
        };
        Ok(Outcome { readiness, evidence, took: begun.elapsed() })
    }

    async fn place<'p>(&self, pod: &'p Pod, number: usize) -> Result<Placed<'p>, EngineError> {
        self.tell(pod, None, Step::Preparing);
        let placed = self.site.place(pod, number).await?;
        self.services.lead(&self.site, number, &placed.sandbox).await?;
        for note in placed.notes() {
            self.tell(pod, None, Step::Note(note));
        }
        Ok(placed)
    }

    /// Runs a companion for as long as the trial lasts.
    async fn accompany(&self, placed: &Placed<'_>) -> Result<(), EngineError> {
        let mut lives = Vec::new();
        let ready = match timeout(self.how.timeout, self.until_ready(placed, &mut lives, true)).await {
            Ok(ready) => ready,
            Err(_) => Err(Stop::Not(late(&lives, self.how.timeout))),
        };
        self.waiting.set(self.waiting.get().saturating_sub(1));
        match ready {
            Ok(()) => self.tell(placed.pod, None, Step::Ready),
            Err(Stop::Engine(error)) => return Err(error),
            Err(Stop::Not(Readiness::Not { container, why, .. })) => {
                self.tell(
                    placed.pod,
                    None,
                    Step::Note(format!("{} is not ready: its container {container} {why}.", placed.pod.name)),
                );
            }
            Err(Stop::Not(Readiness::Ready)) => {}
        }
        if placed.pod.runs_once {
            return Ok(());
        }
        // One that ends is started again, as the kubelet does.
        loop {
            sleep(BACK_OFF).await;
            for live in &mut lives {
                live.restarts = 0;
                let _ = self.tick(placed, live, true).await;
            }
        }
    }

    /// Runs the pod on trial, and looks at what is left of it.
    async fn stand_trial(
        &self,
        placed: &Placed<'_>,
        accompanied: bool,
    ) -> Result<(Readiness, BTreeMap<String, Evidence>), EngineError> {
        let mut lives = Vec::new();
        let long = placed.pod.containers.iter().filter(|container| container.role != Role::Init).count();
        let may_wait = accompanied || long > 1;
        let ready = match timeout(self.how.timeout, self.until_ready(placed, &mut lives, may_wait)).await {
            Ok(ready) => ready,
            Err(_) => Err(Stop::Not(late(&lives, self.how.timeout))),
        };
        let ready = match ready {
            Ok(()) if self.how.watch => self.watch(placed, &mut lives).await,
            ready => ready,
        };
        let mut readiness = match ready {
            Ok(()) => Readiness::Ready,
            Err(Stop::Not(readiness)) => readiness,
            Err(Stop::Engine(error)) => return Err(error),
        };
        let mut all = BTreeMap::new();
        for mut live in lives {
            let state = self.look_once_more(&mut live).await;
            evidence::finish(self.site.api, &live.id, live.container, state, &mut live.evidence).await;
            all.insert(live.container.name.clone(), live.evidence);
        }
        match &mut readiness {
            Readiness::Ready => self.tell(placed.pod, None, Step::Ready),
            Readiness::Not { container, why, log } => {
                if let Some(evidence) = all.get(container) {
                    log.clone_from(&evidence.log);
                    if evidence.out_of_memory {
                        "was killed for want of memory".clone_into(why);
                    }
                }
            }
        }
        Ok((readiness, all))
    }

    /// Starts the containers in their order, and waits until all are ready.
    async fn until_ready<'p>(
        &self,
        placed: &Placed<'p>,
        lives: &mut Vec<Live<'p>>,
        may_wait: bool,
    ) -> Result<(), Stop> {
        for container in &placed.pod.containers {
            let live = self.start(placed, container).await?;
            lives.push(live);
            let Some(live) = lives.last_mut() else { continue };
            match container.role {
                Role::Init => self.until_ended(placed, live).await?,
                Role::Sidecar => self.until_started(placed, live).await?,
                Role::Main => {}
            }
        }
        let mut said = self.how.log.is_none();
        loop {
            let mut ready = true;
            for live in lives.iter_mut().filter(|live| live.container.role != Role::Init) {
                let looks = live.looked;
                self.tick(placed, live, may_wait).await?;
                ready &= live.is_ready(self.how, placed.pod.runs_once);
                if !said && live.looked != looks {
                    let log = evidence::log(self.site.api, &live.id, SEARCHED).await;
                    said = self.how.log.as_ref().is_some_and(|regex| log.iter().any(|line| regex.is_match(line)));
                }
            }
            if ready && said {
                return Ok(());
            }
            sleep(TICK).await;
        }
    }

    /// Keeps a ready pod running until each of its containers has run for as long as one without probes must.
    async fn watch(&self, placed: &Placed<'_>, lives: &mut [Live<'_>]) -> Result<(), Stop> {
        let long = |live: &&mut Live<'_>| live.container.role != Role::Init && !live.done;
        while lives.iter_mut().filter(long).any(|live| live.since.elapsed() < self.how.ready_for) {
            sleep(TICK).await;
            for live in lives.iter_mut().filter(long) {
                self.tick(placed, live, false).await?;
            }
        }
        Ok(())
    }
}
