//! Everything that judges: the policies with the settings that hold for each file.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::config::{Config, ConfigFile, FailOn, demote_below, keep_only, known_ids};
use crate::dockerfile::{self, DOCKERFILE_USER, Image};
use crate::error::Error;
use crate::finding::{Finding, Problem};
use crate::judge::Judge;
use crate::outcome::FileReport;
use crate::provenance;
use crate::scan::Part;
use crate::search::Source;
use crate::suppress::{self, Date};
use crate::text::Text;
use hardening::bundle::Profile;
use hardening::settings::Setting;
use hardening::standard::Version;
use kube_yaml::yaml;
use sandbox::{Engine, Options, Policy, SandboxError};

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
    /// The only rules that are judged; every rule if it is empty.
    only: Vec<String>,
    /// The names of further policies that are not among these.
    unasked: Vec<String>,
}

/// The policies of a run.
pub struct Policies {
    /// The policy that judges every source: the bundle, or another policy in its place.
    pub policy: Policy,
    /// The further policies of the configuration, in its order.
    pub further: Vec<Policy>,
}

/// The choices for a run, in place of those of the configuration.
#[derive(Debug, Clone, Default)]
pub struct Choices {
    /// The policy's settings; those of the configuration do not count then.
    pub settings: Option<Value>,
    /// The profile.
    pub profile: Option<Profile>,
    /// The version of the Pod Security Standards.
    pub kubernetes_version: Option<Version>,
    /// The verdicts that fail the run.
    pub fail_on: Option<FailOn>,
    /// Whether suppressions in manifests do not count.
    pub no_suppressions: bool,
    /// The only rules, checks and further policies that judge; all if it is empty.
    pub only: Vec<String>,
}

impl Choices {
    /// The bundle's settings for the whole project: those that are chosen, else those of `config`.
    pub fn project_settings(&self, config: Option<&ConfigFile>) -> Value {
        match &self.settings {
            Some(settings) => self.complete(settings.clone()),
            None => self.over(config).settings(),
        }
    }

    /// The settings of a file: those of the configuration, with no rule but those that are chosen.
    fn kept(&self, mut settings: Value) -> Value {
        keep_only(&mut settings, &self.only);
        settings
    }

    /// The configuration with what is chosen in place of it.
    fn over(&self, config: Option<&ConfigFile>) -> Config {
        let mut config = config.map_or_else(Config::default, |file| file.config.clone());
        for other in &mut config.overrides {
            other.profile = other.profile.filter(|_| self.profile.is_none());
            other.kubernetes_version = other.kubernetes_version.filter(|_| self.kubernetes_version.is_none());
            other.fail_on = other.fail_on.filter(|_| self.fail_on.is_none());
        }
        config.profile = self.profile.unwrap_or(config.profile);
        config.kubernetes_version = self.kubernetes_version.or(config.kubernetes_version);
        config.fail_on = self.fail_on.unwrap_or(config.fail_on);
        config
    }

    /// Settings with the profile and the version that are chosen, which win over those in them.
    fn complete(&self, mut settings: Value) -> Value {
        let given = [
            ("profile", self.profile.map(|profile| profile.to_json())),
            ("version", self.kubernetes_version.map(|version| version.to_json())),
        ];
        for (key, value) in given {
            if let (Some(settings), Some(value)) = (settings.as_object_mut(), value) {
                settings.insert(key.to_owned(), value);
            }
        }
        settings
    }
}

/// Whether `rule` is one of `only`, which names every rule if it is empty.
fn is_kept(only: &[String], rule: &str) -> bool {
    only.is_empty() || only.iter().any(|kept| kept == rule)
}

/// Below this many files, a pool of instances costs more than it saves.
const FEW: usize = 8;

