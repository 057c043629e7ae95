//! Changes of collections in brackets.

use serde_json::Value;

use super::emit::{Flow, Pretty};
use super::layout::{self, Entry, unknown};
use super::plan::{Holder, Place, Plan};
use super::splice::Splice;
use super::text::{break_near, indentation, is_first_on_line, line_end, rest_of_line};
use super::tree::{Id, Tree};
use crate::yaml::{Node, Segment, Value as Content};

/// Plans the changes of a mapping or sequence in brackets.
pub(super) fn collection(plan: &mut Plan<'_>, node: &Node<'_>, place: &Place<'_>, tree: &Tree<'_>) {
    let brackets = &plan.text[node.span.range()];
    if !brackets.starts_with(['{', '[']) || !brackets.ends_with(['}', ']']) {
        return plan.settle(&tree.ids(), unknown());
    }
    match &node.value {
        Content::Mapping(_) => mapping(plan, node, place, tree),
        _ => sequence(plan, node, place, tree),
    }
}

fn mapping(plan: &mut Plan<'_>, node: &Node<'_>, place: &Place<'_>, tree: &Tree<'_>) {
    let named = match layout::entries(plan.text, node) {
        Ok(entries) => entries,
        Err(reason) => return plan.settle(&tree.ids(), Err(reason)),
    };
    let (added, removed) = plan.values(node, tree, |plan, key, value, below| {
        let name = key.as_str().unwrap_or_default();
        let entry = named.iter().find(|(known, _)| *known == name).map(|(_, entry)| entry);
        plan.visit(value, &Place { holder: Holder::Flow, entry, depth: place.depth + 1 }, below);
    });
    let entries: Vec<Entry> = named.iter().map(|(_, entry)| entry.clone()).collect();
    let gone: Vec<(Id, usize)> = removed
        .iter()
        .filter_map(|(id, name)| Some((*id, named.iter().position(|(known, _)| known == name)?)))
        .collect();
    remove(plan, node, &entries, &gone, !added.is_empty());
    let quoted = named.last().is_some_and(|(_, entry)| plan.text[entry.start..].starts_with('"'));
    let parts = added.into_iter().map(|(ids, key, value)| (ids, Some(key), value.into_owned())).collect();
    append(plan, node, &entries, parts, quoted);
}

fn sequence(plan: &mut Plan<'_>, node: &Node<'_>, place: &Place<'_>, tree: &Tree<'_>) {
    let items = node.as_sequence().unwrap_or_default();
    // An alias has no span of its own here, so its neighbours have no certain ends.
    if items.iter().any(|item| item.aliased) {
        return plan.settle(&tree.ids(), unknown());
    }
    let entries: Vec<Entry> = items
        .iter()
        .map(|item| Entry { start: item.span.start as usize, mark: None, value: item.span.range() })
        .collect();
    let mut gone = Vec::new();
    for (segment, below) in &tree.below {
        let Segment::Index(index) = segment else { continue };
        match (below.remove, items.get(*index)) {
            (Some(id), Some(_)) => gone.push((id, *index)),
            (None, Some(item)) => {
                let entry = entries.get(*index);
                plan.visit(item, &Place { holder: Holder::Flow, entry, depth: place.depth + 1 }, below);
            }
            (_, None) => plan.settle(&below.ids(), unknown()),
        }
    }
    let mut appended = Vec::new();
    for (id, index, value) in &tree.inserted {
        match entries.get(*index) {
            None => appended.push((vec![*id], None, (*value).clone())),
            Some(next) => {
                let flow = writer(plan, next.start, false);
                let new = [&flow.value(value, indentation(plan.text, next.start)), flow.comma].concat();
                let splice = Splice::insert(next.start, new, 0);
                plan.settle(&[*id], Ok(vec![splice]));
            }
        }
    }
    remove(plan, node, &entries, &gone, !appended.is_empty());
    append(plan, node, &entries, appended, false);
}

