//! Single edits of a text. Only the part that they stay in is read again, so that working them out one by one takes
//! time with the length of the text, not with its square.

use hardening::violation::Edit;

use super::chunk::{Edited, Editor};
use super::edit_path::{edit_path, moved_to};
use super::{Group, Replacement};
use crate::yaml::{Chunk, Node, Parsed, Segment, Style, Value, chunks, to_text};

/// An object of at most this many bytes is not taken apart: its own text says best how it is laid out.
const SMALL: usize = 8 << 10;

/// Works out single edits of a text.
pub struct Separate<'t> {
    text: &'t str,
    parsed: &'t Parsed<'t>,
    /// For each document, whether anchors share parts of it: these are edited as a whole or not at all.
    shared: Vec<bool>,
    /// Bytes that were read again.
    read: usize,
}

impl<'t> Separate<'t> {
    /// Starts on a text, which `parsed` was read from.
    pub fn new(text: &'t str, parsed: &'t Parsed<'t>) -> Separate<'t> {
        let shared = parsed.documents.iter().map(|document| is_shared(&document.root)).collect();
        Separate { text, parsed, shared, read: 0 }
    }

    /// Makes these groups, which are of one document, all together: nothing if that is not safe, `None` if more
    /// than `budget` bytes would have to be read for it.
    pub fn replacements(&mut self, groups: &[Group<'_>], budget: usize) -> Option<Vec<Replacement>> {
        let nothing = Some(Vec::new());
        let Some(first) = groups.first() else { return nothing };
        let Some(document) = self.parsed.documents.get(first.document) else { return nothing };
        let edits: Vec<Edit> = groups.iter().flat_map(|group| group.edits.iter().cloned()).collect();
        let is_one = groups.iter().all(|group| group.document == first.document && group.path == first.path);
        let object = document.root.at(first.path).filter(|_| is_one && !self.shared[first.document]);
        let part = object.and_then(|object| Part::of(self.text, object, &edits));
        let chunk = chunks(&self.text[document.chunk.clone()]).next()?;
        let cost = part.as_ref().map_or(chunk.text.len(), |part| part.text.len());
        if cost > budget {
            return None;
        }
        self.read += cost;
        if let Some(part) = part {
            return Some(part.replacements().unwrap_or_default());
        }
        let base = self.parsed.documents.partition_point(|other| other.chunk.start < document.chunk.start);
        let own = groups.iter().map(|group| Group { document: group.document - base, ..*group }).enumerate();
        Some(moved(Editor::edit(&chunk, &own.collect::<Vec<_>>()), document.chunk.start))
    }

    /// Bytes that were read again so far.
    pub fn read(&self) -> usize {
        self.read
    }
}

/// The replacements in the whole text; none unless everything was made.
fn moved(edited: Edited, start: usize) -> Vec<Replacement> {
    let all = if edited.refused.is_empty() { edited.replacements } else { Vec::new() };
    let place = |range: std::ops::Range<usize>| range.start + start..range.end + start;
    all.into_iter().map(|replacement| Replacement { range: place(replacement.range), ..replacement }).collect()
}

/// The part of an object that edits stay in, as a text of its own: an item of a list in a large object, such as a
/// container, or else the object.
struct Part {
    text: String,
    /// Where it starts in the whole text.
    start: usize,
    /// The bytes of its first line that are blanks here and something else in the whole text, such as `- `.
    blanks: usize,
    /// With paths that start here.
    edits: Vec<Edit>,
}

impl Part {
    /// `None` if something else stands in its lines.
    fn of(text: &str, object: &Node<'_>, edits: &[Edit]) -> Option<Part> {
        let is_small = object.span.range().len() <= SMALL;
        let item = if is_small { Vec::new() } else { item_of(edits) };
        let prefix = to_text(&item);
        let edits = edits.iter().map(|edit| relative(edit, &prefix)).collect::<Option<Vec<Edit>>>()?;
        let node = object.at(&item)?;
        let span = node.span.range();
        if node.style == Style::Flow {
            return Some(Part { text: text.get(span.clone())?.to_owned(), start: span.start, blanks: 0, edits });
        }
        let line = text.get(..span.start)?.rfind(['\n', '\r']).map_or(0, |at| at + 1);
        let before = text.get(line..span.start)?;
        if node.style != Style::Block || !before.bytes().all(|byte| matches!(byte, b' ' | b'-')) {
            return None;
        }
        let end = text[span.end..].find('\n').map_or(text.len(), |at| span.end + at + 1);
        let lines = " ".repeat(before.len()) + text.get(span.start..end)?;
        Some(Part { text: lines, start: line, blanks: before.len(), edits })
    }

    fn replacements(&self) -> Option<Vec<Replacement>> {
        let group = Group { document: 0, path: &[], edits: &self.edits };
        let edited = Editor::edit(&Chunk { text: &self.text, start: 0, line: 1 }, &[(0, group)]);
        let is_behind = edited.replacements.first().is_none_or(|first| first.range.start >= self.blanks);
        is_behind.then(|| moved(edited, self.start))
    }
}

/// The first item of a list that all edits lead into; nothing if there is none.
fn item_of(edits: &[Edit]) -> Vec<Segment> {
    let path = edits.first().and_then(|edit| hardening::path::parse(edit_path(edit))).unwrap_or_default();
    let end = path.iter().position(|segment| matches!(segment, Segment::Index(_))).map_or(0, |at| at + 1);
    let item = path[..end].to_vec();
    let prefix = to_text(&item);
    if edits.iter().all(|edit| relative(edit, &prefix).is_some()) { item } else { Vec::new() }
}

/// An edit with its path from `item`; `None` if it lies elsewhere.
fn relative(edit: &Edit, item: &str) -> Option<Edit> {
    if item.is_empty() {
        return Some(edit.clone());
    }
    let below = edit_path(edit).strip_prefix(item)?.strip_prefix('.')?;
    Some(moved_to(edit, below.to_owned()))
}

/// Whether an anchor or a merge key shares a part of a tree.
fn is_shared(root: &Node<'_>) -> bool {
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        if node.aliased {
            return true;
        }
        match &node.value {
            Value::Mapping(pairs) => open.extend(pairs.iter().flat_map(|(key, value)| [key, value])),
            Value::Sequence(items) => open.extend(items),
            _ => {}
        }
    }
    false
}
