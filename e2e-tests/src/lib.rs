//! End-to-end tests: tables of cases (`cases/`), run on the compiled policies in the sandbox.
//!
//! ```text
//! cases/*.yml ─ tables ─▶ cases ─ expand ─▶ requests ─ judge ─▶ differences ─▶ tests/cases.rs
//!                 │ fragments of the rule        │ wasm of the rule, wasm of the bundle, native, kwctl
//!                 └──────────▶ coverage ◀────────┘
//! ```
//!
//! The format is described in `README.md`.

pub mod case;
pub mod coverage;
pub mod diff;
pub mod examples;
pub mod expand;
pub mod expected;
pub mod fragments;
pub mod judge;
pub mod kwctl;
pub mod outcome;
pub mod policies;
pub mod repair;
pub mod settings;
pub mod suite;
pub mod tables;

/// Id of the bundle, which runs every rule's cases too.
pub const BUNDLE: &str = "hardening";
