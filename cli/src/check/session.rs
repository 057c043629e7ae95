//! Everything that judges: the policies with the settings that hold for each file.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::input::Source;
use super::judge::Judge;
use super::scan::Part;
use super::{FileReport, PolicyArgs, provenance};
use crate::config::{Config, ConfigFile, FailOn, demote_below, known_ids};
use crate::dockerfile::{self, DOCKERFILE_USER, Image};
use crate::embedded;
use crate::finding::{Finding, Problem};
use crate::source::{RegistryArgs, read_policy};
use crate::suppress::{self, Date};
use kube_yaml::yaml;
use sandbox::{Engine, Options, Policy};

/// The policies of a run, each with its settings.
pub struct Session {
    config: Option<ConfigFile>,
    /// One for each set of settings that differs.
    judges: Vec<Judge>,
    /// For each source, by its index: its judge and what fails the run in it.
    assigned: Vec<(usize, FailOn)>,
    /// Policies that judge every object besides.
    extras: Vec<Judge>,
    /// Images that are built here.
    images: Vec<Image>,
    /// Whether suppressions count.
    suppressions: bool,
    /// The day by which they expire.
    today: Date,
}

/// What is said of a file that a kustomization patches with.
pub(crate) const KUSTOMIZE_PATCH: &str =
    "is a patch of a kustomization; judge what that makes: `harden check --kustomize DIR`";

/// So many files are judged before a pool of instances would have been worth while.
const FEW: usize = 8;

impl Session {
    /// Loads the policies that `args` and `config` name and checks their settings for every source;
    /// `threads` is how many will call them at once.
    ///
    /// # Errors
    /// A policy or settings that cannot be read or are not valid; the message names them.
    pub(crate) fn load(
        args: &PolicyArgs,
        config: Option<ConfigFile>,
        sources: &[Source],
        threads: usize,
        today: Date,
    ) -> Result<Session, String> {
        // Threads that map and unmap instances of their own get into each other's way; a pool does not, and takes
        // longer to make than a few instances.
        let pool = if threads > 1 || sources.len() > FEW { u32::try_from(threads).unwrap_or(0) } else { 0 };
        let engine = Engine::new(Options { pool, ..Options::for_foreign() }).map_err(|e| e.to_string())?;
        let policy = match &args.policy {
            None => embedded::bundle(&engine).map_err(|e| e.to_string())?,
            Some(path) => load_policy(&engine, path, &id_of(path, config.as_ref()), &args.registry)?,
        };
        let (judges, assigned, extras, images) = Default::default();
        let suppressions = !args.no_suppressions;
        let mut session = Session { config, judges, assigned, extras, images, suppressions, today };
        if args.has_settings() {
            let fail_on = args.fail_on.unwrap_or_default();
            let mut settings = args.settings()?;
            if args.policy.is_none() {
                demote_below(&mut settings, fail_on);
            }
            session.judges.push(Judge::new(policy, settings.to_string())?);
            session.assigned = vec![(0, fail_on); sources.len()];
        } else {
            session.assign(args, policy, sources)?;
        }
        session.load_extras(&engine, &args.registry)?;
        Ok(session)
    }

    /// Gives every source the judge that the configuration wants for it.
    fn assign(&mut self, args: &PolicyArgs, policy: Policy, sources: &[Source]) -> Result<(), String> {
        let mut config = self.config.as_ref().map_or_else(Config::default, |file| file.config.clone());
        args.override_config(&mut config);
        let base = config.settings();
        let judge = Judge::new(policy, base.to_string())
            .map_err(|message| ConfigFile::refusal(self.config.as_ref(), message))?;
        let mut known: BTreeMap<String, usize> = BTreeMap::from([(base.to_string(), 0)]);
        self.judges.push(judge);
        for source in sources {
            let file = self.config.as_ref().filter(|_| !config.overrides.is_empty());
            let path = file.and_then(|file| file.relative(source.place()?));
            let (settings, fail_on) = match path {
                Some(path) => (config.settings_for(&path), config.fail_on_for(&path)),
                None => (Value::Null, config.fail_on),
            };
            if settings.is_null() {
                self.assigned.push((0, fail_on));
                continue;
            }
            let settings = settings.to_string();
            let at = match known.get(&settings) {
                Some(at) => *at,
                None => {
                    let judge = self.judges[0].with_settings(settings.clone());
                    self.judges.push(judge.map_err(|message| ConfigFile::refusal(self.config.as_ref(), message))?);
                    known.insert(settings, self.judges.len() - 1);
                    self.judges.len() - 1
                }
            };
            self.assigned.push((at, fail_on));
        }
        Ok(())
    }

    /// Loads the further policies of the configuration.
    fn load_extras(&mut self, engine: &Engine, registry: &RegistryArgs) -> Result<(), String> {
        let Some(file) = &self.config else { return Ok(()) };
        for (index, extra) in file.config.policies.iter().enumerate() {
            let module = file.module(index)?;
            let at = |message: String| file.at(&format!("policies[{index}]: {message}"));
            let wasm = module.read(registry).map_err(at)?;
            let id = id_of(Path::new(&module.name()), Some(file));
            let policy = engine.policy_from_wasm(&id, &wasm).map_err(|error| at(error.to_string()))?;
            self.extras.push(Judge::new(policy, Value::Object(extra.settings.0.clone()).to_string()).map_err(at)?);
        }
        Ok(())
    }

