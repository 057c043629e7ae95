//! The part of an object that a fix stays in, as a text of its own.

use std::collections::BTreeSet;
use std::ops::Range;

use hardening::edit;
use hardening::view::ContainerKind;
use hardening::violation::Edit;
use serde_json::Value;
use similar::TextDiff;

use kube_yaml::patch::{Target, patch};
use kube_yaml::yaml::{self, Node, Style};
use lint::finding::{Finding, segments};

/// An object of at most so many bytes is not taken apart.
const SMALL: usize = 8 << 10;

/// A part of a text and what takes its place.
pub(in super::super) struct Replacement {
    /// Bytes of the text.
    pub(in super::super) range: Range<usize>,
    /// The new text.
    pub(in super::super) text: String,
}

/// The part of an object that all edits of a finding stay in: a container of a large object, or else the object.
pub(super) struct Part<'n, 'a> {
    pub(super) node: &'n Node<'a>,
    /// With paths that start there.
    pub(super) edits: Vec<Edit>,
}

impl<'n, 'a> Part<'n, 'a> {
    pub(super) fn of(finding: &Finding, object: &'n Node<'a>) -> Option<Part<'n, 'a>> {
        let edits = edits_of(&[finding])?;
        // A small object is read as a whole: its own text says best how it is laid out.
        let is_small = object.span.range().len() <= SMALL;
        let container = if is_small { String::new() } else { container_of(&finding.violation.fix.first()?.path) };
        let below = |edit: &Edit| relative(edit, &container);
        match edits.iter().map(below).collect::<Option<Vec<Edit>>>() {
            Some(edits) if !container.is_empty() => Some(Part { node: object.at(&segments(&container))?, edits }),
            _ => Some(Part { node: object, edits }),
        }
    }

    /// Its lines, as a text of their own; `None` if something else stands in them.
    pub(super) fn text(&self, text: &str) -> Option<Excised> {
        let span = self.node.span.range();
        if self.node.style == Style::Flow {
            return Some(Excised {
                text: text.get(span.clone())?.to_owned(),
                start: span.start,
                before: String::new(),
            });
        }
        let line = text.get(..span.start)?.rfind(['\n', '\r']).map_or(0, |at| at + 1);
        let before = text.get(line..span.start)?.to_owned();
        if self.node.style != Style::Block || !before.bytes().all(|byte| matches!(byte, b' ' | b'-')) {
            return None;
        }
        let end = text[span.end..].find('\n').map_or(text.len(), |at| span.end + at + 1);
        let lines = " ".repeat(before.len()) + text.get(span.start..end)?;
        Some(Excised { text: lines, start: line, before })
    }
}

/// A part of a text that can be read on its own.
pub(super) struct Excised {
    pub(super) text: String,
    /// Where it starts in the whole text.
    start: usize,
    /// What stands in front of its first line there, such as `- `; in the part there are blanks in its place.
    before: String,
}

impl Excised {
    /// What edits make of it.
    pub(super) fn edited(&self, node: &Node<'_>, edits: &[Edit]) -> Vec<Replacement> {
        let Some(wanted) = edited(node, edits) else { return Vec::new() };
        let outcome = patch(&self.text, &[Target { document: 0, path: Vec::new(), wanted: &wanted }]);
        let blanks = " ".repeat(self.before.len());
        if !outcome.refused.is_empty() || !outcome.text.starts_with(&blanks) {
            return Vec::new();
        }
        let with = |text: &str| self.before.clone() + &text[self.before.len()..];
        difference(&with(&self.text), &with(&outcome.text), self.start)
    }
}

/// The path of the container that a path leads into; empty if it leads into none.
fn container_of(path: &str) -> String {
    let lists = ContainerKind::ALL.map(|kind| format!("{}[", kind.field()));
    let end = lists.iter().filter_map(|list| {
        let (before, behind) = path.split_once(list.as_str())?;
        let is_field = before.is_empty() || before.ends_with('.');
        behind.find(']').filter(|_| is_field).map(|at| before.len() + list.len() + at + 1)
    });
    path[..end.min().unwrap_or(0)].to_owned()
}

/// An edit with its path from `container`; `None` if it lies elsewhere.
fn relative(edit: &Edit, container: &str) -> Option<Edit> {
    let below = |path: &str| Some(path.strip_prefix(container)?.strip_prefix('.')?.to_owned());
    Some(match edit {
        Edit::Set { path, value } => Edit::Set { path: below(path)?, value: value.clone() },
        Edit::Append { path, value } => Edit::Append { path: below(path)?, value: value.clone() },
        Edit::Remove { path } => Edit::Remove { path: below(path)? },
    })
}

/// Whether an anchor or a merge key shares a part of a tree.
pub(super) fn is_shared(root: &Node<'_>) -> bool {
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        if node.aliased {
            return true;
        }
        match &node.value {
            yaml::Value::Mapping(pairs) => open.extend(pairs.iter().flat_map(|(key, value)| [key, value])),
            yaml::Value::Sequence(items) => open.extend(items),
            _ => {}
        }
    }
    false
}

/// The edits of findings, each once; `None` if there are none or one is unknown.
pub(super) fn edits_of(findings: &[&Finding]) -> Option<Vec<Edit>> {
    let mut seen = BTreeSet::new();
    let edits = findings.iter().flat_map(|finding| &finding.violation.fix).map(|edit| {
        let (path, value) = (edit.path.clone(), edit.value.as_ref().map(|value| value.get().to_owned()));
        match (edit.op.as_str(), value) {
            ("set", Some(value)) => Some(Edit::Set { path, value }),
            ("append", Some(value)) => Some(Edit::Append { path, value }),
            ("remove", None) => Some(Edit::Remove { path }),
            _ => None,
        }
    });
    let edits: Option<Vec<Edit>> = edits.collect();
    // Two containers may ask for the same change of their pod.
    let edits: Vec<Edit> = edits?.into_iter().filter(|edit| seen.insert(edit.clone())).collect();
    (!edits.is_empty()).then_some(edits)
}

/// What edits make of an object, or of a part of it; `None` if they do not fit.
pub(super) fn edited(node: &Node<'_>, edits: &[Edit]) -> Option<Value> {
    serde_json::from_str(&edit::apply(&node.to_json(), edits).ok()?).ok()
}

/// What differs, line by line; `start` is where `old` stands in the whole text.
pub(super) fn difference(old: &str, new: &str, start: usize) -> Vec<Replacement> {
    let diff = TextDiff::from_lines(old, new);
    let offsets = |lines: Vec<&str>| -> Vec<usize> {
        let ends = lines.iter().scan(0, |at, line| {
            *at += line.len();
            Some(*at)
        });
        [0].into_iter().chain(ends).collect()
    };
    let (before, after) = (offsets(diff.iter_old_slices().collect()), offsets(diff.iter_new_slices().collect()));
    let changed = diff.ops().iter().filter(|op| op.tag() != similar::DiffTag::Equal).map(|op| Replacement {
        range: start + before[op.old_range().start]..start + before[op.old_range().end],
        text: new[after[op.new_range().start]..after[op.new_range().end]].to_owned(),
    });
    changed.collect()
}
