//! One call of a guest: what its host's functions read and write.

use std::sync::Arc;

use wasmtime::{Caller, Memory};

use super::capabilities::{Guest, Refusal};
use super::limits::Limiter;

/// One call as the guest sees it.
pub(super) struct Call {
    pub(super) guest: Arc<Guest>,
    pub(super) memory: Option<Memory>,
    pub(super) operation: String,
    pub(super) payload: Vec<u8>,
    pub(super) response: Option<Vec<u8>>,
    pub(super) error: Option<Vec<u8>>,
    /// The answer to its last host call.
    pub(super) reply: Result<Vec<u8>, Refusal>,
    pub(super) limiter: Limiter,
}

/// Why a function of the host ended the guest.
#[derive(Debug, thiserror::Error)]
pub(super) enum Stop {
    /// It left with `proc_exit`.
    #[error("it exited with code {0}")]
    Exit(i32),
    /// It passed a pointer outside its memory.
    #[error("it passed a pointer outside its memory")]
    OutOfBounds,
}

/// The guest's memory, and its call.
pub(super) fn split<'c>(caller: &'c mut Caller<'_, Call>) -> Result<(&'c mut [u8], &'c mut Call), Stop> {
    // Unset while the guest is instantiated.
    let memory: Memory = caller.data().memory.ok_or(Stop::OutOfBounds)?;
    Ok(memory.data_and_store_mut(caller))
}

/// The `len` bytes at `at` in the guest's memory. Pointers and lengths are unsigned on the wire.
pub(super) fn get(memory: &[u8], at: i32, len: i32) -> Result<&[u8], Stop> {
    let (at, len) = (at.cast_unsigned() as usize, len.cast_unsigned() as usize);
    at.checked_add(len).and_then(|end| memory.get(at..end)).ok_or(Stop::OutOfBounds)
}

/// Copies `bytes` to `at` in the guest's memory.
pub(super) fn put(memory: &mut [u8], at: i32, bytes: &[u8]) -> wasmtime::Result<()> {
    let at = at.cast_unsigned() as usize;
    let place = at.checked_add(bytes.len()).and_then(|end| memory.get_mut(at..end)).ok_or(Stop::OutOfBounds)?;
    place.copy_from_slice(bytes);
    Ok(())
}
