//! Writes values as YAML that people read: by indentation, short lists on one line, long texts over several.
//!
//! `serde_yaml_ng` leaves `yes`, `1_000` and `0o17` without quotes, which `kubectl` does not read as strings.

use serde::Serialize;

use crate::patch::scalar::{is_plain, quoted};
use crate::yaml::{self, Node, Value};

/// The longest line, where there is a choice.
const WIDTH: usize = 110;

/// Writes a value as one document. Keys stand in the order in which the value serialises them.
///
/// # Errors
/// A value that JSON cannot hold, such as a map whose keys are not texts.
pub fn document(value: &impl Serialize) -> serde_json::Result<String> {
    let json = serde_json::to_string(value)?;
    let parsed = yaml::parse(&json);
    if let Some(error) = parsed.errors.first() {
        return Err(serde::ser::Error::custom(error));
    }
    let mut out = String::with_capacity(json.len() * 2);
    if let Some(document) = parsed.documents.first() {
        match &document.root.value {
            Value::Mapping(pairs) if !pairs.is_empty() => mapping(pairs, 0, &mut out),
            Value::Sequence(items) if !items.is_empty() => sequence(items, 0, &mut out),
            other => scalar(other, 0, &mut out),
        }
        out.push('\n');
    }
    Ok(out)
}

/// Writes each pair on lines of its own. The first one continues a line that ends with `- `.
fn mapping(pairs: &[(Node<'_>, Node<'_>)], indent: usize, out: &mut String) {
    for (key, value) in pairs {
        begin(indent, out);
        out.push_str(&string(key.as_str().unwrap_or_default(), false));
        out.push(':');
        behind(&value.value, indent, out);
    }
}

fn sequence(items: &[Node<'_>], indent: usize, out: &mut String) {
    for item in items {
        begin(indent, out);
        out.push('-');
        match &item.value {
            Value::Mapping(pairs) if !pairs.is_empty() => {
                out.push(' ');
                mapping(pairs, indent + 2, out);
            }
            // Further lines stand deeper than the dash.
            other => behind(other, indent, out),
        }
    }
}

/// Starts a line, unless the text is empty or continues behind a dash.
fn begin(indent: usize, out: &mut String) {
    if !out.is_empty() && !out.ends_with("- ") {
        line(indent, out);
    }
}

fn line(indent: usize, out: &mut String) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
}

/// Writes the value of a key or dash that stands at `indent`.
fn behind(value: &Value<'_>, indent: usize, out: &mut String) {
    match value {
        Value::Mapping(pairs) if !pairs.is_empty() => mapping(pairs, indent + 2, out),
        Value::Sequence(items) if !items.is_empty() => {
            let column = out.len() - out.rfind('\n').map_or(0, |end| end + 1);
            match flow(items).filter(|text| column + 1 + text.chars().count() <= WIDTH) {
                Some(text) => out.extend([" ", &text]),
                None => sequence(items, indent + 2, out),
            }
        }
        other => {
            out.push(' ');
            scalar(other, indent, out);
        }
    }
}

/// A list of scalars on one line; `None` for other lists.
fn flow(items: &[Node<'_>]) -> Option<String> {
    let item = |item: &Node<'_>| match &item.value {
        Value::String(text) => (!text.contains('\n')).then(|| string(text, true)),
        Value::Mapping(_) | Value::Sequence(_) => None,
        _ => Some(item.to_json()),
    };
    let items: Option<Vec<String>> = items.iter().map(item).collect();
    Some(format!("[{}]", items?.join(", ")))
}

/// Writes a scalar or an empty collection behind a key that stands at `indent`.
fn scalar(value: &Value<'_>, indent: usize, out: &mut String) {
    match value {
        Value::String(text) if is_literal(text) => {
            out.push_str(if text.ends_with('\n') { "|" } else { "|-" });
            for text in text.lines() {
                line(if text.is_empty() { 0 } else { indent + 2 }, out);
                out.push_str(text);
            }
        }
        Value::String(text) if text.len() + indent > WIDTH && is_foldable(text) => {
            out.push_str(">-");
            for text in wrap(text, WIDTH.saturating_sub(indent + 2)) {
                line(indent + 2, out);
                out.push_str(&text);
            }
        }
        Value::String(text) => out.push_str(&string(text, false)),
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => out.push_str(number),
        Value::Sequence(_) => out.push_str("[]"),
        Value::Mapping(_) => out.push_str("{}"),
    }
}

fn string(text: &str, flow: bool) -> String {
    if is_plain(text, flow) { text.to_owned() } else { quoted(text, false) }
}

/// Whether `|` keeps the text as it is: a first line that is not indented, at most one line break at the end.
fn is_literal(text: &str) -> bool {
    let printable = |c: char| c == '\n' || !(c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}'..));
    text.contains('\n')
        && !text.starts_with([' ', '\n'])
        && !text.ends_with("\n\n")
        && text.chars().all(printable)
        && text.lines().all(|line| !line.ends_with(' '))
}

/// Whether `>-` has lines to break and gives the text back: single blanks, and nothing else between words.
fn is_foldable(text: &str) -> bool {
    let printable = |c: char| !(c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}'..));
    let single = text.contains(' ') && !text.contains("  ");
    single && !text.starts_with(' ') && !text.ends_with(' ') && text.chars().all(printable)
}

/// Breaks a text at its blanks into lines of `width` characters; a longer word has a line of its own.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => line.extend([" ", word]),
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests;
