//! Settings of the bundle, cut down to one rule.

use std::collections::BTreeSet;

use hardening::settings::{Common, Group};
use serde_json::{Map, Value, json};

use super::plan::Active;

const RULES: &str = "rules";
/// Settings that only `mutate` has a use for.
const OF_MUTATE: [&str; 2] = ["overwrite", "unfixable"];

/// The bundle's settings with every rule but `id` switched off.
pub(super) fn only(settings: &Map<String, Value>, id: &str, known: &BTreeSet<&str>) -> Map<String, Value> {
    let mut rules = settings.get(RULES).and_then(Value::as_object).cloned().unwrap_or_default();
    rules.extend(known.iter().filter(|other| **other != id).map(|other| ((*other).to_owned(), json!(false))));
    let mut settings = settings.clone();
    settings.remove(RULES);
    if !rules.is_empty() {
        settings.insert(RULES.to_owned(), Value::Object(rules));
    }
    settings
}

/// The settings of the rule's own policy: the bundle's settings for all rules and for this one.
pub(super) fn single(settings: &Map<String, Value>, rule: &Active) -> Map<String, Value> {
    let common = settings.iter().filter(|(key, _)| Common::KEYS.contains(&key.as_str()));
    let mut single: Map<String, Value> = common.map(|(key, value)| (key.clone(), value.clone())).collect();
    match choice(settings, &rule.id) {
        Some(Value::String(action)) => {
            single.insert("action".to_owned(), json!(action));
        }
        Some(Value::Object(own)) => {
            for (key, value) in own {
                match (key.as_str(), value, single.get_mut(key)) {
                    // A rule's exemptions come on top of the bundle's.
                    ("exemptions", Value::Array(own), Some(Value::Array(all))) => {
                        all.splice(0..0, own.iter().cloned());
                    }
                    _ => {
                        single.insert(key.clone(), value.clone());
                    }
                }
            }
        }
        _ => {}
    }
    if rule.action == "mutate" && !rule.can_mutate() {
        let relents = single.get("unfixable").and_then(Value::as_str) == Some("warn");
        single.remove("action");
        if relents {
            single.insert("action".to_owned(), json!("warn"));
        }
        OF_MUTATE.iter().for_each(|key| drop(single.remove(*key)));
    }
    if rule.action != "mutate" {
        OF_MUTATE.iter().for_each(|key| drop(single.remove(*key)));
    }
    single
}

fn choice<'s>(settings: &'s Map<String, Value>, id: &str) -> Option<&'s Value> {
    settings.get(RULES)?.get(id)
}
