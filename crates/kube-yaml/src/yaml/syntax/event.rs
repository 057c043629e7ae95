//! The events of the parser.

use super::Mark;
use std::borrow::Cow;

/// A part of a document, and where it is written, its anchor and tag left out.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::yaml) struct Event<'a> {
    pub(in crate::yaml) content: Content<'a>,
    /// Where it starts. A value that is not written starts where it would be: behind its colon, dash, or properties.
    pub(in crate::yaml) start: Mark,
    /// The byte behind it; of the end of a block, that behind the last thing in it.
    pub(in crate::yaml) end: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(in crate::yaml) enum Content<'a> {
    /// `---`, or the first node of a document without.
    DocumentStart,
    DocumentEnd,
    Alias(&'a str),
    Scalar {
        text: Cow<'a, str>,
        style: Style,
        properties: Properties<'a>,
    },
    SequenceStart {
        flow: bool,
        properties: Properties<'a>,
    },
    /// A mapping; one without brackets is flow, too, if it is a pair in a sequence with brackets.
    MappingStart {
        flow: bool,
        properties: Properties<'a>,
    },
    /// The end of a sequence or mapping.
    End,
}

/// The properties in front of a node.
#[derive(Debug, Clone, PartialEq, Default)]
pub(in crate::yaml) struct Properties<'a> {
    pub(in crate::yaml) anchor: Option<&'a str>,
    /// The tag in full: `tag:yaml.org,2002:int` for `!!int`, `!` for `!` alone.
    pub(in crate::yaml) tag: Option<Cow<'a, str>>,
}

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::yaml) enum Style {
    /// Without quotes.
    Plain,
    /// In `'` quotes.
    Single,
    /// In `"` quotes.
    Double,
    /// Behind `|`.
    Literal,
    /// Behind `>`.
    Folded,
    /// Not at all.
    Absent,
}
