//! Which policies a cluster gets, with which settings: decided before there is any object.

use std::collections::BTreeSet;

use clap::ValueEnum;
use hardening::bundle::HARDENING;
use hardening::catalogue::{self, RuleDoc};
use hardening::rules::Severity;
use hardening::standard::{self, CHECKS, Level, Version};
use serde_json::{Map, Value, json};

use super::error::Error;
use super::settings::{only, single};
use embedded::BUNDLE;

/// How the rules are spread over policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Layout {
    /// One policy with all rules: each request is evaluated once.
    Bundle,
    /// A policy for each rule.
    Rules,
    /// One group whose expression joins a policy for each rule.
    Group,
}

/// The policies.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plan {
    /// The profile that the settings choose.
    pub(super) profile: String,
    /// The demand of all policies together, in a few words.
    pub(super) title: String,
    /// One for the bundle, else one a rule, sorted by id.
    pub(super) policies: Vec<Planned>,
}

/// A policy that judges by some rules.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Planned {
    /// Id of the rule or check; that of the bundle for all.
    pub(super) id: String,
    /// The policy whose module judges.
    pub(super) module: String,
    /// Its settings.
    pub(super) settings: Map<String, Value>,
    /// The same as settings of the bundle, for its `validate_settings`; `None` of a policy outside the bundle, whose
    /// settings are checked already.
    pub(super) bundled: Option<Map<String, Value>>,
    /// Whether it changes objects.
    pub(super) mutating: bool,
    /// That of the gravest rule.
    pub(super) severity: Severity,
    /// The demand of the policy, in a few words.
    pub(super) title: String,
}

/// A rule or check that the settings switch on.
pub(super) struct Active {
    pub(super) id: String,
    pub(super) action: String,
    doc: Option<RuleDoc>,
}

impl Plan {
    /// Spreads valid settings of the bundle over policies. With `mutate`, rules repair what they can unless the
    /// settings say what a violation leads to.
    ///
    /// # Errors
    /// Settings that leave no rule, or that the layout cannot have.
    pub(super) fn new(mut settings: Map<String, Value>, layout: Layout, mutate: bool) -> Result<Plan, Error> {
        if mutate && !settings.contains_key("action") {
            settings.insert("action".to_owned(), json!("mutate"));
        }
        let profile = text(&settings, "profile").unwrap_or("hardening").to_owned();
        settings.insert("profile".to_owned(), json!(profile));
        let active = active(&settings)?;
        if active.is_empty() {
            return Err(Error::NoRule(profile));
        }
        if mutate && !active.iter().any(Active::mutates) {
            return Err(Error::NothingMutates);
        }
        let title = match profile.as_str() {
            "hardening" => "Hardening of pod templates".to_owned(),
            "privileged" => "Chosen rules for pod templates".to_owned(),
            level => format!("Pod Security Standards, level {level}"),
        };
        let policies = match layout {
            Layout::Bundle => vec![bundle(settings, &title, &active)],
            Layout::Rules => apart(&settings, &profile, &active),
            Layout::Group => {
                if let Some(rule) = active.iter().find(|rule| rule.action == "mutate") {
                    return Err(Error::GroupMutates(rule.id.clone()));
                }
                apart(&settings, &profile, &active)
            }
        };
        Ok(Plan { profile, title, policies })
    }

    /// Adds policies outside the bundle.
    ///
    /// # Errors
    /// Policies that the layout cannot have.
    pub(super) fn with(mut self, apart: Vec<Planned>, layout: Layout) -> Result<Plan, Error> {
        match apart.iter().find(|policy| policy.mutating && layout == Layout::Group) {
            Some(policy) => Err(Error::GroupMutates(policy.id.clone())),
            None => {
                self.policies.extend(apart);
                Ok(self)
            }
        }
    }
}

impl Active {
    fn mutates(&self) -> bool {
        self.action == "mutate" && self.can_mutate()
    }

    /// Whether the rule can repair anything. What is only a check of the standard can.
    pub(super) fn can_mutate(&self) -> bool {
        self.doc.as_ref().is_none_or(|doc| doc.mutates)
    }

    fn severity(&self) -> Severity {
        // The only check that is not a rule as well, run-as-non-root, weighs as much as run-as-user.
        self.doc.as_ref().map_or(Severity::High, |doc| doc.severity)
    }
}

