//! Changes of collections that are written by indentation.

use std::collections::BTreeSet;

use super::emit::inline;
use super::layout::{self, Entry, behind_properties, last_line_end};
use super::plan::{Holder, Place, Plan};
use super::reason::Reason;
use super::splice::Splice;
use super::text::{after_break, behind_own_comments, is_first_on_line, line_start, next_written, previous_line_end};
use super::tree::{Id, Tree};
use crate::yaml::{Node, Segment};
use serde_json::{Map, Value};

/// The entries or items of a collection, in the order of the text, with their values.
struct Parts<'p, 'n, 'a> {
    text: &'p str,
    parts: Vec<(Entry, &'n Node<'a>)>,
}

/// Plans the changes of a block mapping.
pub(super) fn mapping(plan: &mut Plan<'_>, node: &Node<'_>, place: &Place<'_>, tree: &Tree<'_>) {
    let text = plan.text;
    let entries = match layout::entries(text, node) {
        Ok(entries) => entries,
        Err(reason) => return plan.settle(&tree.ids(), Err(reason)),
    };
    let indent = (node.span.column as usize).saturating_sub(1);
    let (added, removed) = plan.values(node, tree, |plan, key, value, below| {
        let entry = entries.iter().find(|(known, _)| key.as_str() == Some(*known)).map(|(_, entry)| entry);
        plan.visit(value, &Place { holder: Holder::Key { indent }, entry, depth: place.depth + 1 }, below);
    });
    let find = |name: &str| entries.iter().position(|(known, _)| *known == name);
    let gone: Vec<(Id, usize)> = removed.iter().filter_map(|(id, name)| Some((*id, find(name)?))).collect();
    let values = entries.iter().filter_map(|(name, entry)| Some((entry.clone(), node.get(name)?)));
    let parts = Parts { text, parts: values.collect() };
    let has_merges = node.as_mapping().is_some_and(|pairs| pairs.len() > entries.len());
    if !gone.is_empty() && gone.len() == entries.len() && !has_merges {
        let ids =
            gone.iter().map(|(id, _)| *id).chain(added.iter().flat_map(|(ids, ..)| ids.iter().copied())).collect();
        let left: Map<String, Value> =
            added.into_iter().map(|(_, key, value)| (key.to_owned(), value.into_owned())).collect();
        return parts.replace_all(plan, place, ids, &Value::Object(left), indent);
    }
    parts.remove(plan, &gone);
    // Commented-out lines at the end stay with what they were written below.
    let end = last_line_end(text, node, node.span.end as usize).map(|end| behind_own_comments(text, end, indent));
    for (ids, key, value) in added {
        let splices = end.map(|end| {
            let block = plan.block(end);
            let line = [block.line(indent), block.entry(key, &value, indent)].concat();
            vec![Splice::insert(end, line, place.depth)]
        });
        plan.settle(&ids, splices);
    }
}

/// Plans the changes of a block sequence.
pub(super) fn sequence(plan: &mut Plan<'_>, node: &Node<'_>, place: &Place<'_>, tree: &Tree<'_>) {
    let text = plan.text;
    let entries = match layout::items(text, node) {
        Ok(entries) => entries,
        Err(reason) => return plan.settle(&tree.ids(), Err(reason)),
    };
    let nodes = node.as_sequence().unwrap_or_default();
    let indent = (node.span.column as usize).saturating_sub(1);
    let mut gone = Vec::new();
    for (segment, below) in &tree.below {
        match segment {
            Segment::Index(index) if *index < nodes.len() => match below.remove {
                Some(id) => gone.push((id, *index)),
                None => {
                    let entry = entries.get(*index);
                    let place = Place { holder: Holder::Item, entry, depth: place.depth + 1 };
                    plan.visit(&nodes[*index], &place, below);
                }
            },
            _ => plan.settle(&below.ids(), Err(Reason::Layout)),
        }
    }
    let parts = Parts { text, parts: entries.into_iter().zip(nodes).collect() };
    if gone.len() == nodes.len() {
        let left = tree.inserted.iter().map(|(_, _, value)| (*value).clone()).collect();
        return parts.replace_all(plan, place, tree.ids(), &Value::Array(left), indent);
    }
    parts.remove(plan, &gone);
    for (id, index, value) in &tree.inserted {
        let splice = parts.item_before(plan, *index, value, indent, place.depth);
        plan.settle(&[*id], splice.map(|splice| vec![splice]));
    }
}

