//! The results of the command line as Markdown.

use std::fmt::Write;
use std::path::Path;

use crate::command::{Command, Corpus};
use crate::parsers;
use crate::table::{Times, group, number, quotient};

/// `harden check` of one file; this and the next are what criterion's groups are called after.
pub const STARTUP: &str = "startup";
/// `harden check` of a corpus.
pub const CHECK: &str = "check";
/// Parsing a corpus.
pub const PARSE: &str = "parse";

/// How often each is measured: a run takes long enough to even out what disturbs it.
pub const ROUNDS: usize = 3;

/// Writes the tables of docs/performance.md's section on the command line.
///
/// # Errors
/// A run that cannot be watched.
pub fn markdown(measurements: &Path, command: &Command, corpora: &[Corpus]) -> Result<String, String> {
    let times = Times { measurements };
    let time = |name: &str, benchmark: &str, corpus: &str| {
        let groups: Vec<String> = (0..ROUNDS).map(|round| group(name, round)).collect();
        times.undisturbed(groups.iter().map(|group| [group.as_str(), benchmark, corpus]))
    };
    let mut out = String::from(
        "| corpus | files | documents | workloads | MB | threads | CPU, ms | ms | MB/s | peak memory, MB |\n",
    );
    out.push_str("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
    for corpus in corpora {
        let census = corpus.census;
        for jobs in Command::jobs() {
            let ns = time(CHECK, &jobs.to_string(), corpus.name);
            let usage = command.usage(corpus, jobs)?;
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {:.0} | {jobs} | {} | {} | {} | {:.0} |",
                corpus.name,
                census.files,
                census.documents,
                census.workloads,
                corpus.bytes() as f64 / 1e6,
                usage.cpu.as_millis(),
                number(ns.map(|ns| ns / 1e6), 0),
                number(ns.map(|ns| corpus.bytes() as f64 * 1e3 / ns), 0),
                usage.peak as f64 / 1e6,
            );
        }
    }
    out.push_str("\nReading the same text into memory, one thread:\n\n| corpus |");
    parsers::ALL.iter().for_each(|(name, _)| {
        let _ = write!(out, " {name}, ms |");
    });
    out.push_str(" harden / serde_yaml_ng |\n|---|");
    out.push_str(&"--:|".repeat(parsers::ALL.len() + 1));
    for corpus in corpora {
        let of = |name| time(PARSE, name, corpus.name);
        let _ = write!(out, "\n| {} |", corpus.name);
        for (name, _) in parsers::ALL {
            let _ = write!(out, " {} |", number(of(name).map(|ns| ns / 1e6), 0));
        }
        let _ = write!(out, " {} |", number(quotient(of(parsers::OURS), of(parsers::REFERENCE)), 2));
    }
    out.push_str("\n\n| what | must be at most | is | holds |\n|---|--:|--:|---|\n");
    let cores = Command::jobs().last().copied().unwrap_or(1).to_string();
    let repositories = corpora.first().map_or("", |corpus| corpus.name);
    for (what, limit, ns) in [
        ("check of one file, start to exit, ms", 6.0, time(STARTUP, "one-file", "")),
        ("check of `repositories`, ms", 400.0, time(CHECK, &cores, repositories)),
    ] {
        let holds = ns.map_or("not measured", |ns| if ns / 1e6 <= limit { "yes" } else { "**no**" });
        let _ = writeln!(out, "| {what} | {limit:.0} | {} | {holds} |", number(ns.map(|ns| ns / 1e6), 1));
    }
    Ok(out)
}