/// All rules in one policy.
fn bundle(settings: Map<String, Value>, title: &str, active: &[Active]) -> Planned {
    let refusing = active.iter().filter(|rule| rule.action != "warn").map(Active::severity).max();
    Planned {
        id: BUNDLE.to_owned(),
        module: BUNDLE.to_owned(),
        bundled: Some(settings.clone()),
        settings,
        mutating: active.iter().any(Active::mutates),
        severity: refusing.unwrap_or(Severity::Low),
        title: title.to_owned(),
    }
}

/// A policy for each rule: its own module where the rule is meant, the bundle with everything else switched
/// off where the standard's check of that name is.
fn apart(settings: &Map<String, Value>, profile: &str, active: &[Active]) -> Vec<Planned> {
    let is_plain = profile == "hardening" && warn_level(settings) == Level::Privileged;
    // A later module may have checks that this one lacks: they are switched off as well.
    let standard = CHECKS.iter().filter(|_| !is_plain).map(|check| check.id);
    let known: BTreeSet<&str> = active.iter().map(|rule| rule.id.as_str()).chain(standard).collect();
    let policy = |rule: &Active| {
        let bundled = only(settings, &rule.id, &known);
        let title = match &rule.doc {
            Some(doc) if is_plain => doc.title.to_owned(),
            _ => format!("Pod Security Standards, profile {profile}: {}", rule.id),
        };
        Planned {
            id: rule.id.clone(),
            module: if is_plain { rule.id.clone() } else { BUNDLE.to_owned() },
            settings: if is_plain { single(settings, rule) } else { bundled.clone() },
            bundled: Some(bundled),
            mutating: rule.mutates(),
            severity: rule.severity(),
            title,
        }
    };
    active.iter().map(policy).collect()
}

/// The rules and checks that the settings leave on, sorted by id, each with what its violations lead to.
fn active(settings: &Map<String, Value>) -> Result<Vec<Active>, Error> {
    let profile = text(settings, "profile").unwrap_or("hardening");
    let version = version(settings, "version")?.unwrap_or(Version::LATEST);
    let enforced: BTreeSet<&str> = match level(profile) {
        None => HARDENING.iter().copied().collect(),
        Some(level) => standard::checks(level, version).map(|(id, _)| id).collect(),
    };
    let warn_version = self::version(settings, "warnVersion")?.unwrap_or(version);
    let warned: BTreeSet<&str> = standard::checks(warn_level(settings), warn_version).map(|(id, _)| id).collect();
    let chosen = settings.get("rules").and_then(Value::as_object);
    let mut ids: BTreeSet<&str> = enforced.union(&warned).copied().collect();
    ids.extend(chosen.into_iter().flat_map(|rules| rules.keys().map(String::as_str)));
    let choice = |id: &str| chosen.and_then(|rules| rules.get(id));
    let docs = catalogue::all();
    let active = ids.into_iter().filter(|id| choice(id) != Some(&Value::Bool(false))).map(|id| {
        let own = match choice(id) {
            Some(Value::String(action)) => Some(action.as_str()),
            Some(Value::Object(own)) => text(own, "action"),
            _ => None,
        };
        let only_warns = warned.contains(id) && !enforced.contains(id);
        let common = if only_warns { "warn" } else { text(settings, "action").unwrap_or("reject") };
        let doc = docs.iter().find(|doc| doc.id == id).cloned();
        Active { id: id.to_owned(), action: own.unwrap_or(common).to_owned(), doc }
    });
    Ok(active.collect())
}

fn text<'s>(settings: &'s Map<String, Value>, key: &str) -> Option<&'s str> {
    settings.get(key).and_then(Value::as_str)
}

/// The level that a profile is; none for `hardening`.
fn level(word: &str) -> Option<Level> {
    match word {
        "privileged" => Some(Level::Privileged),
        "baseline" => Some(Level::Baseline),
        "restricted" => Some(Level::Restricted),
        _ => None,
    }
}

fn warn_level(settings: &Map<String, Value>) -> Level {
    text(settings, "warn").and_then(level).unwrap_or(Level::Privileged)
}

fn version(settings: &Map<String, Value>, key: &str) -> Result<Option<Version>, Error> {
    let wrong = |text: &str| Error::Version(key.to_owned(), text.to_owned());
    let read = |text: &str| Version::parse(text).ok_or_else(|| wrong(text));
    text(settings, key).map(read).transpose()
}
