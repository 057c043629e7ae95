//! Whether an edited text means what it should.

use std::collections::BTreeSet;

use serde_json::Value;

use super::diff::same;
use super::tree::{Id, Tree};
use crate::yaml::Segment;

/// Compares what is there now with what should be.
///
/// A change in `made` must be there. Another one may be there, because a shared anchor was edited, or not
/// at all; nothing else may differ.
pub(super) struct Check<'m> {
    made: &'m BTreeSet<Id>,
    /// Which changes are there.
    pub(super) there: BTreeSet<Id>,
}

impl<'m> Check<'m> {
    /// A check of changes that were made.
    pub(super) fn new(made: &'m BTreeSet<Id>) -> Self {
        Check { made, there: BTreeSet::new() }
    }

    /// Whether `new` is `old` with the changes.
    pub(super) fn holds(&mut self, old: &Value, new: &Value, tree: &Tree<'_>) -> bool {
        if let Some((id, value)) = tree.replace {
            return self.either(id, same(new, value), || same(new, old));
        }
        match (old, new) {
            (Value::Object(old), Value::Object(new)) => {
                let known = |key: &String| old.contains_key(key) || tree.added.iter().any(|(_, added, _)| added == key);
                new.keys().all(known)
                    && old.iter().all(|(key, value)| self.key_holds(key, value, new.get(key), tree))
                    && tree.added.iter().all(|(id, key, value)| {
                        let found = new.get(*key);
                        self.either(*id, found.is_some_and(|found| same(found, value)), || found.is_none())
                    })
            }
            (Value::Array(old), Value::Array(new)) => self.list_holds(old, new, tree),
            _ => same(old, new),
        }
    }

    fn either(&mut self, id: Id, there: bool, as_before: impl Fn() -> bool) -> bool {
        if there {
            self.there.insert(id);
        }
        there || (!self.made.contains(&id) && as_before())
    }

    fn key_holds(&mut self, key: &str, old: &Value, new: Option<&Value>, tree: &Tree<'_>) -> bool {
        match tree.below.get(&Segment::Key(key.to_owned())) {
            None => new.is_some_and(|new| same(old, new)),
            Some(Tree { remove: Some(id), .. }) => {
                self.either(*id, new.is_none(), || new.is_some_and(|new| same(old, new)))
            }
            Some(tree) => new.is_some_and(|new| self.holds(old, new, tree)),
        }
    }

    fn list_holds(&mut self, old: &[Value], new: &[Value], tree: &Tree<'_>) -> bool {
        let mut rest = new.iter().peekable();
        for index in 0..=old.len() {
            for (id, _, value) in tree.inserted.iter().filter(|(_, at, _)| *at == index) {
                let there = rest.next_if(|found| same(found, value)).is_some();
                if !self.either(*id, there, || true) {
                    return false;
                }
            }
            let Some(item) = old.get(index) else { break };
            let holds = match tree.below.get(&Segment::Index(index)) {
                None => rest.next().is_some_and(|found| same(item, found)),
                Some(Tree { remove: Some(id), .. }) => {
                    let kept = !self.made.contains(id) && rest.next_if(|found| same(item, found)).is_some();
                    self.either(*id, !kept, || true)
                }
                Some(below) => rest.next().is_some_and(|found| self.holds(item, found, below)),
            };
            if !holds {
                return false;
            }
        }
        rest.next().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::super::diff::diff;
    use super::*;
    use serde_json::json;

    #[test]
    fn what_was_made_must_be_there_and_the_rest_may() {
        let old = json!({"a": {"x": 1}, "l": [1, 2, 3], "r": 1});
        let wanted = json!({"a": {"x": 2, "y": 3}, "l": [1, 3, 4]});
        let changes = diff(&old, &wanted);
        let tree = Tree::build(changes.iter().enumerate());
        let all: BTreeSet<Id> = tree.ids().into_iter().collect();
        let none = BTreeSet::new();
        let check = |made: &BTreeSet<Id>, new: &Value| {
            let mut check = Check::new(made);
            check.holds(&old, new, &tree).then_some(check.there.len())
        };
        assert_eq!(check(&all, &wanted), Some(5));
        assert_eq!(check(&all, &old), None);
        assert_eq!(check(&none, &old), Some(0));
        assert_eq!(check(&none, &json!({"a": {"x": 2}, "l": [1, 3], "r": 1})), Some(2));
        assert_eq!(check(&none, &json!({"a": {"x": 7}, "l": [1, 2, 3], "r": 1})), None);
        assert_eq!(check(&none, &json!({"a": {"x": 1, "z": 1}, "l": [1, 2, 3], "r": 1})), None);
        assert_eq!(check(&none, &json!({"a": {"x": 1}, "l": [1, 2, 3, 5], "r": 1})), None);
        assert_eq!(check(&none, &json!({"a": {"x": 1}, "l": [1], "r": 1})), None);
    }
}
