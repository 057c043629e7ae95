//! Scalars in quotes.

use super::plain::Lines;
use super::scanner::Scanner;
use super::token::{Kind, Token};
use super::{Error, Mark, Style};

impl<'a> Scanner<'a> {
    /// The scalar whose opening quote is here.
    pub(super) fn quoted(&mut self, quote: u8) -> Result<Token<'a>, Error> {
        let start = self.cursor.mark();
        self.cursor.skip(1);
        let mut lines = Lines::default();
        let mut line_end = self.cursor.line_end();
        loop {
            let from = self.cursor.at();
            let line = self.cursor.bytes().get(from..line_end).unwrap_or_default();
            let found = if quote == b'"' { memchr::memchr2(quote, b'\\', line) } else { memchr::memchr(quote, line) };
            let Some(at) = found.map(|ahead| from + ahead) else {
                lines.add(self.cursor.slice(from, line_end).trim_end_matches([' ', '\t']));
                self.cursor.go_to(line_end);
                if self.cursor.peek().is_none() {
                    return Err(Error { mark: start, message: "end of stream inside of quotes".to_owned() });
                }
                self.quoted_breaks(start, &mut lines)?;
                line_end = self.cursor.line_end();
                continue;
            };
            let doubled = quote == b'\'' && self.cursor.bytes().get(at + 1) == Some(&quote);
            lines.add(self.cursor.slice(from, at + usize::from(doubled)));
            self.cursor.go_to(at + 1 + usize::from(doubled));
            if doubled {
                continue;
            }
            if self.cursor.bytes().get(at) == Some(&quote) {
                break;
            }
            if at + 1 < line_end {
                self.escape(start, &mut lines)?;
                continue;
            }
            // An escaped line break is nothing, those behind it are.
            if !self.cursor.take_break() {
                return Err(Error { mark: start, message: "end of stream inside of quotes".to_owned() });
            }
            lines.breaks = 1;
            self.quoted_breaks(start, &mut lines)?;
            lines.breaks = if lines.breaks == 1 { 0 } else { lines.breaks };
            line_end = self.cursor.line_end();
        }
        let style = if quote == b'"' { Style::Double } else { Style::Single };
        let end = self.cursor.mark();
        Ok(Token { kind: Kind::Scalar(lines.text, style), start, end, key: None })
    }

    /// Line breaks and the blanks around them.
    fn quoted_breaks(&mut self, start: Mark, lines: &mut Lines<'a>) -> Result<(), Error> {
        loop {
            while self.cursor.take_break() {
                lines.breaks += 1;
            }
            if !self.cursor.is_blank() {
                break;
            }
            self.cursor.skip_blanks();
        }
        if self.cursor.is_document_indicator() {
            let message = "a line that separates documents stands inside of quotes".to_owned();
            return Err(Error { mark: start, message });
        }
        Ok(())
    }

    /// Reads an escape after its backslash.
    fn escape(&mut self, start: Mark, lines: &mut Lines<'a>) -> Result<(), Error> {
        let refuse = |message: &str| Err(Error { mark: start, message: message.to_owned() });
        let (character, digits) = match self.cursor.peek() {
            Some(b'0') => ('\0', 0),
            Some(b'a') => ('\u{7}', 0),
            Some(b'b') => ('\u{8}', 0),
            Some(b't' | b'\t') => ('\t', 0),
            Some(b'n') => ('\n', 0),
            Some(b'v') => ('\u{b}', 0),
            Some(b'f') => ('\u{c}', 0),
            Some(b'r') => ('\r', 0),
            Some(b'e') => ('\u{1b}', 0),
            Some(byte @ (b' ' | b'"' | b'\'' | b'\\')) => (char::from(byte), 0),
            Some(b'N') => ('\u{85}', 0),
            Some(b'_') => ('\u{a0}', 0),
            Some(b'L') => ('\u{2028}', 0),
            Some(b'P') => ('\u{2029}', 0),
            Some(b'x') => ('\0', 2),
            Some(b'u') => ('\0', 4),
            Some(b'U') => ('\0', 8),
            _ => return refuse("an unknown escape stands inside of quotes"),
        };
        self.cursor.skip(1);
        if digits == 0 {
            lines.push(character);
            return Ok(());
        }
        let at = self.cursor.at();
        let code = self.cursor.slice(at, at + digits);
        if code.len() < digits || !code.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return refuse("an escape inside of quotes lacks hexadecimal digits");
        }
        match u32::from_str_radix(code, 16).ok().and_then(char::from_u32) {
            Some(character) => lines.push(character),
            None => return refuse("an escape inside of quotes names no character of Unicode"),
        }
        self.cursor.skip(digits);
        Ok(())
    }
}
