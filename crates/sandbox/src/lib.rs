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
//! clock. What it asks of its host goes to the caller's [`HostCalls`], if there
//! are any ([`Policy::answered_by`]), and is refused by name if not. The waPC host is written here, straight on wasmtime: the crates
//! `wapc` and `wasmtime-provider`, which kwctl uses, pass on errors as text only,
//! panic on a bad pointer, and let a policy of WASI write to standard output.

mod aot;
mod cache;
mod call;
mod capabilities;
mod compile;
mod config;
mod engine;
mod error;
mod host;
mod inspect;
mod limits;
mod metadata;
mod options;
mod policy;
mod protocol;
pub mod request;
mod shorten;
#[cfg(test)]
mod tests;
mod ticker;
mod wasi;
mod wire;

pub use cache::{Cache, folder_of_user};
pub use capabilities::{HostCall, HostCalls, LogSink, Refusal};
pub use compile::{Compiler, serve};
pub use engine::{Engine, precompile};
pub use error::{ErrorKind, SandboxError};
pub use inspect::custom_section;
pub use limits::Limits;
pub use metadata::{METADATA_SECTION, MetadataRule, PolicyMetadata};
pub use options::Options;
pub use policy::Policy;
pub use shorten::shorten;
pub use wire::{First, SettingsVerdict, ValidationResponse};
