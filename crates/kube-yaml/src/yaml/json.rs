//! JSON texts, several in a row if need be. YAML's flow style nearly covers JSON, but not its
//! escapes, and `kubectl` hands text that starts with a bracket to a JSON decoder as well.

use super::error::Error;
use super::merge::check_unique;
use super::node::{Node, Style, Value};
use super::position::{Place, check_characters, first};
use super::split::Chunk;
use super::{Document, MAX_DEPTH};
use serde::de::IgnoredAny;
use std::borrow::Cow;

/// Reads a chunk that consists of JSON objects and arrays. `false`: it does not, nothing was
/// read, try YAML.
pub(super) fn read<'a>(chunk: &Chunk<'a>, documents: &mut Vec<Document<'a>>) -> Result<bool, Error> {
    let marker = if chunk.text.starts_with("---") { 3 } else { 0 };
    let mut reader = Reader { chunk: *chunk, at: marker, seen: first(chunk) };
    reader.skip_space();
    if !reader.at_bracket() {
        return Ok(false);
    }
    if marker > 0 {
        // Behind `---` it is YAML to `kubectl`.
        check_characters(chunk)?;
    }
    let before = documents.len();
    while reader.at_bracket() {
        let line = reader.place().line;
        match reader.value(0) {
            Ok(root) => documents.push(Document {
                line: if marker > 0 && documents.len() == before { chunk.line } else { line },
                chunk: chunk.range(),
                root,
            }),
            Err(Stop::Refused(error)) => return Err(error),
            Err(Stop::NotJson) => break,
        }
        reader.skip_space();
    }
    if reader.at < chunk.text.len() {
        documents.truncate(before);
        return Ok(false);
    }
    Ok(true)
}

enum Stop {
    /// Not JSON, but YAML perhaps.
    NotJson,
    Refused(Error),
}

struct Reader<'a> {
    chunk: Chunk<'a>,
    at: usize,
    /// The last place asked for: the next one is counted from here.
    seen: Place,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.chunk.text.as_bytes().get(self.at).copied()
    }

    fn at_bracket(&self) -> bool {
        matches!(self.peek(), Some(b'{' | b'['))
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn place(&mut self) -> Place {
        self.seen = self.seen.advance(&self.chunk, self.at);
        self.seen
    }

    fn expect(&mut self, byte: u8) -> Result<(), Stop> {
        if self.peek() != Some(byte) {
            return Err(Stop::NotJson);
        }
        self.at += 1;
        Ok(())
    }

    fn value(&mut self, depth: usize) -> Result<Node<'a>, Stop> {
        let place = self.place();
        let (value, style) = match self.peek() {
            Some(b'{' | b'[') if depth >= MAX_DEPTH => {
                let message = format!("nested deeper than {MAX_DEPTH} levels");
                return Err(Stop::Refused(place.error(&self.chunk, message)));
            }
            Some(b'{') => (self.object(depth)?, Style::Flow),
            Some(b'[') => (self.array(depth)?, Style::Flow),
            Some(b'"') => (Value::String(self.string()?), Style::Double),
            Some(b'-' | b'0'..=b'9') => (Value::Number(self.number()?.into()), Style::Plain),
            _ => (self.word()?, Style::Plain),
        };
        let span = place.span_to(&self.chunk, self.at);
        Ok(Node { value, span, style, aliased: false })
    }

    fn word(&mut self) -> Result<Value<'a>, Stop> {
        let rest = &self.chunk.text[self.at..];
        for (word, value) in [("true", Value::Bool(true)), ("false", Value::Bool(false)), ("null", Value::Null)] {
            if rest.starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(Stop::NotJson)
    }

    fn number(&mut self) -> Result<&'a str, Stop> {
        let rest = &self.chunk.text[self.at..];
        let is_outside = |byte: &u8| !matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        let number = &rest[..rest.as_bytes().iter().position(is_outside).unwrap_or(rest.len())];
        serde_json::from_str::<IgnoredAny>(number).map_err(|_| Stop::NotJson)?;
        self.at += number.len();
        Ok(number)
    }

    /// Reads a list in brackets: `one` reads an item or entry, and a comma separates it from the next.
    fn list(&mut self, close: u8, mut one: impl FnMut(&mut Self) -> Result<(), Stop>) -> Result<(), Stop> {
        self.at += 1;
        self.skip_space();
        if self.peek() != Some(close) {
            loop {
                one(self)?;
                self.skip_space();
                if self.peek() != Some(b',') {
                    break;
                }
                self.at += 1;
                self.skip_space();
            }
        }
        self.expect(close)
    }

    fn array(&mut self, depth: usize) -> Result<Value<'a>, Stop> {
        let mut items = Vec::new();
        self.list(b']', |reader| {
            items.push(reader.value(depth + 1)?);
            Ok(())
        })?;
        Ok(Value::Sequence(items))
    }

    fn object(&mut self, depth: usize) -> Result<Value<'a>, Stop> {
        let mut pairs = Vec::new();
        self.list(b'}', |reader| {
            if reader.peek() != Some(b'"') {
                return Err(Stop::NotJson);
            }
            let key = reader.value(depth + 1)?;
            reader.skip_space();
            reader.expect(b':')?;
            reader.skip_space();
            pairs.push((key, reader.value(depth + 1)?));
            Ok(())
        })?;
        check_unique(&pairs).map_err(Stop::Refused)?;
        Ok(Value::Mapping(pairs))
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Stop> {
        self.at += 1;
        let mut decoded = String::new();
        loop {
            let start = self.at;
            while !matches!(self.peek(), None | Some(b'"' | b'\\' | 0..=0x1f)) {
                self.at += 1;
            }
            let plain = &self.chunk.text[start..self.at];
            let end = self.peek();
            self.at += 1;
            match end {
                Some(b'"') if decoded.is_empty() => return Ok(plain.into()),
                Some(b'"') => return Ok((decoded + plain).into()),
                Some(b'\\') => {
                    decoded.push_str(plain);
                    decoded.push(self.escape()?);
                }
                _ => return Err(Stop::NotJson),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Stop> {
        let byte = self.peek().ok_or(Stop::NotJson)?;
        self.at += 1;
        Ok(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => self.unicode()?,
            _ => return Err(Stop::NotJson),
        })
    }

    /// A `\u` escape, or two that make a surrogate pair. A lone surrogate becomes the
    /// replacement character, as in Go.
    fn unicode(&mut self) -> Result<char, Stop> {
        let first = self.hex()?;
        let behind_first = self.at;
        let second = if self.chunk.text[self.at..].starts_with("\\u") {
            self.at += 2;
            self.hex().ok()
        } else {
            None
        };
        let units = [first].into_iter().chain(second);
        let character = char::decode_utf16(units).next().and_then(Result::ok).unwrap_or(char::REPLACEMENT_CHARACTER);
        if character.len_utf16() == 1 {
            self.at = behind_first;
        }
        Ok(character)
    }

    fn hex(&mut self) -> Result<u16, Stop> {
        let digits = self.chunk.text.get(self.at..self.at + 4).filter(|digits| !digits.starts_with('+'));
        let unit = digits.and_then(|digits| u16::from_str_radix(digits, 16).ok()).ok_or(Stop::NotJson)?;
        self.at += 4;
        Ok(unit)
    }
}
