//! Places, and the characters that may not be.

use super::error::Error;
use super::node::Span;
use super::split::Chunk;
use super::syntax::Mark;
use memchr::{memchr_iter, memchr3_iter, memmem};

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
    /// The place of a mark in a chunk.
    pub(super) fn of(chunk: &Chunk, mark: Mark) -> Place {
        Place { byte: mark.byte, line: chunk.line + mark.line, column: mark.column + 1 }
    }

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

/// Refuses what does not fit the width of a [`Span`].
pub(super) fn check_length(chunk: &Chunk) -> Result<(), Error> {
    if chunk.range().end > super::MAX_TEXT {
        return Err(first(chunk).error(chunk, "the text is longer than 4 GiB"));
    }
    Ok(())
}

/// Refuses what go-yaml refuses, control characters, and what it reads as nearly nobody else does: text behind
/// an invisible line break in a comment is not a comment, a byte order mark is skipped or makes the first
/// character of another line go, and `kubectl` takes one of the line breaks in `\r\r\n` away.
pub(super) fn check_characters(chunk: &Chunk) -> Result<(), Error> {
    let text = chunk.text;
    let returns = memmem::find(text.as_bytes(), b"\r\r\n");
    let Some(byte) = first_control(text.as_bytes()).into_iter().chain(first_forbidden(text)).chain(returns).min()
    else {
        return Ok(());
    };
    let character = text[byte..].chars().next().unwrap_or_default();
    let code = u32::from(character);
    let message = match character {
        '\u{85}' | '\u{2028}' | '\u{2029}' => {
            format!("the invisible line break U+{code:04X} is not allowed: write \\n or a real line break")
        }
        '\u{feff}' => "the byte order mark U+FEFF is only allowed at the start of a file".to_owned(),
        '\r' => "two carriage returns in front of a line feed are not allowed: write one".to_owned(),
        _ => format!("the control character U+{code:04X} is not allowed"),
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

/// The first character beyond ASCII that is a control character, an invisible line break, a byte order mark or
/// no character.
fn first_forbidden(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    memchr3_iter(0xc2, 0xe2, 0xef, bytes).find(|&at| match bytes[at..] {
        // U+0080 to U+009F
        [0xc2, second, ..] => second < 0xa0,
        // U+2028, U+2029
        [0xe2, 0x80, third, ..] => matches!(third, 0xa8 | 0xa9),
        [0xef, 0xbb, 0xbf, ..] => true,
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

/// The first place of a chunk.
pub(super) fn first(chunk: &Chunk) -> Place {
    Place { byte: 0, line: chunk.line, column: 1 }
}
