//! A version of Kubernetes as people write it.

use hardening::settings::{Setting, SettingsError};
use hardening::standard::Version;
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// A version of the Pod Security Standards: `v1.33`, `1.33` or `latest`. Policies take only the first and the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KubernetesVersion(pub Version);

impl Setting for KubernetesVersion {
    fn read(raw: &RawValue) -> Result<Self, SettingsError> {
        let text = raw.get();
        // YAML reads 1.33 as a number.
        if matches!(text, "1.1" | "1.2" | "1.3") {
            let message = format!("{text} may be v{text} or v{text}0: write the one that is meant, such as v{text}0");
            return Err(SettingsError::new(message));
        }
        let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
        let version = if quoted.starts_with("1.") { Version::parse(&format!("v{quoted}")) } else { None };
        version.map_or_else(|| Version::read(raw), Ok).map(KubernetesVersion)
    }

    fn schema() -> Value {
        let mut schema = Version::schema();
        let words = schema["pattern"].as_str().unwrap_or_default().replacen("^(", r"^(1\.(0|[1-9][0-9]*)|", 1);
        schema["pattern"] = words.into();
        schema["type"] = json!(["string", "number"]);
        (schema["minimum"], schema["exclusiveMaximum"]) = (json!(1), json!(2));
        schema
    }

    fn to_json(&self) -> Value {
        self.0.to_json()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_v_may_be_left_out_where_that_is_clear() {
        let read = |text: &str| KubernetesVersion::read(&RawValue::from_string(text.to_owned()).unwrap());
        for (text, minor) in
            [("\"v1.33\"", 33), ("\"1.33\"", 33), ("1.33", 33), ("1.30", 30), ("\"1.3\"", 3), ("1.9", 9)]
        {
            assert_eq!(read(text).map(|version| version.0.minor()), Ok(minor), "{text}");
        }
        assert_eq!(read("\"latest\""), Ok(KubernetesVersion(Version::LATEST)));
        for (text, message) in [
            ("1.3", "1.3 may be v1.3 or v1.30: write the one that is meant"),
            ("1.99", "must be latest or a version from v1.0"),
            ("\"1.030\"", "must be latest or a version"),
            ("1", "must be latest or a version"),
            ("\"2.1\"", "must be latest or a version"),
            ("1.33e0", "must be latest or a version"),
        ] {
            assert!(read(text).unwrap_err().to_string().contains(message), "{text}");
        }
    }
}
