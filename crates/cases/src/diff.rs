//! Where two objects differ.

use hardening::path::{self, Segment};
use serde_json::Value;

/// The value at a field path; `Null` if there is none.
pub fn at<'v>(value: &'v Value, path: &str) -> &'v Value {
    const NOTHING: &Value = &Value::Null;
    let step = |value: &'v Value, segment: &Segment| match segment {
        Segment::Key(key) => value.get(key),
        Segment::Index(index) => value.get(index),
    };
    let Some(segments) = path::parse(path) else { return NOTHING };
    segments.iter().try_fold(value, step).unwrap_or(NOTHING)
}

/// The paths of the innermost values that are not the same in both; unset and `null` are.
pub fn changed(before: &Value, after: &Value) -> Vec<String> {
    let mut paths = Vec::new();
    collect(before, after, String::new(), &mut paths);
    paths
}

fn collect(before: &Value, after: &Value, at: String, paths: &mut Vec<String>) {
    match (before, after) {
        _ if before == after => {}
        (Value::Object(_) | Value::Null, Value::Object(_) | Value::Null) => {
            let keys = before.as_object().into_iter().chain(after.as_object()).flat_map(|members| members.keys());
            let mut keys: Vec<&String> = keys.collect();
            keys.sort();
            keys.dedup();
            if keys.is_empty() {
                // `{}` against nothing.
                paths.push(at);
                return;
            }
            for key in keys {
                let mut below = at.clone();
                path::push_key(&mut below, key);
                collect(&before[key.as_str()], &after[key.as_str()], below, paths);
            }
        }
        (Value::Array(_) | Value::Null, Value::Array(_) | Value::Null) => {
            let length = |value: &Value| value.as_array().map_or(0, Vec::len);
            for index in 0..length(before).max(length(after)) {
                let item = |value: &Value| value.get(index).cloned().unwrap_or_default();
                collect(&item(before), &item(after), format!("{at}[{index}]"), paths);
            }
        }
        _ => paths.push(at),
    }
}

/// Whether `path` is `place` or lies below it.
pub fn is_below(path: &str, place: &str) -> bool {
    path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn differences_are_found_where_they_are() {
        let before = json!({ "a": { "b": 1, "c": null }, "l": [{ "x": 1 }], "same": [1] });
        let after = json!({ "a": { "b": 2 }, "l": [{ "x": 1 }, { "y": 2 }], "new": { "k.x": true }, "same": [1] });
        assert_eq!(changed(&before, &after), ["a.b", "l[1].y", "new[\"k.x\"]"]);
        assert_eq!(changed(&after, &after), [""; 0]);
        assert_eq!(changed(&json!({}), &json!({ "a": {} })), ["a"]);
    }

    #[test]
    fn values_are_found_by_path() {
        let value = json!({ "l": [{ "k.x": 7 }] });
        assert_eq!(at(&value, "l[0][\"k.x\"]"), 7);
        assert!(at(&value, "l[1].y").is_null() && at(&value, "..").is_null());
        assert!(is_below("a.b[0].c", "a.b") && is_below("a", "a") && !is_below("a.bc", "a.b"));
    }
}
