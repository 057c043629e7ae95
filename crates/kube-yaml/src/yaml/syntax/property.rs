//! Anchors, aliases and tags.

use super::scanner::Scanner;
use super::token::{Kind, Token};
use super::{Error, Mark};
use std::borrow::Cow;

/// Whether names of anchors and of tags' handles may hold the byte.
fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// Whether tags may hold the byte, besides escapes.
fn is_uri(byte: u8) -> bool {
    is_name(byte) || b";/?:@&=+$,.!~*'()[]".contains(&byte)
}

impl<'a> Scanner<'a> {
    /// The `*alias` or `&anchor` that starts here.
    pub(super) fn anchor(&mut self, alias: bool) -> Result<Token<'a>, Error> {
        let start = self.cursor.mark();
        self.cursor.skip(1);
        let name = self.name();
        let ends = self.cursor.is_space(0)
            || self
                .cursor
                .peek()
                .is_some_and(|byte| matches!(byte, b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`'));
        if name.is_empty() || !ends {
            let what = if alias { "an alias" } else { "an anchor" };
            let message = format!("the name of {what} is made of letters, digits, `_` and `-`");
            return Err(Error { mark: start, message });
        }
        let kind = if alias { Kind::Alias(name) } else { Kind::Anchor(name) };
        Ok(Token { kind, start, end: self.cursor.mark(), key: None })
    }

    /// Letters, digits, `_` and `-`.
    pub(super) fn name(&mut self) -> &'a str {
        let from = self.cursor.at();
        while self.cursor.peek().is_some_and(is_name) {
            self.cursor.skip(1);
        }
        self.cursor.slice(from, self.cursor.at())
    }

    /// The tag that starts here: `!<uri>`, `!handle!suffix`, `!suffix` or `!`.
    pub(super) fn tag(&mut self) -> Result<Token<'a>, Error> {
        let start = self.cursor.mark();
        let refuse = |message: &str| Err(Error { mark: start, message: message.to_owned() });
        let (handle, suffix);
        if self.cursor.byte(1) == Some(b'<') {
            self.cursor.skip(2);
            (handle, suffix) = ("", self.uri(start)?);
            if suffix.is_empty() || self.cursor.peek() != Some(b'>') {
                return refuse("a tag that begins with `!<` has to end with `>`");
            }
            self.cursor.skip(1);
        } else {
            let from = self.cursor.at();
            let found = self.tag_handle();
            if found.len() > 1 && found.ends_with('!') {
                (handle, suffix) = (found, self.uri(start)?);
                if suffix.is_empty() {
                    return refuse("a tag has a handle and nothing behind it");
                }
            } else {
                self.cursor.go_to(from + 1);
                let uri = self.uri(start)?;
                (handle, suffix) = if uri.is_empty() { ("", Cow::Borrowed("!")) } else { ("!", uri) };
            }
        }
        if !self.cursor.is_space(0) {
            return refuse("white space has to follow a tag");
        }
        Ok(Token { kind: Kind::Tag { handle, suffix }, start, end: self.cursor.mark(), key: None })
    }

    /// `!`, `!!` or `!name!`, or what looks like the start of one: `!name`.
    pub(super) fn tag_handle(&mut self) -> &'a str {
        let from = self.cursor.at();
        self.cursor.skip(1);
        self.name();
        if self.cursor.peek() == Some(b'!') {
            self.cursor.skip(1);
        }
        self.cursor.slice(from, self.cursor.at())
    }

    /// The letters of a tag, escapes resolved.
    pub(super) fn uri(&mut self, start: Mark) -> Result<Cow<'a, str>, Error> {
        let from = self.cursor.at();
        while self.cursor.peek().is_some_and(is_uri) {
            self.cursor.skip(1);
        }
        let plain = self.cursor.slice(from, self.cursor.at());
        if self.cursor.peek() != Some(b'%') {
            return Ok(plain.into());
        }
        let mut bytes = plain.as_bytes().to_vec();
        while let Some(byte) = self.cursor.peek() {
            if byte == b'%' {
                let at = self.cursor.at() + 1;
                let digits = self.cursor.slice(at, at + 2);
                let digits = Some(digits).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
                match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
                    Some(octet) if at + 2 <= self.cursor.bytes().len() => bytes.push(octet),
                    _ => return Err(Error { mark: start, message: "an escape in a tag lacks its digits".to_owned() }),
                }
                self.cursor.skip(3);
            } else if is_uri(byte) {
                bytes.push(byte);
                self.cursor.skip(1);
            } else {
                break;
            }
        }
        let text = String::from_utf8(bytes);
        text.map(Cow::Owned)
            .map_err(|_| Error { mark: start, message: "the escapes in a tag are not UTF-8".to_owned() })
    }
}
