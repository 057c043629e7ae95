//! Changes of one chunk of a text. An object gets all of its changes or none: half of them may be worse than
//! neither, as a mount without its volume.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::IgnoredAny;
use serde_json::Value;

use super::check::Check;
use super::diff::{Change, diff};
use super::layout;
use super::plan::{Holder, Place, Plan, Refused};
use super::splice;
use super::style::Style;
use super::text::line_number;
use super::tree::{Id, Tree};
use super::{Made, Refusal};
use crate::yaml::{self, Chunk, Document, Node, Parsed, Segment};

/// An object of the chunk and what it should be.
pub(super) struct Wanted<'w> {
    pub(super) target: usize,
    /// Index of the document in the chunk.
    pub(super) document: usize,
    pub(super) path: &'w [Segment],
    pub(super) value: &'w Value,
}

pub(super) const NOT_SAFE: &str = "the text around it cannot be edited without changing something else";

/// Bytes that are read at most to find out which changes can be made together.
const MAX_READ: usize = 64 << 20;

/// Most attempts, however small the text is.
const MAX_ATTEMPTS: usize = 250;

/// What became of a chunk.
#[derive(Default)]
pub(super) struct Edited {
    /// The new text; none if nothing could be changed.
    pub(super) text: Option<String>,
    pub(super) made: Vec<Made>,
    pub(super) refused: Vec<Refusal>,
}

/// A change of the chunk.
struct Item {
    target: usize,
    document: usize,
    /// Segments of the path that lead to the object.
    object: usize,
    /// Its path starts at the document.
    change: Change,
}

impl Item {
    /// The path in the object, as findings write it.
    fn field_path(&self) -> String {
        let mut path = String::new();
        for segment in &self.change.path[self.object..] {
            match segment {
                Segment::Key(key) => hardening::path::push_key(&mut path, key),
                Segment::Index(index) => path.push_str(&format!("[{index}]")),
            }
        }
        path
    }
}

/// One chunk and what is to change in it.
pub(super) struct Editor<'e> {
    text: &'e str,
    lines_before: usize,
    documents: Vec<Document<'e>>,
    /// What the documents mean.
    old: Vec<Value>,
    styles: Vec<Style>,
    items: Vec<Item>,
    /// The changes of objects that may still get all of theirs.
    open: BTreeSet<Id>,
    attempts_left: usize,
}

/// A text that means what it should.
struct Attempt {
    text: String,
    /// The changes that are in it.
    there: BTreeSet<Id>,
    /// Why others are not.
    refused: BTreeMap<Id, Refused>,
}

