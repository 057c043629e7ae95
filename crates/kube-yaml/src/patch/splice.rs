//! Changes of a text by place, applied together.

use std::ops::Range;

/// A part of the text and what it becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Splice {
    range: Range<usize>,
    text: String,
    /// Among insertions at one place the deeper comes first: it belongs to what stands before.
    depth: usize,
}

impl Splice {
    /// Replaces a part; an empty one is filled before anything else is put there.
    pub(super) fn replace(range: Range<usize>, text: impl Into<String>) -> Self {
        Splice { range, text: text.into(), depth: usize::MAX }
    }

    /// Takes a part away.
    pub(super) fn delete(range: Range<usize>) -> Self {
        Self::replace(range, "")
    }

    /// Puts text of a node that is `depth` levels deep at a place.
    pub(super) fn insert(at: usize, text: impl Into<String>, depth: usize) -> Self {
        Splice { range: at..at, text: text.into(), depth }
    }
}

/// A part of a text and what takes its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// Bytes of the text.
    pub range: Range<usize>,
    /// The new text.
    pub text: String,
}

/// The splices as replacements in the order of the text; `None` if two of them want the same part.
pub(super) fn merge(text: &str, mut splices: Vec<Splice>) -> Option<Vec<Replacement>> {
    // The sort is stable: equal places keep the order they were asked for in.
    splices.sort_by_key(|splice| {
        let replaces = !splice.range.is_empty();
        (splice.range.start, replaces, std::cmp::Reverse(splice.depth))
    });
    let mut merged: Vec<Replacement> = Vec::new();
    for Splice { range, text: new, .. } in splices {
        match merged.last_mut() {
            Some(last) if last.range.end == range.start => {
                last.range.end = range.end;
                last.text.push_str(&new);
            }
            last => {
                text.get(last.map_or(0, |last| last.range.end)..range.start)?;
                merged.push(Replacement { range, text: new });
            }
        }
    }
    text.get(merged.last().map_or(0, |last| last.range.end)..)?;
    Some(merged)
}

/// The text with all replacements, which are in its order, made.
pub(super) fn apply(text: &str, replacements: &[Replacement]) -> String {
    let mut out = String::with_capacity(text.len() + replacements.iter().map(|r| r.text.len()).sum::<usize>());
    let mut done = 0;
    for Replacement { range, text: new } in replacements {
        out.push_str(&text[done..range.start]);
        out.push_str(new);
        done = range.end;
    }
    out.push_str(&text[done..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splices_are_sorted_and_never_overlap() {
        let splices = vec![
            Splice::replace(2..3, "C"),
            Splice::insert(2, "outer", 1),
            Splice::insert(2, "inner", 2),
            Splice::delete(0..2),
            Splice::insert(4, "!", 0),
        ];
        let apply = |splices| merge("abcd", splices).map(|replacements| apply("abcd", &replacements));
        assert_eq!(apply(splices).as_deref(), Some("innerouterCd!"));
        assert_eq!(apply(vec![Splice::delete(0..2), Splice::delete(1..3)]), None);
        assert_eq!(apply(vec![Splice::delete(0..2), Splice::insert(1, "x", 0)]), None);
        assert_eq!(apply(vec![]).as_deref(), Some("abcd"));
    }
}
