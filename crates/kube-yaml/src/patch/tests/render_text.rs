//! How the writer writes text over several lines, and brackets.

use serde_json::Value;

use super::super::scalar::{is_plain, quoted};
use super::render::Writer;

impl Writer<'_> {
    /// A text with its line breaks, behind `|` or `>`.
    pub(super) fn literal(&mut self, text: &str, indent: usize) -> String {
        let trimmed = text.trim_end_matches('\n');
        let chomp = match text.len() - trimmed.len() {
            0 => "-",
            1 => "",
            _ => "+",
        };
        let step = 1 + self.choose(3);
        let indicator = if self.one_in(4) { step.to_string() } else { String::new() };
        // In a folded text every break within is written twice.
        let (style, between) = if self.one_in(3) { (">", 2) } else { ("|", 1) };
        let order = if self.one_in(2) { [&indicator, chomp].concat() } else { [chomp, &indicator].concat() };
        let mut out = format!(" {style}{order}{}", self.end_of_line());
        let lines: Vec<&str> = trimmed.split('\n').collect();
        for (index, line) in lines.iter().enumerate() {
            let spaces = if line.is_empty() { 0 } else { indent + step };
            let last = index + 1 == lines.len() || line.is_empty() || lines[index + 1].is_empty();
            let breaks = if last { 1 } else { between };
            out += &format!("{}{line}{}", " ".repeat(spaces), self.line_break.repeat(breaks));
        }
        out += &self.line_break.repeat((text.len() - trimmed.len()).saturating_sub(1));
        out
    }

    /// A scalar that goes on on the next line where it has a space.
    pub(super) fn several_lines(&mut self, text: &str, indent: usize) -> String {
        let written = match self.choose(3) {
            0 if is_plain(text, false) => text.to_owned(),
            1 => quoted(text, true),
            _ => quoted(text, false),
        };
        let at = written.find(' ').filter(|at| {
            let (before, after) = (&written[..*at], &written[at + 1..]);
            !before.is_empty() && !after.is_empty() && !before.ends_with(['\\', '"']) && !after.starts_with([' ', '#'])
        });
        let Some(at) = at else { return written };
        let spaces = " ".repeat(indent + 1 + self.choose(3));
        [&written[..at], self.line_break, &spaces, &written[at + 1..]].concat()
    }

    /// Brackets; over several lines that start with `indent`, or on one.
    pub(super) fn flow(&mut self, value: &Value, indent: &str, lines: bool) -> String {
        let inner = format!("{indent}  ");
        let (open, close, parts): (_, _, Vec<String>) = match value {
            Value::Object(fields) if !fields.is_empty() => {
                let parts = fields.iter().map(|(key, value)| self.pair(key, value, &inner, lines));
                ("{", "}", parts.collect())
            }
            Value::Array(items) if !items.is_empty() => {
                let mut parts = Vec::new();
                for item in items {
                    let single = item.as_object().filter(|fields| self.exotic && fields.len() == 1);
                    match single.and_then(|fields| fields.iter().next()) {
                        Some((key, value)) if self.one_in(6) => parts.push(self.pair(key, value, &inner, false)),
                        _ => parts.push(self.flow(item, &inner, lines)),
                    }
                }
                ("[", "]", parts)
            }
            other => return self.scalar(other, true),
        };
        let trailing = self.one_in(4);
        if !lines || self.one_in(3) {
            let padding = ["", " "][self.choose(2)];
            let comma = if trailing { "," } else { "" };
            let between = [", ", ",", " , "][self.choose(3)];
            return format!("{open}{padding}{}{comma}{padding}{close}", parts.join(between));
        }
        let mut out = if self.one_in(4) { format!("{open} ") } else { format!("{open}{}", self.end_of_line()) };
        let last = parts.len() - 1;
        for (index, part) in parts.into_iter().enumerate() {
            if out.ends_with(['\n', '\r']) {
                out += &format!("{indent} ");
            }
            let comma = if index < last || trailing { "," } else { "" };
            out += &format!("{part}{comma}");
            if index < last || !self.one_in(4) {
                out += &self.end_of_line();
            }
        }
        if out.ends_with(['\n', '\r']) { format!("{out}{indent}{close}") } else { format!("{out}{close}") }
    }

    fn pair(&mut self, key: &str, value: &Value, indent: &str, lines: bool) -> String {
        let key = self.string(key, true);
        let text = self.flow(value, indent, lines);
        // Behind a key in quotes no space is needed.
        let colon = if key.ends_with('"') && self.one_in(3) { ":" } else { ": " };
        [&key, colon, &text].concat()
    }
}
