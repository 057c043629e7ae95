//! Compares what `harden` finds in a text, and how it compares with what `kubectl` sends.

use kube_yaml::yaml;
use lint::objects::{Item, items};
use serde_json::{Map, Number, Value};

/// The objects that `harden` finds, or why it refuses the text.
pub(crate) fn seen(text: &str) -> Result<Vec<Value>, String> {
    let parsed = yaml::parse(text);
    if let Some(error) = parsed.errors.first() {
        return Err(error.to_string());
    }
    let object = |item| match item {
        Item::Object { node, object, .. } => Some(Ok(serde_json::from_str(&object.to_json(node)).unwrap())),
        Item::Unclear { message, .. } => Some(Err(message)),
        Item::Empty | Item::NotKubernetes => None,
    };
    items(&parsed).into_iter().filter_map(object).collect()
}

/// Returns what `kubectl` sends for a text and `harden` neither sees nor refuses.
pub(crate) fn unseen<'k>(text: &str, created: &'k [Value]) -> Vec<&'k Value> {
    let Ok(seen) = seen(text) else { return Vec::new() };
    let seen: Vec<Value> = seen.into_iter().map(normal).collect();
    let is_unseen = |object: &&Value| !counts_as_other(object) && !seen.contains(&normal((*object).clone()));
    created.iter().filter(is_unseen).collect()
}

/// Whether `harden` counts what this was written as among the documents that are no Kubernetes object: the configuration
/// of many a program has a `kind`. Without an `apiVersion` only what carries pods is refused.
fn counts_as_other(object: &Value) -> bool {
    const WITH_PODS: [&str; 3] = ["Pod", "PodTemplate", "ReplicationController"];
    let text = |key: &str| object[key].as_str().unwrap_or_default();
    text("apiVersion").is_empty() && !WITH_PODS.contains(&text("kind"))
}

/// An object in one form: `kubectl` fills in the namespace, and numbers are written in many ways.
pub(crate) fn normal(object: Value) -> Value {
    let mut object = numbers(object);
    if let Some(members) = object.as_object_mut() {
        if let Some(Value::Object(metadata)) = members.get_mut("metadata")
            && metadata
                .get("namespace")
                .is_some_and(|namespace| matches!(namespace.as_str(), None | Some("" | "default")))
        {
            metadata.remove("namespace");
        }
        if members.get("metadata").is_some_and(|metadata| metadata.is_null() || metadata == &Value::Object(Map::new()))
        {
            members.remove("metadata");
        }
    }
    object
}

/// Numbers as `kubectl` counts them: 64 bits with sign, or else floating point, of which the last digits are rounded.
fn numbers(value: Value) -> Value {
    match value {
        Value::Number(number) => number_of(&number),
        Value::Array(items) => items.into_iter().map(numbers).collect(),
        Value::Object(members) => members.into_iter().map(|(key, value)| (key, numbers(value))).collect(),
        other => other,
    }
}

fn number_of(number: &Number) -> Value {
    const LIMIT: f64 = 9.2e18;
    let float = number.as_f64().unwrap_or(f64::INFINITY);
    #[allow(clippy::cast_possible_truncation)]
    match number.as_i64() {
        Some(exact) => Value::from(exact),
        None if float.fract() == 0.0 && float.abs() < LIMIT => Value::from(float as i64),
        None => Value::from(format!("{float:.13e}")),
    }
}
