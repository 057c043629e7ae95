//! From the configuration to the bundle's settings.

use std::path::Path;

use hardening::bundle::{HARDENING, Profile};
use hardening::catalogue::APART;
use hardening::settings::{Common, Existing, Group, Setting, UnknownKinds};
use hardening::standard::{Level, Version, checks};
use serde_json::{Map, Value, json};

use super::rules::bundled_ids;
use super::severity::severity;
use super::{Config, ConfigExemption, FailOn, Override, Rules};

/// The choices that hold for one file.
struct Choices {
    profile: Profile,
    version: Option<Version>,
    rules: Rules,
    exemptions: Vec<ConfigExemption>,
    fail_on: FailOn,
}

impl Config {
    /// The bundle's settings for the whole project, as the cluster gets them: without `overrides`, which speak
    /// of files.
    pub fn settings(&self) -> Value {
        self.compose(self.choices(None))
    }

    /// The bundle's settings for a file; `path` is relative to the configuration's folder.
    pub fn settings_for(&self, path: &Path) -> Value {
        self.compose(self.choices(Some(path)))
    }

    /// Returns the severity that fails the run in a file; `path` is relative to the configuration's folder.
    pub fn fail_on_for(&self, path: &Path) -> FailOn {
        self.choices(Some(path)).fail_on
    }

    /// The settings of a rule outside the bundle, for a file or, without a `path`, for the whole project; `None` if it is
    /// off. `is_on` says whether it is on where the configuration does not say.
    pub fn settings_apart(&self, id: &str, path: Option<&Path>, is_on: bool) -> Option<Map<String, Value>> {
        let Choices { rules, exemptions, fail_on, .. } = self.choices(path);
        let entry = rules.0.into_iter().find(|(known, _)| known == id).map(|(_, entry)| entry);
        let mut settings = match entry.unwrap_or(Value::Bool(is_on)) {
            Value::Bool(false) => return None,
            Value::Bool(true) => Map::new(),
            Value::Object(own) => own,
            action => Map::from_iter([("action".to_owned(), action)]),
        };
        if severity(id).is_some_and(|severity| !fail_on.fails(severity)) && fail_on != FailOn::Never {
            settings.entry("action").or_insert_with(|| json!("warn"));
        }
        let Value::Object(common) =
            self.compose(Choices { rules: Rules::default(), exemptions: Vec::new(), ..self.choices(path) })
        else {
            return Some(settings);
        };
        for (key, value) in common.into_iter().filter(|(key, _)| Common::KEYS.contains(&key.as_str())) {
            settings.entry(key).or_insert(value);
        }
        let is_meant =
            |exemption: &ConfigExemption| exemption.rules.is_empty() || exemption.rules.iter().any(|rule| rule == id);
        let meant = exemptions.into_iter().filter(is_meant).map(|exemption| Value::Object(exemption.exemption));
        let meant: Vec<Value> = meant.collect();
        if !meant.is_empty() {
            let list = settings.entry("exemptions").or_insert_with(|| json!([]));
            list.as_array_mut().into_iter().for_each(|list| list.extend(meant.iter().cloned()));
        }
        Some(settings)
    }

    fn choices(&self, path: Option<&Path>) -> Choices {
        let mut choices = Choices {
            profile: self.profile,
            version: self.kubernetes_version.map(|version| version.0),
            rules: self.rules.clone(),
            exemptions: self.exemptions.clone(),
            fail_on: self.fail_on,
        };
        let matches = |other: &&Override| path.is_some_and(|path| other.paths.iter().any(|glob| glob.matches(path)));
        for other in self.overrides.iter().filter(matches) {
            choices.profile = other.profile.unwrap_or(choices.profile);
            choices.version = other.kubernetes_version.map(|version| version.0).or(choices.version);
            // Entries for one profile say nothing of another.
            let below = if other.profile.is_some() { Rules::default() } else { choices.rules };
            choices.rules = below.overridden_by(&other.rules);
            choices.exemptions.extend(other.exemptions.iter().cloned());
            choices.fail_on = other.fail_on.unwrap_or(choices.fail_on);
        }
        choices
    }

    fn compose(&self, choices: Choices) -> Value {
        let Choices { profile, version, mut rules, exemptions, fail_on } = choices;
        let mut settings = Map::new();
        let mut say = |key: &str, value: Value| settings.insert(key.to_owned(), value);
        if profile != Profile::Hardening {
            say("profile", profile.to_json());
        }
        let judges_by_standard = matches!(profile, Profile::Baseline | Profile::Restricted);
        if let Some(version) = version.filter(|_| judges_by_standard || self.warn != Level::Privileged) {
            say("version", version.to_json());
        }
        if self.warn != Level::Privileged {
            say("warn", self.warn.to_json());
            if let Some(version) = self.warn_version {
                say("warnVersion", version.to_json());
            }
        }
        if self.existing_violations != Existing::Warn {
            say("existingViolations", self.existing_violations.to_json());
        }
        if !self.pod_templates.is_empty() {
            say("podTemplates", self.pod_templates.to_json());
        }
        if self.unknown_kinds != UnknownKinds::Accept {
            say("unknownKinds", self.unknown_kinds.to_json());
        }
        let all: Vec<Value> = exemptions.iter().filter(|e| e.rules.is_empty()).map(Setting::to_json).collect();
        if !all.is_empty() {
            say("exemptions", all.into());
        }
        // These are policies of their own.
        rules.0.retain(|(id, _)| !APART.contains(&id.as_str()));
        let demanded = demanded(profile, version.unwrap_or(Version::LATEST));
        for exemption in &exemptions {
            for id in &exemption.rules {
                exempt(&mut rules, id, &exemption.exemption, &demanded);
            }
        }
        if !rules.0.is_empty() {
            say("rules", rules.to_json());
        }
        let mut settings = Value::Object(settings);
        demote_below(&mut settings, fail_on);
        settings
    }
}

