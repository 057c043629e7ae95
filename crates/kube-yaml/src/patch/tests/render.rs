//! A small YAML writer with many habits, to make inputs from values.

use serde_json::Value;

use super::super::scalar::{is_plain, quoted};

/// Random decisions, used up one by one, and what was written with them.
pub(super) struct Writer<'c> {
    choices: std::iter::Cycle<std::slice::Iter<'c, u8>>,
    pub(super) line_break: &'static str,
    /// The comments written so far.
    comments: usize,
    /// Write exotic things too: explicit keys, anchors, aliases, merge keys, tags.
    pub(super) exotic: bool,
    /// The values anchored so far, by the number in their name.
    anchored: Vec<Value>,
}

/// A document with `value`, in the style that `choices` make, and how many comments are in it.
pub(super) fn document(value: &Value, choices: &[u8], exotic: bool) -> (String, usize) {
    let choices = choices.iter().cycle();
    let mut writer = Writer { choices, line_break: "\n", comments: 0, exotic, anchored: Vec::new() };
    writer.line_break = ["\n", "\n", "\n", "\r\n", "\n", "\r\n", "\r"][writer.choose(7)];
    let text = writer.document(value);
    (text, writer.comments)
}

impl Writer<'_> {
    pub(super) fn choose(&mut self, count: usize) -> usize {
        self.choices.next().map_or(0, |choice| usize::from(*choice) % count)
    }

    pub(super) fn one_in(&mut self, count: usize) -> bool {
        self.choose(count) == 1
    }

    fn document(&mut self, value: &Value) -> String {
        let mut out = String::new();
        if self.one_in(12) {
            out += "\u{feff}";
        }
        match self.choose(9) {
            0 | 1 => out += &["---", &self.end_of_line()].concat(),
            2 if self.exotic => out += &["%YAML 1.1", self.line_break, "---", self.line_break].concat(),
            _ => {}
        }
        out += &self.trivia(0);
        match value {
            Value::Object(fields) if !fields.is_empty() && !self.one_in(8) => out += &self.mapping(value, 0),
            _ => {
                out += &self.flow(value, "", true);
                out += &self.end_of_line();
            }
        }
        out += &self.trivia(0);
        if self.exotic && self.one_in(9) {
            out += &["...", &self.end_of_line()].concat();
        }
        if self.one_in(4) {
            out.truncate(out.trim_end_matches(['\r', '\n']).len());
        }
        out
    }

    fn comment(&mut self) -> String {
        self.comments += 1;
        // Text that looks like YAML must not be taken for it.
        let text = ["it's", "a: {b", "], \"x", "- c: 'd"][self.choose(4)];
        format!("# {text} c{}.", self.comments)
    }

    pub(super) fn end_of_line(&mut self) -> String {
        match self.choose(8) {
            0 => format!(" {}{}", self.comment(), self.line_break),
            1 => format!("  {}", self.line_break),
            2 => format!("\t {}{}", self.comment(), self.line_break),
            _ => self.line_break.to_owned(),
        }
    }

    /// Blank lines and comments before something.
    fn trivia(&mut self, indent: usize) -> String {
        match self.choose(9) {
            0 => format!("{}{}{}", " ".repeat(indent), self.comment(), self.line_break),
            1 => self.line_break.to_owned(),
            2 => {
                let comment = self.comment();
                format!("{}{}{comment}{0}", self.line_break, " ".repeat(indent))
            }
            // A comment that belongs to nobody by its indentation.
            3 => format!("{}{}{}", " ".repeat(self.choose(5)), self.comment(), self.line_break),
            _ => String::new(),
        }
    }

    pub(super) fn string(&mut self, text: &str, flow: bool) -> String {
        match self.choose(3) {
            0 if is_plain(text, flow) => text.to_owned(),
            1 => quoted(text, true),
            2 => quoted(text, false),
            _ if is_plain(text, flow) => text.to_owned(),
            _ => quoted(text, false),
        }
    }

    pub(super) fn scalar(&mut self, value: &Value, flow: bool) -> String {
        match value {
            Value::String(text) => self.string(text, flow),
            Value::Null if !flow && self.one_in(2) => String::new(),
            Value::Null => ["null", "~"][self.choose(2)].to_owned(),
            Value::Object(_) => ["{}", "{ }"][self.choose(2)].to_owned(),
            Value::Array(_) => ["[]", "[ ]"][self.choose(2)].to_owned(),
            other => other.to_string(),
        }
    }

    /// Entries on lines of their own, the first one too.
    fn mapping(&mut self, value: &Value, indent: usize) -> String {
        let mut out = String::new();
        for (index, line) in self.entries(value, indent).into_iter().enumerate() {
            if index > 0 || !out.is_empty() || self.one_in(2) {
                out += &self.trivia(indent);
            }
            out += &" ".repeat(indent);
            out += &line;
        }
        out
    }

    /// Formats a mapping's entries, each without its indentation.
    fn entries(&mut self, value: &Value, indent: usize) -> Vec<String> {
        let Some(fields) = value.as_object() else { return Vec::new() };
        let mut lines = Vec::new();
        let mut merged = None;
        if self.exotic && self.one_in(2) {
            let is_part = |part: &Value| {
                part.as_object().is_some_and(|part| {
                    !part.is_empty() && part.iter().all(|(key, value)| fields.get(key) == Some(value))
                })
            };
            merged = self.anchored.iter().position(is_part);
        }
        if let Some(anchor) = merged {
            lines.push(format!("<<: *a{anchor}{}", self.end_of_line()));
        }
        for (key, value) in fields {
            let is_merged = merged.is_some_and(|anchor| self.anchored[anchor].get(key).is_some());
            if !is_merged || self.one_in(4) {
                lines.push(self.entry(key, value, indent));
            }
        }
        lines
    }

    fn entry(&mut self, key: &str, value: &Value, indent: usize) -> String {
        let key = self.string(key, false);
        if self.exotic && self.one_in(9) {
            let colon = format!("{}{}:", self.end_of_line(), " ".repeat(indent));
            return format!("? {key}{colon}{}", self.value(value, indent, false));
        }
        let colon = if self.one_in(8) { " :" } else { ":" };
        format!("{key}{colon}{}", self.value(value, indent, false))
    }

    /// An anchor or a tag in front of a value, or nothing.
    fn properties(&mut self, value: &Value) -> String {
        if !self.exotic {
            return String::new();
        }
        match self.choose(12) {
            0..=2 => {
                self.anchored.push(value.clone());
                format!(" &a{}", self.anchored.len() - 1)
            }
            3 => match value {
                Value::Object(_) => " !!map",
                Value::Array(_) => " !!seq",
                _ => "",
            }
            .to_owned(),
            _ => String::new(),
        }
    }

    /// Formats the text after a colon or dash, to the end of the line.
    fn value(&mut self, value: &Value, indent: usize, item: bool) -> String {
        if self.exotic
            && let Some(anchor) = self.anchored.iter().position(|known| known == value)
            && self.one_in(2)
        {
            return format!(" *a{anchor}{}", self.end_of_line());
        }
        // A node is complete, and so can be asked for, when what is in it is.
        let known = self.anchored.len();
        let properties = self.properties(value);
        let new = (self.anchored.len() > known).then(|| std::mem::replace(&mut self.anchored[known], Value::from("?")));
        let is_empty =
            value.as_object().is_some_and(|o| o.is_empty()) || value.as_array().is_some_and(|a| a.is_empty());
        let text = match value {
            Value::Object(_) | Value::Array(_) if !is_empty && !self.one_in(4) => {
                let step = 1 + self.choose(4);
                let below = match value {
                    // Dashes may stand right below their key.
                    Value::Array(_) if !item && self.one_in(2) => indent,
                    _ => indent + step,
                };
                let first = self.end_of_line();
                let lines = if value.is_array() { self.sequence(value, below) } else { self.mapping(value, below) };
                format!("{properties}{first}{lines}")
            }
            Value::String(text) if text.contains('\n') && !text.starts_with([' ', '\n']) && self.one_in(2) => {
                format!("{properties}{}", self.literal(text, indent))
            }
            Value::String(text) if text.contains(' ') && self.one_in(3) => {
                format!("{properties} {}{}", self.several_lines(text, indent), self.end_of_line())
            }
            Value::Object(_) | Value::Array(_) if !is_empty => {
                let lines = self.one_in(2);
                let text = self.flow(value, &" ".repeat(indent + 2), lines);
                format!("{properties} {text}{}", self.end_of_line())
            }
            _ => {
                let text = self.scalar(value, false);
                let space = match self.choose(12) {
                    _ if text.is_empty() => String::new(),
                    0 if !item => "\t".to_owned(),
                    1 if !properties.is_empty() => " ".to_owned(),
                    1 => format!("{}{}", self.end_of_line(), " ".repeat(indent + 2)),
                    _ => " ".to_owned(),
                };
                format!("{properties}{space}{text}{}", self.end_of_line())
            }
        };
        if let Some(new) = new {
            self.anchored[known] = new;
        }
        text
    }

    fn sequence(&mut self, value: &Value, indent: usize) -> String {
        let mut out = String::new();
        for item in value.as_array().unwrap() {
            out += &self.trivia(indent);
            out += &" ".repeat(indent);
            out += &self.item(item, indent);
        }
        out
    }

    fn item(&mut self, item: &Value, indent: usize) -> String {
        let gap = [1, 1, 1, 3][self.choose(4)];
        let column = indent + 1 + gap;
        let is_empty = item.as_object().is_some_and(|o| o.is_empty()) || item.as_array().is_some_and(|a| a.is_empty());
        let parts: Vec<String> = match item {
            Value::Object(_) if !is_empty && !self.one_in(5) => self.entries(item, column),
            Value::Array(items) if self.exotic && !is_empty && self.one_in(2) => {
                items.iter().map(|item| self.item(item, column)).collect()
            }
            _ => return format!("-{}", self.value(item, indent, true)),
        };
        let mut lines = format!("-{}", " ".repeat(gap));
        for (index, part) in parts.into_iter().enumerate() {
            if index > 0 {
                lines += &self.trivia(column);
                lines += &" ".repeat(column);
            }
            lines += &part;
        }
        lines
    }
}
