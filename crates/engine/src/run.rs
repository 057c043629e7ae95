//! Runs a pod among others, as the kubelet would, until it is ready or will not be.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures_util::future::{Either, join_all, select};
use tokio::time::{sleep, timeout};
use trial::pod::{Action, Container, Pod, Restart, Role};
use trial::probe::{Probes, Verdict};
use trial::{Evidence, Outcome, Readiness};

use crate::evidence::{self, State};
use crate::forward::Services;
use crate::place::{Placed, Site};
use crate::reach::{self, Target};
use crate::{EngineError, Event, How, Step};

/// How often containers are looked at.
const TICK: Duration = Duration::from_millis(100);
/// How often is looked at what they do, and at their logs.
const LOOK: Duration = Duration::from_millis(400);
/// How long a container that ended waits for its next start.
const BACK_OFF: Duration = Duration::from_secs(1);
/// How often a container that others may keep waiting is started again.
const RESTARTS: u32 = 3;
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

/// A container that was started.
struct Live<'p> {
    container: &'p Container,
    id: String,
    probes: Probes<'p>,
    /// When it was started last.
    since: Instant,
    /// When was looked at what it does.
    looked: Option<Instant>,
    restarts: u32,
    /// Whether a Job's container has ended with 0.
    done: bool,
    /// The last failure of its probes.
    failing: Option<String>,
    evidence: Evidence,
}

impl Running<'_, '_> {
    fn tell(&self, pod: &Pod, container: Option<&str>, step: Step) {
        let event = Event { pod: pod.name.clone(), container: container.map(str::to_owned), step };
        (self.tell.borrow_mut())(event);
    }

