//! `rules` as written: what each entry means, the bundle decides.

use hardening::settings::{Setting, SettingsError, entries};
use hardening::{bundle, catalogue, standard};
use serde_json::Value;
use serde_json::value::RawValue;

/// The changes of single rules: id and the JSON of its entry.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rules(pub Vec<(String, Value)>);

impl Rules {
    /// The entries of `self` with those of `other` in place of its own.
    pub fn overridden_by(&self, other: &Rules) -> Rules {
        let kept = self.0.iter().filter(|(id, _)| !other.0.iter().any(|(new, _)| new == id));
        Rules(kept.chain(&other.0).cloned().collect())
    }
}

/// Ids of all rules, those outside the bundle too, and of the checks that no rule is named after.
pub fn known_ids() -> Vec<&'static str> {
    let mut known = bundled_ids();
    known.extend(catalogue::APART);
    known.sort_unstable();
    known
}

/// Ids of the rules and checks of the bundle.
pub(super) fn bundled_ids() -> Vec<&'static str> {
    let mut known: Vec<&str> = catalogue::IDS.to_vec();
    known.extend(standard::CHECKS.iter().map(|check| check.id));
    known.sort_unstable();
    known.dedup();
    known
}

/// Checks that `id` is a rule's.
///
/// # Errors
/// An unknown id; the message names the nearest.
pub(super) fn check_id(id: &str) -> Result<(), SettingsError> {
    let known = known_ids();
    if known.contains(&id) {
        return Ok(());
    }
    Err(SettingsError::new(format!("unknown rule{}", crate::suggest::among(id, &known))))
}

impl Setting for Rules {
    fn read(raw: &RawValue) -> Result<Self, SettingsError> {
        let mut list = Vec::new();
        for (id, value) in entries(Some(raw))? {
            check_id(&id).map_err(|error| error.under(&id))?;
            let value = serde_json::from_str(value.get()).map_err(|error| SettingsError::new(error.to_string()))?;
            list.push((id, value));
        }
        Ok(Rules(list))
    }

    fn schema() -> Value {
        let mut schema = bundle::rules_schema();
        for doc in catalogue::apart() {
            let fields = doc.settings.into_iter().chain(catalogue::common_settings(true)).collect::<Vec<_>>();
            schema["properties"][doc.id] = bundle::entry_schema(&fields, doc.title);
        }
        schema
    }

    fn to_json(&self) -> Value {
        Value::Object(self.0.iter().cloned().collect())
    }
}
