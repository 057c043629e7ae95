//! Changes arranged like the value they change.

use std::collections::BTreeMap;

use serde_json::Value;

use super::diff::{Change, Kind};
use crate::yaml::Segment;

/// A change by its place in the list of all changes of a chunk.
pub(super) type Id = usize;

/// The changes at a place and below it.
#[derive(Debug, Default)]
pub(super) struct Tree<'c> {
    /// The replacement.
    pub(super) replace: Option<(Id, &'c Value)>,
    /// This place goes.
    pub(super) remove: Option<Id>,
    /// Keys that this object gets.
    pub(super) added: Vec<(Id, &'c str, &'c Value)>,
    /// Items that this list gets, each before an index.
    pub(super) inserted: Vec<(Id, usize, &'c Value)>,
    /// Changes of what is in here.
    pub(super) below: BTreeMap<Segment, Tree<'c>>,
}

impl<'c> Tree<'c> {
    /// Arranges changes.
    pub(super) fn build(changes: impl Iterator<Item = (Id, &'c Change)>) -> Self {
        let mut root = Tree::default();
        for (id, change) in changes {
            match (&change.kind, change.path.split_last()) {
                (Kind::Add(value), Some((Segment::Key(key), parent))) => {
                    root.enter(parent).added.push((id, key, value))
                }
                (Kind::Insert(value), Some((Segment::Index(index), parent))) => {
                    root.enter(parent).inserted.push((id, *index, value));
                }
                (Kind::Remove, _) => root.enter(&change.path).remove = Some(id),
                (Kind::Replace(value) | Kind::Add(value) | Kind::Insert(value), _) => {
                    root.enter(&change.path).replace = Some((id, value));
                }
            }
        }
        root
    }

    fn enter(&mut self, path: &[Segment]) -> &mut Self {
        path.iter().fold(self, |tree, segment| tree.below.entry(segment.clone()).or_default())
    }

    /// Every change at and below this place.
    pub(super) fn ids(&self) -> Vec<Id> {
        let mut ids: Vec<Id> = self.replace.iter().map(|(id, _)| *id).chain(self.remove).collect();
        ids.extend(self.added.iter().map(|(id, ..)| *id));
        ids.extend(self.inserted.iter().map(|(id, ..)| *id));
        ids.extend(self.below.values().flat_map(Tree::ids));
        ids
    }

    /// The value with all changes made.
    pub(super) fn apply(&self, old: &Value) -> Value {
        if let Some((_, value)) = self.replace {
            return value.clone();
        }
        match old {
            Value::Object(fields) => {
                let mut out = fields.clone();
                for (segment, tree) in &self.below {
                    let Segment::Key(key) = segment else { continue };
                    if tree.remove.is_some() {
                        out.remove(key);
                    } else if let Some(value) = out.get_mut(key) {
                        *value = tree.apply(value);
                    }
                }
                out.extend(self.added.iter().map(|(_, key, value)| ((*key).to_owned(), (*value).clone())));
                Value::Object(out)
            }
            Value::Array(items) => {
                let mut out = Vec::with_capacity(items.len());
                for index in 0..=items.len() {
                    out.extend(self.inserted.iter().filter(|(_, at, _)| *at == index).map(|(.., v)| (*v).clone()));
                    let Some(item) = items.get(index) else { break };
                    match self.below.get(&Segment::Index(index)) {
                        Some(tree) if tree.remove.is_some() => {}
                        Some(tree) => out.push(tree.apply(item)),
                        None => out.push(item.clone()),
                    }
                }
                Value::Array(out)
            }
            _ => old.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::diff::{diff, same};
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![Just(json!(null)), any::<bool>().prop_map(Value::from), (0..4).prop_map(Value::from)];
        leaf.prop_recursive(4, 32, 4, |inner| {
            let object = prop::collection::btree_map("[a-d]|name", inner.clone(), 0..4);
            prop_oneof![
                prop::collection::vec(inner, 0..5).prop_map(Value::from),
                object.prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn applying_the_difference_gives_the_new_value(old in value(), new in value()) {
            let changes = diff(&old, &new);
            let tree = Tree::build(changes.iter().enumerate());
            prop_assert!(same(&tree.apply(&old), &new));
            prop_assert_eq!(tree.ids().len(), changes.len());
        }
    }
}
