//! Hardening rules for Kubernetes pod templates.
//!
//! The rules are pure logic. Each is compiled to a small WebAssembly policy for Kubewarden (`policies/`),
//! all together to the bundle `policies/hardening`; `harden` (`cli/`) runs the same wasm on a laptop.
//!
//! Data flows one way: bytes → [`request`] → [`workload`] → [`view`] → [`rules`] → [`violation`]s →
//! [`evaluate`] → [`response`] bytes.
//!
//! Without std: a policy has no use for what std knows of its surroundings, nor for the texts of its panics, which
//! would be a tenth of it.
#![cfg_attr(not(test), no_std)]

extern crate alloc;

pub mod bundle;
pub mod catalogue;
pub mod edit;
pub mod evaluate;
mod exempt;
pub mod glob;
pub mod guest;
mod index;
pub mod json;
mod known;
pub mod line;
mod merge;
pub mod path;
pub mod pod;
pub mod policy;
#[doc(hidden)]
pub mod prelude;
pub mod quantity;
pub mod reference;
pub mod request;
pub mod response;
pub mod rules;
pub mod settings;
pub mod standard;
mod update;
pub mod view;
pub mod violation;
pub mod workload;
