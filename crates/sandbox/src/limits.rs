//! How much time and memory one call may use.

use std::time::Duration;

use wasmtime::ResourceLimiter;

/// Bounds of one call of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest run of the call, and of the policy's initialisation before it.
    pub timeout: Duration,
    /// Largest linear memory, in bytes.
    pub memory: usize,
    /// Most elements in a table.
    pub table_elements: usize,
    /// Longest answer besides the mutated object, which may be as long as the request, in bytes. The built-in bundle
    /// has no such bound: its answer grows with the request, and only with that.
    pub answer: usize,
}

impl Default for Limits {
    /// 2 s (policy-server's default), 256 MiB, 100,000 elements, 16 MiB.
    fn default() -> Self {
        Self { timeout: Duration::from_secs(2), memory: 256 << 20, table_elements: 100_000, answer: 16 << 20 }
    }
}

/// [`Limits`] with the timeout in ticks of the engine's clock.
#[derive(Clone, Copy)]
pub(super) struct Budget {
    pub(super) limits: Limits,
    pub(super) ticks: u64,
}

/// Holds a store to its limits, and remembers whether it wanted more.
pub(super) struct Limiter {
    limits: Limits,
    refused: bool,
}

impl Limiter {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, refused: false }
    }

    /// Whether the guest asked for more than it may have.
    pub(super) fn refused(&self) -> bool {
        self.refused
    }

    fn decide(&mut self, desired: usize, limit: usize) -> bool {
        let granted = desired <= limit;
        self.refused |= !granted;
        granted
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        Ok(self.decide(desired, self.limits.memory))
    }

    fn table_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        Ok(self.decide(desired, self.limits.table_elements))
    }
}
