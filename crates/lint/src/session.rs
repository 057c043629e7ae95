//! Everything that judges: the policies with the settings that hold for each file.

mod choices;
mod judging;
mod scope;
mod spared;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use self::choices::Choices;
use self::scope::{Chosen, Judging, Scope};
use crate::config::{ConfigExemption, ConfigFile, Configs, FailOn, demote_below, keep_only, known_ids};
use crate::dockerfile::{self, DOCKERFILE_USER, Image};
use crate::error::Error;
use crate::facts::{Bench, IMAGE_USER, ImageJudge, Locked};
use crate::judge::{Judge, exempted};
use crate::search::Source;
use crate::suppress::Date;
use hardening::settings::{Common, Group};
use images::Index;
use sandbox::{Engine, Options, Policy, SandboxError};
use serde_json::{Map, Value};

/// The policies of a run, each with its settings.
pub struct Session {
    /// The one without a configuration, then one for each.
    scopes: Vec<Scope>,
    /// For each source, by its index.
    assigned: Vec<Assigned>,
    /// Images that the command line names.
    images: Vec<Arc<Image>>,
    /// Whether suppressions count.
    suppressions: bool,
    /// The day by which they expire.
    today: Date,
    /// The only rules that are judged; every rule if it is empty.
    only: Vec<String>,
    /// Whether every file is judged as its configuration says.
    is_as_configured: bool,
    /// The lock, if there is one.
    locked: Option<Arc<Locked>>,
    /// Whether the lock must have every image.
    demands_lock: bool,
}

/// The judge of a source.
struct Assigned {
    /// The place of its scope.
    scope: usize,
    /// The place of its judge in the scope.
    judge: usize,
    /// The severity that fails the run in it.
    fail_on: FailOn,
}

/// The policies of a run.
pub struct Policies {
    /// The policy that judges every source: the bundle, or another policy in its place.
    pub policy: Policy,
    /// The further policies of each configuration, by its number, in its order.
    pub further: BTreeMap<usize, Vec<Policy>>,
    /// The rule `image-user`, which a lock and Dockerfiles need; it judges by what they say.
    pub image_user: Option<Policy>,
    /// The lock, if there is one.
    pub lock: Option<Arc<Index>>,
}

