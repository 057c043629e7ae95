//! Hardening rules for Kubernetes pod templates.
//!
//! The rules are pure logic. Each is compiled to a small WebAssembly policy for Kubewarden (`policies/`),
//! all together to the bundle `policies/hardening`; `harden` (`cli/`) runs the same wasm on a laptop.
//!
//! Data flows one way: bytes → [`request`] → [`workload`] → [`view`] → [`rules`] → [`violation`]s →
//! [`evaluate`] → [`response`] bytes. The modules are layers: [`json`] → [`workload`] → [`view`] → [`violation`] →
//! [`settings`] → [`rules`] → [`policy`] → [`evaluate`] → [`catalogue`] → [`standard`] → [`bundle`]. Each imports only
//! what stands before it; `tests/layers.rs` fails on a circle.

pub mod admission;
pub mod bundle;
pub mod catalogue;
pub mod edit;
mod escape;
pub mod evaluate;
mod exempt;
pub mod glob;
pub mod guest;
pub mod host;
mod image_glob;
mod index;
pub mod json;
mod known;
pub mod line;
mod merge;
pub mod path;
pub mod pod;
pub mod policy;
pub mod quantity;
pub mod reference;
pub mod request;
pub mod response;
pub mod rules;
pub mod settings;
pub mod standard;
pub mod unjudged;
mod update;
pub mod view;
pub mod violation;
pub mod workload;
