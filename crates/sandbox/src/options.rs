//! Options of an engine, and what its policies share with it.

use std::fmt;

use super::cache::Cache;
use super::capabilities::LogSink;
use super::compile::Compiler;
use super::limits::{Budget, Limits};
use super::ticker::Ticker;

/// Options for running policies.
#[derive(Clone, Default)]
pub struct Options {
    /// Time and memory of each call.
    pub limits: Limits,
    /// Whether a policy may import WASI. It gets functions without effect: no
    /// files, no arguments, no environment, a clock that stands still.
    pub allow_wasi: bool,
    /// Where policies' log events go; nowhere by default.
    pub log: Option<LogSink>,
    /// Instances to keep room for, at least as many as threads that call
    /// policies; 0 (the default) makes room anew for each call.
    ///
    /// For many calls: one costs a third then, and threads do not wait for each
    /// other in the kernel. Preparing it takes a tenth of a millisecond.
    pub pool: u32,
    /// Where compiled policies are kept; nowhere by default.
    pub cache: Option<Cache>,
    /// Compiles policies within bounds; by default this process does, without any.
    pub compiler: Option<Compiler>,
    /// Time-outs allowed before a policy is no longer called; unlimited by default.
    pub timeouts: Option<u32>,
}

impl Options {
    /// For policies that anybody may have written: their compiled code in the user's cache, compiled by the program's
    /// own [`Compiler`], and at most five time-outs.
    pub fn for_foreign() -> Options {
        let (cache, compiler) = (Cache::of_user(), Compiler::of_program());
        Options { cache, compiler, timeouts: Some(5), ..Options::default() }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("limits", &self.limits)
            .field("allow_wasi", &self.allow_wasi)
            .field("log", &self.log.is_some())
            .field("pool", &self.pool)
            .field("cache", &self.cache)
            .field("compiler", &self.compiler)
            .field("timeouts", &self.timeouts)
            .finish()
    }
}

/// State that the engine and its policies share.
pub(super) struct Shared {
    pub(super) engine: wasmtime::Engine,
    pub(super) options: Options,
    pub(super) budget: Budget,
    pub(super) ticker: Ticker,
}