impl<'e> Editor<'e> {
    /// Edits a chunk.
    pub(super) fn edit(chunk: &Chunk<'e>, wanted: &[Wanted<'_>]) -> Edited {
        let text = chunk.text;
        let documents = read(text).documents;
        let lines_before = chunk.line - 1;
        if let Some(at) = documents.iter().find_map(|document| yaml::control_in_comment(text, &document.root)) {
            let line = line_number(text, at) + lines_before;
            let reason = format!("is in a template: the comment on line {line} decides what is in the document");
            let refused = wanted.iter().map(|wanted| super::refusal(wanted.target, chunk.line, &reason)).collect();
            return Edited { refused, ..Edited::default() };
        }
        let json = is_json(text);
        let mut refused = Vec::new();
        let old: Vec<Value> = documents.iter().map(|document| value(&document.root).unwrap_or_default()).collect();
        let styles = documents.iter().map(|document| Style::of(text, &document.root, json)).collect();
        let mut items = Vec::new();
        for Wanted { target, document, path, value: wanted } in wanted {
            let node = documents.get(*document).and_then(|document| document.root.at(path));
            match node.map(value) {
                Some(Some(old)) => items.extend(diff(&old, wanted).into_iter().map(|change| Item {
                    target: *target,
                    document: *document,
                    object: path.len(),
                    change: Change { path: path.iter().cloned().chain(change.path).collect(), ..change },
                })),
                none => {
                    let reason = if none.is_some() { "is nested too deeply" } else { "is not in this document" };
                    refused.push(super::refusal(*target, chunk.line, reason));
                }
            }
        }
        let open = (0..items.len()).collect();
        let mut editor = Editor { text, lines_before, documents, old, styles, items, open, attempts_left: 0 };
        loop {
            let best = editor.best();
            let new = editor.refusals(best.as_ref());
            if new.is_empty() {
                let there = best.iter().flat_map(|best| &best.there).filter_map(|id| editor.items.get(*id));
                let made = there.map(|item| Made { target: item.target, path: item.field_path() }).collect();
                return Edited { text: best.map(|best| best.text).filter(|new| new != text), made, refused };
            }
            editor.open.retain(|id| !new.iter().any(|refusal| refusal.target == editor.items[*id].target));
            refused.extend(new);
        }
    }

    /// The text with as many of the open changes as can be made.
    fn best(&mut self) -> Option<Attempt> {
        self.attempts_left = (MAX_READ / self.text.len().max(1)).clamp(8, MAX_ATTEMPTS);
        let all: Vec<Id> = self.open.iter().copied().collect();
        let none = BTreeSet::new();
        let mut made = BTreeSet::new();
        let mut best = None;
        self.grow(&mut made, &all, &mut best, &|editor, made| editor.attempt(made, &none));
        // What comes through a merge key, and did not change with it, gets a key of its own.
        let overridable = |attempt: &Attempt| -> Vec<Id> {
            let refused =
                attempt.refused.iter().filter(|(id, refused)| refused.overridable && !attempt.there.contains(id));
            refused.map(|(id, _)| *id).collect()
        };
        let candidates = best.as_ref().map(overridable).unwrap_or_default();
        if !candidates.is_empty() {
            let mut overrides = BTreeSet::new();
            self.grow(&mut overrides, &candidates, &mut best, &|editor, overrides| editor.attempt(&made, overrides));
        }
        best
    }

    /// Adds as many of the candidates to `good` as go together: all at once, or else by halves.
    fn grow(
        &mut self,
        good: &mut BTreeSet<Id>,
        candidates: &[Id],
        best: &mut Option<Attempt>,
        attempt: &dyn Fn(&Self, &BTreeSet<Id>) -> Option<Attempt>,
    ) {
        if candidates.is_empty() || self.attempts_left == 0 {
            return;
        }
        self.attempts_left -= 1;
        let more: BTreeSet<Id> = good.iter().chain(candidates).copied().collect();
        if let Some(found) = attempt(self, &more) {
            *good = more;
            *best = Some(found);
        } else if candidates.len() > 1 {
            let (left, right) = candidates.split_at(self.split(candidates));
            self.grow(good, left, best, attempt);
            self.grow(good, right, best, attempt);
        }
    }

    /// Where to split: between two objects if there are several, else in the middle.
    fn split(&self, candidates: &[Id]) -> usize {
        let middle = candidates.len() / 2;
        let target = |index: usize| self.items[candidates[index]].target;
        let between = (1..candidates.len()).filter(|index| target(*index) != target(index - 1));
        between.min_by_key(|index| index.abs_diff(middle)).unwrap_or(middle)
    }

    /// Makes some changes; `None` if the text would not mean what it should.
    fn attempt(&self, ids: &BTreeSet<Id>, overrides: &BTreeSet<Id>) -> Option<Attempt> {
        let mut splices = Vec::new();
        let mut made = BTreeSet::new();
        let mut refused = BTreeMap::new();
        for (index, (document, style)) in self.documents.iter().zip(&self.styles).enumerate() {
            let tree = self.tree(index, |id| ids.contains(&id));
            if tree.ids().is_empty() {
                continue;
            }
            let mut plan = Plan {
                text: self.text,
                style,
                overrides,
                lines_before: self.lines_before,
                splices: Vec::new(),
                made: BTreeSet::new(),
                refused: BTreeMap::new(),
            };
            plan.visit(&document.root, &Place { holder: Holder::Root, entry: None, depth: 0 }, &tree);
            splices.append(&mut plan.splices);
            made.append(&mut plan.made);
            refused.append(&mut plan.refused);
        }
        let text = splice::apply(self.text, splices)?;
        let there = self.check(&text, &made)?;
        Some(Attempt { text, there, refused })
    }

    /// The open changes of one document.
    fn tree(&self, document: usize, chosen: impl Fn(Id) -> bool) -> Tree<'_> {
        let own = self.open.iter().map(|id| (*id, &self.items[*id]));
        let own = own.filter(|(id, item)| item.document == document && chosen(*id));
        Tree::build(own.map(|(id, item)| (id, &item.change)))
    }

    /// Which changes are in the new text; `None` if anything is there that should not be.
    fn check(&self, text: &str, made: &BTreeSet<Id>) -> Option<BTreeSet<Id>> {
        let new = read(text);
        // The line that ends the chunk is where the next one starts.
        let ends_as_before = text.ends_with('\n') == self.text.ends_with('\n');
        if new.documents.len() != self.documents.len() || !new.errors.is_empty() || !ends_as_before {
            return None;
        }
        let mut check = Check::new(made);
        for (index, new) in new.documents.iter().enumerate() {
            let tree = self.tree(index, |_| true);
            let holds = if tree.ids().is_empty() {
                self.documents[index].root.to_json() == new.root.to_json()
            } else {
                check.holds(&self.old[index], &value(&new.root)?, &tree)
            };
            if !holds {
                return None;
            }
        }
        Some(check.there)
    }

    /// What of the open changes is not in the text, and why.
    fn refusals(&self, best: Option<&Attempt>) -> Vec<Refusal> {
        let left = self.open.iter().filter(|id| best.is_none_or(|best| !best.there.contains(id)));
        let left = left.map(|id| (*id, &self.items[*id]));
        let refusal = |(id, item): (Id, &Item)| Refusal {
            target: item.target,
            path: item.field_path(),
            line: self.line(item),
            reason: best
                .and_then(|best| best.refused.get(&id))
                .map(|refused| refused.reason.clone())
                .or_else(|| self.shared(item))
                .unwrap_or_else(|| NOT_SAFE.to_owned()),
        };
        left.map(refusal).collect()
    }

    /// The line of a field, or of the nearest one around it that is written here.
    fn line(&self, item: &Item) -> usize {
        let root = &self.documents[item.document].root;
        let lines = (0..=item.change.path.len()).rev().filter_map(|depth| {
            let located = root.locate(&item.change.path[..depth]);
            let node = located.key.unwrap_or(located.node);
            (located.depth == depth && !node.aliased).then_some(node.span.line as usize)
        });
        lines.max().unwrap_or(1) + self.lines_before
    }

    /// The anchor around a change, which others may use too.
    fn shared(&self, item: &Item) -> Option<String> {
        let mut node = &self.documents[item.document].root;
        for segment in &item.change.path {
            let (entry, below) = match segment {
                Segment::Key(key) => {
                    let (key, value) = node.entry(key)?;
                    (layout::entry(self.text, key, value).ok()?, value)
                }
                Segment::Index(index) => {
                    let mut items = layout::items(self.text, node).ok()?;
                    let entry = (*index < items.len()).then(|| items.swap_remove(*index))?;
                    (entry, node.as_sequence()?.get(*index)?)
                }
            };
            if let Some(at) = layout::anchor(self.text, &entry) {
                let line = line_number(self.text, at) + self.lines_before;
                return Some(format!("is shared by the anchor on line {line}, whose other uses must stay as they are"));
            }
            node = below;
        }
        None
    }
}

/// Reads the text of a chunk for itself.
fn read(text: &str) -> Parsed<'_> {
    yaml::parse_chunk(&Chunk { text, start: 0, line: 1 })
}

/// What a node means; `None` if it is nested more deeply than JSON may be.
fn value(node: &Node<'_>) -> Option<Value> {
    serde_json::from_str(&node.to_json()).ok()
}

/// Whether a chunk is JSON, one value or several.
fn is_json(text: &str) -> bool {
    let text = text.strip_prefix("---").unwrap_or(text).trim_start();
    text.starts_with(['{', '['])
        && serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>().all(|v| v.is_ok())
}
