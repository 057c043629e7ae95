//! Where the parts of an entry stand, beyond what the tree knows: colons, dashes, aliases.

use std::ops::Range;

use super::reason::Reason;
use super::text::{line_end, line_start, next_written, previous_line_end, rest_of_line, skip_blanks, skip_trivia};
use crate::yaml::{Node, Style, Value};

/// An entry of a mapping or an item of a sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Where it starts: the key with what belongs to it, or the dash.
    pub(super) start: usize,
    /// Behind the colon or dash, where the value may start; `None` for a key without a colon.
    pub(super) mark: Option<usize>,
    /// The value without anchor and tag; empty if nothing is written.
    pub(super) value: Range<usize>,
}

impl Entry {
    /// Behind the value, or behind the colon or dash of one without.
    pub(super) fn end(&self) -> usize {
        self.value.end.max(self.mark.unwrap_or_default())
    }
}

/// Whether an entry came through a merge key, so that it is not written in this mapping.
pub(super) fn is_merged(key: &Node<'_>, value: &Node<'_>) -> bool {
    key.aliased && value.aliased
}

/// An entry that is written in its mapping.
///
/// # Errors
/// A layout that is not understood.
pub(super) fn entry(text: &str, key: &Node<'_>, value: &Node<'_>) -> Result<Entry, Reason> {
    if key.aliased {
        return Err(Reason::Layout);
    }
    let key_span = key.span.range();
    let colon = skip_trivia(text, key_span.end);
    let mark = text[colon..].starts_with(':').then_some(colon + 1);
    let value = match (mark, value.style) {
        (Some(mark), _) if value.aliased => alias(text, mark)?,
        (Some(mark), Style::Absent) => {
            let at = value.span.start as usize;
            at.max(mark)..at.max(mark)
        }
        (None, Style::Absent) => key_span.end..key_span.end,
        (None, _) => return Err(Reason::Layout),
        (Some(_), _) => value.span.range(),
    };
    if mark.is_some_and(|mark| value.start < mark) {
        return Err(Reason::Layout);
    }
    Ok(Entry { start: key_start(text, key_span.start), mark, value })
}

/// The entries of a block mapping that are written in it, by their keys.
///
/// # Errors
/// A layout that is not understood.
pub(super) fn entries<'n, 'a>(text: &str, mapping: &'n Node<'a>) -> Result<Vec<(&'n str, Entry)>, Reason> {
    let pairs = mapping.as_mapping().unwrap_or_default();
    let own = pairs.iter().filter(|(key, value)| !is_merged(key, value));
    let mut entries = Vec::new();
    for (key, value) in own {
        entries.push((key.as_str().unwrap_or_default(), entry(text, key, value)?));
    }
    entries.sort_by_key(|(_, entry)| entry.start);
    Ok(entries)
}

/// The items of a block sequence.
///
/// # Errors
/// A layout that is not understood.
pub(super) fn items(text: &str, sequence: &Node<'_>) -> Result<Vec<Entry>, Reason> {
    let mut entries = Vec::new();
    let mut at = sequence.span.start as usize;
    for item in sequence.as_sequence().unwrap_or_default() {
        let dash = skip_trivia(text, at);
        if !text[dash..].starts_with('-') {
            return Err(Reason::Layout);
        }
        let mark = dash + 1;
        let value = match item.style {
            _ if item.aliased => alias(text, mark)?,
            Style::Absent => item.span.start as usize..item.span.start as usize,
            _ => item.span.range(),
        };
        if value.start < mark {
            return Err(Reason::Layout);
        }
        at = value.end;
        entries.push(Entry { start: dash, mark: Some(mark), value });
    }
    Ok(entries)
}

/// The alias `*name` behind a mark.
fn alias(text: &str, mark: usize) -> Result<Range<usize>, Reason> {
    let start = skip_trivia(text, mark);
    if !text[start..].starts_with('*') {
        return Err(Reason::Layout);
    }
    let len = text[start..].find([' ', '\t', '\n', '\r', ',', ']', '}', '[', '{']);
    Ok(start..len.map_or(text.len(), |len| start + len))
}

/// Where a key starts with its anchor, its tag and the `?` of an explicit one.
fn key_start(text: &str, key: usize) -> usize {
    let from = line_start(text, key);
    let mut start = key;
    loop {
        let before = text[from..start].trim_end_matches([' ', '\t']);
        if before.len() == start - from {
            return start;
        }
        let token = before.rfind([' ', '\t', ',', '{', '[']).map_or(0, |found| found + 1);
        match before[token..].bytes().next() {
            Some(b'&' | b'!') => start = from + token,
            Some(b'?') if before.len() == token + 1 => return from + token,
            _ => return start,
        }
    }
}

/// Behind the anchor and the tag that follow a colon or dash on its line.
pub(super) fn behind_properties(text: &str, mark: usize) -> usize {
    let mut end = mark;
    loop {
        let at = skip_blanks(text, end);
        if !text[at..].starts_with(['&', '!']) {
            return end;
        }
        end = text[at..].find([' ', '\t', '\n', '\r']).map_or(text.len(), |len| at + len);
    }
}

/// Where the last line of a block node ends: nothing but a comment may follow on it.
///
/// # Errors
/// A layout that is not understood.
pub(super) fn last_line_end(text: &str, node: &Node<'_>, end: usize) -> Result<usize, Reason> {
    if rest_of_line(text, end).is_none() {
        return Err(Reason::Layout);
    }
    let leaf = last_leaf(node, end);
    let ends_in_scalar = matches!(leaf.style, Style::Literal | Style::Folded) && !leaf.aliased;
    Ok(if ends_in_scalar { block_scalar_end(text, &leaf.span.range()) } else { line_end(text, end) })
}

/// The deepest node that ends where `node` does.
fn last_leaf<'n, 'a>(node: &'n Node<'a>, end: usize) -> &'n Node<'a> {
    let ends = |child: &&Node<'_>| !child.aliased && child.span.end as usize == end;
    let last = match &node.value {
        Value::Sequence(items) => items.iter().rfind(ends),
        Value::Mapping(pairs) => pairs.iter().map(|(_, value)| value).rfind(ends),
        _ => None,
    };
    last.map_or(node, |child| last_leaf(child, end))
}

/// The end of the last line that belongs to a block scalar: with `+` blank lines are content, and so are
/// lines of spaces that go on beyond the indentation.
fn block_scalar_end(text: &str, span: &Range<usize>) -> usize {
    let header = text[span.start..].split(['\n', '\r', '#']).next().unwrap_or_default();
    let keeps = header.contains('+');
    let end = line_end(text, span.end);
    let written = next_written(text, end);
    let blank = &text[end..if written == text.len() { written } else { line_start(text, written) }];
    let kept = if keeps { blank } else { blank.trim_end_matches(['\n', '\r']) };
    previous_line_end(text, end + kept.len()).filter(|before| *before >= end).unwrap_or(end + kept.len())
}

/// Where the anchor of a value stands, if it has one.
pub(super) fn anchor(text: &str, entry: &Entry) -> Option<usize> {
    let mark = entry.mark?;
    let between = text.get(mark..entry.value.start)?;
    let is_first = |(at, _): &(usize, &str)| *at == 0 || between[..*at].ends_with([' ', '\t', '\n', '\r']);
    between.match_indices('&').find(is_first).map(|(at, _)| mark + at)
}

#[cfg(test)]
mod tests;
