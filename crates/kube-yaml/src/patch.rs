//! Edits the text of manifests, touching nothing but what is meant to change.
//!
//! ```text
//! edits of objects ─▶ wanted objects ─ diff ─▶ changes ─ plan ─▶ splices ─▶ text, read again and compared
//! ```
//!
//! No text leaves this module unless reading it again gives exactly the objects that were wanted, and all
//! others as they were. Edits that belong together are made together or not at all: half of them may be worse than
//! neither, such as a mount without its volume. What cannot be made is refused by itself, with the reason.

mod block;
mod brackets;
mod chunk;
mod diff;
mod edit_path;
mod emit;
mod flow;
mod layout;
mod part;
mod plan;
mod put;
mod reason;
pub mod scalar;
mod share;
mod splice;
mod style;
mod text;
mod tree;
pub mod wire;

use std::collections::BTreeMap;

use hardening::violation::Edit;

use self::chunk::Editor;
pub use self::diff::edits;
pub use self::edit_path::edit_path;
pub use self::part::Separate;
pub use self::reason::Reason;
pub use self::share::together;
pub use self::splice::Replacement;
use crate::yaml::{self, Parsed, Segment};

/// Edits of one object that belong together.
#[derive(Debug, Clone, Copy)]
pub struct Group<'e> {
    /// Index of the object's document in [`Parsed::documents`].
    pub document: usize,
    /// Steps from the document to the object: none, or `items[i]` of a `List`.
    pub path: &'e [Segment],
    /// The changes in the object. Indices are those of the object as it is, whatever the edits remove.
    pub edits: &'e [Edit],
}

/// An edited text, and what is not in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Applied {
    /// The text; the old one if nothing could be changed.
    pub text: String,
    /// Edits that cannot be made, in the order of the groups; all of their group are left out.
    pub refused: Vec<Refusal>,
}

/// A change that cannot be made safely.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Index of the group.
    pub group: usize,
    /// Field path in the object.
    pub path: String,
    /// The line of the field, or of what lacks it, from 1.
    pub line: usize,
    /// Why not.
    pub reason: Reason,
}

/// Makes as many groups of edits in `text`, which `parsed` was read from, as can be made without changing anything
/// else.
///
/// Several groups may want the same edit; it is made once. What an anchor shares is edited if everybody who uses it
/// wants the same.
pub fn apply(text: &str, parsed: &Parsed<'_>, groups: &[Group<'_>]) -> Applied {
    let mut applied = Applied { text: String::with_capacity(text.len() + text.len() / 8), ..Applied::default() };
    let mut of_document: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, group) in groups.iter().enumerate() {
        of_document.entry(group.document).or_default().push(index);
    }
    let mut copied = 0;
    let mut first = 0;
    // A chunk is read on its own, so what is changed in one does not touch the others.
    for chunk in yaml::chunks(text) {
        let count = parsed.documents[first..].iter().take_while(|document| document.chunk == chunk.range()).count();
        let documents = first..first + count;
        first += count;
        let own = of_document.range(documents.clone()).flat_map(|(_, indices)| indices);
        let in_chunk = |index: &usize| Group { document: groups[*index].document - documents.start, ..groups[*index] };
        let own: Vec<(usize, Group<'_>)> = own.map(|index| (*index, in_chunk(index))).collect();
        if own.is_empty() {
            continue;
        }
        if parsed.errors.iter().any(|error| error.chunk == chunk.range()) {
            let refusal = |(index, _): &(usize, _)| Refusal::new(*index, chunk.line, Reason::Unreadable);
            applied.refused.extend(own.iter().map(refusal));
            continue;
        }
        let edited = Editor::edit(&chunk, &own);
        applied.refused.extend(edited.refused);
        if let Some(new) = edited.text {
            applied.text.push_str(&text[copied..chunk.start]);
            applied.text.push_str(&new);
            copied = chunk.range().end;
        }
    }
    applied.text.push_str(&text[copied..]);
    for (document, indices) in of_document.range(parsed.documents.len()..) {
        let refusal = |index: &usize| Refusal::new(*index, 1, Reason::NoDocument(*document));
        applied.refused.extend(indices.iter().map(refusal));
    }
    applied.refused.sort_by_key(|refusal| refusal.group);
    applied
}

impl Refusal {
    /// Refuses a group as a whole.
    fn new(group: usize, line: usize, reason: Reason) -> Refusal {
        Refusal { group, path: String::new(), line, reason }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
