//! The policies outside the bundle, which judge by what is known about images: by the lock, and by the registry where that
//! has no entry.

use hardening::catalogue;
use hardening::settings::{Common, Group};
use images::Lock;
use lint::config::ConfigFile;
use serde_json::{Map, Value, json};

use super::error::Error;
use super::plan::Planned;

/// Plans the policies that `named` or the configuration's `rules` ask for, with the entries of the lock as their `images`.
/// `settings` are those of the bundle; `mutate` says that rules repair what they can unless their settings say otherwise.
///
/// # Errors
/// Settings that a policy does not take.
pub(super) fn planned(
    named: &[String],
    config: Option<&ConfigFile>,
    settings: &Map<String, Value>,
    mutate: bool,
    lock: &Lock,
) -> Result<Vec<Planned>, Error> {
    let mut planned = Vec::new();
    for doc in catalogue::apart() {
        let is_named = named.iter().any(|id| id == doc.id);
        let own = match config {
            Some(file) => file.config.settings_apart(doc.id, None, is_named),
            None => is_named.then(Map::new),
        };
        let Some(mut own) = own else { continue };
        for (key, value) in settings.iter().filter(|(key, _)| Common::KEYS.contains(&key.as_str())) {
            own.entry(key).or_insert_with(|| value.clone());
        }
        if mutate {
            own.entry("action").or_insert_with(|| json!("mutate"));
        }
        let images = own.entry("images").or_insert_with(|| json!({}));
        if let Some(images) = images.as_object_mut() {
            for (key, entry) in lock.entries() {
                images.entry(key).or_insert(serde_json::to_value(entry.clone().for_policies())?);
            }
        }
        if own["images"] == json!({}) {
            own.remove("images");
        }
        if let Some(why) = doc.refusal(&Value::Object(own.clone()).to_string()) {
            return Err(Error::Policy(doc.id.to_owned(), lint::Error::Settings(why)));
        }
        planned.push(Planned {
            id: doc.id.to_owned(),
            module: doc.id.to_owned(),
            mutating: own.get("action") == Some(&json!("mutate")),
            settings: own,
            bundled: None,
            severity: doc.severity,
            title: doc.title.to_owned(),
        });
    }
    Ok(planned)
}

/// The capabilities of their host that some of the policies call, sorted.
pub(super) fn capabilities(policies: &[Planned]) -> Vec<&'static str> {
    let apart = catalogue::apart();
    let called = apart.iter().filter(|doc| policies.iter().any(|policy| policy.id == doc.id));
    let mut names: Vec<&str> = called.flat_map(|doc| doc.asks).map(|capability| capability.name()).collect();
    names.sort_unstable();
    names.dedup();
    names
}
