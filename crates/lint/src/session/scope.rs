//! The judges, policies and images for the files that one configuration governs.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::choices::Choices;
use super::is_kept;
use crate::config::{Config, ConfigFile, FailOn};
use crate::dockerfile::{self, Image};
use crate::error::Error;
use crate::facts::{IMAGE_USER, ImageJudge, Locked, Sources};
use crate::judge::Judge;
use crate::search::Source;
use sandbox::Policy;

/// The judges, policies and images for the files of one configuration, or for those that have none.
#[derive(Default)]
pub(super) struct Scope {
    pub(super) file: Option<ConfigFile>,
    /// One for each set of settings that differs.
    pub(super) chosen: Vec<Chosen>,
    /// Policies that judge every object besides.
    pub(super) extras: Vec<Judge>,
    /// Everything that knows the images of its files.
    pub(super) sources: Arc<Sources>,
    /// The names of further policies that are not among these.
    pub(super) unasked: Vec<String>,
}

/// The judges of one choice of settings.
#[derive(Clone)]
pub(super) struct Chosen {
    pub(super) judge: Judge,
    /// The rule about images, where something is known about any and it is on.
    pub(super) images: Option<ImageJudge>,
}

/// The policies that judge every source.
#[derive(Clone, Copy)]
pub(super) struct Judging<'p> {
    pub(super) policy: &'p Arc<Policy>,
    /// The rule about images, and the rules that its findings are wanted of; `None` if there are none.
    pub(super) images: Option<(&'p Arc<Policy>, &'p Arc<[&'static str]>)>,
}

/// Chooses the judge of each source of a scope.
pub(super) struct Assigner<'c> {
    choices: &'c Choices,
    config: Config,
    judging: Judging<'c>,
    /// The judges of the scope, by their settings.
    known: BTreeMap<(String, Option<String>), usize>,
}

impl Scope {
    /// Adds the judge of what no override is about; gives what chooses the judges of the scope's sources.
    pub(super) fn assigner<'c>(&mut self, choices: &'c Choices, judging: Judging<'c>) -> Result<Assigner<'c>, Error> {
        let config = choices.over(self.file.as_ref());
        let mut assigner = Assigner { choices, known: BTreeMap::new(), config, judging };
        self.judge(&mut assigner, None)?;
        Ok(assigner)
    }

    /// The place of a source's judge, and what fails the run in the source.
    pub(super) fn assign(&mut self, assigner: &mut Assigner<'_>, source: &Source) -> Result<(usize, FailOn), Error> {
        let file = self.file.as_ref().filter(|_| !assigner.config.overrides.is_empty());
        let Some(path) = file.zip(source.place()).and_then(|(file, place)| file.relative(place)) else {
            return Ok((0, assigner.config.fail_on));
        };
        let fail_on = assigner.config.fail_on_for(&path);
        Ok((self.judge(assigner, Some(&path))?, fail_on))
    }

    /// The place of the judges for a file, or for all that no override is about; they are added if there are none with
    /// these settings.
    fn judge(&mut self, assigner: &mut Assigner<'_>, path: Option<&Path>) -> Result<usize, Error> {
        let Assigner { choices, config, judging, .. } = assigner;
        let settings = path.map_or_else(|| config.settings(), |path| config.settings_for(path));
        let settings = choices.kept(settings).to_string();
        let of_images = config.settings_apart(IMAGE_USER, path, true);
        let key = (settings.clone(), of_images.clone().map(|settings| Value::Object(settings).to_string()));
        if let Some(known) = assigner.known.get(&key) {
            return Ok(*known);
        }
        let refused = |error| ConfigFile::refusal(self.file.as_ref(), error);
        let judge = Judge::with(Arc::clone(judging.policy), settings).map_err(refused)?;
        let images = of_images.map(|settings| self.image_judge(*judging, settings)).transpose().map_err(refused)?;
        let images = images.flatten();
        self.chosen.push(Chosen { judge, images });
        assigner.known.insert(key, self.chosen.len() - 1);
        Ok(self.chosen.len() - 1)
    }

    /// The rule about images with these settings, if something is known about any.
    pub(super) fn image_judge(
        &self,
        judging: Judging<'_>,
        settings: Map<String, Value>,
    ) -> Result<Option<ImageJudge>, Error> {
        let Some((policy, wanted)) = judging.images.filter(|_| !self.sources.is_empty()) else { return Ok(None) };
        ImageJudge::new(policy, &self.sources, wanted, settings).map(Some)
    }

    /// Takes the further policies of the configuration, with the settings that it says.
    pub(super) fn add_further(&mut self, policies: Vec<Policy>, only: &[String]) -> Result<(), Error> {
        let Some(file) = &self.file else { return Ok(()) };
        for (index, (policy, extra)) in policies.into_iter().zip(&file.config.policies).enumerate() {
            if !is_kept(only, policy.name()) {
                self.unasked.push(policy.name().to_owned());
                continue;
            }
            let at = |error: Error| file.at(&format!("policies[{index}]: {error}"));
            self.extras.push(Judge::new(policy, Value::Object(extra.settings.0.clone()).to_string()).map_err(at)?);
        }
        Ok(())
    }

    /// Takes the lock, and the Dockerfiles of the command line and of the configuration, in this order.
    pub(super) fn add_sources(&mut self, lock: Option<&Arc<Locked>>, given: &[Arc<Image>]) {
        let own = self.file.as_ref().map(dockerfile::of_config).unwrap_or_default();
        let built = given.iter().cloned().chain(own.into_iter().map(Arc::new)).collect();
        self.sources = Arc::new(Sources { lock: lock.cloned(), built });
    }

    /// The names of the policies that judge here, or that `--rule` leaves out; the bundle's is not one of a rule.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let policies =
            self.chosen.iter().map(|chosen| &chosen.judge).chain(&self.extras).filter(|judge| !judge.is_built_in());
        policies.map(Judge::name).chain(self.unasked.iter().map(String::as_str))
    }
}
