//! JSON values as YAML, the way people write manifests.

use serde_json::{Map, Value};

use kube_yaml::patch::scalar::{is_plain, quoted};

/// Keys that come first, in this order; the others follow by name.
const ORDER: &[&str] = &[
    "apiVersion",
    "kind",
    "metadata",
    "spec",
    "name",
    "namespace",
    "labels",
    "annotations",
    "policyServer",
    "module",
    "image",
    "replicas",
    "minAvailable",
    "maxUnavailable",
    "requests",
    "limits",
    "mode",
    "mutating",
    "backgroundAudit",
    "failurePolicy",
    "timeoutSeconds",
    "matchPolicy",
    "namespaceSelector",
    "matchLabels",
    "matchExpressions",
    "expression",
    "message",
    "apiGroups",
    "apiVersions",
    "resources",
    "operations",
    "key",
    "operator",
    "values",
    "rules",
    "policies",
    "settings",
];

/// The same for the settings of a policy.
const SETTINGS_ORDER: &[&str] = &["profile", "version", "warn", "warnVersion", "action"];

/// What keys mean at some place.
#[derive(Clone, Copy)]
enum Keys {
    /// Fields of Kubernetes' and Kubewarden's objects.
    Fields,
    /// Names that the user gave to such objects.
    Names,
    /// Settings of a policy.
    Settings,
    /// Anything below them.
    Free,
}

impl Keys {
    fn order(self) -> &'static [&'static str] {
        match self {
            Keys::Fields => ORDER,
            Keys::Settings => SETTINGS_ORDER,
            Keys::Names | Keys::Free => &[],
        }
    }

    /// What keys mean below `key`.
    fn below(self, key: &str) -> Keys {
        match (self, key) {
            (Keys::Fields, "settings") => Keys::Settings,
            (Keys::Fields, "policies" | "labels" | "annotations" | "matchLabels") => Keys::Names,
            (Keys::Fields | Keys::Names, _) => Keys::Fields,
            (Keys::Settings | Keys::Free, _) => Keys::Free,
        }
    }
}

/// Columns that a list on one line may take.
const WIDEST: usize = 100;

/// Appends `value` as a document.
pub(super) fn write(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) if !items.is_empty() && !fits(value, 0) => list(items, 0, Keys::Fields, out),
        Value::Object(fields) if !fields.is_empty() => object(fields, 0, Keys::Fields, out),
        other => {
            out.push_str(&inline(other).unwrap_or_default());
            out.push('\n');
        }
    }
}

/// The entries of an object, each on a line that starts at `indent`; the first line has its indentation.
fn object(fields: &Map<String, Value>, indent: usize, keys: Keys, out: &mut String) {
    let order = keys.order();
    let rank = |key: &str| order.iter().position(|known| *known == key).unwrap_or(order.len());
    let mut entries: Vec<(&String, &Value)> = fields.iter().collect();
    // By name even where serde_json keeps the order of insertion.
    entries.sort_by(|(a, _), (b, _)| (rank(a), a).cmp(&(rank(b), b)));
    for (index, (key, value)) in entries.into_iter().enumerate() {
        if index > 0 {
            pad(indent, out);
        }
        out.push_str(&string(key, false));
        out.push(':');
        let below = keys.below(key);
        match value {
            Value::Object(inner) if !inner.is_empty() => {
                out.push('\n');
                pad(indent + 2, out);
                object(inner, indent + 2, below, out);
            }
            Value::Array(items) if !items.is_empty() && !fits(value, indent + key.len() + 2) => {
                out.push('\n');
                list(items, indent + 2, below, out);
            }
            _ => {
                out.push(' ');
                out.push_str(&inline(value).unwrap_or_default());
                out.push('\n');
            }
        }
    }
}

fn list(items: &[Value], indent: usize, keys: Keys, out: &mut String) {
    for item in items {
        pad(indent, out);
        out.push('-');
        match item {
            Value::Array(inner) if !inner.is_empty() && !fits(item, indent + 2) => {
                out.push('\n');
                list(inner, indent + 2, keys, out);
            }
            Value::Object(fields) if !fields.is_empty() => {
                out.push(' ');
                object(fields, indent + 2, keys, out);
            }
            _ => {
                out.push(' ');
                out.push_str(&inline(item).unwrap_or_default());
                out.push('\n');
            }
        }
    }
}

/// Whether a list may stand on one line that has `before` columns already.
fn fits(list: &Value, before: usize) -> bool {
    inline(list).is_some_and(|text| before + text.chars().count() <= WIDEST)
}

/// A scalar, an empty collection, or a list of scalars.
fn inline(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(string(text, false)),
        Value::Array(items) => {
            let scalar = |item: &Value| match item {
                Value::String(text) => Some(string(text, true)),
                Value::Array(_) | Value::Object(_) => None,
                other => Some(other.to_string()),
            };
            Some(format!("[{}]", items.iter().map(scalar).collect::<Option<Vec<_>>>()?.join(", ")))
        }
        Value::Object(fields) => fields.is_empty().then(|| "{}".to_owned()),
        other => Some(other.to_string()),
    }
}

fn string(text: &str, flow: bool) -> String {
    if is_plain(text, flow) { text.to_owned() } else { quoted(text, false) }
}

fn pad(indent: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', indent));
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn text(value: &Value) -> String {
        let mut out = String::new();
        write(value, &mut out);
        out
    }

    #[test]
    fn as_people_write_it() {
        let long: Vec<String> = (0..12).map(|n| format!("namespace-{n}")).collect();
        let value = json!({
            "kind": "K", "apiVersion": "v1",
            "spec": {
                "settings": {"rules": {"resources": {"limits": {}}, "image-tag": false}, "profile": "hardening"},
                "rules": [{"resources": ["pods", "a,b"], "apiGroups": [""]}, {}],
                "module": "registry://a.io/p:v1",
                "mutating": false,
                "long": long,
                "nested": [[1, 2], [[{"a": null}]]],
            },
            "metadata": {"name": "1.0", "labels": {"b": "true", "a": "x: y"}},
        });
        let expected = r#"apiVersion: v1
kind: K
metadata:
  name: "1.0"
  labels:
    a: "x: y"
    b: "true"
spec:
  module: registry://a.io/p:v1
  mutating: false
  rules:
    - apiGroups: [""]
      resources: [pods, "a,b"]
    - {}
  settings:
    profile: hardening
    rules:
      image-tag: false
      resources:
        limits: {}
  long:
    - namespace-0
"#;
        let written = text(&value);
        assert!(written.starts_with(expected), "{written}");
        assert!(written.ends_with("  nested:\n    - [1, 2]\n    -\n      -\n        - a: null\n"), "{written}");
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let scalar = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[ -~]{0,12}|\\PC{0,6}".prop_map(Value::from),
        ];
        scalar.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map("[a-z ]{0,5}|settings|rules", inner, 0..5)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_reads_back(value in any_value()) {
            let written = text(&value);
            let parsed = kube_yaml::yaml::parse(&written);
            prop_assert!(parsed.errors.is_empty(), "{}", written);
            let read: Value = serde_json::from_str(&parsed.documents[0].root.to_json()).unwrap();
            prop_assert_eq!(read, value, "{}", written);
        }
    }
}
