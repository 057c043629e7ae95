//! The tree: values, where they were written, and how.

use std::borrow::Cow;

pub use hardening::path::Segment;
use hardening::path::push_key;

/// Where a node was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// The first byte, in the whole text.
    pub start: u32,
    /// The byte behind the last.
    pub end: u32,
    /// The line of the first byte, from 1.
    pub line: u32,
    /// The column of the first byte, in characters, from 1.
    pub column: u32,
}

impl Span {
    /// The bytes, to slice the text with.
    pub fn range(&self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// How a node was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// A scalar without quotes.
    Plain,
    /// A scalar in `'single'` quotes.
    Single,
    /// A scalar in `"double"` quotes; every string of a JSON text.
    Double,
    /// A `|` scalar.
    Literal,
    /// A `>` scalar.
    Folded,
    /// A collection by indentation.
    Block,
    /// A collection in brackets.
    Flow,
    /// Nothing was written (`key:` alone): null, with an empty span at the place for a value.
    Absent,
}

/// The value of a node, as Kubernetes reads it.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// Null, written or not.
    Null,
    /// A boolean, `yes`, `on` and `y` among them.
    Bool(bool),
    /// A number, as JSON text.
    Number(Cow<'a, str>),
    /// A string.
    String(Cow<'a, str>),
    /// A list.
    Sequence(Vec<Node<'a>>),
    /// Keys and values in the order they were written. Keys are always [`Value::String`] and
    /// never repeat; merge keys are resolved.
    Mapping(Vec<(Node<'a>, Node<'a>)>),
}

/// One node of a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Node<'a> {
    /// Its value.
    pub value: Value<'a>,
    /// Where its content was written: without anchor and tag, without the blank lines behind it.
    pub span: Span,
    /// How it was written.
    pub style: Style,
    /// It came through an alias or a merge key: the span is where it was written, which is
    /// elsewhere and may be shared, so no place for an edit that means only this node.
    pub aliased: bool,
}

/// Writes a path as findings do: `spec.containers[0].image`.
pub fn to_text(path: &[Segment]) -> String {
    let mut text = String::new();
    for segment in path {
        match segment {
            Segment::Key(key) => push_key(&mut text, key),
            Segment::Index(index) => text += &format!("[{index}]"),
        }
    }
    text
}

/// The deepest existing node on a path, see [`Node::locate`].
#[derive(Debug, Clone, Copy)]
pub struct Located<'n, 'a> {
    /// The node.
    pub node: &'n Node<'a>,
    /// Its key, when it is the value of a mapping.
    pub key: Option<&'n Node<'a>>,
    /// How many segments of the path lead to it; all of them when the field exists.
    pub depth: usize,
}

impl<'a> Node<'a> {
    /// The value of a key, when this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Node<'a>> {
        self.entry(key).map(|(_, value)| value)
    }

    /// A key and its value, when this is a mapping that has it.
    pub fn entry(&self, key: &str) -> Option<(&Node<'a>, &Node<'a>)> {
        let pairs = self.as_mapping()?;
        let (key, value) = pairs.iter().find(|(node, _)| node.as_str() == Some(key))?;
        Some((key, value))
    }

    /// The node at a path.
    pub fn at(&self, path: &[Segment]) -> Option<&Node<'a>> {
        let located = self.locate(path);
        (located.depth == path.len()).then_some(located.node)
    }

    /// The deepest node on a path that exists: the field, or the container it is missing from.
    pub fn locate(&self, path: &[Segment]) -> Located<'_, 'a> {
        let mut found = Located { node: self, key: None, depth: 0 };
        for segment in path {
            let (key, node) = match segment {
                Segment::Key(key) => match found.node.entry(key) {
                    Some((key, node)) => (Some(key), node),
                    None => break,
                },
                Segment::Index(index) => match found.node.as_sequence().and_then(|items| items.get(*index)) {
                    Some(node) => (None, node),
                    None => break,
                },
            };
            found = Located { node, key, depth: found.depth + 1 };
        }
        found
    }

    /// The text, when this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The boolean, when this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self.value {
            Value::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The items, when this is a sequence.
    pub fn as_sequence(&self) -> Option<&[Node<'a>]> {
        match &self.value {
            Value::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// The keys and values, when this is a mapping.
    pub fn as_mapping(&self) -> Option<&[(Node<'a>, Node<'a>)]> {
        match &self.value {
            Value::Mapping(pairs) => Some(pairs),
            _ => None,
        }
    }

    /// Whether this is null, written or not.
    pub fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }
}
