//! Plain scalars and block scalars.

use super::super::node::{Node, Style, Value};
use super::super::scalar::{resolve, to_value};
use super::Reader;
use super::quoted::Folded;
use memchr::{memchr, memchr3};
use std::borrow::Cow;

/// The white space of YAML; Unicode has more.
const SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

/// Where a line of a plain scalar ends.
struct Line {
    /// Behind its last character.
    end: usize,
    /// Behind the comment that follows.
    line_end: usize,
}

impl<'a> Reader<'a> {
    /// The scalar without quotes that starts here; what is deeper than `indent` continues it.
    pub(super) fn plain(&mut self, indent: usize, keep: bool) -> Option<Node<'a>> {
        match self.peek()? {
            b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'"' | b'%' | b'@'
            | b'`' => return None,
            b'-' | b'?' | b':' if self.is_blank(self.at + 1) => return None,
            _ => {}
        }
        let place = self.place();
        let first = self.plain_line()?;
        let text = &self.text[self.at..first.end];
        self.last_end = first.end;
        self.break_line(first.line_end);
        let commented = first.end < first.line_end && self.text[first.end..first.line_end].contains('#');
        let Some(breaks) = self.continuation(indent)? else {
            let value = to_value(resolve(text), Cow::Borrowed(text)).ok()?;
            return Some(self.node(value, place, first.end, Style::Plain));
        };
        if commented {
            return None;
        }
        let mut folded = Folded::new(keep);
        folded.line(text);
        self.continued(indent, breaks, &mut folded)?;
        // What spans lines is nothing but text.
        Some(self.node(Value::String(folded.text.into()), place, self.last_end, Style::Plain))
    }

    fn continued(&mut self, indent: usize, mut breaks: usize, folded: &mut Folded) -> Option<()> {
        loop {
            (0..breaks).for_each(|_| folded.line_break());
            self.skip_spaces();
            // As the beginning of a line these look like something else.
            if matches!(self.peek(), Some(b'-' | b'?' | b':')) && self.is_blank(self.at + 1) {
                return None;
            }
            let line = self.plain_line()?;
            folded.line(&self.text[self.at..line.end]);
            self.last_end = line.end;
            if line.end < line.line_end && self.text[line.end..line.line_end].contains('#') {
                return None;
            }
            self.break_line(line.line_end);
            match self.continuation(indent)? {
                Some(more) => breaks = more,
                None => return Some(()),
            }
        }
    }

    /// The rest of the line as a part of a plain scalar.
    fn plain_line(&self) -> Option<Line> {
        let bytes = self.text.as_bytes();
        let mut at = self.at;
        let (mut end, line_end) = loop {
            let Some(found) = memchr3(b':', b'#', b'\n', &bytes[at..]) else { break (bytes.len(), bytes.len()) };
            at += found;
            match bytes[at] {
                b'\n' => {
                    let line_end = if at > self.at && bytes[at - 1] == b'\r' { at - 1 } else { at };
                    break (line_end, line_end);
                }
                b':' if self.is_blank(at + 1) => return None,
                b'#' if at > self.at && bytes[at - 1] == b' ' => break (at, self.line_end(at)),
                _ => at += 1,
            }
        };
        if self.tabs && memchr(b'\t', &bytes[self.at..end]).is_some() {
            return None;
        }
        while end > self.at && bytes[end - 1] == b' ' {
            end -= 1;
        }
        (end > self.at).then_some(Line { end, line_end })
    }

    /// From the start of a line: if the next line with content continues a scalar, the line breaks before
    /// it, and goes to its start; else goes to the next content.
    fn continuation(&mut self, indent: usize) -> Option<Option<usize>> {
        let bytes = self.text.as_bytes();
        let (mut at, mut start, mut breaks) = (self.at, self.at, 1);
        let found = loop {
            match bytes.get(at) {
                Some(b' ' | b'\r') => at += 1,
                Some(b'\n') => {
                    at += 1;
                    start = at;
                    breaks += 1;
                }
                found => break found,
            }
        };
        self.at = start;
        self.line_start = start;
        self.line += breaks - 1;
        match found {
            // Behind a comment that stands alone, nothing continues.
            Some(b'#') | None => self.find_content()?,
            Some(_) if at - start > indent => return Some(Some(breaks)),
            Some(b'\t' | b'.') => self.find_content()?,
            Some(_) => {
                self.at = at;
                self.next = Some(at - start);
            }
        }
        Some(None)
    }

    /// The scalar whose header, `|` or `>`, is here; its text is deeper than `indent`.
    pub(super) fn block_scalar(&mut self, indent: usize, keep: bool) -> Option<Node<'a>> {
        let place = self.place();
        let literal = self.peek() == Some(b'|');
        self.at += 1;
        let chomp = self.peek().filter(|byte| matches!(byte, b'-' | b'+'));
        self.at += usize::from(chomp.is_some());
        let header_end = self.at;
        self.skip_spaces();
        match self.peek()? {
            b'\n' | b'\r' => {}
            b'#' if self.at > header_end => {}
            _ => return None,
        }
        self.break_line(self.line_end(self.at));
        let mut block = Block { text: String::new(), wanted: keep, literal, breaks: 0 };
        let width = self.block_indent(indent, &mut block)?;
        self.block_lines(width, &mut block)?;
        match chomp {
            Some(b'-') => {}
            Some(_) => block.text.extend(std::iter::repeat_n('\n', block.breaks)),
            None => block.text.push('\n'),
        }
        let text = if keep { block.text } else { String::new() };
        self.find_content()?;
        let style = if literal { Style::Literal } else { Style::Folded };
        Some(self.node(Value::String(text.into()), place, self.last_end, style))
    }

    /// How far the first line of a block scalar is indented; goes to that line.
    fn block_indent(&mut self, indent: usize, block: &mut Block) -> Option<usize> {
        let mut widest = 0;
        loop {
            self.skip_spaces();
            let width = self.at - self.line_start;
            match self.peek()? {
                b'\n' | b'\r' => {
                    widest = widest.max(width);
                    block.breaks += 1;
                    self.break_line(self.line_end(self.at));
                }
                b'\t' => return None,
                _ if width <= indent || widest > width => return None,
                _ => {
                    self.at = self.line_start;
                    return Some(width);
                }
            }
        }
    }

    /// The lines of a block scalar; goes behind them.
    fn block_lines(&mut self, width: usize, block: &mut Block) -> Option<()> {
        let bytes = self.text.as_bytes();
        loop {
            let mut at = self.at;
            while at < self.at + width && bytes.get(at) == Some(&b' ') {
                at += 1;
            }
            let indented = at == self.at + width;
            match bytes.get(at) {
                // The text ends with a line break; what is blank behind it is for the event parser.
                None if at == self.at => return Some(()),
                None => return None,
                Some(b'\n' | b'\r') => block.breaks += 1,
                Some(b'\t') if !indented => return None,
                Some(_) if !indented => return Some(()),
                Some(_) => {}
            }
            let end = self.line_end(at);
            if end == bytes.len() {
                return None;
            }
            if end > at {
                let line = &self.text[at..end];
                block.line(line)?;
                let len = line.trim_end_matches(SPACE).len();
                if len > 0 {
                    self.last_end = at + len;
                }
            }
            self.break_line(end);
        }
    }
}

/// The text of a block scalar.
struct Block {
    text: String,
    wanted: bool,
    literal: bool,
    /// Line breaks since the last line with content.
    breaks: usize,
}

impl Block {
    /// One more line with content.
    fn line(&mut self, line: &str) -> Option<()> {
        // Lines that start with a blank are not folded, nor are those around them.
        if !self.literal && memchr(line.as_bytes()[0], b" \t").is_some() {
            return None;
        }
        if self.wanted {
            match self.breaks {
                0 => {}
                1 if !self.literal && !self.text.is_empty() => self.text.push(' '),
                breaks => {
                    let folded = usize::from(!self.literal && !self.text.is_empty());
                    self.text.extend(std::iter::repeat_n('\n', breaks - folded));
                }
            }
            self.text.push_str(line);
        }
        self.breaks = 1;
        Some(())
    }
}
