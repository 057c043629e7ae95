//! Collections by indentation.

use super::super::node::{Node, Style, Value};
use super::super::position::Place;
use super::super::scalar::{resolve, to_key};
use super::Reader;
use std::borrow::Cow;

/// The event parser takes no key that is longer than 1024 characters.
const LONGEST_KEY: usize = 1000;

impl<'a> Reader<'a> {
    /// The collection that starts here, `indent` columns from the left.
    pub(super) fn block(&mut self, indent: usize, keep: bool) -> Option<Node<'a>> {
        if self.at_dash() { self.sequence(indent, false, keep) } else { self.mapping(indent, keep) }
    }

    fn mapping(&mut self, indent: usize, keep: bool) -> Option<Node<'a>> {
        self.enter()?;
        let place = self.place();
        let first = self.keys.len();
        let mut pairs = Vec::new();
        loop {
            let key = self.key()?;
            let kept = keep && self.keeps(&key);
            let value = self.value(indent, kept)?;
            self.entry(&mut pairs, key, value, kept);
            match self.next {
                Some(column) if column > indent => return None,
                Some(column) if column == indent && !self.at_dash() => {}
                Some(column) if column == indent => return None,
                _ => break,
            }
        }
        let value = self.mapping_of(pairs, first)?;
        Some(self.node(value, place, self.last_end, Style::Block))
    }

    /// The items at `indent`; `flush`: that is also the column of the keys around them.
    fn sequence(&mut self, indent: usize, flush: bool, keep: bool) -> Option<Node<'a>> {
        self.enter()?;
        let place = self.place();
        let mut items = Vec::new();
        loop {
            self.at += 1;
            // An outline tells that there is a list, not what is in it.
            let item = self.item(indent, keep && !self.is_outline())?;
            if !self.is_outline() {
                items.push(item);
            }
            match self.next {
                Some(column) if column > indent => return None,
                Some(column) if column == indent && self.at_dash() => {}
                Some(column) if column == indent && !flush => return None,
                _ => break,
            }
        }
        self.depth -= 1;
        Some(self.node(Value::Sequence(items), place, self.last_end, Style::Block))
    }

    /// The value behind the colon of a key in column `indent`.
    fn value(&mut self, indent: usize, keep: bool) -> Option<Node<'a>> {
        let absent = self.place();
        self.skip_spaces();
        match self.peek() {
            None | Some(b'\n' | b'\r' | b'#') => {
                self.finish_line()?;
                match self.next {
                    Some(column) if column > indent => self.block(column, keep),
                    Some(column) if column == indent && self.at_dash() => self.sequence(indent, true, keep),
                    _ => Some(self.absent(absent)),
                }
            }
            Some(_) => self.scalar_or_flow(indent, keep),
        }
    }

    /// Reads the item after the dash in column `indent`.
    fn item(&mut self, indent: usize, keep: bool) -> Option<Node<'a>> {
        let absent = self.place();
        self.skip_spaces();
        let column = self.at - self.line_start;
        match self.peek() {
            None | Some(b'\n' | b'\r' | b'#') => {
                self.finish_line()?;
                match self.next {
                    Some(column) if column > indent => self.block(column, keep),
                    _ => Some(self.absent(absent)),
                }
            }
            Some(b'-') if self.at_dash() => self.sequence(column, false, keep),
            // What looks like a key behind a bracket is inside.
            Some(byte) if !matches!(byte, b'[' | b'{') && self.at_key() => self.mapping(column, keep),
            Some(_) => self.scalar_or_flow(indent, keep),
        }
    }

    fn scalar_or_flow(&mut self, indent: usize, keep: bool) -> Option<Node<'a>> {
        match self.peek()? {
            b'|' | b'>' => self.block_scalar(indent, keep),
            b'"' | b'\'' => {
                let node = self.quoted(indent, keep)?;
                self.finish_line()?;
                Some(node)
            }
            b'[' | b'{' => {
                let node = self.flow(indent, keep)?;
                self.finish_line()?;
                Some(node)
            }
            _ => self.plain(indent, keep),
        }
    }

    /// A value that was not written.
    fn absent(&mut self, place: Place) -> Node<'a> {
        self.last_end = self.last_end.max(place.byte);
        self.node(Value::Null, place, place.byte, Style::Absent)
    }

    /// Whether a key starts here, where a scalar might as well.
    fn at_key(&self) -> bool {
        match self.peek() {
            Some(b'"' | b'\'') => {
                let end = self.quote_end(self.at);
                end.is_some_and(|end| self.byte(end) == Some(b':') && self.is_blank(end + 1))
            }
            _ => self.key_end().is_some(),
        }
    }

    /// The colon that ends the key without quotes that starts here.
    fn key_end(&self) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let mut before = 0;
        for (at, &byte) in bytes.iter().enumerate().skip(self.at) {
            match byte {
                b':' if self.is_blank(at + 1) => return (before != b' ').then_some(at),
                b'#' if before == b' ' => return None,
                b'\t' | b'\n' => return None,
                _ => before = byte,
            }
        }
        None
    }

    /// A key and its colon.
    fn key(&mut self) -> Option<Node<'a>> {
        let place = self.place();
        let (text, style, end) = match self.peek()? {
            b'"' | b'\'' => {
                let node = self.quoted_on_line()?;
                let Value::String(text) = node.value else { return None };
                (text, node.style, self.at)
            }
            // Indicators; some are letters where no blank follows, but nobody writes such a key.
            b'-' | b'?' | b':' | b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'%'
            | b'@' | b'`' => return None,
            _ => {
                let end = self.key_end()?;
                let text = self.text.get(self.at..end).filter(|text| *text != "<<")?;
                let text = to_key(resolve(text), Cow::Borrowed(text)).ok()?;
                (text, Style::Plain, end)
            }
        };
        if end - place.byte > LONGEST_KEY || self.byte(end) != Some(b':') || !self.is_blank(end + 1) {
            return None;
        }
        // Behind the colon only spaces are.
        if self.byte(end + 1) == Some(b'\t') {
            return None;
        }
        self.last_end = end;
        self.at = end + 1;
        Some(self.node(Value::String(text), place, end, style))
    }
}