impl Parts<'_, '_, '_> {
    /// Where the last line of a part ends, with the comment on it.
    fn end(&self, index: usize) -> Result<usize, Reason> {
        let Some((entry, node)) = self.parts.get(index) else {
            return Err(Reason::Layout);
        };
        last_line_end(self.text, node, entry.end())
    }

    /// Takes parts away, but not all of them. Comments on lines of their own stay.
    fn remove(&self, plan: &mut Plan<'_>, gone: &[(Id, usize)]) {
        let goes: BTreeSet<usize> = gone.iter().map(|(_, index)| *index).collect();
        for (id, index) in gone {
            let behind_dash = |index: usize| !is_first_on_line(self.text, self.parts[index].0.start);
            // What starts on the line of a dash takes those that follow it at once along.
            let led = (0..*index).rev().find(|before| !self.adjoins(*before) || !goes.contains(before));
            let first = led.map_or(0, |before| before + 1);
            let splices =
                if first < *index && behind_dash(first) { Ok(Vec::new()) } else { self.removal(*index, &goes) };
            plan.settle(&[*id], splices);
        }
    }

    /// Whether nothing is written between a part and the next, no comment either.
    fn adjoins(&self, index: usize) -> bool {
        let next = self.parts.get(index + 1).map(|(entry, _)| entry.start);
        self.end(index).is_ok_and(|end| Some(next_written(self.text, end)) == next)
    }

    fn removal(&self, index: usize, goes: &BTreeSet<usize>) -> Result<Vec<Splice>, Reason> {
        let start = self.parts[index].0.start;
        if is_first_on_line(self.text, start) {
            return Ok(vec![self.without_lines(index)?]);
        }
        // The next part, or the comment above it, moves up to the dash.
        let mut last = index;
        while self.adjoins(last) && goes.contains(&(last + 1)) {
            last += 1;
        }
        Ok(vec![Splice::delete(start..next_written(self.text, self.end(last)?))])
    }

    /// Takes the lines of a part away, from the end of the line before: text put behind that line, or
    /// behind the last of these, is not in the way.
    fn without_lines(&self, index: usize) -> Result<Splice, Reason> {
        let start = line_start(self.text, self.parts[index].0.start);
        let end = self.end(index)?;
        Ok(Splice::delete(match previous_line_end(self.text, start) {
            Some(before) => before..end,
            None => start..after_break(self.text, end),
        }))
    }

    /// Puts `left` where all parts were.
    fn replace_all(&self, plan: &mut Plan<'_>, place: &Place<'_>, ids: Vec<Id>, left: &Value, indent: usize) {
        let splices = self.replacement(plan, place, left, indent);
        plan.settle(&ids, splices);
    }

    fn replacement(
        &self,
        plan: &Plan<'_>,
        place: &Place<'_>,
        left: &Value,
        indent: usize,
    ) -> Result<Vec<Splice>, Reason> {
        let mut splices = Vec::new();
        let Some((first, _)) = self.parts.first() else {
            return Err(Reason::Layout);
        };
        let empty = left.as_object().is_some_and(Map::is_empty) || left.as_array().is_some_and(Vec::is_empty);
        let below_key = is_first_on_line(self.text, first.start);
        match (place.holder, place.entry.and_then(|entry| entry.mark)) {
            (Holder::Root, _) if empty => return Err(Reason::Layout),
            (Holder::Key { .. } | Holder::Item, Some(mark)) if empty && below_key => {
                let at = behind_properties(self.text, mark);
                splices.push(Splice::replace(at..at, [" ", &inline(left, plan.style, false)].concat()));
                splices.push(self.without_lines(0)?);
            }
            _ => {
                // What stands behind the first part on its last line stays.
                self.end(0)?;
                splices
                    .push(Splice::replace(first.start..first.end(), plan.block(first.start).collection(left, indent)));
            }
        }
        for index in 1..self.parts.len() {
            splices.push(self.without_lines(index)?);
        }
        Ok(splices)
    }

    /// A new item before the one at `index`, behind the one before that: comments above it are its own.
    fn item_before(
        &self,
        plan: &Plan<'_>,
        index: usize,
        value: &Value,
        indent: usize,
        depth: usize,
    ) -> Result<Splice, Reason> {
        let neighbour = index.saturating_sub(1);
        let Some((entry, _)) = self.parts.get(neighbour) else {
            return Err(Reason::Layout);
        };
        let block = plan.block(entry.start);
        let mark = entry.mark.unwrap_or(entry.start + 1);
        let beside =
            entry.value.start.checked_sub(mark).filter(|gap| {
                (1..=8).contains(gap) && self.text[mark..entry.value.start].bytes().all(|byte| byte == b' ')
            });
        let item = block.item(value, indent, beside.unwrap_or_else(|| plan.style.dash_gap(entry.start)));
        if index == 0 {
            return Ok(Splice::insert(entry.start, [item, block.line(indent)].concat(), depth));
        }
        // What stands further in than the dash is about the item before.
        let end = behind_own_comments(self.text, self.end(neighbour)?, indent + 1);
        Ok(Splice::insert(end, [block.line(indent), item].concat(), depth))
    }
}
