//! A text and a place in it.

use super::{Error, Mark};

/// Where the scanner stands. Columns are counted when somebody asks, and only from the last time on.
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
    line: usize,
    line_start: usize,
    /// A byte of the line and its column.
    counted: (usize, usize),
    /// A character is a byte.
    ascii: bool,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Cursor { text, at: 0, line: 0, line_start: 0, counted: (0, 0), ascii: text.is_ascii() }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn line(&self) -> usize {
        self.line
    }

    pub(super) fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    /// A part of the text.
    pub(super) fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// The next byte; `None` at the end of the text.
    pub(super) fn peek(&self) -> Option<u8> {
        self.byte(0)
    }

    /// The byte so many places ahead.
    pub(super) fn byte(&self, ahead: usize) -> Option<u8> {
        self.bytes().get(self.at + ahead).copied()
    }

    /// Whether the byte so many places ahead is white space, or the end of the text.
    pub(super) fn is_space(&self, ahead: usize) -> bool {
        matches!(self.byte(ahead), None | Some(b' ' | b'\t' | b'\n' | b'\r'))
    }

    /// Whether the next byte is a space or a tab.
    pub(super) fn is_blank(&self) -> bool {
        matches!(self.peek(), Some(b' ' | b'\t'))
    }

    /// Whether the line ends here.
    pub(super) fn is_line_end(&self) -> bool {
        matches!(self.peek(), None | Some(b'\n' | b'\r'))
    }

    /// Whether this is the first byte of a line.
    pub(super) fn is_line_start(&self) -> bool {
        self.at == self.line_start
    }

    /// Whether a line starts here with `---` or `...` and nothing else in that word.
    pub(super) fn is_document_indicator(&self) -> bool {
        self.is_line_start()
            && self.bytes().get(self.at..self.at + 3).is_some_and(|word| word == b"---" || word == b"...")
            && self.is_space(3)
    }

    /// The column of the next byte in characters, from 0.
    pub(super) fn column(&mut self) -> usize {
        if self.ascii {
            return self.at - self.line_start;
        }
        let (from, column) = self.counted;
        // Every byte of UTF-8 but the continuations.
        let between = self.bytes().get(from..self.at).unwrap_or_default();
        let characters = between.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
        self.counted = (self.at, column + characters);
        column + characters
    }

    pub(super) fn mark(&mut self) -> Mark {
        Mark { byte: self.at, line: self.line, column: self.column() }
    }

    /// Goes on by some bytes of this line.
    pub(super) fn skip(&mut self, bytes: usize) {
        self.at += bytes;
    }

    /// Goes to a later byte of this line.
    pub(super) fn go_to(&mut self, byte: usize) {
        self.at = byte;
    }

    pub(super) fn skip_blanks(&mut self) {
        while self.is_blank() {
            self.at += 1;
        }
    }

    /// Where this line ends, its line break left out.
    pub(super) fn line_end(&self) -> usize {
        memchr::memchr2(b'\n', b'\r', &self.bytes()[self.at..]).map_or(self.text.len(), |length| self.at + length)
    }

    /// Takes a line break, if one is here.
    pub(super) fn take_break(&mut self) -> bool {
        self.at += match (self.peek(), self.byte(1)) {
            (Some(b'\r'), Some(b'\n')) => 2,
            (Some(b'\n' | b'\r'), _) => 1,
            _ => return false,
        };
        self.start_line();
        true
    }

    /// Takes a line break, or the end of a text whose last line has none.
    pub(super) fn take_break_or_end(&mut self) -> bool {
        if self.take_break() {
            return true;
        }
        let ends = self.peek().is_none() && self.at > self.line_start;
        if ends {
            self.start_line();
        }
        ends
    }

    fn start_line(&mut self) {
        self.line += 1;
        self.line_start = self.at;
        self.counted = (self.at, 0);
    }

    /// An error here.
    pub(super) fn error(&mut self, message: impl Into<String>) -> Error {
        Error { mark: self.mark(), message: message.into() }
    }
}
