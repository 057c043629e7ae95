//! Parser events to documents.

use super::alias::{Anchor, as_key, mark_aliased};
use super::error::Error;
use super::extent;
use super::merge::{self, Merge, Pairs};
use super::node::{Node, Span, Style, Value};
use super::position::{Place, Positions, first};
use super::repair::{self, Insert};
use super::scalar::{self, Scalar};
use super::split::Chunk;
use super::{Document, MAX_ALIASED, MAX_DEPTH};
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Tag};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Reads the documents of a chunk; on an error those before it are kept.
pub(super) fn read<'a>(chunk: &Chunk<'a>, documents: &mut Vec<Document<'a>>) -> Result<(), Error> {
    let before = documents.len();
    let text = without_blank_end(chunk.text);
    let failed = match read_events(chunk, text, &[], documents) {
        Ok(()) => return Ok(()),
        Err(Failed::Meaning(error)) => return Err(error),
        Err(Failed::Syntax(error)) => error,
    };
    let Some((text, inserts)) = repair::repair(text) else {
        return Err(failed);
    };
    let mut repaired = Vec::new();
    match read_events(chunk, &text, &inserts, &mut repaired) {
        Err(Failed::Syntax(_)) => return Err(failed),
        Err(Failed::Meaning(error)) => return Err(error),
        Ok(()) => {}
    }
    documents.truncate(before);
    documents.append(&mut repaired);
    Ok(())
}

/// A text without the blanks behind its last line break, which the event parser takes for one more line of
/// a block scalar.
pub(super) fn without_blank_end(text: &str) -> &str {
    let trimmed = text.trim_end_matches(' ');
    if trimmed.ends_with(['\n', '\r']) { trimmed } else { text }
}

enum Failed {
    /// The text is not YAML to the event parser.
    Syntax(Error),
    /// It is, but not to us.
    Meaning(Error),
}

/// Reads the chunk, or a repaired copy of it with the same content.
fn read_events<'a>(
    chunk: &Chunk<'a>,
    text: &str,
    inserts: &[Insert],
    documents: &mut Vec<Document<'a>>,
) -> Result<(), Failed> {
    let mut builder = Builder::new(chunk, inserts);
    for event in Parser::new_from_str(text) {
        match event {
            Ok((event, span)) => {
                builder.event(event, &span.start, &span.end, documents).map_err(Failed::Meaning)?;
            }
            Err(error) => {
                let place = builder.positions.place(error.marker());
                // The parser looks ahead, so that it may say so before we do.
                let is_deep = error.info() == "recursion limit exceeded";
                let message = if is_deep { too_deep() } else { error.info().to_owned() };
                return Err(Failed::Syntax(place.error(chunk, message)));
            }
        }
    }
    Ok(())
}

/// A collection that is still open.
struct Frame<'a> {
    place: Place,
    style: Style,
    anchor: usize,
    content: Content<'a>,
}

