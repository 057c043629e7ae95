//! Resolves anchors and aliases.

use super::node::{Node, Value};
use super::scalar::{self, Meaningless};

/// A node that aliases may ask for.
pub(super) struct Anchor<'a> {
    /// A copy, marked as come from elsewhere.
    pub(super) node: Node<'a>,
    /// The cost of a copy, see [`super::MAX_ALIASED`].
    pub(super) weight: usize,
    /// The levels of collections in it.
    pub(super) height: usize,
}

impl<'a> Anchor<'a> {
    /// Keeps a copy of a node.
    pub(super) fn new(node: &Node<'a>) -> Self {
        let (weight, height) = measure(node);
        let mut node = node.clone();
        mark_aliased(&mut node);
        Anchor { node, weight, height }
    }
}

fn measure(node: &Node) -> (usize, usize) {
    let mut weight = 1;
    let mut height = 0;
    let mut add = |child: &Node| {
        let (child_weight, child_height) = measure(child);
        weight += child_weight;
        height = height.max(child_height);
    };
    match &node.value {
        Value::Sequence(items) => items.iter().for_each(&mut add),
        Value::Mapping(pairs) => {
            for (key, value) in pairs {
                add(key);
                add(value);
            }
        }
        Value::String(text) | Value::Number(text) => return (1 + text.len() / 32, 0),
        Value::Null | Value::Bool(_) => return (1, 0),
    }
    (weight, height + 1)
}

/// Marks a node and everything in it as come from elsewhere.
pub(super) fn mark_aliased(node: &mut Node) {
    // What is marked is marked all the way down.
    if node.aliased {
        return;
    }
    node.aliased = true;
    match &mut node.value {
        Value::Sequence(items) => items.iter_mut().for_each(mark_aliased),
        Value::Mapping(pairs) => {
            for (key, value) in pairs {
                mark_aliased(key);
                mark_aliased(value);
            }
        }
        _ => {}
    }
}

/// An aliased scalar as a mapping key.
pub(super) fn as_key(node: Node<'_>) -> Result<Node<'_>, Meaningless> {
    let value = match node.value {
        Value::Bool(value) => Value::String(if value { "true" } else { "false" }.into()),
        Value::Number(text) => {
            let meaning = scalar::resolve(&text);
            Value::String(scalar::to_key(meaning, text)?)
        }
        value @ Value::String(_) => value,
        Value::Null => return Err(Meaningless::NullKey),
        Value::Sequence(_) | Value::Mapping(_) => return Err(Meaningless::CollectionKey),
    };
    Ok(Node { value, ..node })
}
