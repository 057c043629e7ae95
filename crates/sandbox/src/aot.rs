//! Loads modules that were compiled ahead of time, in an earlier run or by another process.
//!
//! The only `unsafe` of the project. An artifact is machine code: wasmtime
//! checks that version, target, compiler flags and tunables fit, but it cannot
//! check that nobody edited the code.
//!
//! `Module::deserialize` demands bytes that `Module::serialize` or
//! `Engine::precompile_module` produced, in whatever version, and that nobody
//! altered since. The functions here take types that nothing else has.
#![allow(unsafe_code)]

use wasmtime::{Engine, Module};

use super::cache::Trusted;
use super::compile::Compiled;

/// Turns an artifact of [`precompile`](super::precompile) into a module.
///
/// # Errors
/// When the artifact was made by another wasmtime version, for another target
/// or with another configuration than `engine`'s, or is not an artifact at all.
///
/// # Safety
/// The artifact is the output of [`super::precompile`], unchanged: an embedded one lies in the executable's read-only
/// data, and whoever can change that can change the program itself. Nothing read from a file or the network may be
/// passed here.
pub(crate) unsafe fn load(engine: &Engine, artifact: &'static [u8]) -> wasmtime::Result<Module> {
    // SAFETY: the caller passes an artifact embedded at build time.
    unsafe { Module::deserialize(engine, artifact) }
}

/// Turns an entry of the user's cache into a module.
///
/// # Errors
/// As [`load`].
///
/// # Safety argument
/// A [`Trusted`] is made in `cache/entry.rs` alone, from a file that
/// - belongs to the user who runs this program, is not a link, and cannot be
///   written by anybody else, which is asked of the open file;
/// - lies in a folder for which the same holds, below folders that nobody but
///   the user and the administrator can rename things in;
/// - holds the SHA-256 of its code and of the key it is stored under.
///
/// The first two keep other users out: whoever can write such a file can
/// write the user's programs, too. The last finds what a crash, a full disk or
/// a bad one did to it. Files with that checksum are written by `cache/entry.rs`
/// alone, with what `Module::serialize` gave. The bytes are a copy in memory
/// that is not written to between the check and the call.
pub(super) fn load_cached(engine: &Engine, entry: &Trusted) -> wasmtime::Result<Module> {
    // SAFETY: see above.
    unsafe { Module::deserialize(engine, entry.artifact()) }
}

/// Turns what another process compiled into a module.
///
/// # Errors
/// As [`load`].
///
/// # Safety argument
/// A [`Compiled`] is made in `compile.rs` alone, of what a process wrote to a
/// pipe that only the two have. It runs the file that this program runs
/// (`/proc/self/exe`), without the user's environment, and writes nothing
/// there but what `Engine::precompile_module` gave, if that gave something:
/// any other end of it has another exit code, and makes no `Compiled`. The
/// policy is data to it, as it would be here.
pub(super) fn load_compiled(engine: &Engine, compiled: &Compiled) -> wasmtime::Result<Module> {
    // SAFETY: see above.
    unsafe { Module::deserialize(engine, compiled.artifact()) }
}