/// The engine for policies that `threads` threads call at once over so many sources.
///
/// # Errors
/// A sandbox that does not work on this machine.
pub fn engine(threads: usize, sources: usize) -> Result<Engine, SandboxError> {
    // Threads that map and unmap instances of their own get into each other's way; a pool does not, and takes
    // longer to make than a few instances.
    let pool = if threads > 1 || sources > FEW { u32::try_from(threads).unwrap_or(0) } else { 0 };
    Engine::new(Options { pool, ..Options::for_foreign() })
}

impl Session {
    /// Checks the settings of the policies for every source.
    ///
    /// # Errors
    /// Settings that are not valid; the message names them.
    pub fn new(
        policies: Policies,
        choices: &Choices,
        config: Option<ConfigFile>,
        sources: &[Source],
        today: Date,
    ) -> Result<Session, Error> {
        let Policies { policy, further } = policies;
        let (judges, assigned, extras, images) = Default::default();
        let suppressions = !choices.no_suppressions;
        let only = choices.only.clone();
        let unasked = Vec::new();
        let mut session = Session { config, judges, assigned, extras, images, suppressions, today, only, unasked };
        if let Some(settings) = &choices.settings {
            let fail_on = choices.fail_on.unwrap_or_default();
            let mut settings = choices.complete(settings.clone());
            if policy.is_built_in() {
                keep_only(&mut settings, &choices.only);
                demote_below(&mut settings, fail_on);
            }
            session.judges.push(Judge::new(policy, settings.to_string())?);
            session.assigned = vec![(0, fail_on); sources.len()];
        } else {
            session.assign(choices, policy, sources)?;
        }
        session.add_further(further)?;
        Ok(session)
    }

