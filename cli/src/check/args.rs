//! Arguments that the commands share.

use std::path::{Path, PathBuf};

use clap::Args;
use hardening::bundle::Profile;
use hardening::settings::Setting;
use hardening::standard::Version;

use super::input::Search;
use crate::config::{self, Config, ConfigFile, FailOn};
use crate::source::RegistryArgs;
use crate::trust::TrustArgs;

/// What to judge.
#[derive(Debug, Clone, Args)]
pub struct InputArgs {
    /// Files, folders (searched for .yaml, .yml and .json) or `-` for standard input; `.` if left out
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// What standard input is called in reports and for the configuration
    #[arg(long, value_name = "PATH")]
    pub stdin_filename: Option<PathBuf>,

    /// Search folders for what git ignores, too
    #[arg(long)]
    pub no_ignore: bool,
}

impl InputArgs {
    /// The paths to judge: the current folder if none is given.
    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        if self.paths.is_empty() { vec![PathBuf::from(".")] } else { self.paths.clone() }
    }

    /// Where the configuration is looked for: standard input counts as what it is called.
    pub(crate) fn places(&self) -> Vec<PathBuf> {
        let place = |path: PathBuf| match &self.stdin_filename {
            Some(name) if path == Path::new("-") => name.clone(),
            _ => path,
        };
        self.paths().into_iter().map(place).collect()
    }

    /// How sources are looked for.
    pub(crate) fn search<'a>(&'a self, config: Option<&'a ConfigFile>) -> Search<'a> {
        Search { config, stdin_name: self.stdin_filename.as_deref(), no_ignore: self.no_ignore }
    }
}

/// Which policy judges, with which settings.
#[derive(Debug, Clone, Args)]
pub struct PolicyArgs {
    /// A Kubewarden policy to judge with, instead of the built-in rules: a `.wasm` file or a registry://
    /// reference
    #[arg(long, value_name = "POLICY", conflicts_with = "profile")]
    pub policy: Option<PathBuf>,

    /// Rules to judge by: hardening, or a level of the Pod Security Standards (baseline, restricted)
    #[arg(long, value_name = "PROFILE", value_parser = profile)]
    pub profile: Option<Profile>,

    /// Version of the Pod Security Standards, as v1.33; the newest if left out
    #[arg(long, value_name = "VERSION", value_parser = version)]
    pub kubernetes_version: Option<Version>,

    /// The policy's settings as JSON
    #[arg(long, value_name = "JSON", conflicts_with = "settings_path")]
    pub settings_json: Option<String>,

    /// File with the policy's settings, JSON or YAML
    #[arg(short, long, value_name = "FILE")]
    pub settings_path: Option<PathBuf>,

    /// What fails the run: low, medium, high or critical severity and above, warning (everything), or never
    #[arg(long, value_name = "SEVERITY", value_parser = fail_on)]
    pub fail_on: Option<FailOn>,

    /// The configuration, instead of the harden.yaml found upwards from the paths
    #[arg(short, long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Look for no configuration
    #[arg(long, conflicts_with = "config")]
    pub no_config: bool,

    /// How far the configuration is trusted.
    #[command(flatten)]
    pub trust: TrustArgs,

    /// Judge what the manifests' comments and annotations want to be ignored: for CI, where their author may be a
    /// stranger
    #[arg(long)]
    pub no_suppressions: bool,

    /// How to talk to the registries of policies.
    #[command(flatten)]
    pub registry: RegistryArgs,
}

impl PolicyArgs {
    /// The configuration for `paths`: the one that is named, else the one that is found.
    ///
    /// # Errors
    /// A configuration that cannot be used; the message names the file and the place.
    pub fn config(&self, paths: &[PathBuf]) -> Result<Option<ConfigFile>, String> {
        match &self.config {
            Some(path) => config::load(path).map(Some),
            None if self.no_config => Ok(None),
            None => config::find(paths, &self.trust),
        }
    }

    /// `config` with what the command line says in place of it.
    pub(super) fn override_config(&self, config: &mut Config) {
        for other in &mut config.overrides {
            other.profile = other.profile.filter(|_| self.profile.is_none());
            other.kubernetes_version = other.kubernetes_version.filter(|_| self.kubernetes_version.is_none());
            other.fail_on = other.fail_on.filter(|_| self.fail_on.is_none());
        }
        config.profile = self.profile.unwrap_or(config.profile);
        config.kubernetes_version = self.kubernetes_version.or(config.kubernetes_version);
        config.fail_on = self.fail_on.unwrap_or(config.fail_on);
    }

    /// Whether the command line says the settings itself, so that those of the configuration do not count.
    pub(crate) fn has_settings(&self) -> bool {
        self.policy.is_some() || self.settings_json.is_some() || self.settings_path.is_some()
    }

    /// The bundle's settings for the whole project: those of the command line, else those of `config`.
    ///
    /// # Errors
    /// Settings that cannot be read; the message names them.
    pub(crate) fn project_settings(&self, config: Option<&ConfigFile>) -> Result<serde_json::Value, String> {
        if self.has_settings() {
            return self.settings();
        }
        let mut config = config.map_or_else(Config::default, |file| file.config.clone());
        self.override_config(&mut config);
        Ok(config.settings())
    }

    /// The settings that the command line says, with its profile and version, which win over those in a file.
    ///
    /// # Errors
    /// Settings that cannot be read; the message names them.
    pub(super) fn settings(&self) -> Result<serde_json::Value, String> {
        let settings = crate::run::settings(self.settings_json.as_deref(), self.settings_path.as_deref())?;
        let mut settings: serde_json::Value = serde_json::from_str(&settings).map_err(|e| e.to_string())?;
        let given = [
            ("profile", self.profile.map(|profile| profile.to_json())),
            ("version", self.kubernetes_version.map(|version| version.to_json())),
        ];
        for (key, value) in given {
            if let (Some(settings), Some(value)) = (settings.as_object_mut(), value) {
                settings.insert(key.to_owned(), value);
            }
        }
        Ok(settings)
    }
}

/// Reads `--profile`.
pub(crate) fn profile(text: &str) -> Result<Profile, String> {
    setting(text)
}

/// Reads `--kubernetes-version`.
pub(crate) fn version(text: &str) -> Result<Version, String> {
    setting(text)
}

fn fail_on(text: &str) -> Result<FailOn, String> {
    setting(text)
}

/// Reads an argument as the configuration reads a key.
fn setting<T: Setting>(text: &str) -> Result<T, String> {
    let raw = serde_json::value::to_raw_value(text).map_err(|error| error.to_string())?;
    T::read(&raw).map_err(|error| error.to_string())
}
