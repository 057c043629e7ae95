//! Texts that two readers of YAML may read in two ways, made from a number: the same number, the same texts.

mod body;
mod flow;
mod mixed;
mod pieces;
mod quoted;
mod repaired;
mod stream;

/// The kinds of text to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Whole objects with odd scalars and keys, then changed anywhere.
    Mixed,
    /// Small valid pod specs, changed in a place or two.
    Body,
    /// Quoted and block scalars, escapes, anchors, tags.
    Quoted,
    /// Texts that a lenient reader may mend: block scalars that seem to be something else.
    Repaired,
    /// Nested brackets full of indicators.
    Flow,
    /// Lists, typed lists, separators, streams of JSON.
    Stream,
}

impl Mode {
    pub(crate) const ALL: [Mode; 6] = [Mode::Mixed, Mode::Body, Mode::Quoted, Mode::Repaired, Mode::Flow, Mode::Stream];

    /// Its name in lower case.
    pub(crate) fn name(self) -> String {
        format!("{self:?}").to_lowercase()
    }

    /// `count` texts; `seed` chooses which.
    pub(crate) fn texts(self, seed: u64, count: usize) -> Vec<String> {
        // Not a multiple of what `next` adds, or else one seed's numbers are those of another, one step on.
        let mut random = Random(seed.wrapping_mul(0xd134_2543_de82_ef95) ^ (self as u64) << 56);
        let text = match self {
            Mode::Mixed => mixed::text,
            Mode::Body => body::text,
            Mode::Quoted => quoted::text,
            Mode::Repaired => repaired::text,
            Mode::Flow => flow::text,
            Mode::Stream => stream::text,
        };
        (0..count).map(|_| text(&mut random)).collect()
    }
}

/// Numbers that look random (SplitMix64).
pub(crate) struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 up to `end`, without it.
    #[allow(clippy::cast_possible_truncation)]
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    pub(crate) fn pick<T: Copy>(&mut self, table: &[T]) -> T {
        table[self.below(table.len())]
    }

    /// Whether something happens that does so in this many of a hundred cases.
    pub(crate) fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// `count` of the pieces, one behind the other.
    pub(crate) fn some(&mut self, pieces: &[&str], count: usize) -> String {
        (0..count).map(|_| self.pick(pieces)).collect()
    }

    /// A place in a text where a character begins, or its end.
    fn place(&mut self, text: &str) -> usize {
        let at = self.below(text.len() + 1);
        (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
    }

    /// Changes a text in one place: a piece more, a few characters less, another piece instead, a part twice.
    pub(crate) fn change(&mut self, text: &mut String, pieces: &[&str]) {
        let at = self.place(text);
        let behind = |count: usize| text[at..].char_indices().nth(count).map_or(text.len(), |(next, _)| at + next);
        match self.below(20) {
            0..=12 => text.insert_str(at, self.pick(pieces)),
            13..=15 => {
                let end = behind(1 + self.below(3));
                text.replace_range(at..end, "");
            }
            16..=18 => {
                let end = behind(1);
                text.replace_range(at..end, self.pick(pieces));
            }
            _ => {
                let other = self.place(text);
                let part = text[at.min(other)..at.max(other)].chars().take(200).collect::<String>();
                text.insert_str(at.max(other), &part);
            }
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_texts() {
    for mode in Mode::ALL {
        let texts = mode.texts(7, 300);
        assert_eq!(texts, mode.texts(7, 300));
        let others = mode.texts(8, 300);
        let shared = texts.iter().filter(|text| others.contains(text)).count();
        assert!(shared < 100, "{mode:?}: {shared} texts of two seeds are the same");
        let mut different = texts.clone();
        different.sort_unstable();
        different.dedup();
        assert!(different.len() > 250, "{mode:?}: {}", different.len());
    }
}
