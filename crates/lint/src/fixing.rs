//! The settings of a check, turned into those of a fix.

use serde_json::{Map, Value, json};

/// The subresource whose requests make the built-in rules list every fix and make none.
///
/// In mutate mode and at creation, they report what they would fill in where nobody else minds a gap, too. The API server
/// takes no change of the pod in a request for a subresource, so the answer is the list alone. A setting or a field of
/// the request that says the same would be bytes in every policy, and one that a cluster could set by mistake.
pub(crate) const LISTING: &str = "resize";

/// The settings with every rule in mutate mode; with `overwrite` it also replaces what the author wrote.
///
/// # Errors
/// What is not JSON.
pub(crate) fn mutating(settings: &str, overwrite: bool) -> serde_json::Result<String> {
    change(settings, |settings| {
        MODE.iter().for_each(|key| drop(settings.remove(*key)));
        settings.insert("action".to_owned(), json!("mutate"));
        settings.insert("overwrite".to_owned(), json!(overwrite));
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

/// The settings with rules that spare a container, each named with it.
///
/// # Errors
/// What is not JSON.
pub(crate) fn sparing(settings: &str, spared: &[(&str, &str)]) -> serde_json::Result<String> {
    change(settings, |settings| {
        let rules = settings.entry("rules").or_insert_with(|| json!({}));
        let Some(rules) = rules.as_object_mut() else { return };
        for (rule, container) in spared {
            let own = rules.entry(*rule).or_insert(json!(true));
            if *own == json!(true) {
                *own = json!({});
            }
            // A rule that is off stays off.
            let exemptions = own.as_object_mut().map(|own| own.entry("exemptions").or_insert_with(|| json!([])));
            if let Some(exemptions) = exemptions.and_then(Value::as_array_mut) {
                exemptions.push(json!({ "containers": [literal(container)] }));
            }
        }
    })
}

fn change(settings: &str, change: impl FnOnce(&mut Map<String, Value>)) -> serde_json::Result<String> {
    let mut settings: Value = serde_json::from_str(settings)?;
    if let Some(settings) = settings.as_object_mut() {
        change(settings);
    }
    Ok(settings.to_string())
}

/// A glob that matches a name and nothing else.
fn literal(name: &str) -> String {
    name.chars().flat_map(|c| ['\\'].into_iter().filter(move |_| "*?[\\".contains(c)).chain([c])).collect()
}

/// The settings that say what a violation leads to.
const MODE: [&str; 3] = ["action", "overwrite", "unfixable"];

#[cfg(test)]
mod tests {
    use super::LISTING;

    #[test]
    fn the_rules_judge_the_subresource_that_lists() {
        assert!(hardening::workload::SUBRESOURCES.contains(&LISTING));
    }
}
