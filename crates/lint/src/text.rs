//! A text and what is read from it.

use std::cell::OnceCell;

use kube_yaml::yaml::{self, Chunk, Parsed};

/// A text with its tree, which is read when somebody asks for it, and only once.
pub struct Text<'t> {
    text: &'t str,
    parsed: OnceCell<Parsed<'t>>,
}

impl<'t> Text<'t> {
    /// Takes a text, which is not read yet.
    pub fn new(text: &'t str) -> Text<'t> {
        Text { text, parsed: OnceCell::new() }
    }

    /// Takes a text and the trees of its parts, in their order.
    pub(crate) fn of_parts(text: &'t str, parts: impl IntoIterator<Item = Parsed<'t>>) -> Text<'t> {
        Text { text, parsed: joined(parts).into() }
    }

    /// The text itself.
    pub fn as_str(&self) -> &'t str {
        self.text
    }

    /// The tree.
    pub fn parsed(&self) -> &Parsed<'t> {
        self.parsed.get_or_init(|| yaml::parse(self.text))
    }
}

/// Reads chunks that follow one another.
pub(crate) fn parse_chunks<'t>(chunks: impl IntoIterator<Item = Chunk<'t>>) -> Parsed<'t> {
    joined(chunks.into_iter().map(|chunk| yaml::parse_chunk(&chunk)))
}

fn joined<'t>(parts: impl IntoIterator<Item = Parsed<'t>>) -> Parsed<'t> {
    parts.into_iter().fold(Parsed::default(), |mut whole, mut part| {
        whole.documents.append(&mut part.documents);
        whole.errors.append(&mut part.errors);
        whole
    })
}
