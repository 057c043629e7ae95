//! The answers of a policy, as Kubewarden defines them.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// Answer to `validate`. Unknown keys are ignored, absent and `null` are one.
#[derive(Debug, Default, Deserialize)]
pub struct ValidationResponse {
    /// Whether the request may pass.
    pub accepted: bool,
    /// Why not, for the user.
    #[serde(default)]
    pub message: Option<String>,
    /// HTTP status of a refusal.
    #[serde(default)]
    pub code: Option<u16>,
    /// The object as the policy wants it, as the text the policy sent.
    #[serde(default)]
    pub mutated_object: Option<Box<RawValue>>,
    /// Entries for the audit log.
    #[serde(default, deserialize_with = "null_is_default")]
    pub audit_annotations: BTreeMap<String, String>,
    /// Texts for the user of an accepted or refused request.
    #[serde(default, deserialize_with = "null_is_default")]
    pub warnings: Vec<String>,
}

/// Answer to `validate_settings`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SettingsVerdict {
    /// Whether the policy can work with the settings.
    pub valid: bool,
    /// What is wrong with them.
    #[serde(default)]
    pub message: Option<String>,
}

fn null_is_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_and_absent_are_the_same() {
        for text in [
            r#"{"accepted":true}"#,
            r#"{"accepted":true,"message":null,"code":null,"mutated_object":null,
                "audit_annotations":null,"warnings":null,"new":1}"#,
        ] {
            let answer: ValidationResponse = serde_json::from_str(text).unwrap();
            assert!(answer.accepted);
            assert!(answer.message.is_none() && answer.code.is_none());
            assert!(answer.mutated_object.is_none());
            assert!(answer.audit_annotations.is_empty() && answer.warnings.is_empty());
        }
    }
}
