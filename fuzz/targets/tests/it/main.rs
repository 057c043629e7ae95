//! The fuzz targets on stable Rust: over committed and derived inputs, and over texts that a grammar makes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod corpus;
mod grammar;
mod references;
