//! Finds a smallest set of relaxations with which a pod runs: delta debugging (Zeller, Hildebrandt 2002).
//!
//! No set is called smallest before each of its members was left out and the pod failed, and no verdict counts before
//! the run behind it was repeated with the same end.

mod runs;

use std::collections::{BTreeMap, BTreeSet};

use self::runs::{Runs, Stop};
use crate::candidates::Candidate;
use crate::need::Need;
use crate::outcome::{Outcome, Readiness};

/// How a pod failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The container that kept it from being ready.
    pub container: String,
    /// Why, for people.
    pub why: String,
    /// The last lines that the container wrote.
    pub log: Vec<String>,
}

/// The finding of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The pod runs as it is hardened, twice.
    Proven,
    /// The pod runs with these, and fails without any one of them, each as it is told.
    Needs(BTreeMap<Need, Failure>),
    /// There is no verdict, and why.
    NotProvable(String),
}

/// The finding of a search, and the runs that it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Searched {
    /// The finding.
    pub found: Found,
    /// How often the pod was run.
    pub runs: usize,
}

/// Searches for what a hardened pod needs, with at most so many runs. `run` runs it with a set of relaxations, and
/// `candidates` says which may help after a failure, the least first.
///
/// # Errors
/// Those of `run`: that a pod is not ready is none.
pub fn search<E>(
    most: usize,
    candidates: impl FnMut(&Outcome) -> Vec<Candidate>,
    run: impl FnMut(&BTreeSet<Need>) -> Result<Outcome, E>,
) -> Result<Searched, E> {
    let mut runs = Runs::new(most, run);
    let found = match smallest(&mut runs, candidates) {
        Ok(found) => found,
        Err(Stop::Run(error)) => return Err(error),
        Err(Stop::Unstable) => {
            Found::NotProvable("it is unstable: the same run was ready once and failed once".to_owned())
        }
        Err(Stop::TooMany) => {
            let needs = runs.best().map(|needs| format!(", with {} relaxations at most", needs.len()));
            Found::NotProvable(format!("the search ended after {most} runs{}", needs.unwrap_or_default()))
        }
    };
    Ok(Searched { found, runs: runs.count() })
}

fn smallest<E>(
    runs: &mut Runs<E, impl FnMut(&BTreeSet<Need>) -> Result<Outcome, E>>,
    mut candidates: impl FnMut(&Outcome) -> Vec<Candidate>,
) -> Result<Found, Stop<E>> {
    let nothing = BTreeSet::new();
    if runs.confirm(&nothing)? {
        return Ok(Found::Proven);
    }
    let Some(enough) = enough(runs, &mut candidates)? else {
        let why = runs.last_failure().map(|failure| format!("{}: {}", failure.container, failure.why));
        let why = why.unwrap_or_default();
        return Ok(Found::NotProvable(format!("it fails with everything that may help given back: {why}")));
    };
    let needs: BTreeSet<Need> = minimal(runs, enough)?.into_iter().collect();
    runs.confirm(&needs)?;
    let mut found = BTreeMap::new();
    for need in &needs {
        let without: BTreeSet<Need> = needs.iter().filter(|other| *other != need).cloned().collect();
        if runs.confirm(&without)? {
            return Err(Stop::Unstable);
        }
        if let Some(failure) = runs.failure(&without) {
            found.insert(need.clone(), failure.clone());
        }
    }
    Ok(Found::Needs(found))
}

/// A set with which the pod runs, the least first: what is likely, else everything that may help. A failure with a set may
/// name other candidates: those of another container, or of a later step.
fn enough<E>(
    runs: &mut Runs<E, impl FnMut(&BTreeSet<Need>) -> Result<Outcome, E>>,
    candidates: &mut impl FnMut(&Outcome) -> Vec<Candidate>,
) -> Result<Option<Vec<Need>>, Stop<E>> {
    let mut all: Vec<Need> = Vec::new();
    let mut likely: BTreeSet<Need> = BTreeSet::new();
    let mut tried = 0;
    loop {
        let Some(outcome) = runs.last_failed() else { return Ok(None) };
        let known = likely.len();
        for Candidate { need, is_likely } in candidates(outcome) {
            if is_likely {
                likely.insert(need.clone());
            }
            if !all.contains(&need) {
                all.push(need);
            }
        }
        if likely.len() > known {
            if runs.is_ready(&likely)? {
                all.retain(|need| likely.contains(need));
                return Ok(Some(all));
            }
        } else if all.len() > tried {
            tried = all.len();
            if runs.is_ready(&all.iter().cloned().collect())? {
                return Ok(Some(all));
            }
        } else {
            return Ok(None);
        }
    }
}

/// Leaves out of `needs`, with which the pod runs, what it runs without, the most dangerous first.
fn minimal<E>(
    runs: &mut Runs<E, impl FnMut(&BTreeSet<Need>) -> Result<Outcome, E>>,
    mut needs: Vec<Need>,
) -> Result<Vec<Need>, Stop<E>> {
    let mut parts = 2;
    'smaller: while needs.len() > 1 {
        let size = needs.len().div_ceil(parts);
        let chunks: Vec<Vec<Need>> = needs.chunks(size).map(<[Need]>::to_vec).collect();
        for chunk in &chunks {
            if runs.is_ready(&chunk.iter().cloned().collect())? {
                needs.clone_from(chunk);
                parts = 2;
                continue 'smaller;
            }
        }
        for chunk in chunks.iter().rev() {
            let rest: Vec<Need> = needs.iter().filter(|need| !chunk.contains(need)).cloned().collect();
            if runs.is_ready(&rest.iter().cloned().collect())? {
                needs = rest;
                parts = (parts - 1).max(2);
                continue 'smaller;
            }
        }
        if size == 1 {
            break;
        }
        parts = (parts * 2).min(needs.len());
    }
    Ok(needs)
}

impl Failure {
    /// How a run failed; none if it was ready.
    pub fn of(outcome: &Outcome) -> Option<Failure> {
        match &outcome.readiness {
            Readiness::Ready => None,
            Readiness::Not { container, why, log } => {
                Some(Failure { container: container.clone(), why: why.clone(), log: log.clone() })
            }
        }
    }

    /// The last line that the container wrote, which most often says why.
    pub fn last_line(&self) -> Option<&str> {
        self.log.iter().map(|line| line.trim()).rfind(|line| !line.is_empty())
    }
}

#[cfg(test)]
mod tests;
