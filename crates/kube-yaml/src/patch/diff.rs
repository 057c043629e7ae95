//! Finds the changes that turn one value into another.

use std::collections::BTreeSet;

use hardening::violation::Edit;
use serde_json::{Map, Value};

use crate::yaml::{Segment, to_text};

/// The edits that make `old` equal to `new`. A list that gains or loses items is set as a whole: an item has no
/// other address than its index.
pub fn edits(old: &Value, new: &Value) -> Vec<Edit> {
    let changes = diff(old, new);
    let is_item = |change: &Change| {
        let at_index = matches!(change.path.last(), Some(Segment::Index(_)));
        at_index && matches!(change.kind, Kind::Insert(_) | Kind::Remove)
    };
    let lists: BTreeSet<&[Segment]> =
        changes.iter().filter(|change| is_item(change)).map(|change| &change.path[..change.path.len() - 1]).collect();
    let list_of = |path: &[Segment]| (0..=path.len()).find(|end| lists.contains(&path[..*end]));
    let mut edits: Vec<Edit> = Vec::new();
    for Change { path, kind } in &changes {
        let edit = match (list_of(path), kind) {
            (Some(end), _) => {
                let value = at(new, &path[..end]).unwrap_or(&Value::Null).to_string();
                Edit::Set { path: to_text(&path[..end]), value }
            }
            (None, Kind::Remove) => Edit::Remove { path: to_text(path) },
            (None, Kind::Add(value) | Kind::Insert(value) | Kind::Replace(value)) => {
                Edit::Set { path: to_text(path), value: value.to_string() }
            }
        };
        if edits.last() != Some(&edit) {
            edits.push(edit);
        }
    }
    edits
}

/// The value at a path.
pub(super) fn at<'v>(value: &'v Value, path: &[Segment]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, segment| match segment {
        Segment::Key(key) => value.get(key),
        Segment::Index(index) => value.get(index),
    })
}

/// One change; its path is that of the old value, whatever other changes insert or remove.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Change {
    /// The place in the old value. For [`Kind::Insert`] the index of the item it comes before.
    pub(super) path: Vec<Segment>,
    /// The kind of the change.
    pub(super) kind: Kind,
}

/// The effect of a change at its path.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// A key that an object gets.
    Add(Value),
    /// An item that a list gets, before the one at the index or, at its length, at the end.
    Insert(Value),
    /// A value that takes the place of another.
    Replace(Value),
    /// A key or item that goes.
    Remove,
}

/// The changes that make `old` equal to `new`: objects key by key, lists item by item, aligned so that
/// equal items and those of one name stay together, everything else as a whole.
pub(super) fn diff(old: &Value, new: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    compare(old, new, &mut Vec::new(), &mut changes);
    changes
}

