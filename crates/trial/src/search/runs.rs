//! Counts, remembers and repeats runs.

use std::collections::{BTreeMap, BTreeSet};

use super::Failure;
use crate::need::Need;
use crate::outcome::{Outcome, Readiness};

/// Why a search stops early.
pub(super) enum Stop<E> {
    /// A run failed in another way than a pod can.
    Run(E),
    /// The same set was ready once and not ready once.
    Unstable,
    /// It was run as often as it may be.
    TooMany,
}

/// How the runs with one set went: all alike.
struct Seen {
    times: usize,
    failure: Option<Failure>,
}

/// The runs of a search.
pub(super) struct Runs<E, R: FnMut(&BTreeSet<Need>) -> Result<Outcome, E>> {
    run: R,
    most: usize,
    count: usize,
    seen: BTreeMap<BTreeSet<Need>, Seen>,
    last_failed: Option<Outcome>,
}

impl<E, R: FnMut(&BTreeSet<Need>) -> Result<Outcome, E>> Runs<E, R> {
    pub(super) fn new(most: usize, run: R) -> Self {
        Runs { run, most, count: 0, seen: BTreeMap::new(), last_failed: None }
    }

    /// How many there were.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The last outcome of one that was not ready.
    pub(super) fn last_failed(&self) -> Option<&Outcome> {
        self.last_failed.as_ref()
    }

    pub(super) fn last_failure(&self) -> Option<Failure> {
        self.last_failed().and_then(Failure::of)
    }

    /// How the pod fails with a set.
    pub(super) fn failure(&self, needs: &BTreeSet<Need>) -> Option<&Failure> {
        self.seen.get(needs)?.failure.as_ref()
    }

    /// The smallest set with which it was ready.
    pub(super) fn best(&self) -> Option<&BTreeSet<Need>> {
        let ready = self.seen.iter().filter(|(_, seen)| seen.failure.is_none());
        ready.map(|(needs, _)| needs).min_by_key(|needs| needs.len())
    }

    /// Whether the pod is ready with a set.
    pub(super) fn is_ready(&mut self, needs: &BTreeSet<Need>) -> Result<bool, Stop<E>> {
        match self.seen.get(needs) {
            Some(seen) => Ok(seen.failure.is_none()),
            None => self.once(needs),
        }
    }

    /// The same, of two runs at least.
    pub(super) fn confirm(&mut self, needs: &BTreeSet<Need>) -> Result<bool, Stop<E>> {
        let mut is_ready = self.is_ready(needs)?;
        while self.seen.get(needs).is_some_and(|seen| seen.times < 2) {
            is_ready = self.once(needs)?;
        }
        Ok(is_ready)
    }

    fn once(&mut self, needs: &BTreeSet<Need>) -> Result<bool, Stop<E>> {
        if self.count >= self.most {
            return Err(Stop::TooMany);
        }
        self.count += 1;
        let outcome = (self.run)(needs).map_err(Stop::Run)?;
        let failure = Failure::of(&outcome);
        let is_ready = outcome.readiness == Readiness::Ready;
        if !is_ready {
            self.last_failed = Some(outcome);
        }
        let seen = self.seen.entry(needs.clone()).or_insert(Seen { times: 0, failure: failure.clone() });
        if seen.times > 0 && seen.failure.is_none() != is_ready {
            return Err(Stop::Unstable);
        }
        seen.times += 1;
        Ok(is_ready)
    }
}
