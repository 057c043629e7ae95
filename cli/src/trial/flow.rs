//! Tries one workload: as it is written, hardened, and with what it needs.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use engine::{Engine, EngineError, Event, How};
use images::Facts;
use trial::candidates::candidates;
use trial::companions;
use trial::harden::{self, Given};
use trial::search::{self, Failure, Found, Searched};
use trial::{Evidence, ImageFacts, Need, Objects, Outcome, Pod, Workload, relax, spec, translate};

use super::progress::Progress;

/// An engine that runs pods.
pub(super) trait Runner {
    /// Reads the configuration of an image.
    fn image(&self, reference: &str, pull: bool) -> Result<ImageFacts, EngineError>;

    /// Runs a pod with others beside it.
    fn run(&self, pod: &Pod, with: &[Pod], how: &How, tell: &mut dyn FnMut(Event)) -> Result<Outcome, EngineError>;
}

impl Runner for Engine {
    fn image(&self, reference: &str, pull: bool) -> Result<ImageFacts, EngineError> {
        Engine::image(self, reference, pull)
    }

    fn run(&self, pod: &Pod, with: &[Pod], how: &How, tell: &mut dyn FnMut(Event)) -> Result<Outcome, EngineError> {
        Engine::run(self, pod, with, how, tell)
    }
}

/// How trying a workload ended.
#[derive(Debug)]
pub(super) enum Ending {
    /// It could not be run at all, and why.
    NotTried(String),
    /// It is not ready as it is written.
    NotReady(Failure),
    /// It was hardened.
    Hardened(Box<Hardened>),
}

/// A workload that was hardened.
#[derive(Debug)]
pub(super) struct Hardened {
    /// The result of the search.
    pub(super) found: Found,
    /// Everything that it was completed with.
    pub(super) given: Vec<Given>,
    /// The evidence of the run as it is written.
    pub(super) seen: BTreeMap<String, Evidence>,
    /// The workload that runs: hardened, with its needs.
    pub(super) workload: Workload,
}

/// The result of trying a workload.
#[derive(Debug)]
pub(super) struct Tried {
    pub(super) ending: Ending,
    /// How often it was run.
    pub(super) runs: usize,
    /// How long that took.
    pub(super) seconds: u64,
    /// Everything that is not as in a cluster, or that could not be seen.
    pub(super) notes: Vec<String>,
}

/// Everything that tries workloads.
pub(super) struct Flow<'f> {
    pub(super) runner: &'f dyn Runner,
    pub(super) objects: &'f Objects,
    /// Every workload, as it is written: one may need the service of another.
    pub(super) others: Vec<&'f Workload>,
    pub(super) pull: bool,
    pub(super) watched: How,
    pub(super) how: How,
    pub(super) max_runs: usize,
    pub(super) head_room: u32,
    pub(super) overwrite: bool,
}

/// Why a workload is given up.
enum Stop {
    /// It cannot be run.
    Here(String),
    /// Nothing is run any more.
    Everywhere(EngineError),
}

impl From<EngineError> for Stop {
    fn from(error: EngineError) -> Stop {
        match error {
            EngineError::Interrupted => Stop::Everywhere(error),
            error => Stop::Here(error.to_string()),
        }
    }
}

