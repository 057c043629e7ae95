//! How a document is written, so that new text looks like the old.

use super::text::{indentation, line_start, previous_line_end};
use crate::yaml::{Node, Style as Written, Value};

/// Habits of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Style {
    /// Columns that a nested mapping is indented by.
    pub(super) step: usize,
    /// Block lists below keys.
    lists: Vec<List>,
    /// Quoted strings are mostly in single quotes.
    pub(super) single_quotes: bool,
    /// The document is JSON: quotes everywhere, no comments, no plain strings.
    pub(super) json: bool,
    /// There are lists with items on one line.
    pub(super) inline_lists: bool,
    /// There are objects with entries on one line.
    pub(super) inline_objects: bool,
    /// The text between a key and its value in brackets.
    pub(super) colon: String,
    /// The text between brackets and their content on one line.
    pub(super) padding: String,
}

/// How a block list stands below its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct List {
    /// The first byte.
    at: usize,
    /// Columns between key and dash.
    indent: usize,
    /// Spaces behind the dash.
    gap: usize,
}

impl Style {
    /// Looks at a document; `text` is what its spans are of.
    pub(super) fn of(text: &str, root: &Node<'_>, json: bool) -> Self {
        let mut seen = Seen { text, ..Seen::default() };
        seen.look(root);
        let colon = seen.colon.unwrap_or(": ");
        Style {
            step: most_frequent(&seen.steps).unwrap_or(2),
            lists: seen.lists,
            single_quotes: seen.single > seen.double,
            json,
            inline_lists: seen.inline_lists,
            inline_objects: seen.inline_objects,
            colon: colon.to_owned(),
            padding: seen.padding.unwrap_or_default().to_owned(),
        }
    }

    /// How far the dashes of a new list near `at` are indented below their key: as the nearest list is.
    pub(super) fn list_indent(&self, at: usize) -> usize {
        self.nearest(at).map_or(self.step, |list| list.indent)
    }

    /// Spaces behind a new dash near `at`.
    pub(super) fn dash_gap(&self, at: usize) -> usize {
        self.nearest(at).map_or(1, |list| list.gap)
    }

    /// Columns of one level of indentation in brackets near `at`.
    pub(super) fn json_step(&self, text: &str, at: usize) -> usize {
        let own = indentation(text, at).len();
        let mut start = line_start(text, at);
        while let Some(end) = previous_line_end(text, start) {
            start = line_start(text, end);
            let indent = indentation(text, start).len();
            if indent < own && start + indent < end {
                return own - indent;
            }
        }
        self.step
    }

    /// One level of indentation in brackets near `at`.
    pub(super) fn unit(&self, text: &str, at: usize) -> &'static str {
        const SPACES: &str = "                ";
        if indentation(text, at).starts_with('\t') {
            return "\t";
        }
        SPACES.get(..self.json_step(text, at)).unwrap_or(SPACES)
    }

    fn nearest(&self, at: usize) -> Option<&List> {
        self.lists.iter().min_by_key(|list| list.at.abs_diff(at))
    }
}

#[derive(Default)]
struct Seen<'a> {
    text: &'a str,
    steps: Vec<usize>,
    lists: Vec<List>,
    single: usize,
    double: usize,
    inline_lists: bool,
    inline_objects: bool,
    colon: Option<&'a str>,
    padding: Option<&'a str>,
}

impl<'a> Seen<'a> {
    fn look(&mut self, node: &Node<'_>) {
        if node.aliased {
            return;
        }
        match (&node.value, node.style) {
            (_, Written::Single) => self.single += 1,
            (_, Written::Double) => self.double += 1,
            (Value::Sequence(items), Written::Flow) if !items.is_empty() => {
                self.inline_lists |= self.is_on_one_line(node);
            }
            (Value::Mapping(pairs), Written::Flow) if !pairs.is_empty() => self.look_at_braces(node, pairs),
            (Value::Mapping(pairs), Written::Block) => self.look_at_block(node, pairs),
            _ => {}
        }
        match &node.value {
            Value::Sequence(items) => items.iter().for_each(|item| self.look(item)),
            Value::Mapping(pairs) => pairs.iter().for_each(|(_, value)| self.look(value)),
            _ => {}
        }
    }

    fn is_on_one_line(&self, node: &Node<'_>) -> bool {
        !self.text[node.span.range()].contains(['\n', '\r'])
    }

    fn look_at_braces(&mut self, node: &Node<'_>, pairs: &[(Node<'_>, Node<'_>)]) {
        if self.is_on_one_line(node) {
            self.inline_objects = true;
            let inner = self.text[node.span.range()].trim_start_matches('{');
            self.padding.get_or_insert(&inner[..inner.len() - inner.trim_start_matches(' ').len()]);
        }
        if let Some((key, value)) = pairs.iter().find(|(key, value)| !key.aliased && !value.aliased) {
            let between = self.text.get(key.span.end as usize..value.span.start as usize).unwrap_or_default();
            if between.trim() == ":" && !between.contains(['\n', '\r']) {
                self.colon.get_or_insert(between);
            }
        }
    }

    fn look_at_block(&mut self, node: &Node<'_>, pairs: &[(Node<'_>, Node<'_>)]) {
        for (key, value) in pairs.iter().filter(|(key, value)| !key.aliased && !value.aliased) {
            let indent = value.span.column.saturating_sub(node.span.column) as usize;
            match &value.value {
                Value::Mapping(_) if value.style == Written::Block && value.span.line > key.span.line && indent > 0 => {
                    self.steps.push(indent);
                }
                Value::Sequence(_) if value.style == Written::Block => {
                    let rest = self.text[value.span.range()].trim_start_matches('-');
                    let gap = rest.len() - rest.trim_start_matches(' ').len();
                    let gap = if (1..=8).contains(&gap) { gap } else { 1 };
                    self.lists.push(List { at: value.span.start as usize, indent, gap });
                }
                _ => {}
            }
        }
    }
}

/// The value that is there most often; of equally frequent ones the first.
fn most_frequent(values: &[usize]) -> Option<usize> {
    let count = |value: usize| values.iter().filter(|other| **other == value).count();
    let mut best: Option<(usize, usize)> = None;
    let mut seen = Vec::new();
    for &value in values {
        if !seen.contains(&value) {
            seen.push(value);
            let times = count(value);
            if best.is_none_or(|(_, most)| times > most) {
                best = Some((value, times));
            }
        }
    }
    best.map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style(text: &str) -> Style {
        let parsed = crate::yaml::parse(text);
        Style::of(text, &parsed.documents[0].root, false)
    }

    #[test]
    fn habits() {
        assert_eq!(style("a:\n    b:\n        c: d\n").step, 4);
        assert_eq!(style("a: b\n").step, 2);
        let text = "a:\n- b\nc:\n  -   d\n";
        let found = style(text);
        assert_eq!((found.list_indent(0), found.dash_gap(0)), (0, 1));
        assert_eq!((found.list_indent(text.len()), found.dash_gap(text.len())), (2, 3));
        assert_eq!(style("a:\n   b: c\n").list_indent(0), 3);
        assert!(style("a: 'b'\nc: 'd'\ne: \"f\"\n").single_quotes);
        let found = style("{\"a\" : [1], b: {x: y}}");
        assert_eq!((found.colon.as_str(), found.inline_lists, found.inline_objects), (" : ", true, true));
        assert_eq!(style("a: { b: c }").padding, " ");
    }
}
