//! The allocator: a heap that is empty again when a call has ended.
//!
//! Blocks come in classes, four to each doubling, so at most a quarter is lost. A freed block waits in a list for the
//! next of its class; one at the end of the heap is given back to it. When the last block of all is freed, as at the
//! end of every call, the heap starts anew, so an instance that stays keeps no holes. A tenth of dlmalloc's code.

/// Smallest block, and what every block is aligned to.
const UNIT: usize = 16;
/// Classes of blocks: four to each doubling from the smallest up to the address space.
const CLASSES: usize = 4 * 28;

/// A heap in a memory that ends where it says. Addresses are numbers; what they point at is `Memory`'s.
#[derive(Debug)]
pub(crate) struct Heap {
    start: usize,
    /// Where the next block begins that no list has.
    next: usize,
    /// Blocks that are in use.
    live: usize,
    /// The first free block of each class, which holds the address of the next; 0 for none.
    free: [usize; CLASSES],
}

/// The memory below a heap.
pub(crate) trait Memory {
    /// Makes the memory reach to `end`, if it can.
    fn reach(&mut self, end: usize) -> bool;
    /// The number at an address of a free block.
    fn get(&self, at: usize) -> usize;
    /// Writes a number to an address of a free block.
    fn set(&mut self, at: usize, value: usize);
}

/// The class of the smallest blocks that hold `size` bytes, and their size.
fn class(size: usize) -> Option<(usize, usize)> {
    if size <= 4 * UNIT {
        let units = size.div_ceil(UNIT).max(1);
        return Some((units - 1, units * UNIT));
    }
    let doubling = (size - 1).ilog2();
    let step = 1usize << (doubling - 2);
    let rounded = size.checked_add(step - 1)? & !(step - 1);
    let quarter = ((rounded - 1) >> (doubling - 2)) & 3;
    Some((4 * (doubling as usize - 5) + quarter, rounded))
}

impl Heap {
    /// An empty heap from `start` on, which is a multiple of [`UNIT`].
    pub(crate) const fn new(start: usize) -> Heap {
        Heap { start, next: start, live: 0, free: [0; CLASSES] }
    }

    /// Gives a block of `size` bytes; `None` if the memory is used up.
    pub(crate) fn take(&mut self, size: usize, memory: &mut impl Memory) -> Option<usize> {
        let (class, size) = class(size)?;
        let first = self.free[class];
        let block = if first != 0 {
            self.free[class] = memory.get(first);
            first
        } else {
            let end = self.next.checked_add(size).filter(|end| memory.reach(*end))?;
            core::mem::replace(&mut self.next, end)
        };
        self.live += 1;
        Some(block)
    }

    /// Takes back a block of `size` bytes.
    pub(crate) fn give(&mut self, block: usize, size: usize, memory: &mut impl Memory) {
        let Some((class, size)) = class(size) else { return };
        self.live -= 1;
        if self.live == 0 {
            *self = Heap::new(self.start);
        } else if block + size == self.next {
            self.next = block;
        } else {
            memory.set(block, self.free[class]);
            self.free[class] = block;
        }
    }

    /// Whether the block of `old` bytes holds `new` bytes as well, or does now, because it ends the heap.
    pub(crate) fn resize(&mut self, block: usize, old: usize, new: usize, memory: &mut impl Memory) -> bool {
        let (Some((_, old)), Some((_, new))) = (class(old), class(new)) else { return false };
        if old == new {
            return true;
        }
        let end = block.checked_add(new).filter(|_| block + old == self.next);
        let Some(end) = end.filter(|end| memory.reach(*end)) else { return false };
        self.next = end;
        true
    }
}

#[cfg(target_arch = "wasm32")]
mod global {
    use core::alloc::{GlobalAlloc, Layout};
    use core::arch::wasm32::{memory_grow, memory_size};
    use core::cell::UnsafeCell;

    use super::{Heap, Memory, UNIT};

    /// The module's own memory, from the end of its data on.
    struct Linear;

    const PAGE: usize = 64 << 10;

    impl Memory for Linear {
        fn reach(&mut self, end: usize) -> bool {
            let missing = end.saturating_sub(memory_size(0) * PAGE);
            missing == 0 || memory_grow(0, missing.div_ceil(PAGE)) != usize::MAX
        }

        fn get(&self, at: usize) -> usize {
            // SAFETY: a free block is within the heap, aligned, and nobody else's.
            unsafe { *(at as *const usize) }
        }

        fn set(&mut self, at: usize, value: usize) {
            // SAFETY: as for `get`.
            unsafe { *(at as *mut usize) = value }
        }
    }

    struct Global(UnsafeCell<Option<Heap>>);

    // SAFETY: a policy is one thread.
    unsafe impl Sync for Global {}

    #[global_allocator]
    static GLOBAL: Global = Global(UnsafeCell::new(None));

    impl Global {
        #[allow(clippy::mut_from_ref)]
        fn heap(&self) -> &mut Heap {
            unsafe extern "C" {
                static __heap_base: u8;
            }
            let base = &raw const __heap_base as usize;
            // SAFETY: one thread, and no function of the heap calls the allocator.
            unsafe { &mut *self.0.get() }.get_or_insert_with(|| Heap::new(base.next_multiple_of(UNIT)))
        }
    }

    // SAFETY: blocks in use do not overlap (tests below), and are aligned to UNIT.
    unsafe impl GlobalAlloc for Global {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            if layout.align() > UNIT {
                return core::ptr::null_mut();
            }
            self.heap().take(layout.size(), &mut Linear).map_or(core::ptr::null_mut(), |block| block as *mut u8)
        }

        unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
            self.heap().give(block as usize, layout.size(), &mut Linear);
        }

        unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
            if self.heap().resize(block as usize, layout.size(), size, &mut Linear) {
                return block;
            }
            // SAFETY: `layout` was a valid one, and its alignment fits any size that a caller may ask for.
            let new = unsafe { self.alloc(Layout::from_size_align_unchecked(size, layout.align())) };
            if !new.is_null() {
                // SAFETY: both are blocks in use, so they do not overlap, and hold as much.
                unsafe {
                    core::ptr::copy_nonoverlapping(block, new, layout.size().min(size));
                    self.dealloc(block, layout);
                }
            }
            new
        }
    }
}

#[cfg(test)]
mod tests;
