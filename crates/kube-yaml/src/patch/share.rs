//! Which groups of edits can only be made together.

use std::collections::BTreeMap;

use super::Group;
use super::edit_path::edit_path;
use crate::yaml::{Document, Node, Parsed, Segment, Style, Value};

/// Where an edit meets the text: the deepest node on its way that is written, and the steps from there.
type Meeting = (usize, u32, u32, Vec<Segment>);

/// Sets of groups, by index, that must be taken as one: each edits text that an anchor shares with others of its
/// set, would write the same mapping or list that is not there yet, or goes to the same place for another level.
pub fn together(parsed: &Parsed<'_>, groups: &[Group<'_>]) -> Vec<Vec<usize>> {
    let mut sets = Sets::new(groups.len());
    let mut ends: BTreeMap<(usize, u32), Vec<(u32, usize)>> = BTreeMap::new();
    sets.join_meetings(&parsed.documents, groups, |index, node, rest| {
        if !rest.is_empty() && node.style == Style::Block {
            ends.entry((groups[index].document, node.span.end)).or_default().push((node.span.start, index));
        }
        let is_empty = match &node.value {
            Value::Mapping(pairs) => pairs.is_empty(),
            Value::Sequence(items) => items.is_empty(),
            _ => true,
        };
        // Everybody who writes below the same key writes the key.
        let new = if is_empty { Some(0) } else { (rest.len() > 1).then_some(1) };
        match new {
            Some(end) => Some(rest[..end].to_vec()),
            None => node.aliased.then(|| rest.to_vec()),
        }
    });
    // Two levels that end on the same line grow there, the inner one first.
    for members in ends.values().filter(|members| members.iter().any(|(start, _)| *start != members[0].0)) {
        members.iter().for_each(|(_, member)| sets.join(members[0].1, *member));
    }
    sets.lists()
}

/// Sets of groups whose edits meet the same text on different ways, which an anchor leads to.
pub(super) fn sharing(documents: &[Document<'_>], groups: &[Group<'_>]) -> Vec<Vec<usize>> {
    let mut sets = Sets::new(groups.len());
    sets.join_meetings(documents, groups, |_, node, rest| node.aliased.then(|| rest.to_vec()));
    sets.lists()
}

/// Disjoint sets of numbers: each number leads to a smaller one of its set, the first to itself.
struct Sets(Vec<usize>);

impl Sets {
    /// Every number in a set of its own.
    fn new(count: usize) -> Sets {
        Sets((0..count).collect())
    }

    fn first(&mut self, mut number: usize) -> usize {
        while self.0[number] != number {
            self.0[number] = self.0[self.0[number]];
            number = self.0[number];
        }
        number
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.first(a), self.first(b));
        self.0[a.max(b)] = a.min(b);
    }

    /// The sets, each with its numbers in order.
    fn lists(mut self) -> Vec<Vec<usize>> {
        let mut lists: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        (0..self.0.len()).for_each(|number| lists.entry(self.first(number)).or_default().push(number));
        lists.into_values().collect()
    }

    /// Joins the groups that have an edit with a key in common. `key` is asked about a group, the node where its edit
    /// meets the text, and the steps from there; a key makes all edits that meet the text there ones of a set.
    fn join_meetings(
        &mut self,
        documents: &[Document<'_>],
        groups: &[Group<'_>],
        mut key: impl FnMut(usize, &Node<'_>, &[Segment]) -> Option<Vec<Segment>>,
    ) {
        let mut meetings: BTreeMap<Meeting, (bool, Vec<usize>)> = BTreeMap::new();
        for (index, group) in groups.iter().enumerate() {
            let Some(document) = documents.get(group.document) else { continue };
            for edit in group.edits {
                let below = hardening::path::parse(edit_path(edit)).unwrap_or_default();
                let path: Vec<Segment> = group.path.iter().cloned().chain(below).collect();
                let located = document.root.locate(&path);
                let rest = &path[located.depth..];
                let found = key(index, located.node, rest);
                let is_joint = found.is_some();
                let span = located.node.span;
                let meeting = (group.document, span.start, span.end, found.unwrap_or_else(|| rest.to_vec()));
                let (joint, members) = meetings.entry(meeting).or_default();
                *joint |= is_joint;
                members.push(index);
            }
        }
        for (_, members) in meetings.values().filter(|(joint, _)| *joint) {
            members.iter().for_each(|member| self.join(members[0], *member));
        }
    }
}
