//! Compares what policies made of an object with what is expected.

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::compare::{Line, Sign};
use super::expect::Mutation;

/// Returns the lines of a diff where the object is not as expected; none if it is. `after` is the object as the
/// policies changed it, if they did.
pub(super) fn compare(expected: &Mutation, before: &str, after: Option<&str>) -> Vec<Line> {
    let (before, after) = (value(before), after.map_or_else(|| value(before), value));
    let (before, after) = match (before, after) {
        (Ok(before), Ok(after)) => (before, after),
        (Err(error), _) | (_, Err(error)) => {
            return vec![Line::new(Sign::Note, format!("the object cannot be compared: {error}"))];
        }
    };
    let is_changed = before != after;
    match expected {
        Mutation::Unchanged if is_changed => {
            let mut lines = vec![Line::new(Sign::Note, "expected no change; - before, + after the policies")];
            lines.extend(diff(&before, &after));
            lines
        }
        Mutation::Changed if !is_changed => {
            vec![Line::new(Sign::Expected, "a change"), Line::new(Sign::Got, "the object as it was")]
        }
        Mutation::Unchanged | Mutation::Changed => Vec::new(),
        Mutation::Object(wanted) => {
            let wanted = wanted_value(&wanted.0);
            if wanted == after { Vec::new() } else { diff(&wanted, &after) }
        }
        Mutation::Contains(wanted) => {
            let mut lines = Vec::new();
            missing(&wanted_value(&wanted.0), Some(&after), "", &mut lines);
            lines
        }
        Mutation::Patch(wanted) => {
            let wanted: Vec<Value> = wanted.iter().map(|operation| wanted_value(&operation.0)).collect();
            patch(&wanted, &before, &after)
        }
    }
}

fn value(json: &str) -> serde_json::Result<Value> {
    serde_json::from_str(json)
}

/// Reads a value of the suite, which was read as JSON before.
fn wanted_value(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_default()
}

/// The lines that two values differ in, with a few around them.
fn diff(from: &Value, to: &Value) -> Vec<Line> {
    let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap_or_default();
    let (from, to) = (pretty(from), pretty(to));
    let diff = TextDiff::from_lines(from.as_str(), to.as_str());
    let mut lines = Vec::new();
    for (index, group) in diff.grouped_ops(2).iter().enumerate() {
        if index > 0 {
            lines.push(Line::new(Sign::Same, "…"));
        }
        for change in group.iter().flat_map(|operation| diff.iter_changes(operation)) {
            let sign = match change.tag() {
                ChangeTag::Equal => Sign::Same,
                ChangeTag::Delete => Sign::Expected,
                ChangeTag::Insert => Sign::Got,
            };
            lines.push(Line::new(sign, change.value().trim_end()));
        }
    }
    lines
}

/// Adds what of `wanted` is not in `got`, each with its path.
fn missing(wanted: &Value, got: Option<&Value>, path: &str, lines: &mut Vec<Line>) {
    match (wanted, got) {
        (Value::Object(members), Some(Value::Object(there))) => {
            for (key, wanted) in members {
                let mut below = path.to_owned();
                hardening::path::push_key(&mut below, key);
                missing(wanted, there.get(key), &below, lines);
            }
        }
        (Value::Array(items), Some(Value::Array(there))) => {
            for (index, wanted) in items.iter().enumerate() {
                // Containers, volumes and mounts are known by their names, whatever was added before them.
                let name = wanted.get("name").filter(|name| name.is_string());
                let found = match name {
                    Some(_) => there.iter().position(|item| item.get("name") == name),
                    None => Some(index).filter(|index| *index < there.len()),
                };
                let below = format!("{path}[{}]", found.unwrap_or(index));
                missing(wanted, found.map(|at| &there[at]), &below, lines);
            }
        }
        (wanted, Some(got)) if wanted == got => {}
        (wanted, got) => {
            lines.push(Line::new(Sign::Expected, format!("{path}: {wanted}")));
            let got = got.map_or_else(|| "is not there".to_owned(), |got| format!("{path}: {got}"));
            lines.push(Line::new(Sign::Got, got));
        }
    }
}

/// The operations that are expected and not made, with those that are.
fn patch(wanted: &[Value], before: &Value, after: &Value) -> Vec<Line> {
    let made = match serde_json::to_value(json_patch::diff(before, after)) {
        Ok(Value::Array(made)) => made,
        _ => Vec::new(),
    };
    let absent: Vec<&Value> = wanted.iter().filter(|operation| !made.contains(operation)).collect();
    if absent.is_empty() {
        return Vec::new();
    }
    let line = |operation: &Value| {
        let sign = if wanted.contains(operation) { Sign::Same } else { Sign::Got };
        Line::new(sign, operation.to_string())
    };
    let absent = absent.into_iter().map(|operation| Line::new(Sign::Expected, operation.to_string()));
    absent.chain(made.iter().map(line)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::model::Json;
    use super::*;

    const BEFORE: &str = r#"{"spec":{"containers":[{"name":"a"},{"name":"b"}]}}"#;
    const AFTER: &str = r#"{"spec":{"containers":[{"name":"new"},{"name":"a","x":1},{"name":"b"}]}}"#;

    fn lines(expected: Mutation, after: Option<&str>) -> Vec<(char, String)> {
        compare(&expected, BEFORE, after).into_iter().map(|line| (line.sign.symbol(), line.text)).collect()
    }

    fn json(text: &str) -> Json {
        Json(text.to_owned())
    }

    #[test]
    fn what_is_as_expected_has_no_lines() {
        for (expected, after) in [
            (Mutation::Unchanged, None),
            (Mutation::Unchanged, Some(BEFORE)),
            (Mutation::Changed, Some(AFTER)),
            (Mutation::Object(json(AFTER)), Some(AFTER)),
            (Mutation::Contains(json(r#"{"spec":{"containers":[{"name":"a","x":1}]}}"#)), Some(AFTER)),
            (Mutation::Contains(json("{}")), None),
            (
                Mutation::Patch(vec![json(r#"{"op":"add","path":"/spec/y","value":2}"#)]),
                Some(r#"{"spec":{"containers":[{"name":"a"},{"name":"b"}],"y":2}}"#),
            ),
        ] {
            assert_eq!(lines(expected.clone(), after), [], "{expected:?}");
        }
    }

    #[test]
    fn what_is_not_is_shown_where_it_stands() {
        let contains = |text: &str| lines(Mutation::Contains(json(text)), Some(AFTER));
        let line = |sign: char, text: &str| (sign, text.to_owned());
        assert_eq!(
            contains(r#"{"spec":{"containers":[{"name":"a","x":2},{"name":"c"}]}}"#),
            [
                line('-', "spec.containers[1].x: 2"),
                line('+', "spec.containers[1].x: 1"),
                line('-', r#"spec.containers[1]: {"name":"c"}"#),
                line('+', "is not there"),
            ]
        );
        let unchanged = lines(Mutation::Unchanged, Some(AFTER));
        assert!(unchanged.contains(&line('+', r#"        "name": "new""#)), "{unchanged:?}");
        assert_eq!(lines(Mutation::Changed, None).len(), 2);
        let patch = lines(Mutation::Patch(vec![json(r#"{"op":"remove","path":"/spec"}"#)]), Some(r#"{"x":1}"#));
        assert!(patch.iter().all(|(sign, _)| *sign != '-'), "the order of keys does not matter: {patch:?}");
    }
}
