//! Edits the text of manifests so that their objects become what they should be, touching nothing else.
//!
//! ```text
//! old and wanted object ─ diff ─▶ changes ─ plan ─▶ splices ─ apply ─▶ text ─ check
//! ```
//!
//! No text leaves this module unless reading it again gives exactly the objects that were wanted: changes
//! that cannot be made are left out, each with its reason.

mod block;
mod check;
mod diff;
mod emit;
mod flow;
mod layout;
mod plan;
mod put;
pub(crate) mod scalar;
mod splice;
mod style;
mod text;
mod tree;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use self::check::Check;
use self::diff::{Change, diff, same};
use self::plan::{Holder, Place, Plan, Refused};
use self::style::Style;
use self::tree::{Id, Tree};
use crate::yaml::{self, Document, Node, Parsed, Segment};

/// An object and what it should be.
#[derive(Debug, Clone)]
pub struct Target<'v> {
    /// Index of its document.
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
    /// Changes that were left out.
    pub refused: Vec<Refusal>,
}

/// A change that cannot be made safely.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Index of the target.
    pub target: usize,
    /// Field path in the object.
    pub path: String,
    /// Line of the object's document, from 1.
    pub line: usize,
    /// Why not.
    pub reason: String,
}

/// Most changes of one document that are tried one by one when they do not go together.
const MAX_TRIED: usize = 64;

/// Edits `text` so that every target becomes what is wanted, as far as that is safe.
pub fn patch(text: &str, targets: &[Target<'_>]) -> Outcome {
    let parsed = yaml::parse(text);
    let mut wanted = Vec::new();
    for (index, target) in targets.iter().enumerate() {
        let document = parsed.documents.get(target.document);
        if let Some(node) = document.and_then(|document| document.root.at(&target.path)) {
            let changes = diff(&value(node), target.wanted).into_iter();
            wanted.extend(changes.map(|change| Wanted {
                target: index,
                document: target.document,
                change: Change { path: target.path.iter().cloned().chain(change.path).collect(), ..change },
                object_depth: target.path.len(),
            }));
        }
    }
    let editor = Editor { text, parsed: &parsed, wanted: &wanted };
    let (text, there, reasons) = editor.edit();
    let refused = wanted.iter().enumerate().filter(|(id, _)| !there.contains(id)).map(|(id, wanted)| Refusal {
        target: wanted.target,
        path: field_path(&wanted.change.path[wanted.object_depth..]),
        line: parsed.documents.get(wanted.document).map_or(1, |document| document.line),
        reason: reasons.get(&id).map_or_else(|| NOT_SAFE.to_owned(), |refused| refused.reason.clone()),
    });
    Outcome { refused: refused.collect(), text }
}

const NOT_SAFE: &str = "the text cannot be edited here without changing something else";

/// A change with the object it belongs to.
struct Wanted {
    target: usize,
    document: usize,
    change: Change,
    object_depth: usize,
}

/// All changes of one text.
struct Editor<'e, 'a> {
    text: &'e str,
    parsed: &'e Parsed<'a>,
    wanted: &'e [Wanted],
}

/// What an attempt gave: the text, the changes that are in it, and why others are not.
type Attempt = (String, BTreeSet<Id>, BTreeMap<Id, Refused>);

impl Editor<'_, '_> {
    /// Makes all changes together; if that is not right, document by document, then one by one.
    fn edit(&self) -> Attempt {
        let all: BTreeSet<Id> = (0..self.wanted.len()).collect();
        if let Some(done) = self.attempt(&all) {
            return done;
        }
        let mut good = BTreeSet::new();
        for document in 0..self.parsed.documents.len() {
            let own: Vec<Id> = all.iter().copied().filter(|id| self.wanted[*id].document == document).collect();
            if own.is_empty() {
                continue;
            }
            let together: BTreeSet<Id> = good.iter().chain(&own).copied().collect();
            if self.attempt(&together).is_some() {
                good = together;
                continue;
            }
            for id in own.into_iter().take(MAX_TRIED) {
                let more: BTreeSet<Id> = good.iter().copied().chain([id]).collect();
                if self.attempt(&more).is_some() {
                    good = more;
                }
            }
        }
        self.attempt(&good).unwrap_or_else(|| (self.text.to_owned(), BTreeSet::new(), BTreeMap::new()))
    }

    /// Makes the changes `ids`; `None` if the text would not mean what it should.
    fn attempt(&self, ids: &BTreeSet<Id>) -> Option<Attempt> {
        let mut splices = Vec::new();
        let mut made = BTreeSet::new();
        let mut refused = BTreeMap::new();
        for (index, document) in self.parsed.documents.iter().enumerate() {
            let tree = self.tree(index, |id| ids.contains(&id));
            if tree.ids().is_empty() {
                continue;
            }
            let style = Style::of(self.text, &document.root, self.is_json(document));
            let mut plan = Plan {
                text: self.text,
                style: &style,
                overrides: false,
                lines_before: 0,
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
        Some((text, there, refused))
    }

    /// The changes of one document; `None` of another if the text does not mean what it should.
    fn tree(&self, document: usize, chosen: impl Fn(Id) -> bool) -> Tree<'_> {
        let own = self.wanted.iter().enumerate().filter(|(id, wanted)| wanted.document == document && chosen(*id));
        Tree::build(own.map(|(id, wanted)| (id, &wanted.change)))
    }

    fn is_json(&self, document: &Document<'_>) -> bool {
        let chunk = self.text.get(document.chunk.clone()).unwrap_or_default().trim_start_matches('\u{feff}');
        chunk.trim_start().starts_with(['{', '[']) && serde_json::from_str::<serde::de::IgnoredAny>(chunk).is_ok()
    }

    /// Which changes are in the new text; `None` if anything is there that should not be.
    fn check(&self, text: &str, made: &BTreeSet<Id>) -> Option<BTreeSet<Id>> {
        let new = yaml::parse(text);
        if new.documents.len() != self.parsed.documents.len() || new.errors.len() != self.parsed.errors.len() {
            return None;
        }
        let mut check = Check::new(made);
        for (index, (old, new)) in self.parsed.documents.iter().zip(&new.documents).enumerate() {
            let (old, new) = (value(&old.root), value(&new.root));
            let tree = self.tree(index, |_| true);
            let holds = if tree.ids().is_empty() { same(&old, &new) } else { check.holds(&old, &new, &tree) };
            if !holds {
                return None;
            }
        }
        Some(check.there)
    }
}

/// What a node means.
fn value(node: &Node<'_>) -> Value {
    serde_json::from_str(&node.to_json()).unwrap_or_default()
}

/// A path as findings write it.
fn field_path(segments: &[Segment]) -> String {
    let mut path = String::new();
    for segment in segments {
        match segment {
            Segment::Key(key) => hardening::path::push_key(&mut path, key),
            Segment::Index(index) => path.push_str(&format!("[{index}]")),
        }
    }
    path
}