impl Flow<'_> {
    /// Tries a workload, which `fix` would write as `fixed`; `rules` are those that hold for it.
    ///
    /// # Errors
    /// An interrupt.
    pub(super) fn attempt(
        &self,
        written: &Workload,
        fixed: &Workload,
        rules: &BTreeSet<String>,
        progress: &mut Progress<'_>,
    ) -> Result<Tried, EngineError> {
        let start = Instant::now();
        let mut tried = Tried { ending: Ending::NotTried(String::new()), runs: 0, seconds: 0, notes: Vec::new() };
        tried.ending = match self.ending(written, fixed, rules, progress, &mut tried) {
            Ok(ending) => ending,
            Err(Stop::Here(why)) => Ending::NotTried(why),
            Err(Stop::Everywhere(error)) => return Err(error),
        };
        tried.seconds = start.elapsed().as_secs();
        Ok(tried)
    }

    fn ending(
        &self,
        written: &Workload,
        fixed: &Workload,
        rules: &BTreeSet<String>,
        progress: &mut Progress<'_>,
        tried: &mut Tried,
    ) -> Result<Ending, Stop> {
        let images = self.images(written, progress)?;
        let pod = match translate(written, self.objects, &images) {
            Ok(pod) => pod,
            Err(error) => match error.outcome().as_ref().and_then(Failure::of) {
                Some(failure) => return Ok(Ending::NotReady(failure)),
                None => return Err(Stop::Here(error.to_string())),
            },
        };
        tried.notes.clone_from(&pod.notes);
        let with = self.companions(written, &pod, progress)?;
        tried.runs = 1;
        progress.begin(1, "as written");
        let seen = self.run(&pod, &with, &self.watched, progress)?;
        progress.end(&seen);
        if let Some(failure) = Failure::of(&seen) {
            return Ok(Ending::NotReady(failure));
        }
        let mut hardened = fixed.clone();
        let options = harden::Options {
            head_room: self.head_room,
            rules: rules.clone(),
            overwrite: self.overwrite,
            users: users(written, &images),
        };
        let given = harden::complete(&mut hardened.template["spec"], &seen, &options);
        for container in harden::unmeasured(&hardened.template["spec"], &seen, &options) {
            tried.notes.push(format!("{container} ended too soon to be measured, and gets no limits"));
        }
        let run = |needs: &BTreeSet<Need>| {
            let mut workload = hardened.clone();
            relax::relax(&mut workload.template["spec"], needs);
            tried.runs += 1;
            progress.begin(tried.runs, &label(needs));
            let outcome = match translate(&workload, self.objects, &images) {
                Ok(pod) => self.run(&pod, &with, &self.how, progress)?,
                Err(error) => match error.outcome() {
                    Some(outcome) => outcome,
                    None => return Err(Stop::Here(error.to_string())),
                },
            };
            progress.end(&outcome);
            Ok(outcome)
        };
        let guess = |failed: &Outcome| {
            candidates(&written.template["spec"], &hardened.template["spec"], &seen.evidence, failed)
        };
        let Searched { found, .. } = search::search(self.max_runs, guess, run)?;
        let mut workload = hardened.clone();
        if let Found::Needs(needs) = &found {
            relax::relax(&mut workload.template["spec"], needs.keys());
        }
        Ok(Ending::Hardened(Box::new(Hardened { found, given, seen: seen.evidence, workload })))
    }

    fn run(&self, pod: &Pod, with: &[Pod], how: &How, progress: &mut Progress<'_>) -> Result<Outcome, EngineError> {
        asked(progress, |progress| self.runner.run(pod, with, how, &mut |event| progress.tell(event)))
    }

    /// Reads the configurations of the images of a workload, by their references.
    fn images(&self, workload: &Workload, progress: &mut Progress<'_>) -> Result<BTreeMap<String, ImageFacts>, Stop> {
        let containers = spec::containers(&workload.template["spec"]);
        let references: BTreeSet<&str> = containers.filter_map(|container| container["image"].as_str()).collect();
        let mut facts =
            |reference: &str| Ok((reference.to_owned(), asked(progress, |_| self.runner.image(reference, self.pull))?));
        references.into_iter().map(&mut facts).collect()
    }

    /// The pods that a pod may ask for something: those whose service it names, and those that these name.
    fn companions(&self, workload: &Workload, pod: &Pod, progress: &mut Progress<'_>) -> Result<Vec<Pod>, Stop> {
        let mut others: Vec<&Workload> = self.others.iter().copied().filter(|other| *other != workload).collect();
        let mut with: Vec<Pod> = Vec::new();
        while let Some(at) = others
            .iter()
            .position(|other| [pod].into_iter().chain(&with).any(|pod| companions::needs(pod, other, self.objects)))
        {
            let other = others.remove(at);
            let images = self.images(other, progress)?;
            with.push(translate(other, self.objects, &images).map_err(|error| Stop::Here(error.to_string()))?);
        }
        Ok(with)
    }
}

/// Asks the engine, and once more where it fails: podman does now and then while other processes use it, too.
fn asked<T>(
    progress: &mut Progress<'_>,
    mut ask: impl FnMut(&mut Progress<'_>) -> Result<T, EngineError>,
) -> Result<T, EngineError> {
    match ask(progress) {
        Err(error) if error.may_pass() => {
            progress.repeat(&error);
            ask(progress)
        }
        answer => answer,
    }
}

/// The numeric users of the images, by container.
fn users(workload: &Workload, images: &BTreeMap<String, ImageFacts>) -> BTreeMap<String, (u32, Option<u32>)> {
    let of = |container: &serde_json::Value| {
        let image = images.get(container["image"].as_str()?)?;
        let Facts { uid, gid, .. } = Facts::of_user(image.user.clone());
        Some((container["name"].as_str()?.to_owned(), (uid?, gid)))
    };
    spec::containers(&workload.template["spec"]).filter_map(of).collect()
}

/// Names a run in words.
fn label(needs: &BTreeSet<Need>) -> String {
    let given: Vec<String> = needs.iter().map(|need| need.relaxation.to_string()).collect();
    if given.is_empty() { "hardened".to_owned() } else { format!("hardened, with {}", given.join(", ")) }
}
