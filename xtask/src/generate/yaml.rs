//! JSON values as YAML for people: keys in the order one expects, short lists on a line, long texts folded.

use kube_yaml::patch::scalar::{is_plain, quoted};
use serde_json::{Map, Value};

/// Longest line, where there is a choice.
pub(super) const WIDTH: usize = 110;

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

/// A document.
pub(super) fn document(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(fields) if !fields.is_empty() => block_map(fields, 0, &mut out),
        Value::Array(items) if !items.is_empty() => block_list(items, 0, &mut out),
        other => line(other, 0, &mut out),
    }
    out.push('\n');
    out.trim_start_matches('\n').to_owned()
}

fn sorted(fields: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let place = |key: &str| ORDER.iter().position(|known| *known == key).unwrap_or(ORDER.len());
    let mut fields: Vec<_> = fields.iter().collect();
    fields.sort_by_key(|(key, _)| place(key));
    fields
}

/// Every entry on lines of its own; the first begins where the text ends after `- `, the others on new lines.
fn block_map(fields: &Map<String, Value>, indent: usize, out: &mut String) {
    for (key, value) in sorted(fields) {
        begin(indent, out);
        out.push_str(&scalar(key));
        out.push(':');
        behind(value, indent, indent, out);
    }
}

fn block_list(items: &[Value], indent: usize, out: &mut String) {
    for item in items {
        begin(indent, out);
        out.push('-');
        match item {
            Value::Object(fields) if !fields.is_empty() => {
                out.push(' ');
                block_map(fields, indent + 2, out);
            }
            // Further lines stand deeper than the dash.
            other => behind(other, indent, indent, out),
        }
    }
}

/// Starts a line, unless the text stands behind a dash already.
fn begin(indent: usize, out: &mut String) {
    if !out.ends_with("- ") {
        out.push('\n');
        out.push_str(&" ".repeat(indent));
    }
}

/// Formats the text after a key or dash at `indent`.
fn behind(value: &Value, indent: usize, column: usize, out: &mut String) {
    match value {
        Value::Object(fields) if !fields.is_empty() => block_map(fields, indent + 2, out),
        Value::Array(items) if !items.is_empty() => match flow(items) {
            Some(text) if column + text.len() + 24 <= WIDTH => {
                out.push(' ');
                out.push_str(&text);
            }
            _ => block_list(items, indent + 2, out),
        },
        other => {
            out.push(' ');
            line(other, indent, out);
        }
    }
}

/// Scalars on one line.
fn flow(items: &[Value]) -> Option<String> {
    let is_short = |item: &Value| match item {
        Value::String(text) => !text.contains('\n'),
        other => !(other.is_object() || other.is_array()),
    };
    items.iter().all(is_short).then(|| {
        let items: Vec<String> = items
            .iter()
            .map(|item| match item {
                Value::String(text) if is_plain(text, true) => text.clone(),
                Value::String(text) => quoted(text, false),
                other => other.to_string(),
            })
            .collect();
        format!("[{}]", items.join(", "))
    })
}

/// A scalar or an empty collection, behind a key that stands at `indent`.
fn line(value: &Value, indent: usize, out: &mut String) {
    let Value::String(text) = value else { return out.push_str(&value.to_string()) };
    let margin = format!("\n{}", " ".repeat(indent + 2));
    if is_literal(text) {
        out.push_str(if text.ends_with('\n') { "|" } else { "|-" });
        for line in text.lines() {
            out.push_str(if line.is_empty() { "\n" } else { &margin });
            out.push_str(line);
        }
    } else if text.len() + indent > WIDTH && is_foldable(text) {
        out.push_str(">-");
        for line in wrap(text, WIDTH.saturating_sub(indent + 2)) {
            out.push_str(&margin);
            out.push_str(&line);
        }
    } else {
        out.push_str(&scalar(text));
    }
}

fn scalar(text: &str) -> String {
    if is_plain(text, false) { text.to_owned() } else { quoted(text, false) }
}

/// Whether `|` keeps the text as it is: a first line that is not indented, one line break at the end at most.
fn is_literal(text: &str) -> bool {
    let control = |c: char| c.is_control() && c != '\n';
    text.contains('\n')
        && !text.starts_with([' ', '\n'])
        && !text.ends_with("\n\n")
        && !text.contains(control)
        && text.lines().all(|line| !line.ends_with(' '))
}

/// Whether `>-` gives the text back: single blanks, and nothing else between words.
fn is_foldable(text: &str) -> bool {
    !text.starts_with(' ') && !text.ends_with(' ') && !text.contains("  ") && !text.contains(char::is_control)
}

/// Words in lines of `width` characters, where they fit.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Value {
        let parsed = kube_yaml::yaml::parse(text);
        assert!(parsed.errors.is_empty(), "{text}\n{:?}", parsed.errors);
        serde_json::from_str(&parsed.documents[0].root.to_json()).unwrap()
    }

    #[test]
    fn what_is_written_is_read_back() {
        let long = "many words ".repeat(30);
        for value in [
            json!({}),
            json!([]),
            json!("text"),
            json!({ "a": null, "b": true, "c": 7, "d": -1.5, "e": "", "f": "no", "g": "1.0", "h": [], "i": {} }),
            json!({ "list": [{ "a": 1, "b": [1, "x, y", "[z]"] }, "text", ["nested", ["deep"]], {}, [{ "k": [] }]] }),
            json!({ "literal": "one\n\n  two: # three\nfour\n", "no break": "one\ntwo", "breaks": "one\n\n", "blank": " one\ntwo\n" }),
            json!({ "long": long.trim(), "blank at the end": long, "tab\t": "a\tb\r\n" }),
            json!({ "below": { "long": [long.trim(), "one\ntwo"] }, "trailing": "one \ntwo" }),
            json!([[["a"]], [{ "b": { "c": "d" } }]]),
        ] {
            let text = document(&value);
            assert_eq!(read(&text), value, "{text}");
        }
    }

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
        assert_eq!(document(&value), text);
    }
}
