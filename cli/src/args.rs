//! Arguments that the commands share.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;
use hardening::bundle::Profile;
use hardening::settings::SettingsError;
use hardening::standard::Version;

use lint::config::{self, ConfigFile, Configs, FailOn, KubernetesVersion, PathGlob};
use lint::search::Search;
use lint::session::Choices;
use lint::trust;
use serde_json::Value;

use crate::source::RegistryArgs;
use crate::values;

/// The input to judge.
#[derive(Debug, Clone, Default, Args)]
pub struct InputArgs {
    /// Files, folders (searched for .yaml, .yml and .json) or `-` for standard input; `.` if left out
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// Path of standard input in reports and for the configuration
    #[arg(long, value_name = "PATH")]
    pub stdin_filename: Option<PathBuf>,

    /// Search folders for what git ignores, too
    #[arg(long)]
    pub no_ignore: bool,

    /// Skip these files and folders, too: a glob as in `exclude` of harden.yaml, relative to the current folder; may be
    /// repeated
    #[arg(long, value_name = "GLOB", value_parser = PathGlob::new)]
    pub exclude: Vec<PathGlob>,

    /// Skip what is excluded even if it is named, as pre-commit names files
    #[arg(long)]
    pub force_exclude: bool,
}

impl InputArgs {
    /// The paths to judge: the current folder if none is given.
    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        if self.paths.is_empty() { vec![PathBuf::from(".")] } else { self.paths.clone() }
    }

    /// Whether standard input is named.
    pub(crate) fn names_stdin(&self) -> bool {
        self.paths.iter().any(|path| path == Path::new("-"))
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
    pub(crate) fn search(&self) -> Search<'_> {
        let InputArgs { stdin_filename, no_ignore, exclude, force_exclude, .. } = self;
        let stdin_name = stdin_filename.as_deref();
        Search { stdin_name, no_ignore: *no_ignore, exclude, force_exclude: *force_exclude }
    }
}

/// Which policy judges, with which settings.
#[derive(Debug, Clone, Default, Args)]
pub struct PolicyArgs {
    /// A Kubewarden policy to judge with, instead of the built-in rules: a `.wasm` file or a registry://
    /// reference
    #[arg(long, value_name = "POLICY", conflicts_with = "profile")]
    pub policy: Option<PathBuf>,

    /// Rules to judge by: hardening, or a level of the Pod Security Standards (baseline, restricted)
    #[arg(long, value_name = "PROFILE", value_parser = values::profiles(), hide_possible_values = true)]
    pub profile: Option<Profile>,

    /// Judge and fix by this rule only, whatever else the profile and the configuration demand; may be repeated, or a
    /// list such as privileged,capabilities
    #[arg(
        long = "rule",
        value_name = "RULE",
        value_delimiter = ',',
        conflicts_with = "policy",
        value_parser = values::rules(),
        hide_possible_values = true
    )]
    pub rules: Vec<String>,

    /// Version of the Pod Security Standards, such as v1.33; the newest if left out
    #[arg(long, value_name = "VERSION", value_parser = version)]
    pub kubernetes_version: Option<Version>,

    /// The policy's settings as JSON
    #[arg(long, value_name = "JSON", conflicts_with = "settings_path")]
    pub settings_json: Option<String>,

    /// File with the policy's settings, JSON or YAML
    #[arg(short, long, value_name = "FILE")]
    pub settings_path: Option<PathBuf>,

    /// Lowest severity that fails the run: low, medium, high or critical severity and above, warning (everything), or
    /// never
    #[arg(long, value_name = "SEVERITY", value_parser = values::severities(), hide_possible_values = true)]
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
    /// The configurations: the one that is named, else the nearest for each file.
    ///
    /// # Errors
    /// A configuration that cannot be used; the message names the file and the place.
    pub fn configs(&self) -> Result<Configs, lint::Error> {
        self.trust.configs(self.config.as_deref(), self.no_config)
    }

    /// Whether the command line says the settings itself, so that those of the configuration do not count.
    pub(crate) fn has_settings(&self) -> bool {
        self.policy.is_some() || self.settings_json.is_some() || self.settings_path.is_some()
    }

    /// Where the settings of the command line come from.
    pub(crate) fn settings_name(&self) -> Option<String> {
        let path = self.settings_path.as_ref().map(|path| path.display().to_string());
        path.or_else(|| self.settings_json.as_ref().map(|_| "--settings-json".to_owned()))
    }

    /// The settings of the whole project, unless the command line has settings of its own.
    pub(crate) fn project_settings(&self, config: Option<&ConfigFile>) -> Option<Value> {
        let (profile, kubernetes_version) = (self.profile, self.kubernetes_version);
        let choices = Choices { profile, kubernetes_version, ..Choices::default() };
        (!self.has_settings()).then(|| choices.project_settings(config))
    }
}

/// Whether a configuration that is found counts as one that is named.
#[derive(Debug, Clone, Default, Args)]
pub struct TrustArgs {
    /// Trust what is found as if it were named: it may read and write outside of its folder, fetch registry://
    /// policies, and belong to another user; HARDEN_TRUST_CONFIG=1 is the same
    #[arg(long)]
    pub trust_config: bool,
}

impl TrustArgs {
    /// Whether the command line or the environment trusts what is found.
    pub(crate) fn is_given(&self) -> bool {
        self.trust_config || std::env::var_os("HARDEN_TRUST_CONFIG").is_some_and(|value| value == "1")
    }

    /// The configuration that is `named` for every file, else the nearest for each, unless there should be none.
    ///
    /// # Errors
    /// A configuration that cannot be used; the message names the file and the place.
    pub(crate) fn configs(&self, named: Option<&Path>, no_config: bool) -> Result<Configs, lint::Error> {
        match named {
            Some(path) => config::load(path).map(|file| Configs::fixed(Some(file))),
            None if no_config => Ok(Configs::fixed(None)),
            None => Ok(Configs::nearest(self.is_given())),
        }
    }

    /// Whether what is found in `folder` is trusted.
    ///
    /// # Errors
    /// The user's own configuration cannot be used; the message names it.
    pub(crate) fn covers(&self, folder: &Path) -> Result<bool, lint::Error> {
        if self.is_given() { Ok(true) } else { trust::trusts(folder) }
    }
}

/// Reads `--kubernetes-version`.
pub(crate) fn version(text: &str) -> Result<Version, SettingsError> {
    values::setting(text).map(|KubernetesVersion(version)| version)
}

/// Reads `--jobs`.
pub(crate) fn jobs(text: &str) -> Result<NonZeroUsize, SettingsError> {
    let count: usize = text.parse().map_err(|_| SettingsError::new("must be a number"))?;
    NonZeroUsize::new(count).ok_or_else(|| SettingsError::new("must be at least 1"))
}
