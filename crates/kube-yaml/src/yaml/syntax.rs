//! YAML's grammar as `kubectl` has it: text to events.
//!
//! `kubectl` reads YAML with go-yaml version 2, a port of libyaml, which differs from YAML 1.2 and from most
//! other parsers in what it takes for a key, an anchor, a comment or a continued line. This module is the same
//! grammar: a scanner makes tokens, a parser of one token's lookahead makes events.
//!
//! ```text
//! text ─ scanner (characters, indentation, simple keys) ─▶ tokens ─ parser (states) ─▶ events
//! ```
//!
//! Events borrow from the text where its own letters are the value. Time and memory grow with the text: the
//! queue of tokens never holds more than one simple key, which is no longer than 1,024 characters, and nothing
//! calls itself.
//!
//! Differences to libyaml and go-yaml:
//!
//! | text | libyaml 0.2 | go-yaml 2, as in `kubectl` | here |
//! |---|---|---|---|
//! | `{?a: b}` | the key `a`: `?` in brackets is the key indicator | the same | as both |
//! | `[a?b]` | the scalar `a?b` | `?` ends a plain scalar in brackets | as go-yaml |
//! | `{a:}`, `[a:, b]` | an error | the scalar `a:` | as go-yaml |
//! | `[!x, b]` | the tag `!x`, then a comma | `,`, `[` and `]` belong to the tag | as go-yaml |
//! | `"\/"` | a slash | an error | as go-yaml |
//! | `%YAML 1.2` | read | an error | as go-yaml |
//! | NEL, LS, PS (U+0085, U+2028, U+2029) | line breaks | line breaks | the caller refuses them |
//! | the byte order mark inside of a text | skipped at the start of a line | skipped, or another character in its place, by where a buffer ends | the caller refuses it |
//! | a last line without a line break | no line break in a block scalar | `kubectl` adds one | as `kubectl` |
//! | `\r\r\n` | two line breaks | `kubectl` makes it `\r\n`, which is one | the caller refuses it |
//! | `a`, `...`, `b` on lines of their own | `b` needs `---` | what is behind the first document is never read | two documents |
//! | text behind the end of a document, as in `{a: b} c` | an error | never read | an error |
//! | `[]: a`, `{a: b}: c` | keys that are collections | an error, by way of a misplaced token or of JSON | events; the caller refuses them |
//! | `[? : a]` | an error: the colon is lost | the same | an empty key; the caller refuses it |
//! | more than 100 `%TAG` directives | read | read | refused |

mod block;
mod cursor;
mod directive;
mod event;
mod keys;
mod parser;
mod plain;
mod property;
mod quoted;
mod scanner;
mod states;
mod token;

#[cfg(test)]
mod tests;

pub(super) use event::{Content, Event, Properties, Style};
pub(super) use parser::Parser;

/// A place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Mark {
    /// The byte, from 0.
    pub(super) byte: usize,
    /// The line, from 0.
    pub(super) line: usize,
    /// The column in characters, from 0.
    pub(super) column: usize,
}

/// Why a text is not YAML, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Error {
    pub(super) mark: Mark,
    /// The problem, in lower case and without the position.
    pub(super) message: String,
}
