//! Runs policies in a waPC sandbox, as kwctl and policy-server do.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use sandbox::{Engine, Options, request};
//!
//! let engine = Engine::new(Options::default())?;
//! let policy = engine.policy_from_wasm("my-policy", &std::fs::read("policy.wasm")?)?;
//! let kind = request::Kind::of("v1", "Pod");
//! let pod = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"}}"#;
//! let request = request::admission_request(pod, &kind, Some("web"), Some("default"));
//! if !policy.validate("{}", &request)?.accepted {
//!     eprintln!("refused");
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Every call runs in an instance of its own, so no request sees what another
//! left behind. A call that takes too long or wants too much memory ends with
//! an error; a policy can neither read files nor open connections nor see a
//! clock. Policies run on `wasmtime-provider`; only foreign policies that need
//! WASI run on the host written here (`host.rs`), because the provider's `wasi` feature
//! makes every instance of every policy dearer and lets a policy write to
//! harden's standard output.

mod aot;
mod cache;
mod capabilities;
mod compile;
mod engine;
mod error;
mod failure;
mod host;
mod inspect;
mod limits;
mod metadata;
mod policy;
pub mod request;
mod shorten;
#[cfg(test)]
mod tests;
mod ticker;
mod wasi;
mod wire;

pub use cache::Cache;
pub use cache::folder_of_user;
pub use capabilities::LogSink;
pub use compile::{Compiler, serve};
pub use engine::{Engine, Options, precompile};
pub use error::{ErrorKind, SandboxError};
pub use inspect::custom_section;
pub use limits::Limits;
pub use metadata::{METADATA_SECTION, MetadataRule, PolicyMetadata};
pub use policy::Policy;
pub use shorten::shorten;
pub use wire::First;
pub use wire::{SettingsVerdict, ValidationResponse};

/// What is said of a guest that passes a pointer outside its memory.
const OUT_OF_BOUNDS: &str = "it passed a pointer outside its memory";
