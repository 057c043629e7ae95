//! The results as Markdown.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::modules::{BUNDLE, EMPTY, Module, NAMES, REFERENCE, RULE};
use crate::requests::{self, POD};

/// The three things that are measured, as criterion's groups are called.
pub const COMPILE: &str = "compile";
/// A fresh instance for one `validate`, memory mapped anew.
pub const FRESH: &str = "fresh";
/// The same with an instance pool.
pub const POOLED: &str = "pooled";
/// `validate` in an instance that was called before.
pub const WARM: &str = "warm";

/// Writes the tables of docs/performance.md from the measurements that criterion left in `measurements`.
pub fn markdown(measurements: &Path, modules: &[Module]) -> String {
    let times = Times { measurements };
    let mut out = String::new();
    costs(&mut out, &times, modules);
    requests_table(&mut out, &times, modules);
    targets(&mut out, &times, modules);
    out
}

fn costs(out: &mut String, times: &Times<'_>, modules: &[Module]) {
    out.push_str("| policy | KB | compile, ms | fresh, µs | × reference | pooled, µs | warm, µs | × reference |\n");
    out.push_str("|---|--:|--:|--:|--:|--:|--:|--:|\n");
    for Module { name, wasm } in modules {
        let compile = times.median(&[COMPILE, name]).map(|ns| ns / 1e3);
        let time = |group, module| times.median(&[group, module, POD]);
        let ratio = |group| quotient(time(group, name), time(group, REFERENCE));
        let _ = writeln!(
            out,
            "| {name} | {:.1} | {} | {} | {} | {} | {} | {} |",
            kilobytes(wasm),
            micros(compile),
            micros(time(FRESH, name)),
            number(ratio(FRESH), 2),
            micros(time(POOLED, name)),
            micros(time(WARM, name)),
            number(ratio(WARM), 2),
        );
    }
}

fn requests_table(out: &mut String, times: &Times<'_>, modules: &[Module]) {
    out.push_str("\nFresh / warm, µs:\n\n| policy |");
    for name in requests::NAMES {
        let _ = write!(out, " {name} |");
    }
    out.push_str("\n|---|");
    out.push_str(&"--:|".repeat(requests::NAMES.len()));
    for Module { name, .. } in modules {
        let _ = write!(out, "\n| {name} |");
        for request in requests::NAMES {
            let time = |group| micros(times.median(&[group, name, request]));
            let _ = write!(out, " {} / {} |", time(FRESH), time(WARM));
        }
    }
    out.push('\n');
}

fn targets(out: &mut String, times: &Times<'_>, modules: &[Module]) {
    let size = |name: &str| modules.iter().find(|module| module.name == name).map(|module| kilobytes(&module.wasm));
    let is_rule = |name: &&str| ![EMPTY, REFERENCE, BUNDLE].contains(name);
    let largest = NAMES.iter().filter(|name| is_rule(name)).filter_map(|name| size(name)).reduce(f64::max);
    let ratio = |group, a, b| quotient(times.median(&[group, a, POD]), times.median(&[group, b, POD]));
    out.push_str("\n| what | must be at most | is | holds |\n|---|--:|--:|---|\n");
    for (what, limit, measured) in [
        ("size of the largest measured rule, KB", 192.0 * 1.024, largest),
        ("size of the bundle, KB", 384.0 * 1.024, size(BUNDLE)),
        ("fresh, rule / reference", 0.5, ratio(FRESH, RULE, REFERENCE)),
        ("warm, rule / reference", 0.33, ratio(WARM, RULE, REFERENCE)),
        ("fresh, bundle / rule", 3.0, ratio(FRESH, BUNDLE, RULE)),
        ("warm, bundle / rule", 3.0, ratio(WARM, BUNDLE, RULE)),
    ] {
        let holds = measured.map_or("not measured", |measured| if measured <= limit { "yes" } else { "**no**" });
        let digits = if limit > 10.0 { 1 } else { 2 };
        let _ = writeln!(out, "| {what} | {limit:.digits$} | {} | {holds} |", number(measured, digits));
    }
}

/// What criterion measured.
struct Times<'m> {
    measurements: &'m Path,
}

impl Times<'_> {
    /// The median of a benchmark in nanoseconds; `None` if it has not run.
    fn median(&self, benchmark: &[&str]) -> Option<f64> {
        let folder = benchmark.iter().fold(self.measurements.to_path_buf(), |path, part| path.join(part));
        let text = fs::read_to_string(folder.join("new/estimates.json")).ok()?;
        serde_json::from_str::<Value>(&text).ok()?["median"]["point_estimate"].as_f64()
    }
}

fn kilobytes(wasm: &[u8]) -> f64 {
    // No module is so large that a double could not tell its length.
    wasm.len() as f64 / 1e3
}

fn quotient(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    Some(a? / b?)
}

fn micros(nanoseconds: Option<f64>) -> String {
    number(nanoseconds.map(|ns| ns / 1e3), 1)
}

fn number(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.digits$}"))
}
