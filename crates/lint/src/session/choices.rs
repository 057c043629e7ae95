//! The choices of the command line, which take the place of the configuration's.

use hardening::bundle::Profile;
use hardening::settings::Setting;
use hardening::standard::Version;
use serde_json::Value;

use crate::config::{Config, ConfigFile, FailOn, KubernetesVersion, Rules, keep_only};
use crate::dockerfile::Mapping;

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
    /// Dockerfiles of images, besides those of the configurations.
    pub dockerfiles: Vec<Mapping>,
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
    pub(super) fn kept(&self, mut settings: Value) -> Value {
        keep_only(&mut settings, &self.only);
        settings
    }

    /// The configuration with what is chosen in place of it.
    pub(super) fn over(&self, config: Option<&ConfigFile>) -> Config {
        let mut config = config.map_or_else(Config::default, |file| file.config.clone());
        for other in &mut config.overrides {
            if self.profile.is_some() {
                (other.profile, other.rules) = (None, Rules::default());
            }
            other.kubernetes_version = other.kubernetes_version.filter(|_| self.kubernetes_version.is_none());
            other.fail_on = other.fail_on.filter(|_| self.fail_on.is_none());
        }
        if let Some(profile) = self.profile {
            // The profile that was asked for, without what the file changes in it.
            (config.profile, config.rules) = (profile, Rules::default());
        }
        config.kubernetes_version = self.kubernetes_version.map(KubernetesVersion).or(config.kubernetes_version);
        config.fail_on = self.fail_on.unwrap_or(config.fail_on);
        config
    }

    /// Settings with the profile and the version that are chosen, which win over those in them.
    pub(super) fn complete(&self, mut settings: Value) -> Value {
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
