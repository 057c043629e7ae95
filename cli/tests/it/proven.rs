//! Everything accepted is good, and every way of asking gives the same answer.
//!
//! `bad` makes pods that are bad in every documented way, in every disguise, and lets no policy accept one. `same`
//! asks about one object natively, through wasm and through the commands. `PROVEN_PODS=1000000 cargo test --release -p
//! harden --test it proven` asks about that many bad pods; each test prints what it counted.

mod bad;
mod good;
mod same;
mod text;
mod veil;
mod ways;

// Pods in which every field that a check looks at holds every value, as the oracle of the standard judges them.
#[allow(dead_code)]
#[path = "../../../e2e-tests/tests/it/standard/fields.rs"]
mod fields;
#[allow(dead_code)]
#[path = "../../../e2e-tests/tests/it/standard/pods.rs"]
mod pods;

use std::io::Write;

/// How many bad pods are made: `PROVEN_PODS`, or few enough for every run of the tests.
fn wanted() -> usize {
    std::env::var("PROVEN_PODS").ok().and_then(|count| count.parse().ok()).unwrap_or(30_000)
}

/// Prints a line past libtest, which shows only what failing tests print.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// One of `items`.
fn pick<'i, T>(dice: &mut pods::Dice, items: &'i [T]) -> &'i T {
    &items[dice.below(items.len())]
}
