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

/// An object and what it should be.
struct Target<'v> {
    document: usize,
    path: Vec<Segment>,
    wanted: &'v Value,
}

/// A text in which every target is what is wanted, as far as that can be.
fn patch(text: &str, targets: &[Target<'_>]) -> Applied {
    let parsed = yaml::parse(text);
    let edits = |target: &Target<'_>| {
        let node = parsed.documents.get(target.document).and_then(|document| document.root.at(&target.path));
        let old = node.map_or(Value::Null, |node| serde_json::from_str(&node.to_json()).unwrap());
        edits(&old, target.wanted)
    };
    let edits: Vec<Vec<Edit>> = targets.iter().map(edits).collect();
    let groups = targets.iter().zip(&edits);
    let groups = groups.map(|(target, edits)| Group { document: target.document, path: &target.path, edits });
    let groups: Vec<Group<'_>> = groups.collect();
    apply(text, &parsed, &groups)
}

/// The edited text of a single document, and what was refused.
fn edit(text: &str, wanted: &Value) -> Applied {
    let parsed = yaml::parse(text);
    assert_eq!(parsed.errors, [], "{text}");
    patch(text, &[Target { document: 0, path: Vec::new(), wanted }])
}

/// Returns the value of a document of a text.
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