/// Whether two values mean the same: `1` and `1.0` do.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => x == y || (x.is_f64() || y.is_f64()) && x.as_f64() == y.as_f64(),
        (Value::Array(x), Value::Array(y)) => x.len() == y.len() && x.iter().zip(y).all(|(a, b)| same(a, b)),
        (Value::Object(x), Value::Object(y)) => {
            x.len() == y.len() && x.iter().all(|(key, a)| y.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

fn compare(old: &Value, new: &Value, path: &mut Vec<Segment>, changes: &mut Vec<Change>) {
    match (old, new) {
        _ if same(old, new) => {}
        (Value::Object(old), Value::Object(new)) => compare_objects(old, new, path, changes),
        (Value::Array(old), Value::Array(new)) => compare_lists(old, new, path, changes),
        _ => changes.push(Change { path: path.clone(), kind: Kind::Replace(new.clone()) }),
    }
}

fn compare_objects(
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    path: &mut Vec<Segment>,
    changes: &mut Vec<Change>,
) {
    for (key, value) in old {
        path.push(Segment::Key(key.clone()));
        match new.get(key) {
            Some(wanted) => compare(value, wanted, path, changes),
            None => changes.push(Change { path: path.clone(), kind: Kind::Remove }),
        }
        path.pop();
    }
    for (key, value) in new.iter().filter(|(key, _)| !old.contains_key(*key)) {
        path.push(Segment::Key(key.clone()));
        changes.push(Change { path: path.clone(), kind: Kind::Add(value.clone()) });
        path.pop();
    }
}

fn compare_lists(old: &[Value], new: &[Value], path: &mut Vec<Segment>, changes: &mut Vec<Change>) {
    let pairs = align(old, new);
    let mut taken = 0;
    for (index, value) in old.iter().enumerate() {
        path.push(Segment::Index(index));
        let pair = pairs.iter().find(|pair| pair.0 == index);
        if let Some((_, partner)) = pair {
            insert(&new[taken..*partner], path, changes);
            compare(value, &new[*partner], path, changes);
            taken = partner + 1;
        } else {
            changes.push(Change { path: path.clone(), kind: Kind::Remove });
        }
        path.pop();
    }
    path.push(Segment::Index(old.len()));
    insert(&new[taken..], path, changes);
    path.pop();
}

fn insert(values: &[Value], path: &[Segment], changes: &mut Vec<Change>) {
    let kinds = values.iter().map(|value| Kind::Insert(value.clone()));
    changes.extend(kinds.map(|kind| Change { path: path.to_vec(), kind }));
}

/// Which old item becomes which new one, in order, so that as much as possible stays.
fn align(old: &[Value], new: &[Value]) -> Vec<(usize, usize)> {
    let head = old.iter().zip(new).take_while(|(a, b)| same(a, b)).count();
    let (rest_old, rest_new) = (&old[head..], &new[head..]);
    let tail = rest_old.iter().rev().zip(rest_new.iter().rev()).take_while(|(a, b)| same(a, b)).count();
    let middle = best_pairs(&rest_old[..rest_old.len() - tail], &rest_new[..rest_new.len() - tail]);
    let mut pairs: Vec<(usize, usize)> = (0..head).map(|index| (index, index)).collect();
    pairs.extend(middle.into_iter().map(|(a, b)| (a + head, b + head)));
    pairs.extend((0..tail).map(|index| (old.len() - tail + index, new.len() - tail + index)));
    pairs
}

/// Above this many comparisons items are paired as they stand.
const MAX_COMPARED: usize = 1 << 20;

/// The pairs, in order, that are worth most together.
fn best_pairs(old: &[Value], new: &[Value]) -> Vec<(usize, usize)> {
    if old.len().saturating_mul(new.len()) > MAX_COMPARED {
        let pairs = (0..old.len().min(new.len())).map(|index| (index, index));
        return pairs.filter(|(a, b)| likeness(&old[*a], &new[*b]) > 0).collect();
    }
    let width = new.len() + 1;
    // What the items from here on are worth at best.
    let mut worth = vec![0_usize; (old.len() + 1) * width];
    for row in (0..old.len()).rev() {
        for column in (0..new.len()).rev() {
            let like = likeness(&old[row], &new[column]);
            let paired = if like > 0 { worth[(row + 1) * width + column + 1] + like } else { 0 };
            let apart = worth[(row + 1) * width + column].max(worth[row * width + column + 1]);
            worth[row * width + column] = paired.max(apart);
        }
    }
    let mut pairs = Vec::new();
    let (mut row, mut column) = (0, 0);
    while row < old.len() && column < new.len() {
        let here = worth[row * width + column];
        let like = likeness(&old[row], &new[column]);
        if like > 0 && here == worth[(row + 1) * width + column + 1] + like {
            pairs.push((row, column));
            (row, column) = (row + 1, column + 1);
        } else if here == worth[(row + 1) * width + column] {
            row += 1;
        } else {
            column += 1;
        }
    }
    pairs
}

/// How likely it is that an item became another; 0: it did not, things of different names never do.
fn likeness(old: &Value, new: &Value) -> usize {
    let is_single = |value: &Value| !value.is_array() && !value.is_object();
    match (name(old), name(new)) {
        _ if same(old, new) => 8,
        (Some(a), Some(b)) if a == b => 6,
        (Some(_), Some(_)) => 0,
        (None, None) if is_single(old) && is_single(new) => 2,
        (None, None) if old.is_array() && new.is_array() || old.is_object() && new.is_object() => 4,
        (Some(_), None) | (None, Some(_)) if old.is_object() && new.is_object() => 3,
        _ if is_single(old) => 1,
        _ => 0,
    }
}

/// Returns the name that identifies an item of a list.
fn name(item: &Value) -> Option<&str> {
    ["name", "mountPath"].iter().find_map(|key| item.get(key)).and_then(Value::as_str)
}

#[cfg(test)]
mod tests;
