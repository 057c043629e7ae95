//! Scalars without quotes.

use super::scanner::Scanner;
use super::token::{Kind, Token};
use super::{Error, Style};
use std::borrow::Cow;

impl<'a> Scanner<'a> {
    /// The scalar that starts here.
    pub(super) fn plain(&mut self) -> Result<Token<'a>, Error> {
        let indent = (self.indent + 1).unsigned_abs();
        let start = self.cursor.mark();
        let mut end = start;
        let mut lines = Lines::default();
        let mut broken = false;
        loop {
            if self.cursor.is_document_indicator() || self.cursor.peek() == Some(b'#') {
                break;
            }
            // Of a line, words and the blanks between them are taken as they are.
            let from = self.cursor.at();
            let mut to = from;
            loop {
                let word = self.plain_word();
                if word == self.cursor.at() {
                    break;
                }
                to = word;
                self.cursor.go_to(word);
                self.cursor.skip_blanks();
                if self.cursor.peek() == Some(b'#') {
                    break;
                }
            }
            if to > from {
                let after = self.cursor.at();
                self.cursor.go_to(to);
                end = self.cursor.mark();
                self.cursor.go_to(after);
                lines.add(self.cursor.slice(from, to));
                broken = false;
            }
            if !self.cursor.is_line_end() || self.cursor.peek().is_none() {
                break;
            }
            broken = true;
            self.plain_breaks(indent, &mut lines)?;
            if self.flow_level == 0 && self.cursor.column() < indent {
                break;
            }
        }
        if broken {
            self.key_allowed = true;
        }
        Ok(Token { kind: Kind::Scalar(lines.text, Style::Plain), start, end, key: None })
    }

    /// Where the word that starts here ends: at white space or at what means something else.
    fn plain_word(&self) -> usize {
        let in_flow = self.flow_level > 0;
        let bytes = self.cursor.bytes();
        let mut at = self.cursor.at();
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => break,
                b':' if matches!(bytes.get(at + 1), None | Some(b' ' | b'\t' | b'\n' | b'\r')) => break,
                b',' | b'?' | b'[' | b']' | b'{' | b'}' if in_flow => break,
                _ => at += 1,
            }
        }
        at
    }

    /// Line breaks and the blanks around them.
    fn plain_breaks(&mut self, indent: usize, lines: &mut Lines<'a>) -> Result<(), Error> {
        loop {
            while self.cursor.take_break() {
                lines.breaks += 1;
            }
            match self.cursor.peek() {
                Some(b'\t') if self.cursor.column() < indent => {
                    return Err(self.cursor.error("a tab is not allowed as indentation"));
                }
                Some(b' ' | b'\t') => self.cursor.skip(1),
                _ => return Ok(()),
            }
        }
    }
}

/// Lines put together: one line break is a space, and of several all but the first are kept.
#[derive(Default)]
pub(super) struct Lines<'a> {
    pub(super) text: Cow<'a, str>,
    /// Line breaks that wait for more text.
    pub(super) breaks: usize,
}

impl<'a> Lines<'a> {
    /// More text, behind the line breaks that wait.
    pub(super) fn add(&mut self, text: &'a str) {
        self.fold();
        if self.text.is_empty() {
            self.text = Cow::Borrowed(text);
        } else if !text.is_empty() {
            self.text.to_mut().push_str(text);
        }
    }

    /// A character that is not in the text itself.
    pub(super) fn push(&mut self, character: char) {
        self.fold();
        self.text.to_mut().push(character);
    }

    /// Puts in what the line breaks mean that wait.
    pub(super) fn fold(&mut self) {
        match std::mem::take(&mut self.breaks) {
            0 => {}
            1 => self.text.to_mut().push(' '),
            breaks => self.text.to_mut().extend(std::iter::repeat_n('\n', breaks - 1)),
        }
    }
}
