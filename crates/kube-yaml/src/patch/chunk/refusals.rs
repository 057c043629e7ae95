//! Lists the edits of the groups that cannot be made, and why.

use super::super::diff::Change;
use super::super::edit_path::edit_path;
use super::super::reason::Reason;
use super::super::text::line_number;
use super::super::tree::Id;
use super::super::{Group, Refusal, layout};
use super::{Editor, Failure};
use crate::yaml::{Segment, to_text};

impl Editor<'_> {
    /// Lists the edits of a group that cannot be made, and why.
    pub(super) fn refusals(&self, group: usize, failure: &Failure) -> Vec<Refusal> {
        let (Group { document, path, .. }, edits) = &self.groups[group];
        let paths: Vec<Vec<Segment>> =
            edits.iter().filter_map(|edit| hardening::path::parse(edit_path(edit))).collect();
        let touches = |change: &[Segment]| {
            paths.iter().any(|path| {
                let shorter = path.len().min(change.len());
                path[..shorter] == change[..shorter]
            })
        };
        let own =
            failure.changes.iter().enumerate().filter(|(_, (at, change))| at == document && touches(&change.path));
        let own: Vec<(Id, &Change)> = own.map(|(id, (_, change))| (id, change)).collect();
        let refusal = |change: &[Segment], reason: Reason| Refusal {
            group,
            path: to_text(change.get(path.len()..).unwrap_or_default()),
            line: self.line(*document, change),
            reason,
        };
        let planned =
            own.iter().filter_map(|(id, change)| Some(refusal(&change.path, failure.refused.get(id)?.reason)));
        let planned: Vec<Refusal> = planned.collect();
        if !planned.is_empty() {
            return planned;
        }
        let shared = own.iter().filter_map(|(_, change)| Some(refusal(&change.path, self.shared(*document, change)?)));
        let shared: Vec<Refusal> = shared.collect();
        match (shared.is_empty(), own.is_empty()) {
            (false, _) => shared,
            (_, false) => own.iter().map(|(_, change)| refusal(&change.path, Reason::Surroundings)).collect(),
            _ => paths.first().map(|path| refusal(path, Reason::Surroundings)).into_iter().collect(),
        }
    }

    /// The line of a field, or of the nearest one around it that is written here.
    fn line(&self, document: usize, path: &[Segment]) -> usize {
        let root = &self.documents[document].root;
        let lines = (0..=path.len()).rev().filter_map(|depth| {
            let located = root.locate(&path[..depth]);
            let node = located.key.unwrap_or(located.node);
            (located.depth == depth && !node.aliased).then_some(node.span.line as usize)
        });
        lines.max().unwrap_or(1) + self.lines_before
    }

    /// The anchor around a change, which others may use too.
    fn shared(&self, document: usize, change: &Change) -> Option<Reason> {
        let mut node = &self.documents[document].root;
        for segment in &change.path {
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
                return Some(Reason::Anchor { line: line_number(self.text, at) + self.lines_before });
            }
            node = below;
        }
        None
    }
}
