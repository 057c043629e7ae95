//! Characters to bytes, bytes to lines, and the characters that may not be.

use super::error::Error;
use super::node::Span;
use super::repair::Insert;
use super::split::Chunk;
use memchr::{memchr_iter, memchr3_iter};
use saphyr_parser::Marker;

/// A place in a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// The byte, from the start of the chunk.
    pub(super) byte: usize,
    /// The line in the whole text, from 1.
    pub(super) line: usize,
    /// The column in characters, from 1.
    pub(super) column: usize,
}

impl Place {
    /// The place of a later byte of the chunk.
    pub(super) fn advance(self, chunk: &Chunk, byte: usize) -> Place {
        let between = chunk.text.get(self.byte..byte).unwrap_or_default();
        match between.rfind(['\n', '\r']) {
            None => Place { byte, line: self.line, column: self.column + between.chars().count() },
            Some(last) => {
                Place { byte, line: self.line + count_breaks(between), column: between[last + 1..].chars().count() + 1 }
            }
        }
    }

    /// The place of an earlier byte of the chunk.
    pub(super) fn retreat(self, chunk: &Chunk, byte: usize) -> Place {
        let between = chunk.text.get(byte..self.byte).unwrap_or_default();
        let (_, line) = line_before(chunk, byte);
        Place { byte, line: self.line - count_breaks(between), column: line.chars().count() + 1 }
    }

    /// The span from here to a byte of the chunk.
    // Texts longer than `u32` are refused before anything is read.
    #[allow(clippy::cast_possible_truncation)]
    pub(super) fn span_to(self, chunk: &Chunk, end: usize) -> Span {
        Span {
            start: (chunk.start + self.byte) as u32,
            end: (chunk.start + end.max(self.byte)) as u32,
            line: self.line as u32,
            column: self.column as u32,
        }
    }

    /// An error here.
    pub(super) fn error(self, chunk: &Chunk, message: impl Into<String>) -> Error {
        Error {
            line: self.line,
            column: self.column,
            offset: chunk.start + self.byte,
            message: message.into(),
            chunk: chunk.range(),
            templated: false,
        }
    }
}

impl Error {
    /// An error at the start of a node.
    pub(super) fn at(span: Span, message: impl Into<String>) -> Error {
        Error {
            line: span.line as usize,
            column: span.column as usize,
            offset: span.start as usize,
            message: message.into(),
            chunk: 0..0,
            templated: false,
        }
    }
}

/// Turns the character positions of the event parser into bytes. Positions come nearly in order,
/// so walking from the last one asked for is cheaper than a table.
#[derive(Debug)]
pub(super) struct Positions<'a, 'i> {
    chunk: Chunk<'a>,
    inserts: &'i [Insert],
    ascii: bool,
    character: usize,
    byte: usize,
}

impl<'a, 'i> Positions<'a, 'i> {
    pub(super) fn new(chunk: &Chunk<'a>, inserts: &'i [Insert]) -> Self {
        Positions { chunk: *chunk, inserts, ascii: chunk.text.is_ascii(), character: 0, byte: 0 }
    }

    /// The byte of a character of the parsed text.
    pub(super) fn byte(&mut self, character: usize) -> usize {
        let character = if self.inserts.is_empty() { character } else { self.written(character) };
        let bytes = self.chunk.text.as_bytes();
        if self.ascii {
            return character.min(bytes.len());
        }
        while self.character < character && self.byte < bytes.len() {
            self.byte += 1;
            while self.byte < bytes.len() && !self.chunk.text.is_char_boundary(self.byte) {
                self.byte += 1;
            }
            self.character += 1;
        }
        while self.character > character {
            self.byte -= 1;
            while !self.chunk.text.is_char_boundary(self.byte) {
                self.byte -= 1;
            }
            self.character -= 1;
        }
        self.byte
    }