/// Makes the violations of rules that do not fail a run warnings, in the bundle's settings, unless these say
/// what a violation of the rule leads to.
pub fn demote_below(settings: &mut Value, fail_on: FailOn) {
    if matches!(fail_on, FailOn::Warning | FailOn::Low) {
        return;
    }
    change_rules(settings, |rules, ids| {
        for id in ids.iter().filter(|id| severity(id).is_some_and(|severity| !fail_on.fails(severity))) {
            demote(rules, id);
        }
    });
}

/// Switches every rule of the bundle's settings off but those in `only`, which are switched on if they are not in force.
/// An empty `only` changes nothing; names in it that are not those of rules are passed over.
pub fn keep_only(settings: &mut Value, only: &[String]) {
    if only.is_empty() {
        return;
    }
    change_rules(settings, |rules, ids| {
        for id in ids.iter().filter(|id| !only.contains(id)) {
            *entry(rules, id) = Value::Bool(false);
        }
        let known = bundled_ids();
        for id in only.iter().filter(|id| known.contains(&id.as_str())) {
            let entry = entry(rules, id);
            if *entry == Value::Bool(false) {
                *entry = Value::Bool(true);
            }
        }
    });
    if let Some(settings) = settings.as_object_mut() {
        // The level that is only warned of has checks of every rule.
        settings.retain(|key, _| key != "warn" && key != "warnVersion");
    }
}

/// Changes the entries of the rules in the bundle's settings; `change` takes them, and the ids of all that the profile or
/// an entry names.
fn change_rules(settings: &mut Value, change: impl FnOnce(&mut Rules, &[String])) {
    let word = |key: &str| settings.get(key).and_then(Value::as_str);
    let profile = match word("profile") {
        Some("baseline") => Profile::Baseline,
        Some("restricted") => Profile::Restricted,
        Some("privileged") => Profile::Privileged,
        _ => Profile::Hardening,
    };
    let version = word("version").and_then(Version::parse).unwrap_or(Version::LATEST);
    let mut rules = match settings.get("rules") {
        Some(Value::Object(rules)) => Rules(rules.iter().map(|(id, entry)| (id.clone(), entry.clone())).collect()),
        _ => Rules::default(),
    };
    let mut ids: Vec<String> = demanded(profile, version).into_iter().map(str::to_owned).collect();
    ids.extend(rules.0.iter().map(|(id, _)| id.clone()));
    change(&mut rules, &ids);
    if let (Some(settings), false) = (settings.as_object_mut(), rules.0.is_empty()) {
        settings.insert("rules".to_owned(), rules.to_json());
    }
}

/// The rules and checks that a profile has.
fn demanded(profile: Profile, version: Version) -> Vec<&'static str> {
    match profile {
        Profile::Hardening => HARDENING.to_vec(),
        Profile::Privileged => Vec::new(),
        Profile::Baseline => checks(Level::Baseline, version).map(|(id, _)| id).collect(),
        Profile::Restricted => checks(Level::Restricted, version).map(|(id, _)| id).collect(),
    }
}

/// The entry of `id`; `true` is put there if it has none.
fn entry<'r>(rules: &'r mut Rules, id: &str) -> &'r mut Value {
    let at = rules.0.iter().position(|(known, _)| known == id).unwrap_or_else(|| {
        rules.0.push((id.to_owned(), Value::Bool(true)));
        rules.0.len() - 1
    });
    &mut rules.0[at].1
}

/// Makes violations of the rule warnings, unless the configuration says what they lead to.
fn demote(rules: &mut Rules, id: &str) {
    let entry = entry(rules, id);
    match entry {
        Value::Object(settings) => {
            settings.entry("action").or_insert_with(|| json!("warn"));
        }
        Value::Bool(true) => *entry = json!("warn"),
        _ => {}
    }
}

/// Adds an exemption to one rule.
fn exempt(rules: &mut Rules, id: &str, exemption: &Map<String, Value>, demanded: &[&str]) {
    // A rule that the profile lacks stays off.
    if !demanded.contains(&id) && !rules.0.iter().any(|(known, _)| known == id) {
        return;
    }
    let entry = entry(rules, id);
    if let Value::String(action) = entry {
        *entry = json!({ "action": action });
    }
    if *entry == Value::Bool(true) {
        *entry = json!({});
    }
    if let Value::Object(settings) = entry {
        let list = settings.entry("exemptions").or_insert_with(|| json!([]));
        if let Value::Array(list) = list {
            list.push(Value::Object(exemption.clone()));
        }
    }
}
