//! Tables of cases for the policies, run natively by `tests/cases.rs` and on the compiled policies by `e2e-tests`.
//!
//! ```text
//! cases/*.yml ─ tables ─▶ cases ─ expand ─▶ requests ─ judge ─▶ differences ─▶ suite ─▶ cargo test
//!                 │ fragments of the rule        │ asks the rule, and the bundle
//!                 └──────────▶ coverage ◀────────┘
//! ```
//!
//! `e2e-tests/README.md` describes the format.

pub mod case;
pub mod coverage;
pub mod diff;
pub mod examples;
pub mod expand;
pub mod expected;
pub mod fragments;
pub mod judge;
pub mod native;
pub mod outcome;
pub mod registry;
pub mod repair;
pub mod settings;
pub mod suite;
pub mod tables;

/// Id of the bundle, which runs every rule's cases, too.
pub const BUNDLE: &str = "hardening";