enum Content<'a> {
    Sequence(Vec<Node<'a>>),
    Mapping { pairs: Pairs<'a>, merges: Vec<Merge<'a>>, next: Next<'a> },
}

/// What an open mapping waits for.
enum Next<'a> {
    Key,
    Value(Node<'a>),
    Merge,
}

struct Builder<'a, 'i> {
    chunk: Chunk<'a>,
    positions: Positions<'a, 'i>,
    frames: Vec<Frame<'a>>,
    root: Option<Node<'a>>,
    /// The line the open document starts on.
    line: usize,
    anchors: BTreeMap<usize, Anchor<'a>>,
    /// The weight of what aliases have added to the open document.
    aliased: usize,
    /// The weight of what is kept for aliases.
    anchored: usize,
    /// Events of the open document.
    events: usize,
    /// Where the last content ended, in bytes of the chunk.
    last_end: usize,
    /// There are tabs in the chunk.
    tabs: bool,
    /// Where the last empty document was: the next one is looked for from there.
    seen: Place,
}

impl<'a, 'i> Builder<'a, 'i> {
    fn new(chunk: &Chunk<'a>, inserts: &'i [Insert]) -> Self {
        Builder {
            chunk: *chunk,
            positions: Positions::new(chunk, inserts),
            frames: Vec::new(),
            root: None,
            line: chunk.line,
            anchors: BTreeMap::new(),
            aliased: 0,
            anchored: 0,
            events: 0,
            last_end: 0,
            tabs: chunk.text.contains('\t'),
            seen: first(chunk),
        }
    }

    fn event(
        &mut self,
        event: Event,
        start: &Marker,
        end: &Marker,
        documents: &mut Vec<Document<'a>>,
    ) -> Result<(), Error> {
        self.events += 1;
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd => Ok(()),
            Event::DocumentStart(explicit) => {
                self.line = self.positions.place(start).line;
                if explicit {
                    self.last_end = self.positions.byte(end.index());
                }
                Ok(())
            }
            Event::DocumentEnd => {
                let root = self.root.take().unwrap_or_else(|| self.empty());
                documents.push(Document { line: self.line, chunk: self.chunk.range(), root });
                self.anchors.clear();
                (self.aliased, self.anchored, self.events) = (0, 0, 0);
                Ok(())
            }
            Event::Alias(anchor) => self.alias(anchor, start, end),
            Event::Scalar(text, style, anchor, tag) => self.scalar(text, style, anchor, tag.as_deref(), start, end),
            Event::SequenceStart(anchor, tag) => {
                let content = Content::Sequence(Vec::new());
                self.open(content, b'[', anchor, tag.is_some(), start, end)
            }
            Event::MappingStart(anchor, tag) => {
                let content = Content::Mapping { pairs: Vec::new(), merges: Vec::new(), next: Next::Key };
                self.open(content, b'{', anchor, tag.is_some(), start, end)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(start, end),
        }
    }

    /// Whether the next node is a mapping key.
    fn expects_key(&self) -> bool {
        let content = self.frames.last().map(|frame| &frame.content);
        matches!(content, Some(Content::Mapping { next: Next::Key, .. }))
    }

    fn open(
        &mut self,
        content: Content<'a>,
        bracket: u8,
        anchor: usize,
        tagged: bool,
        start: &Marker,
        end: &Marker,
    ) -> Result<(), Error> {
        let end = self.positions.byte(end.index());
        let place = self.content_place(start, end, usize::from(anchor > 0) + usize::from(tagged));
        self.check_indentation(place)?;
        if self.expects_key() {
            return Err(place.error(&self.chunk, "a mapping key must be a scalar"));
        }
        if self.frames.len() >= MAX_DEPTH {
            return Err(place.error(&self.chunk, too_deep()));
        }
        let opened = self.chunk.text.as_bytes().get(place.byte..end);
        let pair_in_list = self.frames.last().is_some_and(|frame| frame.style == Style::Flow);
        let flow = pair_in_list || opened.is_some_and(|text| text.first() == Some(&bracket));
        let style = if flow { Style::Flow } else { Style::Block };
        let place = match self.frames.last() {
            Some(Frame { content: Content::Mapping { .. }, style: Style::Block, place: parent, .. })
                if bracket == b'[' && !flow =>
            {
                extent::first_dash(&self.chunk, place, parent.column)
            }
            _ => place,
        };
        self.frames.push(Frame { place, style, anchor, content });
        Ok(())
    }

    fn close(&mut self, start: &Marker, end: &Marker) -> Result<(), Error> {
        let Some(frame) = self.frames.pop() else {
            return Ok(());
        };
        let (start, end) = (self.positions.byte(start.index()), self.positions.byte(end.index()));
        // A closing bracket, its event goes on to the end of the line. The end of a block collection,
        // or of a single pair in a list, is where the next thing starts.
        if frame.style == Style::Flow && start < end {
            self.last_end = extent::closing_bracket(self.chunk.text, start) + 1;
        }
        let value = match frame.content {
            Content::Sequence(items) => Value::Sequence(items),
            Content::Mapping { pairs, merges, .. } => {
                merge::check_unique(&pairs)?;
                let merged = !merges.is_empty();
                Value::Mapping(if merged { merge::apply(pairs, merges) } else { pairs })
            }
        };
        let span = frame.place.span_to(&self.chunk, self.last_end);
        let node = Node { value, span, style: frame.style, aliased: false };
        self.add(node, frame.anchor)
    }

    fn scalar(
        &mut self,
        text: Cow<str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        start: &Marker,
        end: &Marker,
    ) -> Result<(), Error> {
        let end = self.positions.byte(end.index());
        let properties = usize::from(anchor > 0) + usize::from(tag.is_some());
        let (place, style, end) = if style == ScalarStyle::Plain && text.is_empty() {
            let place = self.absent_place(start, end, properties);
            (place, Style::Absent, place.byte)
        } else {
            let style = node_style(style);
            let mut place = self.content_place(start, end, properties);
            if matches!(style, Style::Literal | Style::Folded) && properties == 0 {
                place = extent::block_header(&self.chunk, place, self.last_end);
            }
            (place, style, extent::scalar_end(self.chunk.text, style, place.byte, end))
        };
        self.check_indentation(place)?;
        let text = extent::borrow(&self.chunk, text, style, place.byte, end);
        self.last_end = self.last_end.max(end);
        let span = place.span_to(&self.chunk, end);
        let failed = |message| Error::at(span, message);
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
        if anchor > 0 {
            // An alias to a key asks for the scalar, not for the string that it is as a key.
            let value = scalar::to_value(meaning.clone(), text.clone()).map_err(failed)?;
            self.keep(anchor, &Node { value, span, style, aliased: false })?;
        }
        let value = Value::String(scalar::to_key(meaning, text).map_err(failed)?);
        self.add(Node { value, span, style, aliased: false }, 0)
    }

    fn alias(&mut self, id: usize, start: &Marker, end: &Marker) -> Result<(), Error> {
        let place = self.positions.place(start);
        self.last_end = self.positions.byte(end.index());
        if self.frames.iter().any(|frame| frame.anchor == id) {
            return Err(place.error(&self.chunk, "this alias stands inside its own anchor"));
        }
        let Some(anchor) = self.anchors.get(&id) else {
            return Err(place.error(&self.chunk, "this alias has no anchor"));
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
            node = as_key(node).map_err(|message| place.error(&self.chunk, message))?;
        }
        self.add(node, 0)
    }

    /// Puts a finished node where it belongs.
    fn add(&mut self, node: Node<'a>, anchor: usize) -> Result<(), Error> {
        if anchor > 0 {
            self.keep(anchor, &node)?;
        }
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

    /// Remembers a node for aliases to it.
    fn keep(&mut self, anchor: usize, node: &Node<'a>) -> Result<(), Error> {
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

    /// Where content starts: an event starts at its anchor or tag.
    fn content_place(&mut self, start: &Marker, end: usize, properties: usize) -> Place {
        let place = self.positions.place(start);
        if properties == 0 { place } else { extent::skip_properties(&self.chunk, place, end, properties) }
    }

    /// Where the content of an empty node would start. The event stands at a colon, behind a dash
    /// and what follows it on its line, or at the next token, which may be lines away.
    fn absent_place(&mut self, start: &Marker, end: usize, properties: usize) -> Place {
        let place = self.positions.place(start);
        if properties > 0 {
            return place.advance(&self.chunk, end);
        }
        match self.frames.last() {
            None => first(&self.chunk).advance(&self.chunk, self.last_end),
            Some(Frame { content: Content::Mapping { next: Next::Value(key), .. }, .. }) if !key.aliased => {
                let key = Place {
                    byte: key.span.start as usize - self.chunk.start,
                    line: key.span.line as usize,
                    column: key.span.column as usize,
                };
                let colon = self.chunk.text.as_bytes().get(place.byte) == Some(&b':');
                let byte = if colon { place.byte + 1 } else { self.last_end };
                key.advance(&self.chunk, byte.max(key.byte))
            }
            Some(Frame { content: Content::Sequence(_), style: Style::Block, .. }) => {
                extent::behind_dash(&self.chunk, place)
            }
            _ => place,
        }
    }

    /// Refuses tabs before the first content of a line, as go-yaml does outside of brackets.
    fn check_indentation(&self, place: Place) -> Result<(), Error> {
        if !self.tabs || self.frames.last().is_some_and(|frame| frame.style == Style::Flow) {
            return Ok(());
        }
        match extent::indenting_tab(&self.chunk, place) {
            Some(tab) => Err(tab.error(&self.chunk, "a tab is not allowed as indentation")),
            None => Ok(()),
        }
    }

    /// The root of a document without content.
    fn empty(&mut self) -> Node<'a> {
        let from = if self.seen.byte <= self.last_end { self.seen } else { first(&self.chunk) };
        self.seen = from.advance(&self.chunk, self.last_end);
        self.absent(self.seen)
    }

    fn absent(&self, place: Place) -> Node<'a> {
        let span: Span = place.span_to(&self.chunk, place.byte);
        Node { value: Value::Null, span, style: Style::Absent, aliased: false }
    }
}

fn too_deep() -> String {
    format!("nested deeper than {MAX_DEPTH} levels")
}

fn node_style(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted => Style::Single,
        ScalarStyle::DoubleQuoted => Style::Double,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
    }
}

/// A plain `<<`, or any tagged `!` or `!!merge`.
fn is_merge(text: &str, plain: bool, tag: Option<&Tag>) -> bool {
    text == "<<"
        && match tag {
            None => plain,
            Some(tag) => scalar::is_non_specific(tag) || scalar::core_name(tag).as_deref() == Some("merge"),
        }
}
