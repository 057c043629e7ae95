//! Loads the policies of suites, each module once.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use hardening::settings::{Bundled, Common, Group, Setting};
use serde_json::{Map, Value, json};

use super::file::SuiteFile;
use super::model::{BundledRules, PolicyUnderTest};
use super::{Error, TestArgs};
use crate::{lock, source};
use lint::answers::Answers;
use lint::config::PolicySource;
use lint::config::{self, Config};
use lint::document;
use lint::judge::Judge;
use registry::SCHEME;
use sandbox::{Engine, Options, Policy};

/// The policies that were loaded so far.
pub(super) struct Policies<'a> {
    engine: Engine,
    args: &'a TestArgs,
    bundle: Arc<Policy>,
    /// By their place and what a suite calls them.
    modules: BTreeMap<(String, String), Arc<Policy>>,
    /// For each folder with suites, whoever answers what policies ask their host.
    answers: BTreeMap<PathBuf, Arc<Answers>>,
}

/// A policy that does not judge.
pub(super) enum Unusable {
    /// The policy does not take its settings.
    Settings(String),
    /// The policy cannot be read or loaded.
    Policy(Error),
}

impl From<Error> for Unusable {
    fn from(error: Error) -> Unusable {
        Unusable::Policy(error)
    }
}

impl<'a> Policies<'a> {
    /// Prepares the sandbox.
    ///
    /// # Errors
    /// A sandbox that does not work on this machine.
    pub(super) fn new(args: &'a TestArgs) -> Result<Policies<'a>, Error> {
        let engine = Engine::new(Options { allow_wasi: args.allow_wasi, ..Options::for_foreign() })?;
        let bundle = Arc::new(embedded::bundle(&engine)?);
        Ok(Policies { engine, args, bundle, modules: BTreeMap::new(), answers: BTreeMap::new() })
    }

    /// Loads the policies of `choices`, or else of the configuration found upwards from the suite.
    pub(super) fn judges(&mut self, file: &SuiteFile, choices: &[PolicyUnderTest]) -> Result<Vec<Judge>, Unusable> {
        if choices.is_empty() {
            let found = config::find(&file.folder, self.args.trust.is_given()).map_err(Error::from)?;
            let settings = found.map_or_else(|| json!({}), |file| file.config.settings());
            return Ok(vec![self.bundle(&settings)?]);
        }
        choices.iter().map(|choice| self.judge(file, choice)).collect()
    }

    fn judge(&mut self, file: &SuiteFile, choice: &PolicyUnderTest) -> Result<Judge, Unusable> {
        let settings = &choice.settings.0;
        if let Some(module) = &choice.policy {
            let source = if module.starts_with(SCHEME) {
                PolicySource::Reference { reference: module.clone(), may_fetch: file.limit.is_none() }
            } else {
                PolicySource::File(file.resolve(module)?)
            };
            let policy = self.module(&source, module)?.answered_by(self.answers(file)?);
            return judge(Arc::new(policy), &Value::Object(settings.clone()));
        }
        if let Some(path) = &choice.config {
            let config = document::read::<Config>(&file.resolve(path)?, "configuration").map_err(Error::from)?;
            return self.bundle(&config.0.settings());
        }
        let settings = match &choice.rule {
            Some(rule) => of_rule(rule, settings),
            None => of_bundle(choice),
        };
        self.bundle(&settings)
    }

    fn bundle(&self, settings: &Value) -> Result<Judge, Unusable> {
        judge(Arc::clone(&self.bundle), settings)
    }

    /// Whoever answers what policies ask about images in a suite.
    fn answers(&mut self, file: &SuiteFile) -> Result<Arc<Answers>, Error> {
        if let Some(known) = self.answers.get(&file.folder) {
            return Ok(Arc::clone(known));
        }
        let answers = lock::answers(self.args.lock.as_deref(), &file.folder, &self.args.trust);
        let answers = Arc::new(answers.map_err(|error| Error::Lock(Box::new(error)))?);
        self.answers.insert(file.folder.clone(), Arc::clone(&answers));
        Ok(answers)
    }

    /// Loads the policy of `source`, which findings and errors name as the suite does: wherever `harden` runs, its
    /// violations have the same rule.
    fn module(&mut self, source: &PolicySource, written: &str) -> Result<Arc<Policy>, Error> {
        let key = (source.name(), written.to_owned());
        if let Some(known) = self.modules.get(&key) {
            return Ok(Arc::clone(known));
        }
        let wasm = source::read(source, &self.args.registry)?;
        let policy = Arc::new(self.engine.policy_from_wasm(&key.1, &wasm)?);
        self.modules.insert(key, Arc::clone(&policy));
        Ok(policy)
    }
}

fn judge(policy: Arc<Policy>, settings: &Value) -> Result<Judge, Unusable> {
    Judge::with(policy, settings.to_string()).map_err(|error| Unusable::Settings(error.to_string()))
}

/// Settings of the bundle with one rule, whose settings are those of its own policy.
fn of_rule(rule: &str, settings: &Map<String, Value>) -> Value {
    // The bundle has these for all rules, the rule's own policy for itself.
    let is_common = |key: &str| Common::KEYS.contains(&key) && !Bundled::KEYS.contains(&key);
    let (common, own): (Map<_, _>, Map<_, _>) = settings.clone().into_iter().partition(|(key, _)| is_common(key));
    let mut all = common;
    all.insert("profile".to_owned(), json!("privileged"));
    all.insert("rules".to_owned(), json!({ rule: own }));
    Value::Object(all)
}

/// Settings of the bundle.
fn of_bundle(choice: &PolicyUnderTest) -> Value {
    let mut all = choice.settings.0.clone();
    let given = [
        ("profile", choice.profile.map(|profile| profile.to_json())),
        ("version", choice.kubernetes_version.map(|version| version.to_json())),
        ("rules", Some(choice.rules.to_json()).filter(|_| choice.rules != BundledRules::default())),
    ];
    for (key, value) in given {
        all.extend(value.map(|value| (key.to_owned(), value)));
    }
    Value::Object(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_rule_takes_the_settings_of_its_own_policy() {
        let settings = json!({"allowedAdd": ["CHOWN"], "action": "warn", "podTemplates": ["/spec/x"]});
        let Value::Object(settings) = settings else { return assert!(settings.is_object()) };
        let expected = json!({
            "profile": "privileged", "podTemplates": ["/spec/x"],
            "rules": {"capabilities": {"allowedAdd": ["CHOWN"], "action": "warn"}},
        });
        assert_eq!(of_rule("capabilities", &settings), expected);
    }
}