    /// Compares the manifests with these images, too.
    pub(crate) fn with_images(self, images: Vec<Image>) -> Session {
        Session { images, ..self }
    }

    /// The images that are built here.
    pub(crate) fn images(&self) -> &[Image] {
        &self.images
    }

    /// The pointers of `podTemplates` that hold somewhere and led to no pod so far.
    pub(super) fn unmet_pointers(&self) -> Vec<String> {
        let mut pointers: BTreeMap<String, bool> = BTreeMap::new();
        for (pointer, met) in self.judges.iter().flat_map(Judge::pointers) {
            *pointers.entry(pointer.to_text()).or_default() |= met;
        }
        pointers.into_iter().filter(|(_, met)| !met).map(|(pointer, _)| pointer).collect()
    }

    /// The configuration, if there is one.
    pub fn config(&self) -> Option<&ConfigFile> {
        self.config.as_ref()
    }

    /// What judges a source, besides the further policies.
    pub(crate) fn judge_of(&self, source: &Source) -> &Judge {
        &self.judges[self.assigned[source.index].0]
    }

    /// What fails a run in a source.
    pub(crate) fn fail_on(&self, source: &Source) -> FailOn {
        self.assigned[source.index].1
    }

    /// The further policies.
    pub(crate) fn extras(&self) -> &[Judge] {
        &self.extras
    }

    /// The report of a source that cannot be read.
    pub(super) fn unreadable(&self, source: &Source, message: String) -> FileReport {
        self.name(source, FileReport { problems: vec![Problem::new(message)], ..FileReport::default() })
    }

    /// Judges the text of a source.
    pub(super) fn judge_text(&self, source: &Source, text: &str) -> FileReport {
        let judge = self.judge_of(source);
        let chunks = yaml::chunks(text);
        let part = if source.is_patch() { Part::of_patch(judge, chunks) } else { Part::of_chunks(judge, chunks) };
        self.finish(source, text, part)
    }

    /// Makes the report of what came of the whole `text` of a source.
    pub(super) fn finish(&self, source: &Source, text: &str, judged: Part) -> FileReport {
        let mut report = self.name(source, judged.finish());
        report.rules = self.judge_of(source).rules();
        report.is_read = true;
        if source.is_rendered() {
            provenance::mark(text, &mut report.workloads, source.rendered_from());
        }
        self.judge_further(text, source.is_patch(), &mut report);
        dockerfile::compare(&self.images, text, &mut report);
        self.mute(text, &mut report.findings);
        report.recount();
        // Only what is reported needs the text it stands in.
        if !report.findings.is_empty() || !report.problems.is_empty() {
            report.text = text.to_owned();
        }
        report
    }

    fn name(&self, source: &Source, report: FileReport) -> FileReport {
        FileReport { path: source.name.clone(), fail_on: self.fail_on(source), ..report }
    }

    /// A report for every Dockerfile that leaves a container root, cannot be verified or cannot be read, or that the
    /// command line names for an image that no container has.
    pub(super) fn judge_dockerfiles(&self) -> Vec<FileReport> {
        let mut reports = dockerfile::check(&self.images);
        for report in &mut reports {
            self.mute(&report.text, &mut report.findings);
            report.recount();
        }
        reports
    }

    /// Mutes the findings of a text that its suppressions are for.
    pub(crate) fn mute(&self, text: &str, findings: &mut Vec<Finding>) {
        // Most texts have none, and need not be read again.
        if self.suppressions && suppress::mentioned(text) {
            suppress::apply(text, findings, &self.rule_names(), self.today);
        }
    }

    /// The names that findings can have as their rule.
    fn rule_names(&self) -> Vec<&str> {
        let mut names = known_ids();
        let policies = self.judges.iter().chain(&self.extras).map(Judge::name);
        names.extend(policies);
        names.push(DOCKERFILE_USER);
        names
    }

    /// Adds what the further policies say.
    fn judge_further(&self, text: &str, is_patch: bool, report: &mut FileReport) {
        if self.extras.is_empty() {
            return;
        }
        let parsed = yaml::parse(text);
        for extra in &self.extras {
            let FileReport { findings, problems, workloads, .. } = Part::of_parsed(extra, &parsed, is_patch).finish();
            report.findings.extend(findings);
            report.add_further(workloads);
            // What is no YAML was said by the first policy.
            report.problems.extend(
                problems
                    .into_iter()
                    .filter(|problem| !report.problems.iter().any(|p| p.message == problem.message))
                    .collect::<Vec<_>>(),
            );
        }
        report.findings.sort_by_key(|finding| finding.place);
    }
}

/// Loads a Kubewarden policy from a file or a registry, to be called `id`.
///
/// # Errors
/// One that cannot be read or is no policy; the message names it.
fn load_policy(engine: &Engine, path: &Path, id: &str, registry: &RegistryArgs) -> Result<Policy, String> {
    let wasm = read_policy(path, registry)?;
    engine.policy_from_wasm(id, &wasm).map_err(|e| e.to_string())
}

/// What findings call the policy at `path`: its path from the configuration's folder, if it lies there, so that one
/// module has the same id on every machine and however it was named.
fn id_of(path: &Path, config: Option<&ConfigFile>) -> String {
    let below = config.filter(|_| path.is_file()).and_then(|file| file.relative(path));
    below.as_deref().unwrap_or(path).display().to_string()
}
