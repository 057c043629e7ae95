//! Merge keys and repeated keys.

use super::error::Error;
use super::node::{Node, Value};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// The entries of a mapping.
pub(super) type Pairs<'a> = Vec<(Node<'a>, Node<'a>)>;

/// A merge key's value, and how many entries were written before it.
pub(super) type Merge<'a> = (usize, Node<'a>);

/// Up to here comparing every key with every other beats hashing them.
const FEW: usize = 16;

/// Refuses a key that is written twice in one mapping, at its second place.
pub(super) fn check_unique(pairs: &[(Node, Node)]) -> Result<(), Error> {
    let repeated = if pairs.len() <= FEW {
        (1..pairs.len()).find(|&index| pairs[..index].iter().any(|pair| pair.0.value == pairs[index].0.value))
    } else {
        let mut seen = BTreeSet::new();
        pairs.iter().position(|(key, _)| !seen.insert(key.as_str()))
    };
    let Some(index) = repeated else { return Ok(()) };
    let key = &pairs[index].0;
    let first = pairs
        .iter()
        .find(|(first, _)| first.as_str() == key.as_str())
        .map_or(key.span.line, |(first, _)| first.span.line);
    let name = key.as_str().unwrap_or_default();
    Err(Error::at(key.span, format!("the key {name:?} is there twice (first in line {first})")))
}

/// Refuses a merge value that is neither a mapping nor a list of mappings.
pub(super) fn check_source(source: &Node) -> Result<(), Error> {
    let is_mapping = |node: &Node| matches!(node.value, Value::Mapping(_));
    let fine = match &source.value {
        Value::Mapping(_) => true,
        // An alias to a list is no list.
        Value::Sequence(items) => !source.aliased && items.iter().all(is_mapping),
        _ => false,
    };
    if fine { Ok(()) } else { Err(Error::at(source.span, "a merge key takes a mapping or a list of mappings")) }
}

/// Resolves merge keys as go-yaml 2 does: entries count in the order they are written, and the
/// later one wins. So an entry behind `<<` overrides the merged one, and `<<` overrides what is
/// before it. In a list the earlier mapping wins.
pub(super) fn apply<'a>(pairs: Pairs<'a>, merges: Vec<Merge<'a>>) -> Pairs<'a> {
    let mut merged = Merged::default();
    let mut merges = merges.into_iter().peekable();
    for (index, pair) in pairs.into_iter().enumerate() {
        while let Some((_, source)) = merges.next_if(|(before, _)| *before == index) {
            merged.take(source);
        }
        merged.put(pair);
    }
    merges.for_each(|(_, source)| merged.take(source));
    merged.pairs
}

#[derive(Default)]
struct Merged<'a> {
    pairs: Pairs<'a>,
    places: BTreeMap<Cow<'a, str>, usize>,
}

impl<'a> Merged<'a> {
    fn put(&mut self, pair: (Node<'a>, Node<'a>)) {
        let Value::String(key) = &pair.0.value else {
            return;
        };
        let next = self.pairs.len();
        let place = *self.places.entry(key.clone()).or_insert(next);
        match self.pairs.get_mut(place) {
            Some(old) => *old = pair,
            None => self.pairs.push(pair),
        }
    }

    fn take(&mut self, source: Node<'a>) {
        match source.value {
            Value::Mapping(pairs) => pairs.into_iter().for_each(|pair| self.put(pair)),
            Value::Sequence(items) => items.into_iter().rev().for_each(|item| self.take(item)),
            _ => {}
        }
    }
}
