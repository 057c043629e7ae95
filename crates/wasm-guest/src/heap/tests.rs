extern crate std;

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;

/// Numbers at addresses, up to a limit.
#[derive(Default)]
struct Model {
    numbers: BTreeMap<usize, usize>,
    end: usize,
}

const LIMIT: usize = 1 << 20;

impl Memory for Model {
    fn reach(&mut self, end: usize) -> bool {
        self.end = self.end.max(end);
        end <= LIMIT
    }
    fn get(&self, at: usize) -> usize {
        self.numbers[&at]
    }
    fn set(&mut self, at: usize, value: usize) {
        self.numbers.insert(at, value);
    }
}

#[test]
fn a_class_holds_what_it_is_for_and_loses_a_quarter() {
    let mut last = (0, UNIT);
    for size in 0..100_000 {
        let (class, rounded) = class(size).unwrap();
        assert!(rounded >= size && rounded % UNIT == 0, "{size}");
        assert!(rounded <= (size + size / 4).max(size + UNIT), "{size} {rounded}");
        // Each class has one size, and the next one the next class.
        assert_eq!(class - last.0, usize::from(rounded != last.1), "{size}");
        last = (class, rounded);
    }
    for size in [usize::MAX, usize::MAX / 2] {
        assert!(class(size).is_none_or(|(_, rounded)| rounded >= size));
    }
    assert!(class(u32::MAX as usize).unwrap().0 < CLASSES);
}

#[test]
fn the_heap_starts_anew_when_all_is_freed() {
    let (mut heap, mut memory) = (Heap::new(64), Model::default());
    for _ in 0..100 {
        let blocks: Vec<usize> = (1..50).map(|size| heap.take(size * 7, &mut memory).unwrap()).collect();
        assert_eq!(blocks[0], 64);
        for (size, block) in (1..50).zip(blocks) {
            heap.give(block, size * 7, &mut memory);
        }
    }
    assert!(memory.end < 20_000, "{}", memory.end);
    assert_eq!(heap.take(LIMIT, &mut memory), None);
    assert_eq!(heap.take(usize::MAX, &mut memory), None);
}

proptest! {
    /// Blocks in use never overlap, whatever is taken, resized and given back.
    #[test]
    fn blocks_do_not_overlap(steps in proptest::collection::vec((0..4u8, any::<prop::sample::Index>(), 1..3000usize), 1..200)) {
        let (mut heap, mut memory) = (Heap::new(64), Model::default());
        let mut blocks: BTreeMap<usize, usize> = BTreeMap::new();
        for (step, which, size) in steps {
            let chosen = (!blocks.is_empty()).then(|| *which.get(&blocks.iter().collect::<Vec<_>>()));
            match (step, chosen.map(|(block, size)| (*block, *size))) {
                (2, Some((block, old))) => {
                    blocks.remove(&block);
                    heap.give(block, old, &mut memory);
                }
                (3, Some((block, old))) => {
                    if heap.resize(block, old, size, &mut memory) {
                        blocks.insert(block, size);
                    }
                }
                _ => {
                    let block = heap.take(size, &mut memory).unwrap();
                    prop_assert_eq!(block % UNIT, 0);
                    prop_assert_eq!(blocks.insert(block, size), None);
                }
            }
            let ends = blocks.iter().map(|(block, size)| block + size);
            prop_assert!(ends.zip(blocks.keys().skip(1)).all(|(end, next)| end <= *next));
            prop_assert!(blocks.first_key_value().is_none_or(|(first, _)| *first >= 64));
        }
        for (block, size) in blocks {
            heap.give(block, size, &mut memory);
        }
        prop_assert_eq!((heap.live, heap.next), (0, 64));
    }
}
