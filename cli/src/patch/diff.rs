//! What has to change to make one value another.

use serde_json::{Map, Value};

use crate::yaml::Segment;

/// One change; its path is that of the old value, whatever other changes insert or remove.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Change {
    /// The place in the old value. For [`Kind::Insert`] the index of the item it comes before.
    pub(super) path: Vec<Segment>,
    /// What happens there.
    pub(super) kind: Kind,
}

/// What a change does at its path.
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

/// The changes that make `old` equal to `new`: objects key by key, lists aligned by their equal items
/// and then by name, everything else as a whole.
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

/// Which old item becomes which new one, in order.
fn align(old: &[Value], new: &[Value]) -> Vec<(usize, usize)> {
    let mut pairs = common(old, new, same);
    fill(old, new, &mut pairs, |old, new| common(old, new, |a, b| name(a).is_some() && name(a) == name(b)));
    fill(old, new, &mut pairs, |old, new| {
        // Items of different names are different things.
        let fit = |a: &Value, b: &Value| name(a).is_none() || name(b).is_none();
        let pairs = (0..old.len().min(new.len())).map(|index| (index, index));
        pairs.take_while(|(a, b)| fit(&old[*a], &new[*b])).collect()
    });
    pairs
}

/// Adds the pairs that `find` sees in the gaps between those that are known.
fn fill(
    old: &[Value],
    new: &[Value],
    pairs: &mut Vec<(usize, usize)>,
    find: impl Fn(&[Value], &[Value]) -> Vec<(usize, usize)>,
) {
    let ends: Vec<(usize, usize)> = pairs.iter().copied().chain([(old.len(), new.len())]).collect();
    let (mut from_old, mut from_new) = (0, 0);
    for (to_old, to_new) in ends {
        let found = find(&old[from_old..to_old], &new[from_new..to_new]);
        pairs.extend(found.into_iter().map(|(a, b)| (a + from_old, b + from_new)));
        (from_old, from_new) = (to_old + 1, to_new + 1);
    }
    pairs.sort_unstable();
}

/// What tells an item of a list from the others.
fn name(item: &Value) -> Option<&str> {
    ["name", "mountPath"].iter().find_map(|key| item.get(key)).and_then(Value::as_str)
}

/// Above this many comparisons a list is compared from both ends only.
const MAX_COMPARED: usize = 1 << 20;

/// The longest common subsequence, as pairs of indices.
fn common(old: &[Value], new: &[Value], equal: impl Fn(&Value, &Value) -> bool) -> Vec<(usize, usize)> {
    let head = old.iter().zip(new).take_while(|(a, b)| equal(a, b)).count();
    let (rest_old, rest_new) = (&old[head..], &new[head..]);
    let tail = rest_old.iter().rev().zip(rest_new.iter().rev()).take_while(|(a, b)| equal(a, b)).count();
    let (rows, columns) = (rest_old.len() - tail, rest_new.len() - tail);
    let mut pairs: Vec<(usize, usize)> = (0..head).map(|index| (index, index)).collect();
    if rows.saturating_mul(columns) <= MAX_COMPARED {
        let width = columns + 1;
        let mut longest = vec![0_usize; (rows + 1) * width];
        for row in (0..rows).rev() {
            for column in (0..columns).rev() {
                longest[row * width + column] = if equal(&rest_old[row], &rest_new[column]) {
                    longest[(row + 1) * width + column + 1] + 1
                } else {
                    longest[(row + 1) * width + column].max(longest[row * width + column + 1])
                };
            }
        }
        let (mut row, mut column) = (0, 0);
        while row < rows && column < columns {
            if equal(&rest_old[row], &rest_new[column]) {
                pairs.push((head + row, head + column));
                (row, column) = (row + 1, column + 1);
            } else if longest[(row + 1) * width + column] >= longest[row * width + column + 1] {
                row += 1;
            } else {
                column += 1;
            }
        }
    }
    pairs.extend((0..tail).map(|index| (old.len() - tail + index, new.len() - tail + index)));
    pairs
}

#[cfg(test)]
#[path = "diff_tests.rs"]
mod tests;