    /// The place of a marker of the event parser.
    pub(super) fn place(&mut self, marker: &Marker) -> Place {
        let line_start = marker.index() - marker.col().min(marker.index());
        let column = match self.inserts.is_empty() {
            true => marker.col(),
            false => self.written(marker.index()) - self.written(line_start),
        };
        Place {
            byte: self.byte(marker.index()),
            line: self.chunk.line + marker.line().saturating_sub(1),
            column: column + 1,
        }
    }

    /// The character of the chunk that a character of the repaired text stands for.
    fn written(&self, character: usize) -> usize {
        let before = self.inserts.partition_point(|insert| insert.character < character);
        let added =
            self.inserts[..before].iter().map(|insert| insert.count.min(character - insert.character)).sum::<usize>();
        character - added
    }
}

/// Refuses what does not fit the width of a [`Span`].
pub(super) fn check_length(chunk: &Chunk) -> Result<(), Error> {
    if chunk.range().end > super::MAX_TEXT {
        return Err(first(chunk).error(chunk, "the text is longer than 4 GiB"));
    }
    Ok(())
}

/// Refuses what go-yaml refuses, control characters, and what it reads as a line break while
/// nearly nobody else does: text behind an invisible line break in a comment is not a comment.
pub(super) fn check_characters(chunk: &Chunk) -> Result<(), Error> {
    let text = chunk.text;
    let Some(byte) = first_control(text.as_bytes()).into_iter().chain(first_forbidden(text)).min() else {
        return Ok(());
    };
    let character = text[byte..].chars().next().unwrap_or_default();
    let code = u32::from(character);
    let message = if matches!(character, '\u{85}' | '\u{2028}' | '\u{2029}') {
        format!("the invisible line break U+{code:04X} is not allowed: write \\n or a real line break")
    } else {
        format!("the control character U+{code:04X} is not allowed")
    };
    Err(first(chunk).advance(chunk, byte).error(chunk, message))
}

/// The first control character of ASCII but tab and line breaks.
fn first_control(bytes: &[u8]) -> Option<usize> {
    const BLOCK: usize = 64;
    let odd = |byte: u8| (byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r')) || byte == 0x7f;
    // Blocks of a fixed size without an early exit inside let the compiler use vector instructions.
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    let clean = |block: &&[u8; BLOCK]| !block.iter().fold(false, |found, &byte| found | odd(byte));
    let start = blocks.iter().take_while(clean).count() * BLOCK;
    if start + rest.len() == bytes.len() && !rest.iter().any(|&byte| odd(byte)) {
        return None;
    }
    bytes[start..].iter().position(|&byte| odd(byte)).map(|at| start + at)
}

/// The first character beyond ASCII that is a control character, an invisible line break or no character.
fn first_forbidden(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    memchr3_iter(0xc2, 0xe2, 0xef, bytes).find(|&at| match bytes[at..] {
        // U+0080 to U+009F
        [0xc2, second, ..] => second < 0xa0,
        // U+2028, U+2029
        [0xe2, 0x80, third, ..] => matches!(third, 0xa8 | 0xa9),
        // U+FFFE, U+FFFF
        [0xef, 0xbf, third, ..] => third >= 0xbe,
        _ => false,
    })
}

/// The line breaks in a text: `\n`, `\r\n`, and `\r` as on old Macs.
pub(super) fn count_breaks(text: &str) -> usize {
    let bytes = text.as_bytes();
    let lone = memchr_iter(b'\r', bytes).filter(|at| bytes.get(at + 1) != Some(&b'\n')).count();
    memchr_iter(b'\n', bytes).count() + lone
}

/// What is written on a line of a chunk before a byte, and where the line starts.
pub(super) fn line_before<'a>(chunk: &Chunk<'a>, byte: usize) -> (usize, &'a str) {
    let before = chunk.text.get(..byte).unwrap_or_default();
    let start = before.rfind(['\n', '\r']).map_or(0, |last| last + 1);
    (start, &before[start..])
}

/// The first place of a chunk.
pub(super) fn first(chunk: &Chunk) -> Place {
    Place { byte: 0, line: chunk.line, column: 1 }
}
