//! The bundle that is compiled into `harden`.

use sandbox::{Engine, Policy, SandboxError};

/// Name of the bundle in messages.
pub const BUNDLE: &str = "hardening";

/// Bytes that begin on a page, so that they can run where they lie.
#[repr(C, align(4096))]
struct OnPage<T: ?Sized>(T);

static BUNDLE_MODULE: &OnPage<[u8]> = &OnPage(*include_bytes!(env!("HARDEN_BUNDLE")));

/// Loads the embedded bundle: compiled ahead of time, so this takes microseconds.
///
/// # Errors
/// A module that does not fit this program: it was built for another version of wasmtime.
#[allow(unsafe_code)]
pub fn bundle(engine: &Engine) -> Result<Policy, SandboxError> {
    // SAFETY: build.rs takes the artifact that `cargo xtask policies` precompiled from these sources.
    unsafe { engine.policy_from_precompiled(BUNDLE, &BUNDLE_MODULE.0) }.map(Policy::built_in)
}
