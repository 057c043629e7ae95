//! Changes of collections in brackets.

use std::collections::BTreeSet;
use std::ops::Range;

use serde_json::Value;

use super::brackets::{Part, parts};
use super::emit::{Flow, Pretty};
use super::layout::{self, Entry};
use super::plan::{Holder, Place, Plan};
use super::reason::Reason;
use super::splice::Splice;
use super::text::{
    break_near, indentation, is_first_on_line, line_end, line_start, next_written, previous_line_end, rest_of_line,
    skip_blanks,
};
use super::tree::{Id, Tree};
use crate::yaml::{Node, Segment, Value as Content};

/// The changes of a collection itself.
#[derive(Default)]
struct Changes<'t> {
    /// Parts that go, by their index.
    gone: Vec<(Id, usize)>,
    added: Vec<New<'t>>,
    /// Ends of entries whose values change; some values may not be written yet.
    set: BTreeSet<usize>,
    /// The text between a key and its value.
    colon: Option<&'t str>,
    quoted_keys: bool,
}

/// Something new between brackets.
struct New<'t> {
    ids: Vec<Id>,
    /// The index of the part it comes before.
    before: usize,
    key: Option<&'t str>,
    value: Value,
}

/// Plans the changes of a mapping or sequence in brackets.
pub(super) fn collection(plan: &mut Plan<'_>, node: &Node<'_>, place: &Place<'_>, tree: &Tree<'_>) {
    let planned = parts(plan.text, node.span.range()).and_then(|parts| {
        let changes = match &node.value {
            Content::Mapping(_) => mapping(plan, node, place, tree, &parts)?,
            _ => sequence(plan, node, place, tree, &parts)?,
        };
        change(plan, node, &parts, changes);
        Ok(())
    });
    if let Err(reason) = planned {
        plan.settle(&tree.ids(), Err(reason));
    }
}

fn mapping<'t, 'p: 't>(
    plan: &mut Plan<'p>,
    node: &Node<'_>,
    place: &Place<'_>,
    tree: &'t Tree<'_>,
    parts: &[Part],
) -> Result<Changes<'t>, Reason> {
    let entries = layout::entries(plan.text, node)?;
    let (added, removed) = plan.values(node, tree, |plan, key, value, below| {
        let entry = entries.iter().find(|(known, _)| key.as_str() == Some(*known)).map(|(_, entry)| entry);
        plan.visit(value, &Place { holder: Holder::Flow, entry, depth: place.depth + 1 }, below);
    });
    let part_of = |entry: &Entry| parts.iter().position(|part| part.range.contains(&entry.start));
    let find = |name: &str| entries.iter().find(|(known, _)| *known == name).and_then(|(_, entry)| part_of(entry));
    let gone = removed.iter().filter_map(|(id, name)| Some((*id, find(name)?))).collect();
    let new = |(ids, key, value): (Vec<Id>, _, std::borrow::Cow<'_, Value>)| New {
        ids,
        before: parts.len(),
        key: Some(key),
        value: value.into_owned(),
    };
    let added = added.into_iter().map(new).collect();
    let colon = entries.first().and_then(|(name, entry)| {
        let (key, _) = node.entry(name)?;
        plan.text.get(key.span.end as usize..entry.value.start)
    });
    let quoted_keys = entries.last().is_some_and(|(_, entry)| plan.text[entry.start..].starts_with('"'));
    // Where values are put that were not written.
    let set = entries.iter().filter(|(name, _)| tree.below.contains_key(&Segment::Key((*name).to_owned())));
    let set = set.map(|(_, entry)| entry.end()).collect();
    Ok(Changes { gone, added, set, colon, quoted_keys })
}

