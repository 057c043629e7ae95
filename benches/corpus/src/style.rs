//! How people, Helm and kustomize lay out what they write.

use crate::random::Random;

/// The layout of one document.
#[derive(Debug, Clone)]
pub(crate) struct Style {
    /// Spaces a level.
    pub(crate) indent: usize,
    /// Whether lists stand deeper than their key.
    pub(crate) lists_indented: bool,
    /// In how many of a hundred cases a short collection is written in brackets.
    pub(crate) brackets: usize,
    /// In how many of a hundred cases a key has quotes.
    pub(crate) quoted_keys: usize,
    /// In how many of a hundred cases a string has quotes that it does not need.
    pub(crate) quotes: usize,
    /// In how many of a hundred cases a line has a comment.
    pub(crate) comments: usize,
    /// Lines end as on Windows.
    pub(crate) crlf: bool,
    /// How prose is written.
    pub(crate) prose: Prose,
}

/// Ways to write a long string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prose {
    /// On one line, however long.
    OneLine,
    /// Wrapped, without quotes where that is possible.
    Wrapped,
    /// `|-`, wrapped.
    Literal,
    /// `>-`, wrapped.
    Folded,
    /// In double quotes, wrapped.
    Double,
}

impl Style {
    /// The style of tools: no comments, nothing odd.
    pub(crate) fn generated(random: &mut Random) -> Style {
        Style {
            indent: 2,
            lists_indented: random.chance(30),
            brackets: 0,
            quoted_keys: 0,
            quotes: 0,
            comments: 0,
            crlf: false,
            prose: if random.chance(60) { Prose::Wrapped } else { Prose::Literal },
        }
    }

    /// The style of people.
    pub(crate) fn by_hand(random: &mut Random) -> Style {
        const PROSE: [Prose; 6] =
            [Prose::OneLine, Prose::OneLine, Prose::Wrapped, Prose::Literal, Prose::Folded, Prose::Double];
        Style {
            indent: if random.chance(8) { 4 } else { 2 },
            lists_indented: random.chance(60),
            brackets: random.pick(&[0, 0, 10, 40]),
            quoted_keys: if random.chance(4) { 50 } else { 0 },
            quotes: random.pick(&[0, 10, 60]),
            comments: random.pick(&[0, 0, 2, 8]),
            crlf: random.chance(3),
            prose: random.pick(&PROSE),
        }
    }
}
