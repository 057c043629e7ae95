//! JSON texts, several in a row if need be. YAML's flow style nearly covers JSON, but not its
//! escapes, and `kubectl` hands text that starts with a bracket to a JSON decoder as well.

use super::error::Error;
use super::merge::check_unique;
use super::node::{Node, Style, Value};
use super::position::{Place, check_characters, first};
use super::split::Chunk;
use super::{Document, MAX_DEPTH};
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
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(&self.chunk.text[start..self.at])
    }

    fn digits(&mut self) -> Result<(), Stop> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(Stop::NotJson) } else { Ok(()) }
    }

    fn array(&mut self, depth: usize) -> Result<Value<'a>, Stop> {
        let mut items = Vec::new();
        self.at += 1;
        self.skip_space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::Sequence(items));
        }
        loop {
            self.skip_space();
            items.push(self.value(depth + 1)?);
            self.skip_space();
            if self.peek() != Some(b',') {
                self.expect(b']')?;
                return Ok(Value::Sequence(items));
            }
            self.at += 1;
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value<'a>, Stop> {
        let mut pairs = Vec::new();
        self.at += 1;
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Mapping(pairs));
        }
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return Err(Stop::NotJson);
            }
            let key = self.value(depth + 1)?;
            self.skip_space();
            self.expect(b':')?;
            self.skip_space();
            pairs.push((key, self.value(depth + 1)?));
            self.skip_space();
            if self.peek() != Some(b',') {
                self.expect(b'}')?;
                check_unique(&pairs).map_err(Stop::Refused)?;
                return Ok(Value::Mapping(pairs));
            }
            self.at += 1;
        }
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Stop> {
        self.at += 1;
        let mut decoded: Option<String> = None;
        loop {
            let start = self.at;
            while !matches!(self.peek(), None | Some(b'"' | b'\\' | 0..=0x1f)) {
                self.at += 1;
            }
            let plain = &self.chunk.text[start..self.at];
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(match decoded {
                        None => plain.into(),
                        Some(mut text) => {
                            text.push_str(plain);
                            text.into()
                        }
                    });
                }
                Some(b'\\') => {
                    let text = decoded.get_or_insert_default();
                    text.push_str(plain);
                    self.at += 1;
                    let character = self.escape()?;
                    decoded.get_or_insert_default().push(character);
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
            b'u' => return self.unicode(),
            _ => return Err(Stop::NotJson),
        })
    }

    /// A `\u` escape, or two that make a surrogate pair. A lone surrogate becomes the
    /// replacement character, as in Go.
    fn unicode(&mut self) -> Result<char, Stop> {
        let high = self.hex()?;
        if !(0xd800..0xdc00).contains(&high) {
            return Ok(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let after = self.at;
        if self.chunk.text[self.at..].starts_with("\\u") {
            self.at += 2;
            let low = self.hex()?;
            if (0xdc00..0xe000).contains(&low) {
                let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = after;
        }
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn hex(&mut self) -> Result<u32, Stop> {
        let digits = self.chunk.text.get(self.at..self.at + 4).ok_or(Stop::NotJson)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Stop::NotJson);
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).map_err(|_| Stop::NotJson)
    }
}
