//! The tests of the real binary and of the library, in one program: each links wasmtime.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, non_snake_case)]

// Begun first, as its name sorts: it waits longest, and the others run meanwhile.
mod _trial;
mod bats;
#[cfg(all(target_os = "linux", target_pointer_width = "64", target_endian = "little"))]
mod binary;
mod cli;
mod coming_from;
mod config;
mod config_command;
mod dockerfile;
mod docs;
mod exemptions;
mod fix;
mod generated;
mod habits;
mod hostile;
mod html;
mod images;
mod init;
mod input;
mod integrations;
mod judged;
mod kubectl;
mod level;
mod manifests;
mod narrow;
mod nearest;
mod oci;
mod packages;
mod pictures;
mod proven;
mod reports;
mod roundtrip;
mod rule;
mod schema;
mod severity;
mod shell;
mod since;
mod snapshots;
mod suites;
mod support;
mod suppress;
mod suppressing;
mod trace;
mod trust;
mod truth;
mod worst;
