//! The lines of a text around a place.

use crate::finding::Place;

/// Lines shown before the one in question.
const CONTEXT: usize = 1;

/// A few lines of a text around a place.
pub(super) struct Excerpt<'t> {
    /// The lines, without the last line break.
    pub(super) text: &'t str,
    /// Number of the first.
    pub(super) line: usize,
    /// Where the place starts in the lines, in bytes.
    pub(super) start: usize,
    /// Where it ends.
    pub(super) end: usize,
}

impl<'t> Excerpt<'t> {
    pub(super) fn around(text: &'t str, place: Place) -> Excerpt<'t> {
        let start = place.start.min(text.len());
        let end = place.end.clamp(start, text.len());
        let mut from = line_start(text, start);
        let mut line = place.line;
        for _ in 0..CONTEXT {
            if from > 0 && line > 1 {
                from = line_start(text, from - 1);
                line -= 1;
            }
        }
        let to = text[end..].find('\n').map_or(text.len(), |at| end + at);
        Excerpt { text: &text[from..to], line, start: start - from, end: end - from }
    }
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

/// Finds lines and columns of bytes.
pub(super) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub(super) fn of(text: &'t str) -> Lines<'t> {
        let bytes = text.as_bytes();
        let ends = bytes.iter().enumerate().filter(|(at, byte)| match byte {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        });
        let starts = [0].into_iter().chain(ends.map(|(at, _)| at + 1)).collect();
        Lines { text, starts }
    }

    /// Line and column of a byte, both from 1, the column in characters.
    pub(super) fn position(&self, at: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= at);
        let start = self.starts[line - 1];
        let column = self.text.get(start..at).map_or(1, |before| before.chars().count() + 1);
        (line, column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_of_bytes() {
        let lines = Lines::of("a\r\né: b\rc\n");
        for (at, expected) in
            [(0, (1, 1)), (1, (1, 2)), (3, (2, 1)), (5, (2, 2)), (7, (2, 4)), (9, (3, 1)), (11, (4, 1))]
        {
            assert_eq!(lines.position(at), expected, "{at}");
        }
    }
}
