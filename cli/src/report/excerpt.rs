//! The lines of a text around a place.

use super::escape;
use lint::finding::Place;

/// Longest excerpt, in bytes: minified JSON can be one huge line.
const LONGEST: usize = 4 << 10;

/// The lines of a place, safe to show. Their neighbours are none of the report's business: they may hold a secret.
pub(super) struct Excerpt {
    /// The lines, without the last line break.
    pub(super) text: String,
    /// Number of the first.
    pub(super) line: usize,
    /// Where the place starts in the lines, in bytes.
    pub(super) start: usize,
    /// Where it ends.
    pub(super) end: usize,
}

impl Excerpt {
    /// The lines; `None` if they are too long to be shown.
    pub(super) fn at(text: &str, place: Place) -> Option<Excerpt> {
        let start = place.start.min(text.len());
        let end = place.end.clamp(start, text.len());
        // What lies further away is too long, whatever it is.
        let floor = text.floor_char_boundary(start.saturating_sub(LONGEST));
        let ceiling = text.ceil_char_boundary(start.saturating_add(LONGEST));
        if end > ceiling {
            return None;
        }
        let from = line_start(text, floor, start)?;
        let to = match text[end..ceiling].find('\n') {
            Some(at) => end + at,
            None if ceiling == text.len() => ceiling,
            None => return None,
        };
        let (text, [start, end]) = escape::lines(&text[from..to], [start - from, end - from]);
        Some(Excerpt { text, line: place.line, start, end })
    }
}

/// Where the line of a byte starts, unless that is before `floor`.
fn line_start(text: &str, floor: usize, at: usize) -> Option<usize> {
    match text.get(floor..at)?.rfind('\n') {
        Some(newline) => Some(floor + newline + 1),
        None => (floor == 0).then_some(0),
    }
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

    #[test]
    fn what_is_too_long_is_not_shown() {
        let at = |start, end| Place { line: 2, column: 1, start, end, exact: true };
        let text = format!("a: b\nc: é\n{}: d\ne: f\n", "x".repeat(LONGEST));
        let shown = Excerpt::at(&text, at(5, 6)).unwrap();
        assert_eq!((&*shown.text, shown.line, shown.start, shown.end), ("c: é", 2, 0, 1));
        let long = 11;
        assert!(Excerpt::at(&text, at(long, long + 1)).is_none());
        assert!(Excerpt::at(&text, at(5, text.len())).is_none(), "a place of many lines");
        assert!(Excerpt::at("a: b", at(0, 1)).is_some(), "no line break at the end");
    }
}
