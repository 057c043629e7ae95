//! A new value in the place of another.

use std::ops::Range;

use serde_json::Value;

use super::emit::{Flow, Pretty, inline, is_inline};
use super::layout::{Entry, behind_properties, last_line_end};
use super::plan::{Holder, Place, Plan};
use super::reason::Reason;
use super::scalar::{is_plain, quoted};
use super::splice::Splice;
use super::text::{
    break_near, indentation, is_first_on_line, line_end, line_start, previous_line_end, rest_of_line, skip_blanks,
    trim_blanks_back,
};
use crate::yaml::{Node, Style, Value as Content};

/// Puts `new` where `old` is.
///
/// # Errors
/// A layout that is not understood.
pub(super) fn put(plan: &Plan<'_>, old: &Node<'_>, place: &Place<'_>, new: &Value) -> Result<Vec<Splice>, Reason> {
    let Some(entry) = place.entry else {
        return Err(Reason::Layout);
    };
    match place.holder {
        Holder::Root => Err(Reason::Layout),
        Holder::Flow => put_in_brackets(plan, old, entry, new),
        _ if old.style == Style::Block => put_over_block(plan, old, place, entry, new),
        Holder::Key { .. } | Holder::Item if is_inline(new) => {
            Ok(vec![put_scalar(plan, entry, &scalar(plan, old, new, false), old)])
        }
        Holder::Key { indent } => put_below(plan, old, entry, new, indent, place.depth),
        Holder::Item => put_item(plan, old, entry, new, place.depth),
    }
}

/// A scalar in the quotes that the old one has; without quotes in brackets too, if the old one had a colon there as well.
fn scalar(plan: &Plan<'_>, old: &Node<'_>, new: &Value, flow: bool) -> String {
    match (new, old.style) {
        (Value::String(text), Style::Single) => quoted(text, true),
        (Value::String(text), Style::Double) => quoted(text, false),
        (Value::String(text), Style::Plain)
            if flow && has_colon(old) && is_plain(text, false) && is_plain(&text.replace(':', "-"), true) =>
        {
            text.clone()
        }
        _ => inline(new, plan.style, flow),
    }
}

fn has_colon(node: &Node<'_>) -> bool {
    node.as_str().is_some_and(|text| text.contains(':'))
}

fn put_scalar(plan: &Plan<'_>, entry: &Entry, new: &str, old: &Node<'_>) -> Splice {
    let text = plan.text;
    let range = entry.value.clone();
    if range.is_empty() {
        let colon = if entry.mark.is_none() { ":" } else { "" };
        let crowded =
            text[range.end..].starts_with(|next: char| !matches!(next, ' ' | '\t' | '\n' | '\r' | ',' | ']' | '}'));
        let space = if crowded { " " } else { "" };
        let before = if text[..range.start].ends_with([' ', '\t']) && colon.is_empty() { "" } else { " " };
        return Splice::replace(range, [colon, before, new, space].concat());
    }
    let comment = header_comment(text, old, &range);
    Splice::replace(range, [new, comment].concat())
}

/// The comment beside the `|` or `>` of a block scalar, with the white space before it.
fn header_comment<'t>(text: &'t str, old: &Node<'_>, range: &Range<usize>) -> &'t str {
    if !matches!(old.style, Style::Literal | Style::Folded) {
        return "";
    }
    let header = &text[range.start..line_end(text, range.start)];
    header.find('#').map_or("", |at| &header[trim_blanks_back(header, 0, at)..])
}

/// Takes away what is behind a mark and has at most a comment behind it on its line.
fn cleared(text: &str, mark: usize, range: &Range<usize>) -> Option<Splice> {
    let comment = rest_of_line(text, range.end).unwrap_or_default();
    let start = line_start(text, range.start);
    let behind = skip_blanks(text, range.end);
    match (is_first_on_line(text, range.start), comment) {
        _ if range.is_empty() => None,
        (true, "") => Some(Splice::delete(previous_line_end(text, start)?..line_end(text, range.end))),
        // The comment takes its place.
        (true, _) => Some(Splice::delete(range.start..behind)),
        (false, _) => {
            let start = trim_blanks_back(text, mark.max(start), range.start);
            // A tab may not follow a dash.
            let gap = if comment.is_empty() { "" } else { " " };
            let has_tab = text[range.end..behind].contains('\t');
            Some(if has_tab { Splice::replace(start..behind, gap) } else { Splice::delete(start..range.end) })
        }
    }
}

