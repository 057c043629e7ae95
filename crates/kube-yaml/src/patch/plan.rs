//! Changes of a tree to splices of its text.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::emit::Block;
use super::layout::{self, Entry};
use super::reason::Reason;
use super::splice::Splice;
use super::style::Style;
use super::text::break_near;
use super::tree::{Id, Tree};
use super::{block, flow, put};
use crate::yaml::{Node, Segment, Style as Written, Value as Content};

/// The surroundings of a value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Holder {
    /// Nothing: the document.
    Root,
    /// A block mapping whose keys stand at `indent`.
    Key { indent: usize },
    /// A block sequence.
    Item,
    /// Brackets.
    Flow,
}

/// Where a value is.
pub(super) struct Place<'e> {
    /// The collection that holds it.
    pub(super) holder: Holder,
    /// Its entry or item; `None` for a document.
    pub(super) entry: Option<&'e Entry>,
    /// Levels above it.
    pub(super) depth: usize,
}

/// A change that cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) reason: Reason,
    /// The value came through a merge key, so a key of its own would override it.
    pub(super) overridable: bool,
}

/// Collects what to do.
pub(super) struct Plan<'a> {
    pub(super) text: &'a str,
    pub(super) style: &'a Style,
    /// Changes of merged values that are made by keys that override them.
    pub(super) overrides: &'a BTreeSet<Id>,
    /// Added to line numbers in reasons.
    pub(super) lines_before: usize,
    pub(super) splices: Vec<Splice>,
    pub(super) refused: BTreeMap<Id, Refused>,
}

/// A key for a mapping: the changes it makes, its name and value.
pub(super) type Added<'t> = (Vec<Id>, &'t str, Cow<'t, Value>);

impl<'a> Plan<'a> {
    /// Plans the changes of a node and of what is in it.
    pub(super) fn visit(&mut self, node: &Node<'_>, place: &Place<'_>, tree: &Tree<'_>) {
        if node.aliased {
            self.refuse_aliased(node, tree, false);
        } else if let Some((id, value)) = tree.replace {
            let splices = put::put(self, node, place, value);
            self.settle(&[id], splices);
        } else {
            match (&node.value, node.style) {
                (Content::Mapping(_), Written::Block) => block::mapping(self, node, place, tree),
                (Content::Sequence(_), Written::Block) => block::sequence(self, node, place, tree),
                (Content::Mapping(_) | Content::Sequence(_), _) if self.is_empty(node, place, tree) => {
                    self.fill(node, place, tree);
                }
                (Content::Mapping(_) | Content::Sequence(_), _) => flow::collection(self, node, place, tree),
                _ => self.settle(&tree.ids(), Err(Reason::Layout)),
            }
        }
    }

    /// `{}` and `[]` are written anew; in block context they get their content by indentation.
    fn is_empty(&self, node: &Node<'_>, place: &Place<'_>, tree: &Tree<'_>) -> bool {
        let inside = self.text.get(node.span.start as usize + 1..(node.span.end as usize).saturating_sub(1));
        tree.below.is_empty()
            && !matches!(place.holder, Holder::Root)
            && inside.is_some_and(|inside| inside.trim().is_empty())
    }

    /// Gives an empty collection its content.
    fn fill(&mut self, node: &Node<'_>, place: &Place<'_>, tree: &Tree<'_>) {
        let empty = if matches!(node.value, Content::Sequence(_)) {
            Value::Array(Vec::new())
        } else {
            Value::Object(serde_json::Map::new())
        };
        let splices = put::put(self, node, place, &tree.apply(&empty));
        self.settle(&tree.ids(), splices);
    }

    /// Takes the splices over, or notes why there are none.
    pub(super) fn settle(&mut self, ids: &[Id], splices: Result<Vec<Splice>, Reason>) {
        match splices {
            Ok(splices) => self.splices.extend(splices),
            Err(reason) => self.refused.extend(ids.iter().map(|id| (*id, Refused { reason, overridable: false }))),
        }
    }

    fn refuse_aliased(&mut self, node: &Node<'_>, tree: &Tree<'_>, merged: bool) {
        let line = node.span.line as usize + self.lines_before;
        let reason = if merged { Reason::Merge { line } } else { Reason::Alias { line } };
        let refused = Refused { reason, overridable: merged && tree.remove.is_none() };
        self.refused.extend(tree.ids().into_iter().map(|id| (id, refused)));
    }

    /// Returns the block that is rewritten near `at`.
    pub(super) fn block(&self, at: usize) -> Block<'a> {
        Block { style: self.style, line_break: break_near(self.text, at), at }
    }

    /// Plans the values of a mapping; gives what happens to the mapping itself: its new keys and those
    /// that go.
    pub(super) fn values<'t>(
        &mut self,
        node: &Node<'_>,
        tree: &'t Tree<'_>,
        mut visit: impl FnMut(&mut Self, &Node<'_>, &Node<'_>, &Tree<'_>),
    ) -> (Vec<Added<'t>>, Vec<(Id, &'t str)>) {
        let mut added: Vec<Added<'t>> = Vec::new();
        let mut removed = Vec::new();
        for (segment, below) in &tree.below {
            let Segment::Key(name) = segment else { continue };
            let Some((key, value)) = node.entry(name) else {
                self.settle(&below.ids(), Err(Reason::Layout));
                continue;
            };
            match below.remove {
                remove if layout::is_merged(key, value) => {
                    match self.overriding(value, below).filter(|_| remove.is_none()) {
                        Some(new) => added.push((below.ids(), name, Cow::Owned(new))),
                        None => self.refuse_aliased(value, below, true),
                    }
                }
                Some(id) => removed.push((id, name.as_str())),
                None => visit(self, key, value, below),
            }
        }
        added.extend(tree.added.iter().map(|(id, key, value)| (vec![*id], *key, Cow::Borrowed(*value))));
        (added, removed)
    }

    /// The whole value for a key that overrides a merged one.
    fn overriding(&self, merged: &Node<'_>, tree: &Tree<'_>) -> Option<Value> {
        if tree.ids().iter().any(|id| !self.overrides.contains(id)) {
            return None;
        }
        let old = serde_json::from_str(&merged.to_json()).ok()?;
        Some(tree.apply(&old))
    }
}
