//! The settings of a check, turned into those of a fix.

use serde_json::{Map, Value, json};

use crate::judge::Judge;

/// The same policy in mutate mode: every rule repairs what it can and lets the rest pass with a warning, so
/// that one image without a tag does not keep everything else from being fixed. Another policy is taken as
/// it is: only its own settings know how it mutates.
///
/// # Errors
/// Settings that the policy does not take.
pub fn mutating(judge: &Judge, overwrite: bool) -> Result<Judge, String> {
    if !judge.is_built_in() {
        return Ok(judge.clone());
    }
    change(judge, |settings| {
        set_mode(settings, overwrite);
        if let Some(rules) = settings.get_mut("rules").and_then(Value::as_object_mut) {
            for rule in rules.values_mut() {
                match rule {
                    Value::String(_) => *rule = json!(true),
                    Value::Object(own) => {
                        for key in MODE {
                            own.remove(key);
                        }
                    }
                    _ => {}
                }
            }
        }
    })
}

/// A judge in mutate mode of whose rules some only warn, and some spare a container.
///
/// # Errors
/// Settings that the policy does not take.
pub(super) fn tuned(mutating: &Judge, quiet: &[&str], spared: &[(&str, &str)]) -> Result<Judge, String> {
    change(mutating, |settings| {
        let rules = settings.entry("rules").or_insert_with(|| json!({}));
        let Some(rules) = rules.as_object_mut() else { return };
        for rule in quiet {
            if let Some(own) = own_settings(rules, rule) {
                own.insert("action".to_owned(), json!("warn"));
            }
        }
        for (rule, container) in spared {
            let exemptions = own_settings(rules, rule).map(|own| own.entry("exemptions").or_insert_with(|| json!([])));
            if let Some(exemptions) = exemptions.and_then(Value::as_array_mut) {
                exemptions.push(json!({ "containers": [literal(container)] }));
            }
        }
    })
}

fn change(judge: &Judge, change: impl FnOnce(&mut Map<String, Value>)) -> Result<Judge, String> {
    let mut settings: Value = serde_json::from_str(judge.settings()).map_err(|e| e.to_string())?;
    if let Some(settings) = settings.as_object_mut() {
        change(settings);
    }
    judge.with_settings(settings.to_string())
}

/// What the settings say of one rule, as an object; `None` if the rule is off.
fn own_settings<'r>(rules: &'r mut Map<String, Value>, rule: &str) -> Option<&'r mut Map<String, Value>> {
    let own = rules.entry(rule).or_insert(json!(true));
    if *own == json!(true) {
        *own = json!({});
    }
    own.as_object_mut()
}

/// A glob that matches a name and nothing else.
fn literal(name: &str) -> String {
    name.chars().flat_map(|c| ['\\'].into_iter().filter(move |_| "*?[\\".contains(c)).chain([c])).collect()
}

/// The settings that say what a violation leads to.
const MODE: [&str; 3] = ["action", "overwrite", "unfixable"];

fn set_mode(settings: &mut Map<String, Value>, overwrite: bool) {
    for (key, value) in MODE.into_iter().zip([json!("mutate"), json!(overwrite), json!("warn")]) {
        settings.insert(key.to_owned(), value);
    }
}
