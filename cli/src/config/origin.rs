//! Where a choice comes from: the command line, a line of the configuration, or nowhere, which is the default.

use std::path::Path;

use hardening::settings::Setting;
use kube_yaml::yaml::{self, Parsed};
use lint::config::{ConfigExemption, ConfigFile};
use lint::finding::Place;
use lint::named::from_here;
use serde_json::Value;

use super::Choice;
use crate::args::PolicyArgs;

const COMMAND_LINE: &str = "command line";
const DEFAULT: &str = "default";

/// Finds the origin of choices for one path.
pub(super) struct Origins<'a> {
    args: &'a PolicyArgs,
    file: Option<(&'a ConfigFile, Parsed<'a>)>,
    /// The overrides that hold for the path, the last first.
    overrides: Vec<usize>,
}

impl<'a> Origins<'a> {
    pub(super) fn new(args: &'a PolicyArgs, file: Option<&'a ConfigFile>, path: &Path) -> Origins<'a> {
        let relative = file.and_then(|file| file.relative(path));
        let all = file.map(|file| file.config.overrides.as_slice()).unwrap_or_default().iter().enumerate().rev();
        let holds = |paths: &[lint::config::PathGlob]| {
            relative.as_ref().is_some_and(|path| paths.iter().any(|glob| glob.matches(path)))
        };
        let overrides = all.filter(|(_, other)| holds(&other.paths)).map(|(at, _)| at).collect();
        Origins { args, file: file.map(|file| (file, yaml::parse(&file.text))), overrides }
    }

    /// The place where a key stands, if it stands in the file.
    fn place(&self, key: &str) -> Option<String> {
        let (file, parsed) = self.file.as_ref()?;
        let place = Place::find(&parsed.documents.first()?.root, key);
        place.exact.then(|| format!("{}:{}", from_here(&file.path).display(), place.line))
    }

    /// The place where an override that holds for the path says a key, or else the file.
    fn in_file(&self, key: &str) -> Option<String> {
        let of_override = |at: &usize| {
            let place = self.place(&format!("overrides[{at}].{key}"))?;
            Some(format!("{place}, override {}", at + 1))
        };
        self.overrides.iter().find_map(of_override).or_else(|| self.place(key))
    }

    /// The place where the file names a rule: a profile says nothing of the entries for another.
    fn rule_in_file(&self, id: &str) -> Option<String> {
        let (file, _) = self.file.as_ref().filter(|_| self.args.profile.is_none())?;
        for at in &self.overrides {
            if let Some(place) = self.place(&format!("overrides[{at}].rules.{id}")) {
                return Some(format!("{place}, override {}", at + 1));
            }
            if file.config.overrides[*at].profile.is_some() {
                return None;
            }
        }
        self.place(&format!("rules.{id}"))
    }

    /// The version of the Pod Security Standards.
    pub(super) fn version(&self) -> Value {
        let of_file = |(file, _): &(&ConfigFile, Parsed<'_>)| {
            let of_override = |at: &usize| file.config.overrides[*at].kubernetes_version;
            self.overrides.iter().find_map(of_override).or(file.config.kubernetes_version).map(|version| version.0)
        };
        let version = self.args.kubernetes_version.or_else(|| self.file.as_ref().and_then(of_file));
        version.map_or_else(|| "newest".into(), |version| version.to_json())
    }

    /// The origin of a key of the configuration.
    pub(super) fn of_key(&self, key: &str) -> String {
        let args = self.args;
        let is_given = match key {
            "profile" => args.profile.is_some(),
            "kubernetesVersion" => args.kubernetes_version.is_some(),
            "failOn" => args.fail_on.is_some(),
            _ => false,
        };
        match self.in_file(key) {
            _ if is_given || key != "failOn" && args.has_settings() => COMMAND_LINE.to_owned(),
            Some(place) => place,
            None => DEFAULT.to_owned(),
        }
    }

    /// The origin of a rule with its `entry` in the settings: what names it, or else the profile.
    pub(super) fn of_rule(&self, id: &str, entry: Option<&Value>) -> String {
        if self.args.has_settings() || !self.args.rules.is_empty() {
            return COMMAND_LINE.to_owned();
        }
        let named = entry.and_then(|_| self.rule_in_file(id));
        let demoted = || {
            let is_warning = entry.is_some_and(|entry| entry == "warn" || entry.get("action").is_some());
            is_warning.then(|| format!("failOn, {}", self.of_key("failOn")))
        };
        named.or_else(demoted).unwrap_or_else(|| format!("profile, {}", self.of_key("profile")))
    }

    /// The entries of a key that is a list, or its only value, as written.
    pub(super) fn list(&self, key: &str) -> Vec<Choice> {
        let Some((file, _)) = &self.file else { return Vec::new() };
        let value = file.config.to_json();
        let at = |path: &str| self.place(path).unwrap_or_else(|| DEFAULT.to_owned());
        match value.get(key) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(entries)) => {
                let entry = |(index, value): (usize, &Value)| Choice {
                    value: without_nothing(value),
                    from: at(&format!("{key}[{index}]")),
                };
                entries.iter().enumerate().map(entry).collect()
            }
            Some(value) => vec![Choice { value: value.clone(), from: at(key) }],
        }
    }

    /// The exemptions that hold for the path, with their reasons.
    pub(super) fn exemptions(&self) -> Vec<Choice> {
        let Some((file, _)) = self.file.as_ref().filter(|_| !self.args.has_settings()) else { return Vec::new() };
        let of = |prefix: String, suffix: String, list: &[ConfigExemption]| -> Vec<Choice> {
            let entry = |(index, exemption): (usize, &ConfigExemption)| {
                let place = self.place(&format!("{prefix}exemptions[{index}]"));
                Choice { value: exemption.to_json(), from: place.unwrap_or_else(|| DEFAULT.to_owned()) + &suffix }
            };
            list.iter().enumerate().map(entry).collect()
        };
        let mut all = of(String::new(), String::new(), &file.config.exemptions);
        for at in self.overrides.iter().rev() {
            let list = &file.config.overrides[*at].exemptions;
            all.extend(of(format!("overrides[{at}]."), format!(", override {}", at + 1), list));
        }
        all
    }
}

/// A value without the keys that are not set.
fn without_nothing(value: &Value) -> Value {
    let Value::Object(object) = value else { return value.clone() };
    let is_set = |value: &Value| !value.is_null() && value.as_object().is_none_or(|object| !object.is_empty());
    Value::Object(object.iter().filter(|(_, value)| is_set(value)).map(|(key, v)| (key.clone(), v.clone())).collect())
}
