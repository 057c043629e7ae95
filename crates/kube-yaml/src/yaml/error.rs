//! Why a text could not be read, and where.

use std::fmt;
use std::ops::Range;

/// A document that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The byte of the text it happened at.
    pub offset: usize,
    /// The problem, in lower case and without the position.
    pub message: String,
    /// The bytes of the text that were given up: the chunk, see [`super::Document::chunk`].
    pub chunk: Range<usize>,
    /// The chunk holds unquoted template actions: this is not a manifest yet, but a Helm (or
    /// other Go) template that nobody has rendered.
    pub templated: bool,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for Error {}
