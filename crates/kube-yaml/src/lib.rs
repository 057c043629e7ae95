//! Reads Kubernetes manifests as `kubectl` does, and edits their text without touching anything else.

pub mod emit;
pub mod patch;
pub mod yaml;
