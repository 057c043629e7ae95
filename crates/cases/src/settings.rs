//! Settings as JSON: a rule's as the bundle's, and the keys that they use.

use std::collections::BTreeSet;

use hardening::catalogue::{IDS, common_settings};
use hardening::settings::Field;
use serde_json::{Map, Value, json};

use crate::BUNDLE;

/// The bundle's settings that make it judge as the policy `id` with `settings`.
pub fn of_bundle(id: &str, settings: &Value) -> Value {
    if id == BUNDLE {
        return settings.clone();
    }
    let mut top = Map::new();
    let mut own = settings.clone();
    let bundled: Vec<&str> = common_settings(true).iter().map(|field| field.key).collect();
    if let Value::Object(own) = &mut own {
        for Field { key, .. } in common_settings(false).iter().filter(|field| !bundled.contains(&field.key)) {
            top.extend(own.remove(*key).map(|value| ((*key).to_owned(), value)));
        }
    }
    let others = IDS.iter().filter(|other| **other != id).map(|other| ((*other).to_owned(), Value::Bool(false)));
    let mut rules: Map<String, Value> = others.collect();
    rules.insert(id.to_owned(), own);
    top.insert("rules".to_owned(), rules.into());
    top.into()
}

/// Everything that can be set, as `user.ranges[].min` and, for one of several words, `action=warn`.
pub fn keys(fields: &[Field]) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for field in fields {
        add_keys(field.key, &field.schema, Some(&field.default), &mut keys);
    }
    keys
}

fn add_keys(at: &str, schema: &Value, default: Option<&Value>, keys: &mut BTreeSet<String>) {
    keys.insert(at.to_owned());
    // A word that is the default needs no case of its own.
    for word in schema["enum"].as_array().into_iter().flatten().filter(|word| Some(*word) != default) {
        keys.extend(word.as_str().map(|word| format!("{at}={word}")));
    }
    for (key, schema) in schema["properties"].as_object().into_iter().flatten() {
        add_keys(&format!("{at}.{key}"), schema, default.map(|default| &default[key.as_str()]), keys);
    }
    if schema["items"].is_object() {
        add_keys(&format!("{at}[]"), &schema["items"], None, keys);
    }
    if schema["additionalProperties"].is_object() {
        add_keys(&format!("{at}.*"), &schema["additionalProperties"], None, keys);
    }
}

/// The keys of [`keys`] that `settings` use.
pub fn used(fields: &[Field], settings: &Value) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for field in fields {
        if let Some(value) = settings.get(field.key) {
            add_used(field.key, &field.schema, value, &mut used);
        }
    }
    used
}

fn add_used(at: &str, schema: &Value, value: &Value, used: &mut BTreeSet<String>) {
    used.insert(at.to_owned());
    if let (Some(word), true) = (value.as_str(), schema["enum"].is_array()) {
        used.insert(format!("{at}={word}"));
    }
    for (key, value) in value.as_object().into_iter().flatten() {
        if let Some(schema) = schema["properties"].get(key) {
            add_used(&format!("{at}.{key}"), schema, value, used);
        } else if schema["additionalProperties"].is_object() {
            add_used(&format!("{at}.*"), &schema["additionalProperties"], value, used);
        }
    }
    for item in value.as_array().into_iter().flatten() {
        add_used(&format!("{at}[]"), &schema["items"], item, used);
    }
}

/// `settings` with `action: reject`, and without what only makes sense with `mutate`.
pub fn rejecting(settings: &Value) -> Value {
    let mut settings = settings.clone();
    if let Value::Object(members) = &mut settings {
        let rules = members.get("rules").cloned();
        reject_in(members);
        members.insert("action".to_owned(), json!("reject"));
        for (id, rule) in rules.as_ref().and_then(Value::as_object).into_iter().flatten() {
            let mut rule = rule.clone();
            match &mut rule {
                Value::Object(own) => reject_in(own),
                Value::String(word) if word == "mutate" => *word = "reject".to_owned(),
                _ => {}
            }
            members["rules"][id] = rule;
        }
    }
    settings
}

fn reject_in(members: &mut Map<String, Value>) {
    for key in ["overwrite", "unfixable"] {
        members.remove(key);
    }
    if members.get("action").is_some_and(|action| action == "mutate") {
        members.insert("action".to_owned(), json!("reject"));
    }
}
