//! Loads modules that were compiled ahead of time, in an earlier run or by another process.
//!
//! The only `unsafe` of the project. An artifact is machine code: wasmtime
//! checks that version, target, compiler flags and tunables fit, but it cannot
//! check that nobody edited the code.
//!
//! `Module::deserialize` demands bytes that `Module::serialize` or
//! `Engine::precompile_module` produced, in whatever version, and that nobody
//! altered since. The functions here take types that nothing else has.
//!
//! On Linux and x86-64, the artifact that is compiled into a program runs where it lies. A copy of a megabyte is
//! three hundred pages that the kernel has to make, a tenth of the time of a check of one file. Other processors
//! must be told that bytes have become instructions, which wasmtime does for its own copies.
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
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    if in_place::may_run(artifact) {
        // SAFETY: the caller passes an artifact embedded at build time: it lives as long as the program, and nothing
        // writes to it.
        return unsafe { Module::deserialize_raw(engine, artifact.into()) };
    }
    // SAFETY: the caller passes an artifact embedded at build time.
    unsafe { Module::deserialize(engine, artifact) }
}

/// Code that runs where it lies in the program's file.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub(super) mod in_place {
    use std::sync::{Mutex, PoisonError};

    use rustix::mm::{MprotectFlags, mprotect};
    use rustix::param::page_size;
    use wasmtime::CustomCodeMemory;

    /// Whether an artifact runs in its place: it does once if it begins on a page. wasmtime knows code by its address, so
    /// a second module of the same bytes needs other ones.
    pub(super) fn may_run(artifact: &'static [u8]) -> bool {
        static TAKEN: Mutex<Vec<usize>> = Mutex::new(Vec::new());
        let start = artifact.as_ptr().addr();
        let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        let is_free = start.is_multiple_of(page_size()) && !taken.contains(&start);
        taken.extend(is_free.then_some(start));
        is_free
    }

    /// Lets pages be run that can be read, and never written to from then on.
    pub(crate) struct Pages;

    impl CustomCodeMemory for Pages {
        fn required_alignment(&self) -> usize {
            page_size()
        }

        fn publish_executable(&self, start: *const u8, length: usize) -> wasmtime::Result<()> {
            // SAFETY: wasmtime passes the code of a module: whole pages that it has filled and made read-only, or that
            // lie in the program's read-only data. Nothing else is in them, so nobody who may write is stopped.
            Ok(unsafe { mprotect(start.cast_mut().cast(), length, MprotectFlags::READ | MprotectFlags::EXEC) }?)
        }

        /// Does nothing: pages of wasmtime's own are given back at once, and the program's stay what they are.
        fn unpublish_executable(&self, _: *const u8, _: usize) -> wasmtime::Result<()> {
            Ok(())
        }
    }
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
