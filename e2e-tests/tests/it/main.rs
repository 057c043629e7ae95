//! End-to-end tests of the compiled policies in `dist/`, in one program, which loads each once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod command_schemas;
mod contract;
mod examples;
mod fidelity;
mod generate;
mod hostile;
mod images;
mod schema;
mod standard;
mod support;
mod updates;
mod verdicts;