/// A collection below its key, in the place of a scalar, an empty collection or nothing.
fn put_below(
    plan: &Plan<'_>,
    old: &Node<'_>,
    entry: &Entry,
    new: &Value,
    indent: usize,
    depth: usize,
) -> Result<Vec<Splice>, Reason> {
    let text = plan.text;
    let range = entry.value.clone();
    let (Some(mark), true) = (entry.mark, rest_of_line(text, range.end).is_some()) else {
        return Err(Reason::Layout);
    };
    let end = last_line_end(text, old, range.end)?;
    let block = plan.block(range.start);
    let lines = block.behind_colon(new, indent);
    if matches!(old.style, Style::Literal | Style::Folded) {
        let lines = [header_comment(text, old, &range), &lines].concat();
        return Ok(vec![Splice::replace(trim_blanks_back(text, mark, range.start)..end, lines)]);
    }
    let mut splices: Vec<Splice> = cleared(text, mark, &range).into_iter().collect();
    splices.push(Splice::insert(end, lines, depth + 1));
    Ok(splices)
}

/// A collection behind a dash, in the place of a scalar, an empty collection or nothing.
fn put_item(plan: &Plan<'_>, old: &Node<'_>, entry: &Entry, new: &Value, depth: usize) -> Result<Vec<Splice>, Reason> {
    let text = plan.text;
    let range = entry.value.clone();
    let Some(mark) = entry.mark else { return Err(Reason::Layout) };
    let column = |at: usize| text[line_start(text, at)..at].chars().count();
    let block = plan.block(range.start);
    match rest_of_line(text, range.end) {
        None => Err(Reason::Layout),
        Some("") if behind_properties(text, mark) != mark => Err(Reason::Layout),
        Some("") if range.is_empty() => {
            let gap = plan.style.dash_gap(mark);
            let new = block.collection(new, column(mark) + gap);
            Ok(vec![Splice::replace(mark..line_end(text, mark), [&" ".repeat(gap), new.as_str()].concat())])
        }
        Some("") if header_comment(text, old, &range).is_empty() => {
            Ok(vec![Splice::replace(range.clone(), block.collection(new, column(range.start)))])
        }
        Some("") => Err(Reason::Layout),
        Some(_) => {
            let indent = column(mark) + 1;
            let end = last_line_end(text, old, range.end)?;
            let lines = [block.line(indent), block.collection(new, indent)].concat();
            let mut splices: Vec<Splice> = cleared(text, mark, &range).into_iter().collect();
            splices.push(Splice::insert(end, lines, depth + 1));
            Ok(splices)
        }
    }
}

/// Anything in the place of a block collection.
fn put_over_block(
    plan: &Plan<'_>,
    old: &Node<'_>,
    place: &Place<'_>,
    entry: &Entry,
    new: &Value,
) -> Result<Vec<Splice>, Reason> {
    let text = plan.text;
    let range = entry.value.clone();
    let Some(mark) = entry.mark else { return Err(Reason::Layout) };
    let end = last_line_end(text, old, range.end)?;
    let block = plan.block(range.start);
    let (Holder::Key { indent }, true) = (place.holder, is_first_on_line(text, range.start)) else {
        let column = text[line_start(text, range.start)..range.start].chars().count();
        return Ok(vec![Splice::replace(range, block.collection(new, column))]);
    };
    let Some(start) = previous_line_end(text, line_start(text, range.start)) else {
        return Err(Reason::Layout);
    };
    if is_inline(new) {
        let new = [" ", &inline(new, plan.style, false)].concat();
        let at = behind_properties(text, mark);
        return Ok(vec![Splice::replace(at..at, new), Splice::delete(start..end)]);
    }
    Ok(vec![Splice::replace(start..end, block.behind_colon(new, indent))])
}

/// Anything in brackets.
fn put_in_brackets(plan: &Plan<'_>, old: &Node<'_>, entry: &Entry, new: &Value) -> Result<Vec<Splice>, Reason> {
    let text = plan.text;
    let is_collection = matches!(old.value, Content::Mapping(_) | Content::Sequence(_));
    if is_collection && !text[entry.value.clone()].starts_with(['{', '[']) {
        return Err(Reason::Layout);
    }
    if is_inline(new) {
        return Ok(vec![put_scalar(plan, entry, &scalar(plan, old, new, true), old)]);
    }
    let at = entry.value.start;
    let indent = indentation(text, at);
    let pretty = Pretty { unit: plan.style.unit(text, at), line_break: break_near(text, at) };
    let flow = Flow {
        style: plan.style,
        colon: &plan.style.colon,
        comma: if plan.style.colon.ends_with(' ') { ", " } else { "," },
        quoted_keys: text[..at].trim_end_matches([':', ' ']).ends_with('"'),
        pretty: Some(pretty).filter(|_| plan.style.json && is_first_on_line(text, entry.start)),
    };
    let new = flow.value(new, indent);
    Ok(vec![put_scalar(plan, entry, &new, old)])
}
