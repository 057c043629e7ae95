//! The text between `---` lines.
//!
//! `kubectl` splits a text before any YAML is read: at every line that begins with `---` and holds nothing else but
//! white space and a comment; it refuses every other line that begins so. YAML's own marker is `---` and a blank. What
//! only one of the two takes for a separator is an error, or else the other would read other documents.

use super::error::Error;
use super::position::{count_breaks, first};
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

/// Splits a text at its lines that begin with `---`, without reading what is between them.
///
/// Such a line ends a document for YAML or for `kubectl`, even inside a quoted or block scalar; where they disagree,
/// the chunk it begins is an error, see [`check`]. A chunk still holds several documents when they are separated by
/// `...` or are concatenated JSON. A byte order mark at the start belongs to no chunk.
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
    memmem::find_iter(text.as_bytes(), b"\n---")
        .map(|newline| newline + 1)
        .find(|&line| !(Dashes::of(&text[line..]).is_marker() && ends_with_directive(&text[..line])))
        .unwrap_or(text.len())
}

/// The meaning of a line that begins with `---`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dashes {
    /// A separator for everybody.
    Separator,
    /// YAML's marker with content behind it; `kubectl` refuses the text.
    Content,
    /// A separator for `kubectl` alone, or one with content behind it for YAML.
    Ambiguous,
    /// A separator for nobody; `kubectl` refuses the text.
    Text,
}

impl Dashes {
    /// Classifies the first line of a text; it begins with `---`.
    fn of(text: &str) -> Dashes {
        // Only a line feed ends a line for `kubectl`.
        let line = text.split('\n').next().unwrap_or_default();
        let rest = line.strip_suffix('\r').unwrap_or(line).get(3..).unwrap_or_default();
        let comment = rest.trim_start_matches([' ', '\t']);
        let is_blank = rest.is_empty() || rest.starts_with([' ', '\t', '\r']);
        let one_line = !rest.contains(['\r', '\u{85}', '\u{2028}', '\u{2029}']);
        // Rust's white space is that of Go's `strings.TrimSpace`.
        match rest.trim().bytes().next() {
            None | Some(b'#') if is_blank && one_line && matches!(comment.bytes().next(), None | Some(b'#')) => {
                Dashes::Separator
            }
            None | Some(b'#') => Dashes::Ambiguous,
            _ if is_blank => Dashes::Content,
            _ => Dashes::Text,
        }
    }

    /// Whether YAML, too, begins a document here.
    fn is_marker(self) -> bool {
        matches!(self, Dashes::Separator | Dashes::Content)
    }
}

/// Refuses what `kubectl` may take for other documents than YAML does: a first line that is a separator for only one
/// of them, and what follows odd white space at the start, which is JSON for `kubectl` if it is a `{`. Refuses
/// `\r\r\n`, too: `kubectl` drops one of the carriage returns, YAML reads two line breaks.
pub(super) fn check(chunk: &Chunk<'_>) -> Result<(), Error> {
    let text = chunk.text;
    let place = first(chunk);
    if text.starts_with("---") {
        let message = match Dashes::of(text) {
            Dashes::Separator | Dashes::Content => None,
            Dashes::Ambiguous => Some("`kubectl` starts a document at this line, YAML does not: write `---` alone"),
            Dashes::Text => Some("`kubectl` refuses a line that begins with `---` and is not a separator: indent it"),
        };
        if let Some(message) = message {
            return Err(place.error(chunk, message));
        }
    }
    let start = text.trim_start_matches([' ', '\t', '\n', '\r']);
    if start.starts_with(char::is_whitespace) && start.trim_start().starts_with('{') {
        let at = place.advance(chunk, text.len() - start.len());
        return Err(at.error(chunk, "odd white space in front of `{`: write a blank"));
    }
    match memmem::find(text.as_bytes(), b"\r\r\n") {
        Some(at) => Err(place.advance(chunk, at).error(chunk, "a line ends with \\r\\r\\n: write \\n")),
        None => Ok(()),
    }
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
        assert_eq!(parts("a\n ---\n").len(), 1);
        assert_eq!(parts("a\n--\n").len(), 1);
        assert_eq!(parts("a\n--- - -\n--\n").len(), 2);
    }

    /// Confirmed with `kubectl` 1.35: it splits at the first ones and refuses the last ones.
    #[test]
    fn s4_separators_for_one_reader_alone_are_errors() {
        let separators = ["---", "---\r", "--- ", "---\t", "---  # c", "--- #", "---\t#c"];
        let ambiguous = [
            "---#",
            "---#: |",
            "---\u{a0}",
            "--- \u{a0}# c",
            "---\u{b}",
            "---\u{2028}",
            "---\r# c\rx: |",
            "--- # c\u{85}x: |",
        ];
        let refused = ["----", "---b", "---\u{a0}x", "-----BEGIN"];
        for (lines, split, is_error) in
            [(&separators[..], true, false), (&ambiguous, true, true), (&refused, true, true)]
        {
            for line in lines {
                let text = format!("a: 1\n{line}\nb: 2\n");
                let parts: Vec<_> = chunks(&text).collect();
                assert_eq!(parts.len() == 2, split, "{line:?}");
                assert_eq!(check(&parts[1]).is_err(), is_error, "{line:?}");
                assert_eq!(super::super::parse(&text).errors.len(), usize::from(is_error), "{line:?}");
            }
        }
        assert_eq!(super::super::parse("a: 1\n--- {b: 2}\n").errors, []);
    }

    #[test]
    fn what_kubectl_takes_for_json_or_another_line_break_is_an_error() {
        for (text, message) in [
            ("\u{a0}{kind: Pod}\n", "odd white space"),
            ("\n \u{3000}\n{kind: Pod}\n", "odd white space"),
            ("a: \"x\r\r\ny\"\n", "\\r\\r\\n"),
        ] {
            let parsed = super::super::parse(text);
            assert!(parsed.errors[0].message.contains(message), "{text:?} {:?}", parsed.errors);
        }
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
