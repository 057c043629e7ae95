//! The rule `privileged` as one writes it with the Kubewarden SDK: typed settings, typed Kubernetes objects.
//!
//! The benchmarks' yardstick. It demands what our rule demands (`privileged: false` written in every
//! container of all three lists) and names every container that lacks it, so that both do the same work.
//! Off wasm32 the crate is empty.

#[cfg(target_arch = "wasm32")]
mod policy;
