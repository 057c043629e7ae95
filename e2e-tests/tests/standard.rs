//! Profiles `baseline` and `restricted` decide as Pod Security Admission does, for every level and version.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "support/call.rs"]
mod call;
mod psa;