/// Takes entries away with a comma beside each.
fn remove(plan: &mut Plan<'_>, node: &Node<'_>, entries: &[Entry], gone: &[(Id, usize)], grows: bool) {
    let goes = |index: usize| gone.iter().any(|(_, other)| *other == index);
    let ids: Vec<Id> = gone.iter().map(|(id, _)| *id).collect();
    if gone.is_empty() {
        return;
    }
    if gone.len() == entries.len() {
        let inside = node.span.start as usize + 1..node.span.end as usize - 1;
        let splices = if grows { unknown() } else { Ok(vec![Splice::delete(inside)]) };
        return plan.settle(&ids, splices);
    }
    for (id, index) in gone {
        let before = (0..*index).rev().find(|other| !goes(*other));
        let splices = match (entries.get(index + 1), before) {
            (Some(next), _) => Ok(vec![Splice::delete(entries[*index].start..next.start)]),
            // All from here to the end go: from the last that stays. What is appended would be in the way.
            (None, Some(before)) if !grows && before + 1 == *index => {
                Ok(vec![Splice::delete(entries[before].value.end..entries[*index].value.end)])
            }
            _ => unknown(),
        };
        plan.settle(&[*id], splices);
    }
}

/// Puts new entries or items behind the last one.
fn append(
    plan: &mut Plan<'_>,
    node: &Node<'_>,
    entries: &[Entry],
    parts: Vec<(Vec<Id>, Option<&str>, Value)>,
    quoted: bool,
) {
    let text = plan.text;
    for (count, (ids, key, value)) in parts.into_iter().enumerate() {
        let splices = match entries.last() {
            None => {
                let at = node.span.start as usize + 1;
                let empty = text[at..node.span.end as usize - 1].trim().is_empty();
                let flow = writer(plan, at, quoted);
                let new = written(&flow, key, &value, indentation(text, at));
                let comma = if count == 0 { "" } else { flow.comma };
                if empty { Ok(vec![Splice::insert(at, [comma, &new].concat(), 0)]) } else { unknown() }
            }
            Some(last) => {
                let flow = writer(plan, last.start, quoted);
                let indent = indentation(text, last.start);
                let new = written(&flow, key, &value, indent);
                let end = last.value.end;
                if is_first_on_line(text, last.start) && last.start > node.span.start as usize {
                    let line = [break_near(text, end), indent, &new].concat();
                    match rest_of_line(text, end) {
                        // The comment stays beside what it is about.
                        Some(comment) if !comment.is_empty() && count == 0 => {
                            Ok(vec![Splice::insert(end, ",", 0), Splice::insert(line_end(text, end), line, 0)])
                        }
                        Some(comment) if !comment.is_empty() => {
                            Ok(vec![Splice::insert(line_end(text, end), [",", &line].concat(), 0)])
                        }
                        _ => Ok(vec![Splice::insert(end, [",", &line].concat(), 0)]),
                    }
                } else {
                    Ok(vec![Splice::insert(end, [flow.comma, &new].concat(), 0)])
                }
            }
        };
        plan.settle(&ids, splices);
    }
}

fn written(flow: &Flow<'_>, key: Option<&str>, value: &Value, indent: &str) -> String {
    key.map_or_else(|| flow.value(value, indent), |key| flow.entry(key, value, indent))
}

/// Writes as the text near `at` is written.
fn writer<'p>(plan: &'p Plan<'_>, at: usize, quoted_keys: bool) -> Flow<'p> {
    let style = plan.style;
    let text = plan.text;
    Flow {
        style,
        colon: &style.colon,
        comma: if style.colon.ends_with(' ') { ", " } else { "," },
        quoted_keys,
        pretty: Some(Pretty { unit: style.unit(text, at), line_break: break_near(text, at) })
            .filter(|_| style.json && is_first_on_line(text, at)),
    }
}
