//! One wasmtime engine for all policies of a run.

use std::fmt;
use std::sync::Arc;

use wasmtime::{Enabled, Module, PoolingAllocationConfig};

use super::aot;
use super::config::config;
use super::error::{ErrorKind, SandboxError};
use super::inspect::check_interface;
use super::limits::Budget;
use super::metadata::PolicyMetadata;
use super::options::{Options, Shared};
use super::policy::Policy;
use super::ticker::Ticker;

/// Compiles and loads policies. Cheap to clone; clones share one clock.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("options", &self.shared.options).finish_non_exhaustive()
    }
}

impl Engine {
    /// Prepares the sandbox; takes a fraction of a millisecond and starts no
    /// thread (the first call of a policy starts the clock).
    ///
    /// # Errors
    /// When wasmtime does not work on this machine.
    pub fn new(options: Options) -> Result<Self, SandboxError> {
        let engine = start(&options).map_err(own)?;
        let ticker = Ticker::new(&engine, options.limits.timeout);
        let budget = Budget { limits: options.limits, ticks: ticker.ticks(options.limits.timeout) };
        Ok(Self { shared: Arc::new(Shared { engine, options, budget, ticker }) })
    }

    /// Compiles a policy, or takes it from the cache. `name` is what errors call it.
    ///
    /// # Errors
    /// When `wasm` is not a WebAssembly module or not a waPC guest, imports what is
    /// not permitted, is not meant for waPC, or does not compile.
    pub fn policy_from_wasm(&self, name: &str, wasm: &[u8]) -> Result<Policy, SandboxError> {
        self.compile(name, wasm).map_err(|kind| SandboxError::new(name, kind))
    }

    fn compile(&self, name: &str, wasm: &[u8]) -> Result<Policy, ErrorKind> {
        // What the policy says it is comes first: an OPA policy should be told
        // that it is one, not which import is missing.
        let metadata = PolicyMetadata::from_wasm(wasm)?;
        if let Some(metadata) = &metadata {
            metadata.check_execution_mode()?;
        }
        check_interface(wasm, self.shared.options.allow_wasi)?;
        let module = self.module(wasm)?;
        Policy::new(Arc::clone(&self.shared), name, &module, metadata)
    }

    /// Takes a module from the cache, or compiles it and keeps it there.
    fn module(&self, wasm: &[u8]) -> Result<Module, ErrorKind> {
        let Shared { engine, options, .. } = &*self.shared;
        let cached = options.cache.as_ref().and_then(|cache| cache.load(engine, wasm));
        if let Some(module) = cached.and_then(|entry| aot::load_cached(engine, &entry).ok()) {
            return Ok(module);
        }
        let module = match options.compiler.as_ref().and_then(|compiler| compiler.compile(wasm)) {
            Some(code) => aot::load_compiled(engine, &code?),
            None => Module::from_binary(engine, wasm),
        };
        let module = module.map_err(ErrorKind::unsupported)?;
        if let Some(cache) = &options.cache {
            cache.store(engine, wasm, &module);
        }
        Ok(module)
    }

    /// Loads a policy that this crate's build compiled with [`precompile`].
    ///
    /// For embedded artifacts only: `artifact` is machine code that is run as
    /// it is (see [`aot`]). It carries no metadata.
    ///
    /// # Errors
    /// When the artifact was made by another version of wasmtime, for another
    /// architecture or with other settings.
    ///
    /// # Safety
    /// `artifact` comes from [`precompile`] and was not changed since: it is machine code that is run as it is.
    #[allow(unsafe_code)]
    pub unsafe fn policy_from_precompiled(&self, name: &str, artifact: &'static [u8]) -> Result<Policy, SandboxError> {
        // SAFETY: the caller vouches for the artifact.
        unsafe { aot::load(&self.shared.engine, artifact) }
            .map_err(|error| ErrorKind::Artifact(error.root_cause().to_string()))
            .and_then(|module| Policy::new(Arc::clone(&self.shared), name, &module, None))
            .map_err(|kind| SandboxError::new(name, kind))
    }
}

/// Compiles a policy ahead of time, for `policy_from_precompiled`.
///
/// The code runs on every machine of this one's architecture and operating
/// system, because no feature of the build machine's CPU is used. It only fits
/// a program built with the same version of wasmtime.
///
/// # Errors
/// When `wasm` is not a waPC policy without WASI, or does not compile.
pub fn precompile(wasm: &[u8]) -> Result<Vec<u8>, SandboxError> {
    let nameless = |kind| SandboxError::new("", kind);
    check_interface(wasm, false).map_err(nameless)?;
    let mut config = config();
    // An explicit target, even the machine's own, infers no CPU features.
    config.target(&target_lexicon::HOST.to_string()).map_err(own)?;
    let engine = wasmtime::Engine::new(&config).map_err(own)?;
    engine.precompile_module(wasm).map_err(|error| nameless(ErrorKind::unsupported(error)))
}

/// Starts wasmtime, with a pool when one is wanted and possible.
fn start(options: &Options) -> wasmtime::Result<wasmtime::Engine> {
    if options.pool > 0 {
        let mut config = running();
        config.allocation_strategy(pool(options));
        // A pool reserves 4 GiB of addresses per instance, which `ulimit -v`
        // and the like forbid: slower is better than not at all.
        if let Ok(engine) = wasmtime::Engine::new(&config) {
            return Ok(engine);
        }
    }
    wasmtime::Engine::new(&running())
}

/// The settings for running policies.
fn running() -> wasmtime::Config {
    #[allow(unused_mut, reason = "not every platform has more to set")]
    let mut config = config();
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    config.with_custom_code_memory(Some(Arc::new(aot::in_place::Pages)));
    config
}

fn pool(options: &Options) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_core_instances(options.pool)
        .total_memories(options.pool)
        .total_tables(options.pool.saturating_mul(TABLES))
        .max_tables_per_module(TABLES)
        .table_elements(options.limits.table_elements)
        // The whole reservation: what a memory may grow to is for the limits
        // of the call to decide, not for the pool at load time.
        .max_memory_size(1 << 32)
        // Clearing a little memory is cheaper than giving it back. Where the kernel tells which pages were written
        // to, these are cleared alone; elsewhere everything from the first byte on.
        .pagemap_scan(Enabled::Auto)
        .linear_memory_keep_resident(if PoolingAllocationConfig::is_pagemap_scan_available() {
            2 << 20
        } else {
            64 << 10
        })
        .table_keep_resident(64 << 10);
    pool
}

/// Most tables of a module in a pool; compilers emit one.
const TABLES: u32 = 4;

fn own(error: wasmtime::Error) -> SandboxError {
    SandboxError::new("", ErrorKind::Sandbox(format!("{error:#}")))
}
