//! Lists in which a text is found without looking at all of them: a request may hold ten thousand names.

use std::collections::BinaryHeap;

/// A hash of a text (FNV-1a, 64 bit), to find equal texts by; equal hashes are still compared.
pub(crate) fn hash(text: &str) -> u64 {
    chained(0xcbf2_9ce4_8422_2325, text)
}

pub(crate) fn chained(hash: u64, text: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    text.bytes().chain([0xff]).fold(hash, step)
}

/// Places of things in a list, by their hash.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hashed(pub(crate) Vec<(u64, usize)>);

impl Hashed {
    /// Indexes things with these hashes.
    pub(crate) fn new(hashes: impl Iterator<Item = u64>) -> Hashed {
        Hashed::sorted(hashes.zip(0..).collect())
    }

    /// Indexes these hashes and places.
    #[inline(never)]
    pub(crate) fn sorted(places: Vec<(u64, usize)>) -> Hashed {
        // A heap sorts as fast as `sort` and is a fraction of its code.
        Hashed(BinaryHeap::from(places).into_sorted_vec())
    }

    /// The places of those that have this hash, in order.
    pub(crate) fn places(&self, hash: u64) -> impl DoubleEndedIterator<Item = usize> {
        let rest = &self.0[self.first(hash)..];
        let count = rest.partition_point(|(known, _)| *known == hash);
        rest[..count].iter().map(|(_, place)| *place)
    }

    /// Where those of this hash begin, if there are any.
    pub(crate) fn first(&self, hash: u64) -> usize {
        self.0.partition_point(|(known, _)| *known < hash)
    }
}

/// Any number of texts; one of them is found in logarithmic time.
pub(crate) struct Index<'t> {
    texts: Vec<&'t str>,
    hashed: Hashed,
}

impl<'t> Index<'t> {
    #[inline(never)]
    pub(crate) fn new(texts: Vec<&'t str>) -> Index<'t> {
        let hashed = Hashed::new(texts.iter().map(|text| hash(text)));
        Index { texts, hashed }
    }

    /// The first place of a text.
    #[inline(never)]
    pub(crate) fn first(&self, text: &str) -> Option<usize> {
        self.hashed.places(hash(text)).find(|place| self.texts[*place] == text)
    }

    pub(crate) fn has(&self, text: &str) -> bool {
        self.first(text).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found() {
        let index = Index::new(vec!["b", "a", "", "b"]);
        assert!(["a", "b", ""].iter().all(|text| index.has(text)));
        assert_eq!(index.first("b"), Some(0));
        assert!(!index.has("c") && !Index::new(Vec::new()).has(""));
        let hashed = Hashed::new([7, 3, 7, 9].into_iter());
        assert_eq!(hashed.places(7).collect::<Vec<_>>(), [0, 2]);
        assert_eq!(hashed.places(7).next_back(), Some(2));
        assert_eq!((hashed.places(8).count(), hashed.places(10).count()), (0, 0));
    }
}
