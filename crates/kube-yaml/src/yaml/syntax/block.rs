//! Literal (`|`) and folded (`>`) scalars.

use super::scanner::Scanner;
use super::token::{Kind, Token};
use super::{Error, Mark, Style};

/// How the line breaks at the end are treated.
#[derive(Clone, Copy, PartialEq)]
enum Chomp {
    /// `-`: none is kept.
    Strip,
    /// One is kept.
    Clip,
    /// `+`: all are kept.
    Keep,
}

impl<'a> Scanner<'a> {
    /// The scalar whose `|` or `>` is here.
    ///
    /// The last line of a text ends with it, even if no line break does: `kubectl` adds one.
    pub(super) fn block_scalar(&mut self, literal: bool) -> Result<Token<'a>, Error> {
        let start = self.cursor.mark();
        self.cursor.skip(1);
        let (chomp, increment) = self.block_indicators(start)?;
        let mut end = self.block_header_end(start)?;
        let mut indent = increment.map(|increment| self.indent.max(0).unsigned_abs() + increment);
        let mut text = String::new();
        // Line breaks since the last line with content; the first of them ends that line.
        let mut breaks = self.block_breaks(&mut indent)?;
        let (mut ended, mut was_blank) = (false, false);
        while self.cursor.peek().is_some() && Some(self.cursor.column()) == indent {
            let blank = self.cursor.is_blank();
            if ended {
                // Lines that begin with a blank are not folded, nor is the line before them.
                match (literal || was_blank || blank, breaks) {
                    (true, _) => text.push('\n'),
                    (false, 0) => text.push(' '),
                    (false, _) => {}
                }
            }
            text.extend(std::iter::repeat_n('\n', breaks));
            was_blank = blank;
            let (from, to) = (self.cursor.at(), self.cursor.line_end());
            let line = self.cursor.slice(from, to);
            text.push_str(line);
            let written = line.trim_end_matches([' ', '\t']).len();
            if written > 0 {
                self.cursor.skip(written);
                end = self.cursor.mark();
            }
            self.cursor.go_to(to);
            ended = self.cursor.take_break_or_end();
            breaks = self.block_breaks(&mut indent)?;
        }
        if ended && chomp != Chomp::Strip {
            text.push('\n');
        }
        if chomp == Chomp::Keep {
            text.extend(std::iter::repeat_n('\n', breaks));
        }
        let style = if literal { Style::Literal } else { Style::Folded };
        Ok(Token { kind: Kind::Scalar(text.into(), style), start, end, key: None })
    }

    /// `+` or `-` and a digit, in any order.
    fn block_indicators(&mut self, start: Mark) -> Result<(Chomp, Option<usize>), Error> {
        let (mut chomp, mut increment) = (None, None);
        loop {
            match self.cursor.peek() {
                Some(byte @ (b'+' | b'-')) if chomp.is_none() => {
                    chomp = Some(if byte == b'+' { Chomp::Keep } else { Chomp::Strip });
                }
                Some(b'0') if increment.is_none() => {
                    return Err(Error { mark: start, message: "the indentation of a block scalar is 0".to_owned() });
                }
                Some(digit @ b'1'..=b'9') if increment.is_none() => increment = Some(usize::from(digit - b'0')),
                _ => return Ok((chomp.unwrap_or(Chomp::Clip), increment)),
            }
            self.cursor.skip(1);
        }
    }

    /// Takes the rest of the line, blanks and a comment; tells where what is written on it ends.
    fn block_header_end(&mut self, start: Mark) -> Result<Mark, Error> {
        let mut end = self.cursor.mark();
        self.cursor.skip_blanks();
        if self.cursor.peek() == Some(b'#') {
            let (from, to) = (self.cursor.at(), self.cursor.line_end());
            self.cursor.skip(self.cursor.slice(from, to).trim_end_matches([' ', '\t']).len());
            end = self.cursor.mark();
            self.cursor.go_to(to);
        }
        if !self.cursor.is_line_end() {
            let message = "behind the indicator of a block scalar may only be a comment".to_owned();
            return Err(Error { mark: start, message });
        }
        self.cursor.take_break_or_end();
        Ok(end)
    }

    /// Takes blank lines and the indentation of the next one, which is found out here if it is not known;
    /// counts the lines.
    fn block_breaks(&mut self, indent: &mut Option<usize>) -> Result<usize, Error> {
        let (mut breaks, mut widest) = (0, 0);
        loop {
            while self.cursor.peek() == Some(b' ') && indent.is_none_or(|indent| self.cursor.column() < indent) {
                self.cursor.skip(1);
            }
            let column = self.cursor.column();
            widest = widest.max(column);
            if self.cursor.peek() == Some(b'\t') && indent.is_none_or(|indent| column < indent) {
                return Err(self.cursor.error("a tab is not allowed as indentation"));
            }
            if !self.cursor.take_break_or_end() {
                break;
            }
            breaks += 1;
        }
        indent.get_or_insert(widest.max((self.indent + 1).unsigned_abs()).max(1));
        Ok(breaks)
    }
}
