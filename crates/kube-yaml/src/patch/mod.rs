//! Edits the text of manifests so that their objects become what they should be, touching nothing else.
//!
//! ```text
//! old and wanted object ─ diff ─▶ changes ─ plan ─▶ splices ─ apply ─▶ text ─ check
//! ```
//!
//! No text leaves this module unless reading it again gives exactly the objects that were wanted, and all
//! others as they were. An object that cannot become all that is wanted stays as it is, and the changes that
//! are in the way are named, each with its reason.

mod block;
mod brackets;
mod check;
mod chunk;
mod diff;
mod emit;
mod flow;
mod layout;
mod plan;
mod put;
pub mod scalar;
mod splice;
mod style;
mod text;
mod tree;

use serde_json::Value;

pub use self::diff::{Change, Kind, diff};

use self::chunk::{Editor, Wanted};
use crate::yaml::{self, Document, Parsed, Segment};

/// An object and what it should be.
#[derive(Debug, Clone)]
pub struct Target<'v> {
    /// Index of its document in [`yaml::Parsed::documents`].
    pub document: usize,
    /// Steps from the document to the object: none, or `items[i]` of a `List`.
    pub path: Vec<Segment>,
    /// What it should be.
    pub wanted: &'v Value,
}

/// The edited text, and what is not in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The text; the old one if nothing could be changed.
    pub text: String,
    /// Changes that are in the text, in the order of the targets.
    pub made: Vec<Made>,
    /// Changes that cannot be made, in the order of the targets, which are left as they were.
    pub refused: Vec<Refusal>,
}

/// A change that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Index of the target.
    pub target: usize,
    /// Field path in the object as it was: of the field, or of the item that something comes before.
    pub path: String,
}

/// A change that cannot be made safely.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Index of the target.
    pub target: usize,
    /// Field path in the object.
    pub path: String,
    /// The line of the field, or of what lacks it, from 1.
    pub line: usize,
    /// Why not.
    pub reason: String,
}

/// Edits `text` so that every target becomes what is wanted; one for which that is not safe keeps its text.
pub fn patch(text: &str, targets: &[Target<'_>]) -> Outcome {
    let parsed = yaml::parse(text);
    let mut outcome = Outcome { text: String::with_capacity(text.len() + text.len() / 8), ..Outcome::default() };
    let mut copied = 0;
    let mut first = 0;
    let mut changed = vec![false; parsed.documents.len()];
    // A chunk is read on its own, so what is changed in one does not touch the others.
    for chunk in yaml::chunks(text) {
        let count = parsed.documents[first..].iter().take_while(|document| document.chunk == chunk.range()).count();
        let documents = first..first + count;
        first += count;
        let own = targets.iter().enumerate().filter(|(_, target)| documents.contains(&target.document));
        let mut wanted: Vec<Wanted<'_>> = Vec::new();
        for (index, target) in own {
            let overlaps = |other: &Wanted<'_>| {
                let shorter = other.path.len().min(target.path.len());
                other.document + documents.start == target.document && other.path[..shorter] == target.path[..shorter]
            };
            if wanted.iter().any(overlaps) {
                let line = parsed.documents[target.document].line;
                outcome.refused.push(refusal(index, line, "is part of another object that changes"));
            } else {
                wanted.push(Wanted {
                    target: index,
                    document: target.document - documents.start,
                    path: &target.path,
                    value: target.wanted,
                });
            }
        }
        if wanted.is_empty() {
            continue;
        }
        if parsed.errors.iter().any(|error| error.chunk == chunk.range()) {
            let reason = "a part of this document cannot be read";
            outcome.refused.extend(wanted.iter().map(|wanted| refusal(wanted.target, chunk.line, reason)));
            continue;
        }
        let edited = Editor::edit(&chunk, &wanted);
        outcome.made.extend(edited.made);
        outcome.refused.extend(edited.refused);
        if let Some(new) = edited.text {
            outcome.text.push_str(&text[copied..chunk.start]);
            outcome.text.push_str(&new);
            copied = chunk.range().end;
            changed[documents].fill(true);
        }
    }
    outcome.text.push_str(&text[copied..]);
    for (index, target) in targets.iter().enumerate().filter(|(_, target)| target.document >= parsed.documents.len()) {
        outcome.refused.push(refusal(index, 1, &format!("there is no document {}", target.document)));
    }
    if !others_are_as_before(&parsed, &yaml::parse(&outcome.text), &changed) {
        // Chunks do not touch each other: this is a second lock, not a way that is taken.
        let all = (0..targets.len()).map(|index| refusal(index, 1, chunk::NOT_SAFE));
        return Outcome { text: text.to_owned(), made: Vec::new(), refused: all.collect() };
    }
    outcome.made.sort_by_key(|made| made.target);
    outcome.refused.sort_by_key(|refusal| refusal.target);
    outcome
}

fn refusal(target: usize, line: usize, reason: &str) -> Refusal {
    Refusal { target, path: String::new(), line, reason: reason.to_owned() }
}

/// Whether the documents that were not to change mean what they did; the others were checked one by one.
fn others_are_as_before(old: &Parsed<'_>, new: &Parsed<'_>, changed: &[bool]) -> bool {
    let same = |(old, new): (&Document<'_>, &Document<'_>)| old.root.to_json() == new.root.to_json();
    old.documents.len() == new.documents.len()
        && old.errors.len() == new.errors.len()
        && old.documents.iter().zip(&new.documents).zip(changed).all(|(pair, changed)| *changed || same(pair))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
