//! A fast reader of the YAML that nearly everybody writes.
//!
//! Block mappings and sequences, plain, quoted and block scalars, brackets, comments: no anchors, aliases,
//! tags, merge keys, directives, `? ` keys, tabs in odd places. It reads the lines where they stand, with
//! no tokens and no copies, many times as fast as the event parser. Whatever else a chunk holds, and
//! whatever might be an error, makes it give up: the chunk is then read by the event parser, which alone
//! decides what is wrong. What it does read, it reads as the event parser does; the tests compare the two.

mod block;
mod flow;
mod lines;
mod quoted;
mod scalar;

#[cfg(test)]
mod tests;

use super::merge::check_unique;
use super::node::{Node, Style, Value};
use super::position::Place;
use super::split::Chunk;
use super::{Document, MAX_DEPTH};
use std::borrow::Cow;

/// The keys that say whether an object carries a pod template, from the object down to its containers.
const OUTLINE: [&str; 8] =
    ["apiVersion", "kind", "items", "spec", "template", "jobTemplate", "podTemplate", "containers"];

/// Whether the nodes that are read are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// All of them make the tree.
    Everything,
    /// Only what [`OUTLINE`] names, from the root down, and no items of lists. The rest is read all the
    /// same: whatever is wrong with it is found.
    Outline,
}

/// Reads a chunk of one document. `None`: the event parser has to.
pub(super) fn read<'a>(chunk: &Chunk<'a>, keep: Keep) -> Option<Document<'a>> {
    let mut reader = Reader::new(chunk, keep)?;
    let marked = reader.marker()?;
    // Nothing but comments is for the event parser.
    let indent = reader.next?;
    let line = if marked { chunk.line } else { reader.line };
    let root = reader.block(indent, true)?;
    if reader.next.is_some() {
        return None;
    }
    Some(Document { line, chunk: chunk.range(), root })
}

/// Where the reader is and what it has seen.
struct Reader<'a> {
    chunk: Chunk<'a>,
    /// The text of the chunk that is read.
    text: &'a str,
    /// The next byte.
    at: usize,
    /// The line it is on, in the whole text.
    line: usize,
    /// Where that line starts.
    line_start: usize,
    /// The indentation of the line with content that follows, once the one before it is done.
    next: Option<usize>,
    /// Where the last content ended.
    last_end: usize,
    depth: usize,
    /// A character is a byte.
    ascii: bool,
    /// There are tabs.
    tabs: bool,
    /// The last place asked for, a byte and the characters before it on its line: the next one is counted
    /// from there.
    seen: (usize, usize),
    keep: Keep,
    /// The keys of the mappings that are open, for an outline.
    keys: Vec<Cow<'a, str>>,
}

impl<'a> Reader<'a> {
    fn enter(&mut self) -> Option<()> {
        self.depth += 1;
        (self.depth <= MAX_DEPTH).then_some(())
    }

    fn is_outline(&self) -> bool {
        self.keep == Keep::Outline
    }

    /// Whether the value of a key is part of what is kept.
    fn keeps(&self, key: &Node) -> bool {
        !self.is_outline() || key.as_str().is_some_and(|key| OUTLINE.contains(&key))
    }

    /// Puts an entry where it belongs; `kept` says whether that is the tree.
    fn entry(&mut self, pairs: &mut Vec<(Node<'a>, Node<'a>)>, key: Node<'a>, value: Node<'a>, kept: bool) {
        if self.is_outline()
            && let Value::String(text) = &key.value
        {
            self.keys.push(text.clone());
        }
        if kept {
            pairs.push((key, value));
        }
    }

    /// The end of a mapping whose first key was the `first` of the open keys.
    fn mapping_of(&mut self, pairs: Vec<(Node<'a>, Node<'a>)>, first: usize) -> Option<Value<'a>> {
        if self.is_outline() {
            let unique = are_unique(&mut self.keys[first..]);
            self.keys.truncate(first);
            if !unique {
                return None;
            }
        } else {
            check_unique(&pairs).ok()?;
        }
        self.depth -= 1;
        Some(Value::Mapping(pairs))
    }

    fn node(&self, value: Value<'a>, place: Place, end: usize, style: Style) -> Node<'a> {
        Node { value, span: place.span_to(&self.chunk, end), style, aliased: false }
    }
}

/// Up to here comparing every key with every other beats sorting them.
const FEW: usize = 12;

fn are_unique(keys: &mut [Cow<'_, str>]) -> bool {
    if keys.len() <= FEW {
        return (1..keys.len()).all(|index| !keys[..index].contains(&keys[index]));
    }
    keys.sort_unstable();
    keys.windows(2).all(|pair| pair[0] != pair[1])
}
