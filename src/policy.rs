//! A policy ready to judge: settings read, rules chosen.

use serde_json::value::RawValue;

use crate::rules::{self, Described, Rule};
use crate::settings::{
    Action, Bundled, Common, Exemption, Existing, Group, ONLY_WITH_MUTATE, Setting, SettingsError, Unfixable,
    UnknownKinds, entries, unknown_key,
};
use crate::workload::Pointer;

/// A rule with everything that decides what its violations lead to.
pub struct Active {
    /// Id of the rule.
    pub id: &'static str,
    /// The rule with its settings.
    pub rule: Box<dyn Rule>,
    /// Whether the rule applies to Windows pods.
    pub on_windows: bool,
    /// What a violation leads to.
    pub action: Action,
    /// Whether a fix may replace what the author wrote.
    pub overwrite: bool,
    /// What a violation leads to that `mutate` cannot repair.
    pub unfixable: Unfixable,
    /// What the rule leaves alone.
    pub exemptions: Vec<Exemption>,
    /// What a violation leads to that was there before the update.
    pub existing: Existing,
}

/// What `validate` judges by.
pub struct Policy {
    /// Pod templates in kinds outside the table.
    pub pod_templates: Vec<Pointer>,
    /// What becomes of kinds without a pod template.
    pub unknown_kinds: UnknownKinds,
    /// The rules, sorted by id.
    pub rules: Vec<Active>,
}

/// Reads settings into a policy: the same code for `validate` and `validate_settings`.
pub trait Load {
    /// # Errors
    /// Settings that cannot be used.
    fn load(settings: Option<&RawValue>) -> Result<Policy, SettingsError>;
}

/// The policy of one rule.
pub struct Single<R>(std::marker::PhantomData<R>);

impl<R: Described> Load for Single<R> {
    fn load(settings: Option<&RawValue>) -> Result<Policy, SettingsError> {
        let mut common = Common::default();
        let mut rule = R::default();
        for (key, value) in entries(settings)? {
            if !common.set(&key, value)? && !rule.set(&key, value)? {
                return Err(unknown_key(&key, &[R::KEYS, Common::KEYS]));
            }
        }
        common.verify()?;
        rule.verify()?;
        let Common { action, overwrite, unfixable, exemptions, existing_violations, pod_templates, unknown_kinds } =
            common;
        let active = Active {
            id: R::ID,
            rule: Box::new(rule),
            on_windows: R::ON_WINDOWS,
            action,
            overwrite,
            unfixable,
            exemptions,
            existing: existing_violations,
        };
        Ok(Policy { pod_templates, unknown_kinds, rules: vec![active] })
    }
}

impl Active {
    /// A rule of the bundle: its own settings on top of the bundle's common ones.
    pub(crate) fn bundled<R: Described>(settings: Option<&RawValue>, common: &Common) -> Result<Active, SettingsError> {
        let mut own = Bundled::default();
        let mut rule = R::default();
        for (key, value) in entries(settings)? {
            if own.set(&key, value)? || rule.set(&key, value)? {
                continue;
            }
            if Common::KEYS.contains(&key.as_str()) {
                return Err(SettingsError::new("belongs at the top level of the bundle's settings").under(&key));
            }
            return Err(unknown_key(&key, &[R::KEYS, Bundled::KEYS]));
        }
        own.verify()?;
        rule.verify()?;
        let action = own.action.unwrap_or(common.action);
        if action != Action::Mutate {
            let pointless =
                [("overwrite", own.overwrite == Some(true)), ("unfixable", own.unfixable == Some(Unfixable::Warn))];
            if let Some((key, _)) = pointless.iter().find(|(_, given)| *given) {
                return Err(SettingsError::new(ONLY_WITH_MUTATE).under(key));
            }
        }
        own.exemptions.extend(common.exemptions.iter().cloned());
        Ok(Active {
            id: R::ID,
            rule: Box::new(rule),
            on_windows: R::ON_WINDOWS,
            action,
            overwrite: own.overwrite.unwrap_or(common.overwrite),
            unfixable: own.unfixable.unwrap_or(common.unfixable),
            exemptions: own.exemptions,
            existing: own.existing_violations.unwrap_or(common.existing_violations),
        })
    }
}

/// All rules in one policy.
pub struct Bundle;

/// What the bundle's `rules` say of one rule.
enum Choice<'a> {
    Off,
    On(Option<&'a RawValue>),
    Action(Action),
}

impl Load for Bundle {
    fn load(settings: Option<&RawValue>) -> Result<Policy, SettingsError> {
        let mut common = Common::default();
        let mut chosen: Vec<(String, &RawValue)> = Vec::new();
        for (key, value) in entries(settings)? {
            if key == "rules" {
                chosen = entries(Some(value)).map_err(|error| error.under("rules"))?;
            } else if !common.set(&key, value)? {
                return Err(unknown_key(&key, &[&["rules"], Common::KEYS]));
            }
        }
        common.verify()?;
        if let Some((id, _)) = chosen.iter().find(|(id, _)| !rules::IDS.contains(&id.as_str())) {
            let error = SettingsError::new(format!("unknown rule, expected one of: {}", rules::IDS.join(", ")));
            return Err(error.under(id).under("rules"));
        }
        let mut active = Vec::with_capacity(rules::IDS.len());
        for id in rules::IDS {
            let choice = match chosen.iter().find(|(chosen, _)| chosen == id) {
                None => Choice::On(None),
                Some((_, raw)) => read_choice(raw).map_err(|error| error.under(id).under("rules"))?,
            };
            let (settings, action) = match choice {
                Choice::Off => continue,
                Choice::On(settings) => (settings, None),
                Choice::Action(action) => (None, Some(action)),
            };
            if let Some(loaded) = rules::load(id, settings, &common) {
                let mut rule = loaded.map_err(|error| error.under(id).under("rules"))?;
                rule.action = action.unwrap_or(rule.action);
                active.push(rule);
            }
        }
        Ok(Policy { pod_templates: common.pod_templates, unknown_kinds: common.unknown_kinds, rules: active })
    }
}

fn read_choice(raw: &RawValue) -> Result<Choice<'_>, SettingsError> {
    match raw.get() {
        "true" => return Ok(Choice::On(None)),
        "false" => return Ok(Choice::Off),
        text if text.starts_with('{') => return Ok(Choice::On(Some(raw))),
        _ => {}
    }
    Action::read(raw)
        .map(Choice::Action)
        .map_err(|_| SettingsError::new("must be an object of settings, false, true, or one of: reject, warn, mutate"))
}
