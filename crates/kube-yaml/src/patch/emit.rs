//! New values as text, by indentation or in brackets.

use serde_json::{Map, Value};

use super::scalar::{is_plain, quoted};
use super::style::Style;

/// Writes values by indentation.
pub(super) struct Block<'s> {
    /// The document's habits.
    pub(super) style: &'s Style,
    /// The line break of the lines around.
    pub(super) line_break: &'s str,
    /// Where in the text this goes, to do as the neighbours do.
    pub(super) at: usize,
}

/// Whether a value is written on one line: scalars and empty collections.
pub(super) fn is_inline(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => true,
    }
}

/// A scalar or an empty collection.
pub(super) fn inline(value: &Value, style: &Style, flow: bool) -> String {
    match value {
        Value::String(text) => string(text, style, flow),
        Value::Object(_) => "{}".to_owned(),
        Value::Array(_) => "[]".to_owned(),
        _ => value.to_string(),
    }
}

fn string(text: &str, style: &Style, flow: bool) -> String {
    if !style.json && is_plain(text, flow) { text.to_owned() } else { quoted(text, style.single_quotes && !style.json) }
}

impl Block<'_> {
    /// A new line with this indentation.
    pub(super) fn line(&self, indent: usize) -> String {
        [self.line_break, &" ".repeat(indent)].concat()
    }

    /// `key: value`; further lines follow keys that stand at `indent`.
    pub(super) fn entry(&self, key: &str, value: &Value, indent: usize) -> String {
        [&string(key, self.style, false), ":", &self.behind_colon(value, indent)].concat()
    }

    /// Formats the text after the colon of a key at `indent`.
    pub(super) fn behind_colon(&self, value: &Value, indent: usize) -> String {
        if is_inline(value) {
            return [" ", &inline(value, self.style, false)].concat();
        }
        let below = indent + self.step(value);
        [self.line(below), self.collection(value, below)].concat()
    }

    /// Columns between a key and the collection below it.
    pub(super) fn step(&self, value: &Value) -> usize {
        if value.is_array() { self.style.list_indent(self.at) } else { self.style.step }
    }

    /// `- value`; further lines follow a dash that stands at `indent`.
    pub(super) fn item(&self, value: &Value, indent: usize, gap: usize) -> String {
        ["-", &" ".repeat(gap), &self.collection(value, indent + 1 + gap)].concat()
    }

    /// A value whose first line goes where the caller is and whose others start at `indent`.
    pub(super) fn collection(&self, value: &Value, indent: usize) -> String {
        let lines: Vec<String> = match value {
            Value::Object(fields) if !fields.is_empty() => {
                fields.iter().map(|(key, value)| self.entry(key, value, indent)).collect()
            }
            Value::Array(items) if !items.is_empty() => {
                let gap = self.style.dash_gap(self.at);
                items.iter().map(|item| self.item(item, indent, gap)).collect()
            }
            _ => return inline(value, self.style, false),
        };
        lines.join(&self.line(indent))
    }
}

/// Writes values in brackets.
pub(super) struct Flow<'s> {
    /// The document's habits.
    pub(super) style: &'s Style,
    /// Between key and value.
    pub(super) colon: &'s str,
    /// Between entries on one line.
    pub(super) comma: &'s str,
    /// Keys are in quotes.
    pub(super) quoted_keys: bool,
    /// Nested values go on lines of their own.
    pub(super) pretty: Option<Pretty<'s>>,
}

/// How nested values go on lines of their own.
#[derive(Clone, Copy)]
pub(super) struct Pretty<'s> {
    /// One level of indentation.
    pub(super) unit: &'s str,
    /// The line break.
    pub(super) line_break: &'s str,
}

impl Flow<'_> {
    /// `key: value` on a line that starts with `indent`.
    pub(super) fn entry(&self, key: &str, value: &Value, indent: &str) -> String {
        let key = if self.quoted_keys || self.style.json { quoted(key, false) } else { string(key, self.style, true) };
        // `a:b` is one scalar unless the key is in quotes.
        let colon = if key.ends_with('"') || self.colon.ends_with(' ') { self.colon } else { ": " };
        [&key, colon, &self.value(value, indent)].concat()
    }

    /// A value on a line that starts with `indent`.
    pub(super) fn value(&self, value: &Value, indent: &str) -> String {
        match value {
            _ if is_inline(value) => inline(value, self.style, true),
            Value::Object(fields) => {
                let entries = |indent: &str| fields.iter().map(|(key, value)| self.entry(key, value, indent)).collect();
                self.brackets("{", entries, "}", indent, self.is_short_object(fields))
            }
            Value::Array(items) => {
                let short = self.style.inline_lists && items.iter().all(is_inline);
                self.brackets(
                    "[",
                    |indent| items.iter().map(|item| self.value(item, indent)).collect(),
                    "]",
                    indent,
                    short,
                )
            }
            _ => inline(value, self.style, true),
        }
    }

    fn is_short_object(&self, fields: &Map<String, Value>) -> bool {
        self.style.inline_objects && fields.values().all(is_inline)
    }

    fn brackets(
        &self,
        open: &str,
        parts: impl Fn(&str) -> Vec<String>,
        close: &str,
        indent: &str,
        short: bool,
    ) -> String {
        match self.pretty.filter(|_| !short) {
            None => {
                let padding = if open == "{" { self.style.padding.as_str() } else { "" };
                [open, padding, &parts(indent).join(self.comma), padding, close].concat()
            }
            Some(Pretty { unit, line_break }) => {
                let inner = [indent, unit].concat();
                let separator = [",", line_break, &inner].concat();
                [open, line_break, &inner, &parts(&inner).join(&separator), line_break, indent, close].concat()
            }
        }
    }
}
