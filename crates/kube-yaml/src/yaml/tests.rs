//! Whole documents. The meanings were confirmed with `kubectl` 1.32.
#![allow(clippy::unwrap_used, clippy::panic)]

mod errors;
mod limits;
mod meaning;
mod places;
mod properties;
mod streams;

use super::*;

/// The documents of a text as JSON; panics on errors.
fn json(text: &str) -> Vec<String> {
    let parsed = parse(text);
    assert_eq!(parsed.errors, [], "{text}");
    parsed.documents.iter().map(|document| document.root.to_json()).collect()
}

/// The only document of a text.
fn one(text: &str) -> Node<'_> {
    let mut parsed = parse(text);
    assert_eq!(parsed.errors, [], "{text}");
    assert_eq!(parsed.documents.len(), 1, "{text}");
    parsed.documents.remove(0).root
}

/// The first error of a text: line, column, message.
fn error(text: &str) -> (usize, usize, String) {
    let parsed = parse(text);
    let error = parsed.errors.first().unwrap_or_else(|| panic!("no error: {text}"));
    (error.line, error.column, error.message.clone())
}

fn path(text: &str) -> Vec<Segment> {
    text.split('.').map(|part| part.parse().map_or_else(|_| Segment::Key(part.to_owned()), Segment::Index)).collect()
}
