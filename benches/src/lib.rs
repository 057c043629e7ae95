//! The subjects of the benchmarks: policies, requests, a warm instance, and the table of the results.
//!
//! `make bench` measures and prints the tables of docs/performance.md; `cargo run --release -p benches --bin
//! table` prints those of the policies again from the last measurement.

pub mod command;
pub mod command_table;
pub mod meter;
pub mod modules;
pub mod parsers;
pub mod requests;
pub mod table;
pub mod warm;

use std::path::PathBuf;

/// The folder of the workspace.
fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Where cargo builds, and where criterion keeps its measurements.
fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Where the measurements are kept.
pub fn measurements() -> PathBuf {
    target_dir().join("criterion")
}
