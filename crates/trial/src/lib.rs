//! Trial runs of workloads: what to run, and what follows from how it went.
//!
//! ```text
//! pod template ─ relax ─▶ pod template ─ translate ─▶ pod ─ an engine ─▶ outcome ─ search ─▶ needs ─▶ answer
//! ```
//!
//! Nothing in here talks to an engine: the crate `engine` does.

pub mod answer;
pub mod candidates;
pub mod companions;
mod disk;
pub mod harden;
pub mod image;
pub mod need;
pub mod objects;
pub mod outcome;
pub mod paths;
pub mod pod;
pub mod probe;
pub mod relax;
pub mod search;
pub mod spec;
pub mod translate;
pub mod workload;
mod writable;

pub use image::ImageFacts;
pub use need::{Need, Relaxation};
pub use objects::Objects;
pub use outcome::{Change, ChangeKind, Evidence, Failure, Outcome, Readiness};
pub use pod::Pod;
pub use translate::{TranslateError, translate};
pub use workload::Workload;
