//! Whole edits.
#![allow(clippy::panic)]

mod flow;
mod properties;
mod refusals;
mod render;
mod render_text;
mod tables;

use serde_json::{Value, json};

use super::*;

/// The edited text of a single document, and what was refused.
fn edit(text: &str, wanted: &Value) -> Outcome {
    let parsed = yaml::parse(text);
    assert_eq!(parsed.errors, [], "{text}");
    patch(text, &[Target { document: 0, path: Vec::new(), wanted }])
}

/// What a document of a text means.
fn meaning(text: &str, document: usize) -> Value {
    let parsed = yaml::parse(text);
    assert_eq!(parsed.errors, [], "{text}");
    serde_json::from_str(&parsed.documents[document].root.to_json()).unwrap()
}

/// The object with changes: `/a/b = JSON` sets, `/a/- = JSON` appends, `/a/0 ^ JSON` inserts, `/a/b -` removes.
fn change(object: &Value, changes: &str) -> Value {
    let mut object = object.clone();
    for change in changes.split(';').map(str::trim).filter(|change| !change.is_empty()) {
        let (path, rest) = change.split_once(' ').unwrap();
        let (parent, last) = path.rsplit_once('/').unwrap();
        let mut at = &mut object;
        for step in parent.split('/').skip(1) {
            at = match at {
                Value::Array(items) => &mut items[step.parse::<usize>().unwrap()],
                other => {
                    if other.is_null() {
                        *other = json!({});
                    }
                    other.as_object_mut().unwrap().entry(step).or_insert(json!(null))
                }
            };
        }
        if at.is_null() {
            *at = if last == "-" { json!([]) } else { json!({}) };
        }
        let value = rest.get(2..).filter(|text| !text.is_empty()).map(|text| serde_json::from_str(text).unwrap());
        match (at, rest.as_bytes()[0], value) {
            (Value::Array(items), b'=', Some(value)) if last == "-" => items.push(value),
            (Value::Array(items), b'=', Some(value)) => items[last.parse::<usize>().unwrap()] = value,
            (Value::Array(items), b'^', Some(value)) => items.insert(last.parse().unwrap(), value),
            (Value::Array(items), b'-', _) => drop(items.remove(last.parse().unwrap())),
            (Value::Object(fields), b'=', Some(value)) => drop(fields.insert(last.to_owned(), value)),
            (Value::Object(fields), b'-', _) => drop(fields.remove(last)),
            (at, ..) => panic!("{change}: {at}"),
        }
    }
    object
}

/// Each text, changed, becomes the other, and nothing is refused.
fn assert_edits(table: &[(&str, &str, &str)]) {
    for (text, changes, expected) in table {
        let wanted = change(&meaning(text, 0), changes);
        let outcome = edit(text, &wanted);
        assert_eq!(outcome.refused, [], "{text}\n{changes}");
        assert_eq!(outcome.text, *expected, "\n{text}\n{changes}\n{}", outcome.text);
        assert_eq!(meaning(&outcome.text, 0), wanted, "{text}\n{changes}");
    }
}
