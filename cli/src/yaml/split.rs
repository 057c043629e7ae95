//! The text between `---` lines.

use super::position::count_breaks;
use memchr::memmem;
use std::ops::Range;

/// A part of a text that is read on its own: from a `---` line up to the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chunk<'a> {
    /// Its text, `---` line included.
    pub text: &'a str,
    /// Where it starts in the whole text, in bytes.
    pub start: usize,
    /// The line it starts on, from 1.
    pub line: usize,
}

impl Chunk<'_> {
    /// The bytes of the whole text it covers.
    pub fn range(&self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }
}

/// The chunks of a text, see [`chunks`].
#[derive(Debug, Clone)]
pub struct Chunks<'a> {
    text: &'a str,
    next: usize,
    line: usize,
}

/// Splits a text at its `---` lines, without reading what is between them.
///
/// In YAML such a line always ends a document, even inside a quoted or block scalar. A chunk
/// still holds several documents when they are separated by `...` or are concatenated JSON.
/// A byte order mark at the start belongs to no chunk.
pub fn chunks(text: &str) -> Chunks<'_> {
    let next = if text.starts_with('\u{feff}') { 3 } else { 0 };
    Chunks { text, next, line: 1 }
}

impl<'a> Iterator for Chunks<'a> {
    type Item = Chunk<'a>;

    fn next(&mut self) -> Option<Chunk<'a>> {
        let rest = self.text.get(self.next..).filter(|rest| !rest.is_empty())?;
        let chunk = Chunk { text: &rest[..chunk_len(rest)], start: self.next, line: self.line };
        self.next += chunk.text.len();
        self.line += count_breaks(chunk.text);
        Some(chunk)
    }
}

/// The length of the first chunk of a text.
fn chunk_len(text: &str) -> usize {
    let bytes = text.as_bytes();
    memmem::find_iter(bytes, b"\n---")
        .map(|newline| newline + 1)
        .find(|&line| starts_document(&bytes[line..]) && !ends_with_directive(&text[..line]))
        .unwrap_or(bytes.len())
}

/// Whether these bytes, at the start of a line, are a document start marker.
fn starts_document(bytes: &[u8]) -> bool {
    bytes.starts_with(b"---") && matches!(bytes.get(3), None | Some(b' ' | b'\t' | b'\r' | b'\n'))
}

/// `%YAML` and `%TAG` lines belong to the `---` behind them.
fn ends_with_directive(text: &str) -> bool {
    text.lines()
        .rev()
        .find(|line| !matches!(line.trim_start().bytes().next(), None | Some(b'#')))
        .is_some_and(|line| line.starts_with('%'))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<(usize, &str)> {
        chunks(text).map(|chunk| (chunk.line, chunk.text)).collect()
    }

    #[test]
    fn splits_at_marker_lines() {
        assert_eq!(parts(""), []);
        assert_eq!(parts("a: 1"), [(1, "a: 1")]);
        assert_eq!(parts("---\na\n---\nb\n"), [(1, "---\na\n"), (3, "---\nb\n")]);
        assert_eq!(parts("a\r\n---\r\nb"), [(1, "a\r\n"), (2, "---\r\nb")]);
        assert_eq!(parts("a\n--- {b: 1}\n"), [(1, "a\n"), (2, "--- {b: 1}\n")]);
        assert_eq!(parts("a\n---"), [(1, "a\n"), (2, "---")]);
    }

    #[test]
    fn leaves_other_dashes_alone() {
        assert_eq!(parts("a\n---b\n").len(), 1);
        assert_eq!(parts("a\n ---\n").len(), 1);
        assert_eq!(parts("a\n----\n").len(), 1);
    }

    #[test]
    fn directives_stay_with_their_document() {
        assert_eq!(parts("%YAML 1.1\n---\na\n").len(), 1);
        assert_eq!(parts("%YAML 1.1\n# c\n\n---\na\n---\nb").len(), 2);
    }

    #[test]
    fn a_byte_order_mark_is_no_content() {
        let chunk = chunks("\u{feff}a: 1").next().unwrap();
        assert_eq!((chunk.start, chunk.line, chunk.text), (3, 1, "a: 1"));
        assert_eq!(chunk.range(), 3..7);
    }
}
