//! The results as Markdown.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::modules::{BUNDLE, Module, REFERENCE, RESTRICTED, RULE, largest_rule};
use crate::requests::{self, BARE_POD, POD};

/// Compiling a policy; this and the next are what criterion's groups are called after.
pub const COMPILE: &str = "compile";
/// A fresh instance for one `validate`, memory mapped anew.
pub const FRESH: &str = "fresh";
/// The same with an instance pool.
pub const POOLED: &str = "pooled";
/// `validate` in an instance that was called before.
pub const WARM: &str = "warm";

/// How often everything but compiling is measured.
pub const ROUNDS: usize = 8;

/// The name of criterion's group for one round.
pub fn group(name: &str, round: usize) -> String {
    format!("{name}-{round}")
}

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
    out.push_str("| policy | KiB | compile, ms | fresh, µs | × reference | pooled, µs | warm, µs | × reference |\n");
    out.push_str("|---|--:|--:|--:|--:|--:|--:|--:|\n");
    for Module { name, wasm, .. } in modules {
        let compile = times.compile(name).map(|ns| ns / 1e3);
        let time = |group, module| times.call(group, module, POD);
        let ratio = |group| quotient(time(group, name), time(group, REFERENCE));
        let _ = writeln!(
            out,
            "| {name} | {:.1} | {} | {} | {} | {} | {} | {} |",
            wasm.len() as f64 / 1024.0,
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
    for Module { name, .. } in modules.iter().filter(|module| module.is_measured_closely()) {
        let _ = write!(out, "\n| {name} |");
        for request in requests::NAMES {
            let time = |group| micros(times.call(group, name, request));
            let _ = write!(out, " {} / {} |", time(FRESH), time(WARM));
        }
    }
    out.push('\n');
}

fn targets(out: &mut String, times: &Times<'_>, modules: &[Module]) {
    let bundle = modules.iter().find(|module| module.name == BUNDLE).map(|module| module.wasm.len() as u64);
    let largest = largest_rule();
    let rule = largest.as_ref().map_or_else(String::new, |(name, _)| format!(", `{name}`"));
    let kib = |bytes: u64| bytes as f64 / 1024.0;
    let on = |request, group, a, b| quotient(times.call(group, a, request), times.call(group, b, request));
    let ratio = |group, a, b| on(POD, group, a, b);
    out.push_str("\n| what | must be at most | is | holds |\n|---|--:|--:|---|\n");
    for (what, limit, measured) in [
        (&*format!("largest rule{rule}, KiB"), 192.0, largest.as_ref().map(|(_, size)| kib(*size))),
        ("bundle, KiB", 384.0, bundle.map(kib)),
        ("fresh, rule / reference", 0.5, ratio(FRESH, RULE, REFERENCE)),
        ("warm, rule / reference", 0.33, ratio(WARM, RULE, REFERENCE)),
        ("fresh, bundle / rule", 3.0, ratio(FRESH, BUNDLE, RULE)),
        ("warm, bundle / rule", 3.0, ratio(WARM, BUNDLE, RULE)),
        ("fresh, `restricted` / rule", 3.0, ratio(FRESH, RESTRICTED, RULE)),
        ("fresh, all refusing, bundle / rule", 3.0, on(BARE_POD, FRESH, BUNDLE, RULE)),
        ("fresh, all refusing, `restricted` / rule", 3.0, on(BARE_POD, FRESH, RESTRICTED, RULE)),
    ] {
        let holds = measured.map_or("not measured", |measured| if measured <= limit { "yes" } else { "**no**" });
        let digits = if limit > 10.0 { 0 } else { 2 };
        let _ = writeln!(out, "| {what} | {limit:.digits$} | {} | {holds} |", number(measured, digits));
    }
}

/// The measurements of criterion.
pub(crate) struct Times<'m> {
    pub(crate) measurements: &'m Path,
}

impl Times<'_> {
    /// Time of a call in nanoseconds, of all rounds; `None` if it has not been measured.
    fn call(&self, name: &str, module: &str, request: &str) -> Option<f64> {
        let rounds: Vec<String> = (0..ROUNDS).map(|round| group(name, round)).collect();
        self.undisturbed(rounds.iter().map(|round| [round.as_str(), module, request]))
    }

    /// Time of compiling a module in nanoseconds; `None` if it has not been measured.
    fn compile(&self, module: &str) -> Option<f64> {
        self.undisturbed([[COMPILE, module, ""]])
    }

    /// The lowest decile of all samples: what else the machine does can only make a sample slower.
    pub(crate) fn undisturbed<'b>(&self, benchmarks: impl IntoIterator<Item = [&'b str; 3]>) -> Option<f64> {
        let mut samples: Vec<f64> = benchmarks.into_iter().filter_map(|path| self.samples(path)).flatten().collect();
        samples.sort_by(f64::total_cmp);
        samples.get(samples.len() / 10).copied()
    }

    /// Criterion's samples of a benchmark, in nanoseconds an iteration.
    fn samples(&self, benchmark: [&str; 3]) -> Option<Vec<f64>> {
        let folder = benchmark
            .iter()
            .filter(|part| !part.is_empty())
            .fold(self.measurements.to_path_buf(), |path, part| path.join(part));
        let text = fs::read_to_string(folder.join("new/sample.json")).ok()?;
        let sample: Value = serde_json::from_str(&text).ok()?;
        let times = sample["times"].as_array()?.iter().filter_map(Value::as_f64);
        let iterations = sample["iters"].as_array()?.iter().filter_map(Value::as_f64);
        Some(times.zip(iterations).map(|(time, iterations)| time / iterations).collect())
    }
}

pub(crate) fn quotient(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    Some(a? / b?)
}

fn micros(nanoseconds: Option<f64>) -> String {
    number(nanoseconds.map(|ns| ns / 1e3), 1)
}

pub(crate) fn number(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.digits$}"))
}