/// The place of the scope of a configuration.
fn scope_of(config: Option<usize>) -> usize {
    config.map_or(0, |config| config + 1)
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
        configs: Configs,
        sources: &[Source],
        today: Date,
    ) -> Result<Session, Error> {
        let Policies { policy, further, image_user, lock } = policies;
        let (policy, image_user) = (Arc::new(policy), image_user.map(Arc::new));
        let locked = lock.filter(|_| policy.is_built_in()).map(|index| Arc::new(Locked::new(index)));
        let files = configs.into_files().into_iter().map(Some);
        let scopes = [None].into_iter().chain(files).map(|file| Scope { file, ..Scope::default() }).collect();
        let (suppressions, only) = (!choices.no_suppressions, choices.only.clone());
        let is_as_configured = choices.settings.is_none() && choices.profile.is_none() && only.is_empty();
        let images: Vec<Arc<Image>> = dockerfile::given(&choices.dockerfiles).into_iter().map(Arc::new).collect();
        let (assigned, demands_lock) = (Vec::new(), false);
        let mut session =
            Session { scopes, assigned, images, suppressions, today, only, is_as_configured, locked, demands_lock };
        let governing: BTreeSet<usize> = sources.iter().map(|source| scope_of(source.config())).collect();
        for at in governing {
            session.scopes[at].add_sources(session.locked.as_ref(), &session.images);
        }
        let rules = [IMAGE_USER, DOCKERFILE_USER].into_iter();
        let wanted: Arc<[&'static str]> = rules.filter(|rule| session.judges_rule(rule)).collect();
        let judging = Judging { policy: &policy, images: image_user.as_ref().map(|image_user| (image_user, &wanted)) };
        if choices.settings.is_some() {
            session.assign_one(choices, judging, sources)?;
        } else {
            session.assign(choices, judging, sources)?;
        }
        for (config, policies) in further {
            session.scopes[scope_of(Some(config))].add_further(policies, &choices.only)?;
        }
        Ok(session)
    }

    /// Gives every source the same judge, whose settings the command line says.
    fn assign_one(&mut self, choices: &Choices, judging: Judging<'_>, sources: &[Source]) -> Result<(), Error> {
        let fail_on = choices.fail_on.unwrap_or_default();
        let mut settings = choices.project_settings(None);
        let mut of_images = Map::new();
        if judging.policy.is_built_in() {
            keep_only(&mut settings, &choices.only);
            demote_below(&mut settings, fail_on);
            let common = settings.as_object().into_iter().flatten();
            let common = common.filter(|(key, _)| Common::KEYS.contains(&key.as_str()));
            of_images = common.map(|(key, value)| (key.clone(), value.clone())).collect();
        }
        let judge = Judge::with(Arc::clone(judging.policy), settings.to_string())?;
        for scope in &mut self.scopes {
            let images = scope.image_judge(judging, of_images.clone())?;
            scope.chosen.push(Chosen { judge: judge.clone(), images });
        }
        let assigned = |source: &Source| Assigned { scope: scope_of(source.config()), judge: 0, fail_on };
        self.assigned = sources.iter().map(assigned).collect();
        Ok(())
    }

    /// Gives every source the judge that its configuration wants for it.
    fn assign(&mut self, choices: &Choices, judging: Judging<'_>, sources: &[Source]) -> Result<(), Error> {
        let mut assigners = BTreeMap::new();
        for at in sources.iter().map(|source| scope_of(source.config())).collect::<BTreeSet<_>>() {
            assigners.insert(at, self.scopes[at].assigner(choices, judging)?);
        }
        for source in sources {
            let scope = scope_of(source.config());
            let Some(assigner) = assigners.get_mut(&scope) else { continue };
            let (judge, fail_on) = self.scopes[scope].assign(assigner, source)?;
            self.assigned.push(Assigned { scope, judge, fail_on });
        }
        Ok(())
    }

    /// Demands that the lock has every image, if `demands_lock`.
    #[must_use]
    pub fn demanding_lock(self, demands_lock: bool) -> Session {
        Session { demands_lock, ..self }
    }

    /// How many images were met that the lock lacks; 0 if there is no lock.
    pub fn lacking_images(&self) -> usize {
        self.locked.as_ref().map_or(0, |locked| locked.lacking())
    }

    /// Whether findings of a rule are looked for.
    pub fn judges_rule(&self, rule: &str) -> bool {
        is_kept(&self.only, rule)
    }

    /// The images that are built here, each once: those of the command line, then those of each configuration, with its
    /// number.
    pub fn images(&self) -> impl Iterator<Item = (Option<usize>, &Image)> {
        let given = self.images.iter().map(|image| (None, &**image));
        let configured = self.scopes.iter().enumerate().flat_map(|(at, scope)| {
            let own = scope.sources.built.iter().filter(|image| image.configured().is_some());
            own.map(move |image| (at.checked_sub(1), &**image))
        });
        given.chain(configured)
    }

    /// The pointers of `podTemplates` that hold somewhere and led to no pod so far; with a number, those of this
    /// configuration only.
    pub fn unmet_pointers(&self, config: Option<usize>) -> Vec<String> {
        let scopes = config.map_or(self.scopes.as_slice(), |config| &self.scopes[config + 1..config + 2]);
        let mut pointers: BTreeMap<String, bool> = BTreeMap::new();
        let chosen = scopes.iter().flat_map(|scope| &scope.chosen);
        for (pointer, met) in chosen.flat_map(|chosen| chosen.judge.pointers()) {
            *pointers.entry(pointer.to_text()).or_default() |= met;
        }
        pointers.into_iter().filter(|(_, met)| !met).map(|(pointer, _)| pointer).collect()
    }

    /// Whether the exemption, which stands in a configuration, left nothing alone in what was judged. False if not every rule
    /// was judged as the configuration says.
    pub(crate) fn is_unused(&self, config: usize, exemption: &ConfigExemption) -> bool {
        let value = Value::Object(exemption.exemption.clone());
        let keys: Vec<_> = match exemption.rules.as_slice() {
            [] => vec![exempted::key(None, &value)],
            rules => rules.iter().map(|rule| exempted::key(Some(rule), &value)).collect(),
        };
        let (text, chosen) = (value.to_string(), &self.scopes[config + 1].chosen);
        let mut met = chosen.iter().flat_map(|chosen| chosen.judge.met_exemptions());
        let images = chosen.iter().filter_map(|chosen| chosen.images.as_ref());
        // Its judge takes those for all rules and those for itself alike.
        let mut met_by_images = images.flat_map(ImageJudge::met_exemptions);
        let is_met = met.any(|key| keys.contains(key)) || met_by_images.any(|(_, exemption)| *exemption == text);
        self.is_as_configured && !is_met
    }

    /// The configurations that govern a source, each with its number.
    pub fn configs(&self) -> impl Iterator<Item = (usize, &ConfigFile)> {
        let governing: BTreeSet<usize> = self.assigned.iter().map(|assigned| assigned.scope).collect();
        governing.into_iter().filter_map(|at| Some((at.checked_sub(1)?, self.scopes[at].file.as_ref()?)))
    }

    /// The configuration with this number.
    pub fn config(&self, config: Option<usize>) -> Option<&ConfigFile> {
        self.scopes[scope_of(config)].file.as_ref()
    }

    fn scope(&self, source: &Source) -> &Scope {
        &self.scopes[self.assigned[source.index].scope]
    }

    /// Returns the judge of a source, besides the further policies.
    pub fn judge_of(&self, source: &Source) -> &Judge {
        &self.chosen(source).judge
    }

    fn chosen(&self, source: &Source) -> &Chosen {
        &self.scope(source).chosen[self.assigned[source.index].judge]
    }

    /// The rule about images for a source, where something is known about any.
    pub fn image_judge_of(&self, source: &Source) -> Option<&ImageJudge> {
        self.chosen(source).images.as_ref()
    }

    /// The judge of a source with the rule about images, besides the further policies.
    pub(crate) fn bench_of(&self, source: &Source) -> Bench<'_> {
        let Chosen { judge, images } = self.chosen(source);
        Bench { judge, images: images.as_ref() }
    }

    /// Returns the severity that fails the run in a source.
    pub fn fail_on(&self, source: &Source) -> FailOn {
        self.assigned[source.index].fail_on
    }

    /// The further policies that judge a source.
    pub fn extras(&self, source: &Source) -> &[Judge] {
        &self.scope(source).extras
    }

    /// The names that findings can have as their rule.
    pub fn rule_names(&self) -> Vec<&str> {
        names(&self.scopes)
    }
}

/// The names that findings can have as their rule in these scopes.
fn names(scopes: &[Scope]) -> Vec<&str> {
    let mut names = known_ids();
    names.push(DOCKERFILE_USER);
    names.extend(scopes.iter().flat_map(Scope::names));
    names
}
