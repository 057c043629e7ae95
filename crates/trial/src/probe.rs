//! When the probes of a container are asked, and what follows from their answers.
//!
//! Times are those since the container was started. The kubelet's numbers bound how long a container may take:
//! `initialDelaySeconds`, then `failureThreshold` times `periodSeconds`. Within these bounds probes are asked once a
//! second and from the start, so that a trial does not wait for a period of half a minute: a success counts at once, a
//! failure only from when the kubelet would have seen it.

use std::fmt;
use std::time::Duration;

use crate::Failure;
use crate::pod::{Container, Probe};

/// How long to wait at most before a probe is asked again.
const INTERVAL: Duration = Duration::from_secs(1);

/// Which probe of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `startupProbe`.
    Startup,
    /// `readinessProbe`.
    Readiness,
    /// `livenessProbe`.
    Liveness,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Startup => "startup",
            Kind::Readiness => "readiness",
            Kind::Liveness => "liveness",
        })
    }
}

/// The answer of the probes of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It has none.
    Silent,
    /// Not ready yet; with the last failure, where there was one.
    Waiting(Option<String>),
    /// It is ready.
    Ready,
    /// The kubelet would kill it: which probe failed, and how.
    Failed(Kind, String),
}

/// The probes of a container and their answers so far.
#[derive(Debug, Clone)]
pub struct Probes<'p>(Vec<State<'p>>);

#[derive(Debug, Clone)]
struct State<'p> {
    kind: Kind,
    probe: &'p Probe,
    /// When it was asked last.
    asked: Option<Duration>,
    /// How often in a row it succeeded.
    successes: u32,
    /// When the failures began that no success has ended, and the last one.
    failing: Option<(Duration, String)>,
    /// How often in a row it failed.
    failures: u32,
}

impl State<'_> {
    fn passed(&self) -> bool {
        self.successes >= self.probe.successes.max(1)
    }

    /// Whether the kubelet would have seen as many failures in a row as kill the container.
    fn failed(&self, now: Duration) -> Option<&str> {
        let (since, why) = self.failing.as_ref()?;
        let patience = self.probe.period.saturating_mul(self.probe.failures.max(1) - 1);
        (now >= self.probe.delay && now >= (*since).max(self.probe.delay) + patience).then_some(why)
    }
}

impl<'p> Probes<'p> {
    /// The probes of a container that has just been started.
    #[must_use]
    pub fn of(container: &'p Container) -> Probes<'p> {
        let all = [
            (Kind::Startup, &container.startup),
            (Kind::Readiness, &container.readiness),
            (Kind::Liveness, &container.liveness),
        ];
        let state = |(kind, probe): (Kind, &'p Option<Probe>)| {
            let probe = probe.as_ref()?;
            Some(State { kind, probe, asked: None, successes: 0, failing: None, failures: 0 })
        };
        Probes(all.into_iter().filter_map(state).collect())
    }

    /// Lists the probes that must be asked now: none but the startup probe before that has passed, and none after.
    #[must_use]
    pub fn due(&self, now: Duration) -> Vec<(Kind, &'p Probe)> {
        let starting = self.started().is_some_and(|started| !started);
        let due = |state: &&State<'p>| {
            let turn = if state.kind == Kind::Startup { starting } else { !starting };
            let interval = state.probe.period.min(INTERVAL);
            turn && state.asked.is_none_or(|asked| now >= asked + interval)
        };
        self.0.iter().filter(due).map(|state| (state.kind, state.probe)).collect()
    }

    /// Notes what a probe answered that was asked at `now`.
    pub fn answer(&mut self, kind: Kind, now: Duration, answer: Result<(), Failure>) {
        let Some(state) = self.0.iter_mut().find(|state| state.kind == kind) else { return };
        state.asked = Some(now);
        match answer {
            Ok(()) => {
                state.successes += 1;
                state.failures = 0;
                state.failing = None;
            }
            Err(Failure(why)) => {
                state.successes = 0;
                state.failures += 1;
                let since = state.failing.as_ref().map_or(now, |(since, _)| *since);
                state.failing = Some((since, why));
            }
        }
    }

    /// Their answer at `now`: a readiness probe decides, else a startup probe, else a liveness probe.
    #[must_use]
    pub fn verdict(&self, now: Duration) -> Verdict {
        for state in self.0.iter().filter(|state| state.kind != Kind::Readiness) {
            if let Some(why) = state.failed(now) {
                return Verdict::Failed(state.kind, why.to_owned());
            }
        }
        let of = |kind: Kind| self.0.iter().find(|state| state.kind == kind);
        let Some(state) = of(Kind::Readiness).or(of(Kind::Startup)).or(of(Kind::Liveness)) else {
            return Verdict::Silent;
        };
        // The startup probe's answers end where the others' begin.
        if state.passed() {
            return Verdict::Ready;
        }
        let mut failing = self.0.iter().filter_map(|state| {
            let (_, why) = state.failing.as_ref()?;
            let times = if state.failures == 1 { String::new() } else { format!(" {} times", state.failures) };
            Some(format!("its {} probe failed{times}: {why}", state.kind))
        });
        Verdict::Waiting(failing.next_back())
    }

    /// Whether the startup probe has passed, where there is one.
    #[must_use]
    pub fn started(&self) -> Option<bool> {
        self.0.iter().find(|state| state.kind == Kind::Startup).map(State::passed)
    }
}

#[cfg(test)]
mod tests;
