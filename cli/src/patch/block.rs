//! Changes of collections that are written by indentation.

use serde_json::{Map, Value};

use super::layout::{self, Entry, last_line_end, unknown};
use super::plan::{Holder, Place, Plan};
use super::put;
use super::splice::Splice;
use super::text::{after_break, is_first_on_line, line_start, previous_line_end};
use super::tree::{Id, Tree};
use crate::yaml::{Node, Segment};

/// Plans the changes of a block mapping.
pub(super) fn mapping(plan: &mut Plan<'_>, node: &Node<'_>, place: &Place<'_>, tree: &Tree<'_>) {
    let text = plan.text;
    let entries = match layout::entries(text, node) {
        Ok(entries) => entries,
        Err(reason) => return plan.settle(&tree.ids(), Err(reason)),
    };
    let indent =
        entries.first().map_or((node.span.column as usize).saturating_sub(1), |(_, entry)| column(text, entry.start));
    let (added, removed) = plan.values(node, tree, |plan, key, value, below| {
        let name = key.as_str().unwrap_or_default();
        let entry = entries.iter().find(|(known, _)| *known == name).map(|(_, entry)| entry);
        plan.visit(value, &Place { holder: Holder::Key { indent }, entry, depth: place.depth + 1 }, below);
    });
    if !removed.is_empty() && removed.len() == entries.len() {
        let ids: Vec<Id> =
            removed.iter().map(|(id, _)| *id).chain(added.iter().flat_map(|(ids, ..)| ids.clone())).collect();
        let left: Map<String, Value> =
            added.into_iter().map(|(_, key, value)| (key.to_owned(), value.into_owned())).collect();
        let splices = put::put(plan, node, place, &Value::Object(left));
        return plan.settle(&ids, splices);
    }
    for (id, name) in &removed {
        let goes = |name: &str| removed.iter().any(|(_, other)| *other == name);
        let splices = remove(plan, node, &entries, name, goes);
        plan.settle(&[*id], splices);
    }
    if added.is_empty() {
        return;
    }
    let stays = |name: &str| !removed.iter().any(|(_, gone)| *gone == name);
    let end = match entries.iter().rfind(|(name, _)| stays(name)) {
        // Behind what stays: the lines of the last entry go.
        Some((name, entry)) if entries.last().is_some_and(|(last, _)| last != name) => {
            node.entry(name).map_or_else(unknown, |(_, value)| last_line_end(text, value, entry.value.end))
        }
        last => last_line_end(text, node, last.map_or(0, |(_, entry)| entry.value.end).max(node.span.end as usize)),
    };
    for (ids, key, value) in added {
        let splices = end.clone().map(|end| {
            let block = plan.block(end);
            let line = [block.line(indent), block.entry(key, &value, indent)].concat();
            vec![Splice::insert(end, line, place.depth + 1)]
        });
        plan.settle(&ids, splices);
    }
}

/// Takes an entry away with its lines.
fn remove(
    plan: &Plan<'_>,
    node: &Node<'_>,
    entries: &[(&str, Entry)],
    name: &str,
    goes: impl Fn(&str) -> bool,
) -> Result<Vec<Splice>, String> {
    let (Some(at), Some((_, value))) = (entries.iter().position(|(known, _)| *known == name), node.entry(name)) else {
        return unknown();
    };
    let next = entries.get(at + 1).filter(|(next, _)| !goes(next)).map(|(_, next)| next);
    remove_lines(plan.text, &entries[at].1, value, next)
}

/// Takes the lines of an entry or item away; one that shares its line with a dash gives it to `next`.
fn remove_lines(text: &str, entry: &Entry, value: &Node<'_>, next: Option<&Entry>) -> Result<Vec<Splice>, String> {
    if !is_first_on_line(text, entry.start) {
        return match next {
            Some(next) if is_first_on_line(text, next.start) => Ok(vec![Splice::delete(entry.start..next.start)]),
            _ => unknown(),
        };
    }
    let start = line_start(text, entry.start);
    let end = last_line_end(text, value, entry.value.end)?;
    let behind = after_break(text, end);
    if behind > end {
        return Ok(vec![Splice::delete(start..behind)]);
    }
    // The last line of a text without a line break at its end.
    Ok(vec![Splice::delete(previous_line_end(text, start).unwrap_or(start)..end)])
}

/// Plans the changes of a block sequence.
pub(super) fn sequence(plan: &mut Plan<'_>, node: &Node<'_>, place: &Place<'_>, tree: &Tree<'_>) {
    let text = plan.text;
    let nodes = node.as_sequence().unwrap_or_default();
    let entries = match layout::items(text, node) {
        Ok(entries) => entries,
        Err(reason) => return plan.settle(&tree.ids(), Err(reason)),
    };
    let removed = (0..nodes.len()).filter(|index| tree.removes(&Segment::Index(*index))).count();
    let Some(last) = entries.last().filter(|_| removed < entries.len()) else {
        let old = serde_json::from_str(&node.to_json()).unwrap_or_default();
        let splices = put::put(plan, node, place, &tree.apply(&old));
        return plan.settle(&tree.ids(), splices);
    };
    let indent = column(text, entries[0].start);
    for (segment, below) in &tree.below {
        let Segment::Index(index) = segment else { continue };
        let (Some(entry), Some(item)) = (entries.get(*index), nodes.get(*index)) else {
            plan.settle(&below.ids(), unknown());
            continue;
        };
        match below.remove {
            Some(id) => {
                let next = Some(index + 1).filter(|next| !tree.removes(&Segment::Index(*next)));
                let splices = remove_lines(text, entry, item, next.and_then(|next| entries.get(next)));
                plan.settle(&[id], splices);
            }
            None => {
                plan.visit(item, &Place { holder: Holder::Item, entry: Some(entry), depth: place.depth + 1 }, below);
            }
        }
    }
    for (id, index, value) in &tree.inserted {
        let (before, first) = match index.checked_sub(1).and_then(|before| entries.get(before).zip(nodes.get(before))) {
            Some((entry, item)) => (Some((entry, item)), entry),
            None => (None, &entries[0]),
        };
        let block = plan.block(first.start);
        let line = block.item(value, indent, plan.style.dash_gap(first.start));
        let splices = match before {
            None => Ok(vec![Splice::insert(first.start, [line, block.line(indent)].concat(), 0)]),
            Some((entry, _)) if entry.start == last.start => {
                let end = last_line_end(text, node, entry.value.end.max(node.span.end as usize));
                end.map(|end| vec![Splice::insert(end, [block.line(indent), line].concat(), place.depth + 1)])
            }
            Some((entry, item)) => {
                let end = last_line_end(text, item, entry.value.end);
                end.map(|end| vec![Splice::insert(end, [block.line(indent), line].concat(), place.depth + 1)])
            }
        };
        plan.settle(&[*id], splices);
    }
}

/// Characters before `at` on its line.
fn column(text: &str, at: usize) -> usize {
    text[line_start(text, at)..at].chars().count()
}
