//! Reports tell the truth: over generated folders the summary is what was generated, every format holds the same
//! findings, and nothing that a manifest, a path or a policy says gets out of its place. With the real binary.

#![allow(clippy::unwrap_used, clippy::panic)]

mod counts;
mod errors;
mod folders;
mod formats;
mod guests;
mod holes;
mod positions;
#[path = "../support/mod.rs"]
mod support;