fn sequence<'t>(
    plan: &mut Plan<'_>,
    node: &Node<'_>,
    place: &Place<'_>,
    tree: &'t Tree<'_>,
    parts: &[Part],
) -> Result<Changes<'t>, Reason> {
    let items = node.as_sequence().unwrap_or_default();
    if items.len() != parts.len() {
        return Err(Reason::Layout);
    }
    let mut gone = Vec::new();
    for (segment, below) in &tree.below {
        let Segment::Index(index) = segment else { continue };
        match (below.remove, items.get(*index)) {
            (Some(id), Some(_)) => gone.push((id, *index)),
            (None, Some(item)) => {
                let start = parts[*index].range.start;
                let entry = Entry { start, mark: Some(start), value: item.span.range() };
                let place = Place { holder: Holder::Flow, entry: Some(&entry), depth: place.depth + 1 };
                plan.visit(item, &place, below);
            }
            (_, None) => plan.settle(&below.ids(), Err(Reason::Layout)),
        }
    }
    let new = |(id, before, value): &(Id, usize, &Value)| New {
        ids: vec![*id],
        before: *before,
        key: None,
        value: (*value).clone(),
    };
    let added = tree.inserted.iter().map(new).collect();
    Ok(Changes { gone, added, ..Changes::default() })
}

/// Removes parts and adds new ones.
fn change(plan: &mut Plan<'_>, node: &Node<'_>, parts: &[Part], changes: Changes<'_>) {
    let Changes { gone, added, set, colon, quoted_keys } = changes;
    let style = plan.style;
    let text = plan.text;
    let colon = colon.filter(|colon| colon.trim() == ":" && !colon.contains(['\n', '\r'])).unwrap_or(&style.colon);
    let near = parts.last().map_or(node.span.start as usize + 1, |part| part.range.start);
    let own_line = is_first_on_line(text, near);
    let mut commas = parts.windows(2).map(|pair| &text[pair[0].range.end..pair[1].range.start]);
    let comma = commas.next_back().filter(|comma| comma.trim_end_matches(' ') == ",");
    let pretty = Pretty { unit: style.unit(text, near), line_break: break_near(text, near) };
    let flow = Flow {
        style,
        colon,
        comma: comma.unwrap_or(if colon.ends_with(' ') { ", " } else { "," }),
        quoted_keys,
        pretty: Some(pretty).filter(|_| style.json && own_line),
    };
    let indent = indentation(text, near);
    let between = if own_line { [",", pretty.line_break, indent].concat() } else { flow.comma.to_owned() };
    let bare = |part: &Part| text[..part.range.end].ends_with(':') && !set.contains(&part.range.end);
    let write = |new: &New<'_>| {
        new.key.map_or_else(|| flow.value(&new.value, indent), |key| flow.entry(key, &new.value, indent))
    };
    let (appended, inserted): (Vec<New<'_>>, Vec<New<'_>>) =
        added.into_iter().partition(|new| new.before >= parts.len());
    for new in inserted {
        let splice = Splice::insert(parts[new.before].range.start, [write(&new), between.clone()].concat(), 0);
        plan.settle(&new.ids, Ok(vec![splice]));
    }
    let lines: Vec<String> = appended.iter().map(write).collect();
    let ids: Vec<Id> = appended.iter().flat_map(|new| new.ids.iter().copied()).collect();
    let line = lines.join(&between);
    let goes: BTreeSet<usize> = gone.iter().map(|(_, index)| *index).collect();
    let kept = (0..parts.len()).rev().find(|index| !goes.contains(index));
    for (id, index) in gone.iter().filter(|(_, index)| kept.is_some_and(|kept| *index < kept)) {
        plan.settle(&[*id], removal(text, parts, *index).map(|splice| vec![splice]));
    }
    let tail: Vec<Id> =
        gone.iter().filter(|(_, index)| kept.is_none_or(|kept| *index > kept)).map(|(id, _)| *id).collect();
    let inside = node.span.start as usize + 1..node.span.end as usize - 1;
    let splices = match (kept.map(|kept| &parts[kept..]), parts) {
        _ if tail.is_empty() && ids.is_empty() => return,
        (Some([kept, ..]), _) if tail.is_empty() => Ok(append(text, kept, bare(kept), line, &between, flow.comma)),
        (Some(kept), _) => replace_tail(text, kept, bare(&kept[0]), line),
        (None, [first, .., last]) => replace_all(text, first.range.start..last.range.end, inside, line),
        (None, [only]) => replace_all(text, only.range.clone(), inside, line),
        (None, []) => Ok(fill(text, inside, style.unit(text, node.span.start as usize), &line)),
    };
    plan.settle(&tail.into_iter().chain(ids).collect::<Vec<_>>(), splices);
}

