//! Loads modules that were compiled ahead of time.
//!
//! The only `unsafe` of the project. An artifact is machine code: wasmtime
//! checks that version, target, compiler flags and tunables fit, but it cannot
//! check that nobody edited the code.
#![allow(unsafe_code)]

use wasmtime_provider::wasmtime::{self, Engine, Module};

/// Turns an artifact of [`precompile`](super::precompile) into a module.
///
/// # Errors
/// When the artifact was made by another wasmtime version, for another target
/// or with another configuration than `engine`'s, or is no artifact at all.
///
/// # Safety argument
/// `Module::deserialize` demands bytes that `Module::serialize` or
/// `Engine::precompile_module` produced and that nobody altered since. The
/// function is `pub(crate)` and reached through
/// [`Engine::policy_from_precompiled`](super::Engine::policy_from_precompiled)
/// alone, which is `pub(crate)`, too; this crate passes it only the bytes that
/// its own build produced with `precompile` and embedded with `include_bytes!`.
/// They lie in the executable's read-only data: whoever can change them can
/// change the program itself. Nothing read from a file, a cache or the network
/// may be passed here.
pub(crate) fn load(engine: &Engine, artifact: &'static [u8]) -> wasmtime::Result<Module> {
    // SAFETY: see above; every caller passes an artifact embedded at build time.
    unsafe { Module::deserialize(engine, artifact) }
}