    /// Runs the pods; the first is the one on trial.
    pub(crate) async fn run(&self, pods: &[Pod]) -> Result<Outcome, EngineError> {
        let mut placed = Vec::new();
        for (number, pod) in pods.iter().enumerate() {
            self.tell(pod, None, Step::Preparing);
            let one = self.site.place(pod, number).await?;
            self.services.lead(&self.site, number, &one.sandbox).await?;
            for note in one.notes() {
                self.tell(pod, None, Step::Note(note));
            }
            placed.push(one);
        }
        let begun = Instant::now();
        let Some((first, others)) = placed.split_first() else {
            return Err(EngineError::Refused { container: String::new(), why: "there is no pod".to_owned() });
        };
        self.waiting.set(others.len());
        let companions = join_all(others.iter().map(|companion| self.accompany(companion)));
        let trial = async {
            let patience = (self.how.timeout / COMPANIONS.0).min(COMPANIONS.1);
            while self.waiting.get() > 0 && begun.elapsed() < patience {
                sleep(TICK).await;
            }
            self.stand_trial(first, pods.len() > 1).await
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
            evidence::finish(self.site.api, &live.id, live.container, &mut live.evidence).await;
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

    /// Starts a container.
    async fn start<'p>(&self, placed: &Placed<'p>, container: &'p Container) -> Result<Live<'p>, Stop> {
        let not =
            |what: &str, why: &str| Stop::Not(readiness(container, format!("could not be {what}: {}", cause(why))));
        let (id, notes) = match self.site.create(placed, container).await? {
            Ok(created) => created,
            Err(why) => return Err(not("created", &why)),
        };
        for note in notes {
            self.tell(placed.pod, Some(&container.name), Step::Note(note));
        }
        if let Err(error) = self.site.api.docker.start_container(&id, None).await {
            return Err(not("started", &self.site.api.said(&error)));
        }
        self.tell(placed.pod, Some(&container.name), Step::Started);
        if let Some(action) = &container.post_start {
            self.after_start(placed, container, &id, action).await?;
        }
        Ok(Live {
            container,
            id,
            probes: Probes::of(container),
            since: Instant::now(),
            looked: None,
            restarts: 0,
            done: false,
            failing: None,
            evidence: Evidence::default(),
        })
    }

    /// Does what `lifecycle.postStart` says.
    async fn after_start(
        &self,
        placed: &Placed<'_>,
        container: &Container,
        id: &str,
        action: &Action,
    ) -> Result<(), Stop> {
        let api = self.site.api;
        let inspected = api.inspect(id).await;
        let state = State::of(inspected.map_err(|error| api.error("look at a container", &error))?);
        let answer = reach::act(api, &self.target(placed, id, &state), action, self.how.timeout).await;
        answer.map_err(|why| {
            Stop::Not(readiness(container, format!("is killed by the kubelet: its postStart failed: {why}")))
        })
    }

    fn target(&self, placed: &Placed<'_>, id: &str, state: &State) -> Target {
        let pid = state.pid.filter(|_| self.site.api.local);
        Target { id: id.to_owned(), pid, address: placed.address }
    }

    /// The state of a container, whose doings are noted.
    async fn look(&self, live: &mut Live<'_>) -> Result<State, EngineError> {
        let api = self.site.api;
        let inspected = api.inspect(&live.id).await;
        let state = State::of(inspected.map_err(|error| api.error("look at a container", &error))?);
        if state.running && live.looked.is_none_or(|looked| looked.elapsed() >= LOOK) {
            evidence::sample(api, &live.id, &state, &mut live.evidence).await;
            live.looked = Some(Instant::now());
        }
        Ok(state)
    }

    /// Waits for an init container to end with 0.
    async fn until_ended(&self, placed: &Placed<'_>, live: &mut Live<'_>) -> Result<(), Stop> {
        loop {
            let state = self.look(live).await?;
            if !state.running {
                return self.ended(placed, live, &state);
            }
            // They are short: what they do is seen now or never.
            live.looked = None;
            sleep(TICK / 4).await;
        }
    }

    /// Waits for a sidecar's startup probe, where it has one.
    async fn until_started(&self, placed: &Placed<'_>, live: &mut Live<'_>) -> Result<(), Stop> {
        while live.probes.started() == Some(false) {
            self.tick(placed, live, true).await?;
            sleep(TICK).await;
        }
        Ok(())
    }

    /// Tells that a container ended, which only 0 makes good.
    fn ended(&self, placed: &Placed<'_>, live: &mut Live<'_>, state: &State) -> Result<(), Stop> {
        let code = state.exit.unwrap_or(-1);
        if !live.done {
            self.tell(placed.pod, Some(&live.container.name), Step::Ended(code));
        }
        if code == 0 {
            live.done = true;
            return Ok(());
        }
        let why =
            if state.out_of_memory { "was killed for want of memory".to_owned() } else { format!("ended with {code}") };
        Err(Stop::Not(readiness(live.container, why)))
    }

    /// Looks at a container, asks its probes, and starts it again where others may have kept it waiting.
    async fn tick(&self, placed: &Placed<'_>, live: &mut Live<'_>, may_wait: bool) -> Result<(), Stop> {
        if live.done {
            return Ok(());
        }
        let state = self.look(live).await?;
        if !state.running {
            let main = live.container.role == Role::Main;
            let may_end = placed.pod.runs_once || placed.pod.restart != Restart::Always && state.exit == Some(0);
            if main && may_end {
                return self.ended(placed, live, &state);
            }
            if may_wait && live.restarts < RESTARTS {
                self.tell(placed.pod, Some(&live.container.name), Step::Ended(state.exit.unwrap_or(-1)));
                return self.restart(live).await;
            }
            let again = if live.restarts > 0 { format!(", as {} times before", live.restarts) } else { String::new() };
            let code = state.exit.unwrap_or(-1);
            self.tell(placed.pod, Some(&live.container.name), Step::Ended(code));
            return Err(Stop::Not(readiness(live.container, format!("ended with {code}{again}"))));
        }
        let target =
            Target { id: live.id.clone(), pid: state.pid.filter(|_| self.site.api.local), address: placed.address };
        for (kind, probe) in live.probes.due(live.since.elapsed()) {
            let asked = live.since.elapsed();
            let answer = reach::ask(self.site.api, &target, probe).await;
            let text = match &answer {
                Ok(()) => format!("{kind} probe passed"),
                Err(why) => format!("{kind} probe failed: {why}"),
            };
            live.probes.answer(kind, asked, answer);
            self.tell(placed.pod, Some(&live.container.name), Step::Probed(text));
        }
        match live.probes.verdict(live.since.elapsed()) {
            Verdict::Failed(kind, why) => {
                let why = format!("is killed by the kubelet: its {kind} probe failed: {why}");
                Err(Stop::Not(readiness(live.container, why)))
            }
            Verdict::Waiting(failing) => {
                live.failing = failing.or(live.failing.take());
                Ok(())
            }
            Verdict::Silent | Verdict::Ready => Ok(()),
        }
    }

    async fn restart(&self, live: &mut Live<'_>) -> Result<(), Stop> {
        live.restarts += 1;
        sleep(BACK_OFF).await;
        if let Err(error) = self.site.api.docker.start_container(&live.id, None).await {
            let why = format!("could not be started again: {}", cause(&self.site.api.said(&error)));
            return Err(Stop::Not(readiness(live.container, why)));
        }
        live.since = Instant::now();
        live.probes = Probes::of(live.container);
        Ok(())
    }
}

impl Live<'_> {
    fn is_ready(&self, how: &How, runs_once: bool) -> bool {
        if self.done || runs_once && self.container.role == Role::Main {
            return self.done;
        }
        let running = self.since.elapsed();
        match self.probes.verdict(running) {
            Verdict::Ready => true,
            // A line of the log says more than that it runs.
            Verdict::Silent => running >= how.ready_for || how.log.is_some(),
            Verdict::Waiting(_) | Verdict::Failed(..) => false,
        }
    }
}

fn readiness(container: &Container, why: String) -> Readiness {
    Readiness::Not { container: container.name.clone(), why, log: Vec::new() }
}

/// The container that kept a pod from being ready in time.
fn late(lives: &[Live<'_>], limit: Duration) -> Readiness {
    let failing = lives.iter().find(|live| live.failing.is_some() && !live.done);
    let kept =
        failing.or(lives.iter().find(|live| !live.done && live.container.role != Role::Sidecar)).or(lives.last());
    let seconds = limit.as_secs();
    match kept {
        Some(live) => {
            let why = live.failing.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
            readiness(live.container, format!("was not ready within {seconds} s{why}"))
        }
        None => Readiness::Not {
            container: String::new(),
            why: format!("was not started within {seconds} s"),
            log: Vec::new(),
        },
    }
}

/// The cause at the end of a runtime's words.
fn cause(said: &str) -> &str {
    let text = said.split("unable to start container process: ").last().unwrap_or(said);
    text.split(": OCI ").next().unwrap_or(text).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_is_what_a_reader_can_use() {
        for (said, expected) in [
            (
                "runc: runc create failed: unable to start container process: exec: \"/x\": stat /x: no such file or \
                 directory: OCI runtime attempted to invoke a command that was not found",
                "exec: \"/x\": stat /x: no such file or directory",
            ),
            (
                "unable to find user app: no matching entries in passwd file",
                "unable to find user app: no matching entries in passwd file",
            ),
        ] {
            assert_eq!(cause(said), expected);
        }
    }
}
