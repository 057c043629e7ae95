//! Scalars in quotes.

use super::super::node::{Node, Style, Value};
use super::Reader;
use memchr::{memchr, memchr2, memchr3};
use std::borrow::Cow;

impl<'a> Reader<'a> {
    /// Behind the closing quote of the scalar at `start`, if that is on the same line.
    pub(super) fn quote_end(&self, start: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let mut at = start + 1;
        if bytes[start] == b'\'' {
            loop {
                at += memchr2(b'\'', b'\n', &bytes[at..])?;
                match (bytes[at], bytes.get(at + 1)) {
                    (b'\n', _) => return None,
                    (_, Some(b'\'')) => at += 2,
                    _ => return Some(at + 1),
                }
            }
        }
        loop {
            at += memchr3(b'"', b'\\', b'\n', &bytes[at..])?;
            match bytes[at] {
                b'\n' => return None,
                b'\\' => at += 2,
                _ => return Some(at + 1),
            }
            if at > bytes.len() {
                return None;
            }
        }
    }

    /// The scalar that starts here and ends on this line.
    pub(super) fn quoted_on_line(&mut self) -> Option<Node<'a>> {
        let end = self.quote_end(self.at)?;
        let place = self.place();
        let inner = self.text.get(self.at + 1..end - 1)?;
        let single = self.peek() == Some(b'\'');
        let text = if single { Some(unescape_single(inner)) } else { unescape_double(inner) }?;
        self.at = end;
        self.last_end = end;
        let style = if single { Style::Single } else { Style::Double };
        Some(self.node(Value::String(text), place, end, style))
    }

    /// The scalar that starts here, whose further lines have to be indented deeper than `indent`.
    pub(super) fn quoted(&mut self, indent: usize, keep: bool) -> Option<Node<'a>> {
        if self.quote_end(self.at).is_some() {
            return self.quoted_on_line();
        }
        let place = self.place();
        let single = self.peek() == Some(b'\'');
        let mut folded = Folded::new(keep);
        self.at += 1;
        loop {
            let end = self.line_end(self.at);
            let closing = self.closing_quote(end, single)?;
            let line = self.text.get(self.at..closing.unwrap_or(end))?;
            if memchr(b'\t', line.as_bytes()).is_some() || (closing.is_none() && end == self.text.len()) {
                return None;
            }
            let line = if closing.is_some() { line } else { line.trim_end_matches(' ') };
            let text = if single { unescape_single(line) } else { unescape_double(line)? };
            if !line.is_empty() || closing.is_some() || place.line == self.line {
                folded.line(&text);
            }
            if let Some(closing) = closing {
                self.at = closing + 1;
                break;
            }
            folded.line_break();
            self.break_line(end);
            self.skip_spaces();
            let blank = matches!(self.peek(), Some(b'\n' | b'\r'));
            if !blank && self.at - self.line_start <= indent {
                return None;
            }
        }
        self.last_end = self.at;
        let style = if single { Style::Single } else { Style::Double };
        Some(self.node(Value::String(folded.text.into()), place, self.at, style))
    }

    /// The closing quote between here and `end`; a backslash right before `end` is too much.
    fn closing_quote(&self, end: usize, single: bool) -> Option<Option<usize>> {
        let bytes = &self.text.as_bytes()[..end];
        let mut at = self.at;
        let quote = if single { b'\'' } else { b'"' };
        let escape = if single { b'\'' } else { b'\\' };
        while let Some(found) = memchr2(quote, escape, &bytes[at..]) {
            at += found;
            if single && bytes.get(at + 1) != Some(&b'\'') || !single && bytes[at] == b'"' {
                return Some(Some(at));
            }
            at += 2;
            if at > end {
                return None;
            }
        }
        Some(None)
    }
}

/// Lines put together: a line break is a space, and of several all but one are kept.
pub(super) struct Folded {
    pub(super) text: String,
    wanted: bool,
    breaks: usize,
}

impl Folded {
    /// Nothing yet; a text that is not `wanted` stays empty.
    pub(super) fn new(wanted: bool) -> Folded {
        Folded { text: String::new(), wanted, breaks: 0 }
    }

    /// One more line with content, without the blanks around it.
    pub(super) fn line(&mut self, line: &str) {
        if self.wanted {
            match self.breaks {
                0 => {}
                1 => self.text.push(' '),
                breaks => self.text.extend(std::iter::repeat_n('\n', breaks - 1)),
            }
            self.text.push_str(line);
        }
        self.breaks = 0;
    }

    /// The end of a line.
    pub(super) fn line_break(&mut self) {
        self.breaks += 1;
    }
}

fn unescape_single(inner: &str) -> Cow<'_, str> {
    if memchr(b'\'', inner.as_bytes()).is_some() { inner.replace("''", "'").into() } else { inner.into() }
}

/// Takes the escapes that people write.
fn unescape_double(inner: &str) -> Option<Cow<'_, str>> {
    if memchr(b'\\', inner.as_bytes()).is_none() {
        return Some(inner.into());
    }
    let mut text = String::with_capacity(inner.len());
    let mut parts = inner.split('\\');
    text.push_str(parts.next()?);
    while let Some(part) = parts.next() {
        // `\\` is an empty part, and the next one is plain.
        let Some(first) = part.chars().next() else {
            text.push('\\');
            text.push_str(parts.next()?);
            continue;
        };
        text.push(match first {
            '"' => first,
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            _ => return None,
        });
        text.push_str(&part[1..]);
    }
    Some(text.into())
}
