//! JSON values as YAML for people: keys in the order that one expects.

use anyhow::Result;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;

/// Keys that come first, in this order; the others follow by name.
const ORDER: &[&str] = &[
    "questions",
    "variable",
    "label",
    "type",
    "options",
    "apiVersion",
    "kind",
    "protocolVersion",
    "executionMode",
    "policyType",
    "version",
    "name",
    "namespace",
    "displayName",
    "createdAt",
    "image",
    "description",
    "tooltip",
    "metadata",
    "spec",
    "module",
    "mode",
    "apiGroups",
    "apiVersions",
    "resources",
    "operations",
    "rules",
    "mutating",
    "mutatingAllowed",
    "os",
    "securityContext",
    "volumeMounts",
    "containers",
    "volumes",
    "default",
    "group",
    "min",
    "max",
    "requests",
    "limits",
];

/// Writes a document.
///
/// # Errors
/// None is known: every JSON value can be written.
pub(super) fn document(value: &Value) -> Result<String> {
    Ok(kube_yaml::emit::document(&Ordered(value))?)
}

/// A value whose keys stand in [`ORDER`].
struct Ordered<'v>(&'v Value);

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(fields) => {
                let mut fields: Vec<_> = fields.iter().collect();
                fields.sort_by_key(|(key, _)| ORDER.iter().position(|known| known == key).unwrap_or(ORDER.len()));
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                fields.into_iter().try_for_each(|(key, value)| map.serialize_entry(key, &Ordered(value)))?;
                map.end()
            }
            Value::Array(items) => serializer.collect_seq(items.iter().map(Ordered)),
            other => other.serialize(serializer),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn as_a_person_would() {
        let value = json!({
            "spec": { "volumes": [{ "emptyDir": {}, "name": "tmp" }], "containers": [{ "image": "a", "name": "b" }] },
            "kind": "Pod", "apiVersion": "v1", "operations": ["CREATE", "UPDATE"], "apiGroups": [""],
        });
        let text = "\
apiVersion: v1
kind: Pod
spec:
  containers:
    - name: b
      image: a
  volumes:
    - name: tmp
      emptyDir: {}
apiGroups: [\"\"]
operations: [CREATE, UPDATE]
";
        assert_eq!(document(&value).unwrap(), text);
    }
}