    /// Gives every source the judge that the configuration wants for it.
    fn assign(&mut self, choices: &Choices, policy: Policy, sources: &[Source]) -> Result<(), Error> {
        let config = choices.over(self.config.as_ref());
        let base = choices.kept(config.settings());
        let judge =
            Judge::new(policy, base.to_string()).map_err(|error| ConfigFile::refusal(self.config.as_ref(), error))?;
        let mut known: BTreeMap<String, usize> = BTreeMap::from([(base.to_string(), 0)]);
        self.judges.push(judge);
        for source in sources {
            let file = self.config.as_ref().filter(|_| !config.overrides.is_empty());
            let path = file.and_then(|file| file.relative(source.place()?));
            let (settings, fail_on) = match path {
                Some(path) => (choices.kept(config.settings_for(&path)), config.fail_on_for(&path)),
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
                    self.judges.push(judge.map_err(|error| ConfigFile::refusal(self.config.as_ref(), error))?);
                    known.insert(settings, self.judges.len() - 1);
                    self.judges.len() - 1
                }
            };
            self.assigned.push((at, fail_on));
        }
        Ok(())
    }

    /// Takes the further policies of the configuration, with the settings that it says.
    fn add_further(&mut self, policies: Vec<Policy>) -> Result<(), Error> {
        let Some(file) = &self.config else { return Ok(()) };
        for (index, (policy, extra)) in policies.into_iter().zip(&file.config.policies).enumerate() {
            if !is_kept(&self.only, policy.name()) {
                self.unasked.push(policy.name().to_owned());
                continue;
            }
            let at = |error: Error| file.at(&format!("policies[{index}]: {error}"));
            self.extras.push(Judge::new(policy, Value::Object(extra.settings.0.clone()).to_string()).map_err(at)?);
        }
        Ok(())
    }

    /// Compares the manifests with these images, too.
    pub fn with_images(self, images: Vec<Image>) -> Session {
        let images = if self.judges_rule(DOCKERFILE_USER) { images } else { Vec::new() };
        Session { images, ..self }
    }

    /// Whether findings of a rule are looked for.
    pub fn judges_rule(&self, rule: &str) -> bool {
        is_kept(&self.only, rule)
    }

    /// The images that are built here.
    pub fn images(&self) -> &[Image] {
        &self.images
    }

    /// The pointers of `podTemplates` that hold somewhere and led to no pod so far.
    pub fn unmet_pointers(&self) -> Vec<String> {
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

    /// Returns the judge of a source, besides the further policies.
    pub fn judge_of(&self, source: &Source) -> &Judge {
        &self.judges[self.assigned[source.index].0]
    }

    /// Returns the severity that fails the run in a source.
    pub fn fail_on(&self, source: &Source) -> FailOn {
        self.assigned[source.index].1
    }

    /// The further policies.
    pub fn extras(&self) -> &[Judge] {
        &self.extras
    }

    /// The report of a source that cannot be read.
    pub fn unreadable(&self, source: &Source, message: String) -> FileReport {
        self.name(source, FileReport { problems: vec![Problem::new(message)], ..FileReport::default() })
    }

    /// Judges the text of a source.
    pub fn judge_text(&self, source: &Source, text: &str) -> FileReport {
        let judge = self.judge_of(source);
        let whole = Text::new(text);
        let part = if self.needs_whole(source, text) {
            Part::of_parsed(judge, whole.parsed(), source.is_patch())
        } else {
            Part::of_chunks(judge, yaml::chunks(text))
        };
        self.finish(source, &whole, part)
    }

    /// Whether the tree of a whole text is needed: most texts are judged chunk by chunk, which takes less memory, and
    /// time where outlines will do.
    pub(crate) fn needs_whole(&self, source: &Source, text: &str) -> bool {
        let is_compared = !self.extras.is_empty() || !self.images.is_empty();
        source.is_patch() || is_compared || self.may_suppress(text)
    }

    /// Reports the outcome of the whole `text` of a source.
    pub(crate) fn finish(&self, source: &Source, text: &Text<'_>, judged: Part) -> FileReport {
        let mut report = self.name(source, judged.finish());
        report.rules = self.judge_of(source).rules();
        report.is_read = true;
        if source.is_rendered() {
            provenance::mark(text.as_str(), &mut report.workloads, source.rendered_from());
        }
        self.judge_further(text, source.is_patch(), &mut report);
        dockerfile::compare(&self.images, text, &mut report);
        self.mute(text, &mut report.findings);
        report.recount();
        // Only what is reported needs the text it stands in.
        if !report.findings.is_empty() || !report.problems.is_empty() {
            report.text = text.as_str().to_owned();
        }
        report
    }

    fn name(&self, source: &Source, report: FileReport) -> FileReport {
        FileReport { path: source.name.clone(), fail_on: self.fail_on(source), ..report }
    }

    /// A report for every Dockerfile that leaves a container root, cannot be verified or cannot be read, or that the
    /// command line names for an image that no container has.
    pub fn judge_dockerfiles(&self) -> Vec<FileReport> {
        let mut reports = dockerfile::check(&self.images);
        for report in &mut reports {
            self.mute(&Text::new(&report.text), &mut report.findings);
            report.recount();
        }
        reports
    }

    /// Mutes the findings of a text that its suppressions are for.
    pub fn mute(&self, text: &Text<'_>, findings: &mut Vec<Finding>) {
        if self.may_suppress(text.as_str()) {
            suppress::apply(text, findings, &self.rule_names(), &|rule| self.judges_rule(rule), self.today);
        }
    }

    fn may_suppress(&self, text: &str) -> bool {
        self.suppressions && suppress::mentioned(text)
    }

    /// The names that findings can have as their rule.
    pub fn rule_names(&self) -> Vec<&str> {
        let mut names = known_ids();
        let policies = self.judges.iter().chain(&self.extras).map(Judge::name);
        names.extend(policies);
        names.extend(self.unasked.iter().map(String::as_str));
        names.push(DOCKERFILE_USER);
        names
    }

    /// Adds what the further policies say.
    fn judge_further(&self, text: &Text<'_>, is_patch: bool, report: &mut FileReport) {
        for extra in &self.extras {
            let FileReport { findings, problems, workloads, .. } =
                Part::of_parsed(extra, text.parsed(), is_patch).finish();
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
