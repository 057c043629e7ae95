//! The targets of the fuzzer: each takes any bytes and panics where a promise is broken.
//!
//! `fuzz/fuzz_targets` runs them under libFuzzer, `tests/it/corpus.rs` on stable Rust over the committed inputs and
//! over inputs made from these. A finding of the fuzzer becomes a committed input or a regression test.

pub mod lock;
pub mod manifest;
pub mod module;
pub mod oci;
pub mod project;
pub mod quantity;
pub mod reference;
pub mod request;
pub mod settings;
pub mod suppression;
pub mod template;

mod policies;

/// A target with its name, which is also that of its folder of inputs.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: [Target; 11] = [
    ("lock", lock::run),
    ("manifest", manifest::run),
    ("module", module::run),
    ("oci", oci::run),
    ("project", project::run),
    ("quantity", quantity::run),
    ("reference", reference::run),
    ("request", request::run),
    ("settings", settings::run),
    ("suppression", suppression::run),
    ("template", template::run),
];
