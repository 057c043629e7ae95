//! `harden config`: what is in force for a file or folder, and where each choice comes from.

mod origin;
mod report;

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use hardening::bundle::Profile;
use hardening::settings::Setting;
use lint::config::ConfigFile;
use lint::named::from_here;
use lint::search::Source;
use lint::suppress::Date;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::args::PolicyArgs;
use crate::error::Error;
use crate::policies::{self, Images};
use origin::Origins;

/// Arguments of `harden config`.
#[derive(Debug, Clone, Args)]
pub struct ConfigArgs {
    /// The file or folder that is asked about; the current folder if left out. It need not exist
    #[arg(value_name = "PATH", default_value = ".", hide_default_value = true)]
    pub path: PathBuf,

    /// Which policy judges, with which settings.
    #[command(flatten)]
    pub policy: PolicyArgs,

    /// How to report
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub format: ConfigFormat,
}

/// Formats of `harden config`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ConfigFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

/// Everything that is in force for a path.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct InForce {
    path: String,
    /// The file of the configuration; none if there is none.
    configuration: Option<String>,
    /// Whether the configuration may reach beyond its folder.
    trusted: bool,
    /// The glob that excludes the path.
    excluded: Option<Choice>,
    profile: Choice,
    kubernetes_version: Choice,
    fail_on: Choice,
    /// Further settings that are not the default, by key.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    settings: Vec<Named>,
    rules: Vec<RuleInForce>,
    exemptions: Vec<Choice>,
    baseline: Option<Choice>,
    outputs: Vec<Choice>,
    policies: Vec<Choice>,
    dockerfiles: Vec<Choice>,
}

/// A value, and where it comes from.
#[derive(Debug, Serialize)]
struct Choice {
    value: Value,
    from: String,
}

/// A setting with its key.
#[derive(Debug, Serialize)]
struct Named {
    key: String,
    #[serde(flatten)]
    choice: Choice,
}

/// A rule that judges, or that is switched off by name.
#[derive(Debug, Serialize)]
struct RuleInForce {
    id: String,
    /// `reject`, `warn`, `mutate` or `off`.
    action: String,
    /// Its settings, but for the action.
    #[serde(skip_serializing_if = "Map::is_empty")]
    settings: Map<String, Value>,
    from: String,
}

/// Shows what is in force for a path, gives the exit code.
///
/// # Errors
/// A configuration or policies that cannot be used; an output that cannot be written.
pub fn config(args: &ConfigArgs, out: &mut dyn Write) -> Result<u8, Error> {
    let in_force = in_force(args)?;
    match args.format {
        ConfigFormat::Text => report::text(&in_force, out)?,
        ConfigFormat::Json => crate::report::write_json(out, &in_force)?,
    }
    Ok(0)
}

fn in_force(args: &ConfigArgs) -> Result<InForce, Error> {
    let path = &args.path;
    let mut configs = args.policy.configs()?;
    let config = configs.of(path)?;
    // Judged like a file of that path, so that what is shown is what `check` does.
    let source = Source::rendered(0, path.display().to_string(), path.clone(), Ok::<_, Error>(String::new()));
    let sources = [source.governed_by(config)];
    let session = policies::session(&args.policy, configs, config, &sources, 1, Date::today(), Images::default())?;
    let [source] = sources;
    let settings: Value = serde_json::from_str(session.judge_of(&source).settings()).map_err(lint::Error::from)?;
    let rules = session.judge_text(&source, "").rules.unwrap_or_default();
    let file = session.config(config);
    let origins = Origins::new(&args.policy, file, path);
    let profile = settings.get("profile").cloned().unwrap_or_else(|| Profile::Hardening.to_json());
    let profile = Choice { value: profile, from: origins.of_key("profile") };
    let list = |key: &str| origins.list(key);
    Ok(InForce {
        path: path.display().to_string(),
        configuration: file.map(|file| from_here(&file.path).display().to_string()),
        trusted: file.is_some_and(|file| file.trusted),
        excluded: excluded(file, path, &origins),
        kubernetes_version: Choice { value: origins.version(), from: origins.of_key("kubernetesVersion") },
        fail_on: Choice { value: session.fail_on(&source).word().into(), from: origins.of_key("failOn") },
        settings: further(&settings, &origins),
        rules: of_rules(&settings, &rules, &origins),
        profile,
        exemptions: origins.exemptions(),
        baseline: list("baseline").pop(),
        outputs: list("outputs"),
        policies: list("policies"),
        dockerfiles: list("dockerfiles"),
    })
}

/// The glob that excludes the path, or says that it is the configuration itself.
fn excluded(file: Option<&ConfigFile>, path: &Path, origins: &Origins<'_>) -> Option<Choice> {
    let file = file.filter(|file| file.excludes(path))?;
    let relative = file.relative(path)?;
    let at = file.config.exclude.iter().position(|glob| glob.matches(&relative));
    let Some(at) = at else {
        return Some(Choice { value: "the configuration itself".into(), from: "default".to_owned() });
    };
    origins.list("exclude").into_iter().nth(at)
}

/// Settings of the bundle that have no line of their own.
fn further(settings: &Value, origins: &Origins<'_>) -> Vec<Named> {
    const OWN: [&str; 4] = ["profile", "version", "rules", "exemptions"];
    let all = settings.as_object().into_iter().flatten().filter(|(key, _)| !OWN.contains(&key.as_str()));
    let named = |(key, value): (&String, &Value)| {
        let from = origins.of_key(key);
        Named { key: key.clone(), choice: Choice { value: value.clone(), from } }
    };
    all.map(named).collect()
}

/// The rules that judge, and those that are switched off by name.
fn of_rules(settings: &Value, chosen: &[&'static str], origins: &Origins<'_>) -> Vec<RuleInForce> {
    let entries = settings.get("rules").and_then(Value::as_object);
    let entry = |id: &str| entries.and_then(|entries| entries.get(id));
    let off = entries.into_iter().flatten().filter(|(_, value)| **value == Value::Bool(false));
    let mut ids: Vec<&str> = chosen.iter().copied().chain(off.map(|(id, _)| id.as_str())).collect();
    ids.sort_unstable();
    ids.dedup();
    let rule = |id: &str| {
        let (mut settings, mut action) = (Map::new(), "reject".to_owned());
        match entry(id) {
            Some(Value::Bool(false)) => action = "off".to_owned(),
            Some(Value::String(word)) => action.clone_from(word),
            Some(Value::Object(entry)) => {
                settings = entry.clone();
                if let Some(Value::String(word)) = settings.remove("action") {
                    action = word;
                }
            }
            _ => {}
        }
        RuleInForce { id: id.to_owned(), from: origins.of_rule(id, entry(id)), action, settings }
    };
    ids.into_iter().map(rule).collect()
}
