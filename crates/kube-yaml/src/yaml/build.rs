//! Parser events to documents.

use super::alias::{Anchor, as_key, mark_aliased};
use super::error::Error;
use super::merge::{self, Merge, Pairs};
use super::node::{Node, Style, Value};
use super::position::Place;
use super::scalar::{self, Meaningless, Scalar};
use super::split::Chunk;
use super::syntax::{self, Content as Said, Event, Parser, Properties};
use super::{Document, MAX_ALIASED, MAX_DEPTH};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Reads the documents of a chunk; on an error those before it are kept.
pub(super) fn read<'a>(chunk: &Chunk<'a>, documents: &mut Vec<Document<'a>>) -> Result<(), Error> {
    let mut builder = Builder::new(chunk);
    let mut parser = Parser::new(chunk.text);
    loop {
        match parser.next_event() {
            Ok(Some(event)) => builder.event(event, documents)?,
            Ok(None) => return Ok(()),
            Err(error) => return Err(Place::of(chunk, error.mark).error(chunk, error.message)),
        }
    }
}

/// A collection that is still open.
struct Frame<'a> {
    place: Place,
    style: Style,
    anchor: Option<usize>,
    content: Content<'a>,
}

enum Content<'a> {
    Sequence(Vec<Node<'a>>),
    Mapping { pairs: Pairs<'a>, merges: Vec<Merge<'a>>, next: Next<'a> },
}

/// The part that an open mapping waits for.
enum Next<'a> {
    Key,
    Value(Node<'a>),
    Merge,
}

struct Builder<'a> {
    chunk: Chunk<'a>,
    frames: Vec<Frame<'a>>,
    root: Option<Node<'a>>,
    /// The line the open document starts on.
    line: usize,
    /// The number of the last anchor of each name.
    names: BTreeMap<&'a str, usize>,
    /// Finished anchors by their numbers.
    anchors: BTreeMap<usize, Anchor<'a>>,
    /// The weight of what aliases have added to the open document.
    aliased: usize,
    /// The weight of what is kept for aliases.
    anchored: usize,
    /// Events of the open document.
    events: usize,
}

impl<'a> Builder<'a> {
    fn new(chunk: &Chunk<'a>) -> Self {
        Builder {
            chunk: *chunk,
            frames: Vec::new(),
            root: None,
            line: chunk.line,
            names: BTreeMap::new(),
            anchors: BTreeMap::new(),
            aliased: 0,
            anchored: 0,
            events: 0,
        }
    }

    fn event(&mut self, event: Event<'a>, documents: &mut Vec<Document<'a>>) -> Result<(), Error> {
        self.events += 1;
        let place = Place::of(&self.chunk, event.start);
        match event.content {
            Said::DocumentStart => self.line = place.line,
            Said::DocumentEnd => {
                // A document has a root, even if nothing is written.
                documents.extend(self.root.take().map(|root| Document {
                    line: self.line,
                    chunk: self.chunk.range(),
                    root,
                }));
                self.names.clear();
                self.anchors.clear();
                (self.aliased, self.anchored, self.events) = (0, 0, 0);
            }
            Said::Alias(name) => return self.alias(name, place),
            Said::Scalar { text, style, properties } => return self.scalar(text, style, &properties, place, event.end),
            Said::SequenceStart { flow, properties } => {
                return self.open(Content::Sequence(Vec::new()), flow, &properties, place);
            }
            Said::MappingStart { flow, properties } => {
                let content = Content::Mapping { pairs: Vec::new(), merges: Vec::new(), next: Next::Key };
                return self.open(content, flow, &properties, place);
            }
            Said::End => return self.close(event.end),
        }
        Ok(())
    }

    /// Whether the next node is a mapping key.
    fn expects_key(&self) -> bool {
        let content = self.frames.last().map(|frame| &frame.content);
        matches!(content, Some(Content::Mapping { next: Next::Key, .. }))
    }

    /// The number of the anchor that a node has. From here on its name means this node.
    fn anchor(&mut self, properties: &Properties<'a>) -> Option<usize> {
        let number = self.events;
        properties.anchor.map(|name| {
            self.names.insert(name, number);
            number
        })
    }

    fn open(
        &mut self,
        content: Content<'a>,
        flow: bool,
        properties: &Properties<'a>,
        place: Place,
    ) -> Result<(), Error> {
        if self.expects_key() {
            return Err(place.error(&self.chunk, Meaningless::CollectionKey.to_string()));
        }
        if self.frames.len() >= MAX_DEPTH {
            return Err(place.error(&self.chunk, too_deep()));
        }
        let style = if flow { Style::Flow } else { Style::Block };
        let anchor = self.anchor(properties);
        self.frames.push(Frame { place, style, anchor, content });
        Ok(())
    }