/// Takes a part away that has others behind it, with its comma and the comment beside it.
fn removal(text: &str, parts: &[Part], index: usize) -> Result<Splice, Reason> {
    let part = &parts[index];
    let Some(comma) = part.comma else { return Err(Reason::Layout) };
    let mut end = skip_blanks(text, comma + 1);
    if text[end..].starts_with('#') {
        end = line_end(text, end);
    }
    Ok(Splice::delete(part.range.start..next_written(text, end)))
}

/// Puts new parts behind the last one.
///
/// `bare`: the last one is a key whose value is not written, and in `a:,` the colon would be a part of the key.
fn append(text: &str, last: &Part, bare: bool, line: String, between: &str, comma: &str) -> Vec<Splice> {
    let end = last.range.end;
    let behind = last.comma.map_or(end, |comma| comma + 1);
    let own_line = between.contains(['\n', '\r']);
    let gap = if bare { " " } else { "" };
    let commented = rest_of_line(text, behind).is_some_and(|rest| !rest.is_empty());
    match last.comma {
        // `a # about a`: the comma goes before the comment, the new line behind it.
        None if own_line && commented => {
            let start = &between[1..];
            let comma = Splice::insert(end, [gap, ","].concat(), 0);
            vec![comma, Splice::insert(line_end(text, end), [start, &line].concat(), 0)]
        }
        None => vec![Splice::insert(end, [gap, between, &line].concat(), 0)],
        Some(_) if own_line => {
            let at = if commented { line_end(text, behind) } else { behind };
            vec![Splice::insert(at, [&between[1..], &line, ","].concat(), 0)]
        }
        Some(_) => vec![Splice::insert(behind, [&comma[1..], &line, ","].concat(), 0)],
    }
}

/// Puts `new` in the place of all parts behind the first.
fn replace_tail(text: &str, parts: &[Part], bare: bool, new: String) -> Result<Vec<Splice>, Reason> {
    let [kept, .., last] = parts else { return Err(Reason::Layout) };
    let first = parts[1].range.start;
    if !new.is_empty() {
        return Ok(vec![Splice::replace(first..last.range.end, new)]);
    }
    if !kept.comma.is_some_and(|comma| text[comma..first].contains('#')) {
        // The blank in front of the comma goes as well, but where it ends a key without a value.
        let from = kept.comma.filter(|_| bare).unwrap_or(kept.range.end);
        return Ok(vec![Splice::delete(from..last.range.end)]);
    }
    // Comments stand before the first that goes: they stay, and the comma in front of them too.
    let behind = last.comma.map_or(last.range.end, |comma| comma + 1);
    match (is_first_on_line(text, first), rest_of_line(text, behind), previous_line_end(text, line_start(text, first)))
    {
        (true, Some(_), Some(before)) => Ok(vec![Splice::delete(before..line_end(text, behind))]),
        _ => Err(Reason::Layout),
    }
}

/// Puts `new` in the place of all parts.
fn replace_all(text: &str, parts: Range<usize>, inside: Range<usize>, new: String) -> Result<Vec<Splice>, Reason> {
    if !new.is_empty() {
        return Ok(vec![Splice::replace(parts, new)]);
    }
    if [inside.start..parts.start, parts.end..inside.end].into_iter().any(|range| text[range].contains('#')) {
        return Err(Reason::Layout);
    }
    Ok(vec![Splice::delete(inside)])
}

/// Puts `new` between brackets that have nothing but white space and comments between them.
fn fill(text: &str, inside: Range<usize>, unit: &str, new: &str) -> Vec<Splice> {
    let Some(comment) = text[inside.clone()].rfind('#').map(|at| inside.start + at) else {
        return vec![Splice::replace(inside, new)];
    };
    // Behind the last comment, as far to the right as it is if it has a line of its own.
    let indent = match is_first_on_line(text, comment) {
        true => indentation(text, comment).to_owned(),
        false => [indentation(text, inside.end), unit].concat(),
    };
    vec![Splice::insert(line_end(text, comment), [break_near(text, comment), &indent, new].concat(), 0)]
}
