//! YAML with positions, read as Kubernetes reads it.
//!
//! `kubectl` turns YAML into JSON with go-yaml version 2: `yes` is a boolean, `0777` is octal,
//! `1: a` has the key `"1"`. This module gives that meaning to a text and keeps, for every node,
//! where it was written, so that a finding can name a line and a fix can edit it.
//!
//! ```text
//! text ─ split ─▶ chunks ─ JSON reader, plain reader, or events (syntax) + build ─▶ documents of nodes ─▶ JSON
//! ```
//!
//! Chunks (the text between `---` lines) are read one by one, so a broken document costs only
//! itself, and a caller may skip or spread chunks as it likes:
//!
//! ```ignore
//! let parsed = yaml::parse("a: yes\n---\nb: [1, 2]\n");
//! assert_eq!(parsed.documents[0].root.to_json(), r#"{"a":true}"#);
//! assert!(parsed.errors.is_empty());
//! ```

mod alias;
mod build;
mod error;
mod json;
mod merge;
mod node;
mod number;
mod plain;
mod position;
mod scalar;
mod split;
mod syntax;
mod template;
mod write;

pub use error::Error;
pub use node::{Located, Node, Segment, Span, Style, Value, to_text};
pub use split::{Chunk, Chunks, chunks};
pub use template::{control_in_comment, looks_templated};

use std::collections::BTreeSet;
use std::ops::Range;

/// The deepest nesting that is read: small enough that walking and dropping a tree never nears the end of a
/// thread's stack, far above what the API server takes in a manifest.
pub const MAX_DEPTH: usize = 250;

/// How much aliases may add to one document, in nodes; every 32 bytes of text count as a node too.
/// go-yaml draws its line at the same 400,000.
pub const MAX_ALIASED: usize = 400_000;

/// The longest text that is read: positions are 32 bits wide.
pub const MAX_TEXT: usize = u32::MAX as usize;

/// One document of a stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Document<'a> {
    /// The line the document starts on, from 1: its `---`, or else its first node.
    pub line: usize,
    /// The bytes of the text that this document's chunk covers: from its `---` line up to the
    /// next one. Documents separated only by `...` or whitespace share a chunk.
    pub chunk: Range<usize>,
    /// The content; [`Value::Null`] when the document is empty.
    pub root: Node<'a>,
}

/// The result of reading a text: every document that could be read and every error.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Parsed<'a> {
    /// The readable documents, in the order of the text.
    pub documents: Vec<Document<'a>>,
    /// One error for each chunk that could not be read to its end, in the order of the text.
    pub errors: Vec<Error>,
}

/// Whether Kubernetes reads a plain scalar, without quotes, as a string.
pub fn is_string(text: &str) -> bool {
    matches!(scalar::resolve(text), scalar::Scalar::Text)
}

/// Reads every document of a text.
///
/// A text without content, or of comments only, has no documents; an explicit `---` with nothing
/// behind it is one empty document.
pub fn parse(text: &str) -> Parsed<'_> {
    let mut parsed = Parsed::default();
    for chunk in chunks(text) {
        parse_chunk_into(&chunk, &mut parsed);
    }
    parsed
}

/// Reads the documents of the chunks that begin at one of these offsets in the text, in bytes.
pub fn parse_at<'a>(text: &'a str, starts: &BTreeSet<usize>) -> Parsed<'a> {
    let mut parsed = Parsed::default();
    for chunk in chunks(text).filter(|chunk| starts.contains(&chunk.start)) {
        parse_chunk_into(&chunk, &mut parsed);
    }
    parsed
}

/// Reads the documents of one chunk; positions are those in the whole text.
pub fn parse_chunk<'a>(chunk: &Chunk<'a>) -> Parsed<'a> {
    let mut parsed = Parsed::default();
    parse_chunk_into(chunk, &mut parsed);
    parsed
}

/// The outline of a chunk that holds one document: of the root's entries those that say what the object is
/// and whether it carries a pod template, without the items of lists. `None` when that takes a whole
/// [`parse_chunk`], which may find an error; with an outline it finds none.
pub fn outline<'a>(chunk: &Chunk<'a>) -> Option<Document<'a>> {
    position::check_length(chunk).and_then(|()| split::check(chunk)).ok()?;
    plain::read(chunk, plain::Keep::Outline)
}

fn parse_chunk_into<'a>(chunk: &Chunk<'a>, parsed: &mut Parsed<'a>) {
    parse_with(chunk, parsed, read_yaml);
}

fn parse_with<'a>(
    chunk: &Chunk<'a>,
    parsed: &mut Parsed<'a>,
    read_yaml: impl FnOnce(&Chunk<'a>, &mut Vec<Document<'a>>) -> Result<(), Error>,
) {
    let before = parsed.documents.len();
    let read = position::check_length(chunk)
        .and_then(|()| split::check(chunk))
        .and_then(|()| json::read(chunk, &mut parsed.documents))
        .inspect_err(|_| parsed.documents.truncate(before))
        .and_then(|done| if done { Ok(()) } else { read_yaml(chunk, &mut parsed.documents) });
    if let Err(mut error) = read {
        error.chunk = chunk.range();
        error.templated = looks_templated(chunk.text);
        parsed.errors.push(error);
    }
}

fn read_yaml<'a>(chunk: &Chunk<'a>, documents: &mut Vec<Document<'a>>) -> Result<(), Error> {
    if let Some(document) = plain::read(chunk, plain::Keep::Everything) {
        documents.push(document);
        return Ok(());
    }
    read_events(chunk, documents)
}

/// Reads any YAML, with the event parser.
fn read_events<'a>(chunk: &Chunk<'a>, documents: &mut Vec<Document<'a>>) -> Result<(), Error> {
    position::check_characters(chunk)?;
    build::read(chunk, documents)
}

/// [`parse`] with the event parser, JSON left to its own reader: what tests and the fuzzer compare the plain
/// reader with.
#[doc(hidden)]
pub fn parse_by_events(text: &str) -> Parsed<'_> {
    let mut parsed = Parsed::default();
    chunks(text).for_each(|chunk| parse_with(&chunk, &mut parsed, read_events));
    parsed
}

#[cfg(test)]
mod tests;
