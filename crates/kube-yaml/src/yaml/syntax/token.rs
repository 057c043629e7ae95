//! The words of YAML.

use super::{Mark, Style};
use std::borrow::Cow;

/// A token and where it stands. Tokens that nobody wrote, such as the end of a block, are empty.
#[derive(Debug, Clone)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind<'a>,
    pub(super) start: Mark,
    /// Behind the last character that is written; block scalars leave the blank lines behind them out.
    pub(super) end: Mark,
    /// The level of the simple key that this token may begin.
    pub(super) key: Option<usize>,
}

impl<'a> Token<'a> {
    /// A token that nobody wrote.
    pub(super) fn empty(kind: Kind<'a>, mark: Mark) -> Self {
        Token { kind, start: mark, end: mark, key: None }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind<'a> {
    StreamEnd,
    /// `%YAML`, any version but 1.1 being refused.
    Version,
    /// `%TAG`.
    TagDirective {
        handle: &'a str,
        prefix: Cow<'a, str>,
    },
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    /// `-`
    BlockEntry,
    /// `,`
    FlowEntry,
    /// `?`, or nothing in front of a simple key.
    Key,
    /// `:`
    Value,
    Alias(&'a str),
    Anchor(&'a str),
    /// A handle that a directive may define, empty for `!<…>` and for `!` alone, and what follows.
    Tag {
        handle: &'a str,
        suffix: Cow<'a, str>,
    },
    Scalar(Cow<'a, str>, Style),
}