    fn close(&mut self, end: usize) -> Result<(), Error> {
        let Some(frame) = self.frames.pop() else {
            return Ok(());
        };
        let value = match frame.content {
            Content::Sequence(items) => Value::Sequence(items),
            Content::Mapping { pairs, merges, .. } => {
                merge::check_unique(&pairs)?;
                let merged = !merges.is_empty();
                Value::Mapping(if merged { merge::apply(pairs, merges) } else { pairs })
            }
        };
        let span = frame.place.span_to(&self.chunk, end);
        let node = Node { value, span, style: frame.style, aliased: false };
        self.add(node, frame.anchor)
    }

    fn scalar(
        &mut self,
        text: Cow<'a, str>,
        style: syntax::Style,
        properties: &Properties<'a>,
        place: Place,
        end: usize,
    ) -> Result<(), Error> {
        let anchor = self.anchor(properties);
        let tag = properties.tag.as_deref();
        let style = node_style(style);
        let span = place.span_to(&self.chunk, end);
        let failed = |error: Meaningless| Error::at(span, error.to_string());
        let plain = matches!(style, Style::Plain | Style::Absent);
        let is_key = self.expects_key();
        if is_key && is_merge(&text, plain, tag) {
            self.wait_for(Next::Merge);
            return Ok(());
        }
        let meaning = match tag {
            Some(tag) => scalar::resolve_tagged(tag, &text).map_err(failed)?,
            None if plain => scalar::resolve(&text),
            None => Scalar::Text,
        };
        if !is_key {
            let value = scalar::to_value(meaning, text).map_err(failed)?;
            return self.add(Node { value, span, style, aliased: false }, anchor);
        }
        if anchor.is_some() {
            // An alias to a key asks for the scalar, not for the string that it is as a key.
            let value = scalar::to_value(meaning.clone(), text.clone()).map_err(failed)?;
            self.keep(anchor, &Node { value, span, style, aliased: false })?;
        }
        let value = Value::String(scalar::to_key(meaning, text).map_err(failed)?);
        self.add(Node { value, span, style, aliased: false }, None)
    }

    fn alias(&mut self, name: &str, place: Place) -> Result<(), Error> {
        let Some(number) = self.names.get(name) else {
            return Err(place.error(&self.chunk, "this alias has no anchor"));
        };
        let Some(anchor) = self.anchors.get(number) else {
            return Err(place.error(&self.chunk, "this alias stands inside its own anchor"));
        };
        if self.frames.len() + anchor.height > MAX_DEPTH {
            return Err(place.error(&self.chunk, too_deep()));
        }
        self.aliased += anchor.weight;
        if self.aliased > MAX_ALIASED {
            return Err(place.error(&self.chunk, "aliases make this document far too large"));
        }
        let mut node = anchor.node.clone();
        if self.expects_key() {
            node = as_key(node).map_err(|error| place.error(&self.chunk, error.to_string()))?;
        }
        self.add(node, None)
    }

    /// Puts a finished node where it belongs.
    fn add(&mut self, node: Node<'a>, anchor: Option<usize>) -> Result<(), Error> {
        self.keep(anchor, &node)?;
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut frame.content {
            Content::Sequence(items) => items.push(node),
            Content::Mapping { pairs, merges, next } => match std::mem::replace(next, Next::Key) {
                Next::Key => *next = Next::Value(node),
                Next::Value(key) => pairs.push((key, node)),
                Next::Merge => {
                    merge::check_source(&node)?;
                    let mut source = node;
                    mark_aliased(&mut source);
                    merges.push((pairs.len(), source));
                }
            },
        }
        Ok(())
    }

    /// Remembers a node that has an anchor for aliases to it.
    fn keep(&mut self, anchor: Option<usize>, node: &Node<'a>) -> Result<(), Error> {
        let Some(anchor) = anchor else { return Ok(()) };
        let kept = Anchor::new(node);
        self.anchored += kept.weight;
        // Anchors inside of anchors are kept once for each.
        if self.anchored > MAX_ALIASED + 4 * self.events {
            return Err(Error::at(node.span, "too many anchors inside of anchors"));
        }
        self.anchors.insert(anchor, kept);
        Ok(())
    }

    fn wait_for(&mut self, what: Next<'a>) {
        if let Some(Frame { content: Content::Mapping { next, .. }, .. }) = self.frames.last_mut() {
            *next = what;
        }
    }
}

fn too_deep() -> String {
    format!("nested deeper than {MAX_DEPTH} levels")
}

fn node_style(style: syntax::Style) -> Style {
    match style {
        syntax::Style::Plain => Style::Plain,
        syntax::Style::Single => Style::Single,
        syntax::Style::Double => Style::Double,
        syntax::Style::Literal => Style::Literal,
        syntax::Style::Folded => Style::Folded,
        syntax::Style::Absent => Style::Absent,
    }
}

/// A plain `<<`, or any tagged `!` or `!!merge`.
fn is_merge(text: &str, plain: bool, tag: Option<&str>) -> bool {
    text == "<<"
        && match tag {
            None => plain,
            Some(tag) => tag == scalar::NON_SPECIFIC || scalar::core_name(tag) == Some("merge"),
        }
}
