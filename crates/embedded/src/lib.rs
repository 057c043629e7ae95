//! The policies that are compiled into `harden`: the bundle, and the rule that judges by what is known about images.

use sandbox::{Engine, Policy, SandboxError};

/// Name of the bundle in messages.
pub const BUNDLE: &str = "hardening";
/// Name of the rule about the users of images.
const IMAGE_USER: &str = "image-user";

/// Bytes that begin on a page, so that they can run where they lie.
#[repr(C, align(4096))]
struct OnPage<T: ?Sized>(T);

static BUNDLE_MODULE: &OnPage<[u8]> = &OnPage(*include_bytes!(env!("HARDEN_BUNDLE")));
static IMAGE_USER_MODULE: &OnPage<[u8]> = &OnPage(*include_bytes!(env!("HARDEN_IMAGE_USER")));

/// Loads the embedded bundle: compiled ahead of time, so this takes microseconds.
///
/// # Errors
/// A module that does not fit this program: it was built for another version of wasmtime.
pub fn bundle(engine: &Engine) -> Result<Policy, SandboxError> {
    load(engine, BUNDLE, BUNDLE_MODULE)
}

/// Loads the embedded policy `image-user`.
///
/// # Errors
/// As [`bundle`].
pub fn image_user(engine: &Engine) -> Result<Policy, SandboxError> {
    load(engine, IMAGE_USER, IMAGE_USER_MODULE)
}

#[allow(unsafe_code)]
fn load(engine: &Engine, name: &str, module: &'static OnPage<[u8]>) -> Result<Policy, SandboxError> {
    // SAFETY: build.rs takes the artifacts that `cargo xtask policies` precompiled from these sources.
    unsafe { engine.policy_from_precompiled(name, &module.0) }.map(Policy::built_in)
}
