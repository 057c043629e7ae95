//! The settings of a check, turned into those of a fix.

use serde_json::{Map, Value, json};

use crate::check::Judge;

/// The same policy in mutate mode: every rule repairs what it can and lets the rest pass with a warning, so
/// that one image without a tag does not keep everything else from being fixed. Another policy is taken as
/// it is: only its own settings know how it mutates.
///
/// # Errors
/// Settings that the policy does not take.
pub(super) fn mutating(judge: &Judge, overwrite: bool) -> Result<Judge, String> {
    if !judge.is_built_in() {
        return Ok(judge.clone());
    }
    let mut settings: Value = serde_json::from_str(judge.settings()).map_err(|e| e.to_string())?;
    if let Some(settings) = settings.as_object_mut() {
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
    }
    judge.with_settings(settings.to_string())
}

/// The settings that say what a violation leads to.
const MODE: [&str; 3] = ["action", "overwrite", "unfixable"];

fn set_mode(settings: &mut Map<String, Value>, overwrite: bool) {
    for (key, value) in MODE.into_iter().zip([json!("mutate"), json!(overwrite), json!("warn")]) {
        settings.insert(key.to_owned(), value);
    }
}
