//! Collections in brackets.

use super::super::node::{Node, Style, Value};
use super::super::scalar::{resolve, to_key, to_value};
use super::Reader;
use std::borrow::Cow;

impl<'a> Reader<'a> {
    /// The collection whose bracket is here; its further lines are indented deeper than `indent`.
    pub(super) fn flow(&mut self, indent: usize, keep: bool) -> Option<Node<'a>> {
        if self.peek() == Some(b'[') { self.flow_sequence(indent, keep) } else { self.flow_mapping(indent, keep) }
    }

    fn flow_sequence(&mut self, indent: usize, keep: bool) -> Option<Node<'a>> {
        self.enter()?;
        let place = self.place();
        let mut items = Vec::new();
        self.at += 1;
        self.flow_space(indent)?;
        while self.peek() != Some(b']') {
            let item = self.flow_value(indent, keep && !self.is_outline())?;
            if !self.is_outline() {
                items.push(item);
            }
            self.flow_comma(indent, b']')?;
        }
        self.at += 1;
        self.depth -= 1;
        self.last_end = self.at;
        Some(self.node(Value::Sequence(items), place, self.at, Style::Flow))
    }

    fn flow_mapping(&mut self, indent: usize, keep: bool) -> Option<Node<'a>> {
        self.enter()?;
        let place = self.place();
        let first = self.keys.len();
        let mut pairs = Vec::new();
        self.at += 1;
        self.flow_space(indent)?;
        while self.peek() != Some(b'}') {
            let key = self.flow_key()?;
            let kept = keep && self.keeps(&key);
            self.flow_space(indent)?;
            let value = self.flow_value(indent, kept)?;
            self.entry(&mut pairs, key, value, kept);
            self.flow_comma(indent, b'}')?;
        }
        self.at += 1;
        self.last_end = self.at;
        let value = self.mapping_of(pairs, first)?;
        Some(self.node(value, place, self.at, Style::Flow))
    }

    /// A comma and more, or the closing bracket.
    fn flow_comma(&mut self, indent: usize, close: u8) -> Option<()> {
        self.flow_space(indent)?;
        match self.peek()? {
            b',' => {
                self.at += 1;
                self.flow_space(indent)?;
                // A comma before the bracket is for the event parser.
                (self.peek() != Some(close)).then_some(())
            }
            byte => (byte == close).then_some(()),
        }
    }

    /// Spaces and line breaks, no comments.
    fn flow_space(&mut self, indent: usize) -> Option<()> {
        self.skip_spaces();
        let mut broken = false;
        while matches!(self.peek(), Some(b'\n' | b'\r')) {
            self.break_line(self.line_end(self.at));
            self.skip_spaces();
            broken = true;
        }
        (!broken || self.at - self.line_start > indent).then_some(())
    }

    fn flow_value(&mut self, indent: usize, keep: bool) -> Option<Node<'a>> {
        match self.peek()? {
            b'[' | b'{' => self.flow(indent, keep),
            b'"' | b'\'' => self.quoted_on_line(),
            _ => {
                let place = self.place();
                let text = self.flow_plain()?;
                let value = to_value(resolve(text), Cow::Borrowed(text)).ok()?;
                self.last_end = self.at;
                Some(self.node(value, place, self.at, Style::Plain))
            }
        }
    }

    /// A key, its colon and the space behind.
    fn flow_key(&mut self) -> Option<Node<'a>> {
        let place = self.place();
        let node = match self.peek()? {
            b'"' | b'\'' => self.quoted_on_line()?,
            _ => {
                let text = self.flow_plain().filter(|text| *text != "<<")?;
                let key = to_key(resolve(text), Cow::Borrowed(text)).ok()?;
                self.last_end = self.at;
                self.node(Value::String(key), place, self.at, Style::Plain)
            }
        };
        if self.peek() != Some(b':') || self.byte(self.at + 1) != Some(b' ') {
            return None;
        }
        self.at += 1;
        Some(node)
    }

    /// A plain scalar of letters that mean nothing else in brackets, on one line.
    fn flow_plain(&mut self) -> Option<&'a str> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let is_letter =
            |byte: u8| byte.is_ascii_alphanumeric() || byte >= 0x80 || matches!(byte, b'_' | b'.' | b'/' | b'$');
        let first = if self.peek()? == b'-' { start + 1 } else { start };
        if !self.byte(first).is_some_and(is_letter) {
            return None;
        }
        let mut at = start;
        let mut end = start;
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b',' | b'[' | b']' | b'{' | b'}' | b'\n' | b'\r' => break,
                b':' if self.is_blank(at + 1) => break,
                // What may follow a colon in brackets is for the event parser.
                b':' if !bytes.get(at + 1).copied().is_some_and(is_letter) => return None,
                b'#' if bytes[at - 1] == b' ' => return None,
                // A question mark announces a key, even inside of a word.
                b'\t' | b'?' => return None,
                _ => {}
            }
            at += 1;
            if byte != b' ' {
                end = at;
            }
        }
        // What ends with its line may go on with the next one.
        if !matches!(bytes.get(at), Some(b',' | b']' | b'}' | b':')) {
            return None;
        }
        self.at = end;
        // A blank between a key and its colon is for the event parser.
        (bytes[at] != b':' || end == at).then(|| &self.text[start..end])
    }
}
