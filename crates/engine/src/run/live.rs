//! Starts containers of a pod, and looks at them and asks their probes as long as they run.

use std::time::{Duration, Instant};

use tokio::time::sleep;
use trial::pod::{Action, Container, Restart, Role};
use trial::probe::{Probes, Verdict};
use trial::{Evidence, Failure};

use super::why::{cause, readiness};
use super::{Running, Stop, TICK};
use crate::evidence::{self, State};
use crate::place::Placed;
use crate::reach::{self, Target};
use crate::{EngineError, How, Step};

/// How often is looked at what containers do, and at their logs.
const LOOK: Duration = Duration::from_millis(400);
/// How long a container that ended waits for its next start.
pub(super) const BACK_OFF: Duration = Duration::from_secs(1);
/// How often a container that others may keep waiting is started again.
const RESTARTS: u32 = 3;

/// A container that was started.
pub(super) struct Live<'p> {
    pub(super) container: &'p Container,
    pub(super) id: String,
    probes: Probes<'p>,
    /// When it was started last.
    pub(super) since: Instant,
    /// When was looked at what it does.
    pub(super) looked: Option<Instant>,
    pub(super) restarts: u32,
    /// Whether a Job's container has ended with 0.
    pub(super) done: bool,
    /// The last failure of its probes.
    pub(super) failing: Option<String>,
    pub(super) evidence: Evidence,
}

impl Live<'_> {
    /// Whether it is ready, or has done what it should.
    pub(super) fn is_ready(&self, how: &How, runs_once: bool) -> bool {
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

impl Running<'_, '_> {
    /// Starts a container.
    pub(super) async fn start<'p>(&self, placed: &Placed<'p>, container: &'p Container) -> Result<Live<'p>, Stop> {
        let not =
            |what: &str, why: &str| Stop::Not(readiness(container, format!("could not be {what}: {}", cause(why))));
        let (id, notes) = match self.site.create(placed, container).await? {
            Ok(created) => created,
            Err(Failure(why)) => return Err(not("created", &why)),
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

    /// The state of a container when a run is over, and what it has done since the last look; `None` where the engine
    /// does not say.
    pub(super) async fn look_once_more(&self, live: &mut Live<'_>) -> Option<State> {
        live.looked = None;
        self.look(live).await.ok()
    }

    /// Waits for an init container to end with 0.
    pub(super) async fn until_ended(&self, placed: &Placed<'_>, live: &mut Live<'_>) -> Result<(), Stop> {
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
    pub(super) async fn until_started(&self, placed: &Placed<'_>, live: &mut Live<'_>) -> Result<(), Stop> {
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
    pub(super) async fn tick(&self, placed: &Placed<'_>, live: &mut Live<'_>, may_wait: bool) -> Result<(), Stop> {
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
