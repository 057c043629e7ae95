//! Reports of `harden level`.

use std::io::{self, Write};

use hardening::settings::Setting;
use hardening::standard::Version;
use serde::Serialize;
use serde_json::Value;

use super::FileLevels;
use super::standing::{Missing, PodLevel, Standing};
use crate::report::{plural, write_json};
use lint::escape::one_line;
use lint::finding::Object;

/// The sum of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct LevelSummary {
    files: usize,
    workloads: usize,
    privileged: usize,
    baseline: usize,
    restricted: usize,
    hardening: usize,
    /// Workloads below the level that was demanded.
    below: usize,
    problems: usize,
}

impl LevelSummary {
    pub(super) fn of(files: &[FileLevels], at_least: Option<PodLevel>) -> LevelSummary {
        let all = || files.iter().flat_map(|file| &file.standings);
        let count = |level: PodLevel| all().filter(|standing| standing.level == level).count();
        LevelSummary {
            files: files.len(),
            workloads: all().count(),
            privileged: count(PodLevel::Privileged),
            baseline: count(PodLevel::Baseline),
            restricted: count(PodLevel::Restricted),
            hardening: count(PodLevel::Hardening),
            below: all().filter(|standing| at_least.is_some_and(|wanted| standing.level < wanted)).count(),
            problems: files.iter().map(|file| file.problems.len()).sum(),
        }
    }

    /// 2 if something could not be judged, else 1 if a workload is below what was demanded, else 0.
    pub(super) fn exit_code(&self) -> u8 {
        match (self.problems, self.below) {
            (0, 0) => 0,
            (0, _) => 1,
            _ => 2,
        }
    }

    /// The lowest level of a workload.
    fn lowest(&self) -> Option<PodLevel> {
        let counts = [self.privileged, self.baseline, self.restricted, self.hardening];
        PodLevel::ALL.into_iter().zip(counts).find(|(_, count)| *count > 0).map(|(level, _)| level)
    }

    fn sentence(&self, at_least: Option<PodLevel>) -> String {
        let mut out = match self.lowest() {
            None => format!("no workload in {}", plural(self.files, "file")),
            Some(lowest) => format!(
                "{}: {} privileged, {} baseline, {} restricted, {} hardening; all reach {}",
                plural(self.workloads, "workload"),
                self.privileged,
                self.baseline,
                self.restricted,
                self.hardening,
                lowest.word()
            ),
        };
        if let (Some(wanted), true) = (at_least, self.below > 0) {
            out += &format!("; {} below {}", self.below, wanted.word());
        }
        if self.problems > 0 {
            out += &format!("; {} could not be judged", self.problems);
        }
        out
    }
}

/// A line for every workload, then the summary.
pub(super) fn text(
    files: &[FileLevels],
    summary: &LevelSummary,
    at_least: Option<PodLevel>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let all = || files.iter().flat_map(|file| &file.standings);
    // A very long name must not push all others aside.
    let width = all().map(|standing| standing.object.to_string().chars().count()).max().unwrap_or_default().min(48);
    let is_below = |standing: &Standing| at_least.is_some_and(|wanted| standing.level < wanted);
    for file in files.iter().filter(|file| !file.standings.is_empty() || !file.problems.is_empty()) {
        writeln!(out, "{}", one_line(&file.path))?;
        for standing in &file.standings {
            let mark = if is_below(standing) { "!" } else { " " };
            let name = one_line(&standing.object.to_string());
            let level = standing.level.word();
            match standing.next() {
                None => writeln!(out, "{mark} {name:width$}  {level}")?,
                Some(next) => {
                    let missing = sentence(&standing.missing);
                    writeln!(out, "{mark} {name:width$}  {level:10}  {} needs: {missing}", next.word())?;
                }
            }
        }
        for problem in &file.problems {
            writeln!(out, "{}", one_line(&format!("  error: {problem}")))?;
        }
    }
    if files.iter().any(|file| !file.standings.is_empty() || !file.problems.is_empty()) {
        writeln!(out)?;
    }
    writeln!(out, "{}", summary.sentence(at_least))
}

/// `capabilities (3), seccomp-profile`
fn sentence(missing: &[Missing]) -> String {
    let part = |missing: &Missing| match missing.count {
        1 => missing.rule.clone(),
        count => format!("{} ({count})", missing.rule),
    };
    missing.iter().map(part).collect::<Vec<_>>().join(", ")
}

/// Version of the report's shape: raised when a field changes its meaning or goes.
const VERSION: u32 = 1;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonReport<'a> {
    version: u32,
    kubernetes_version: Value,
    summary: &'a LevelSummary,
    workloads: Vec<JsonWorkload<'a>>,
    problems: Vec<&'a str>,
}

#[derive(Serialize)]
struct JsonWorkload<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    object: &'a Object,
    level: &'static str,
    /// The level above; `null` at the highest.
    next: Option<&'static str>,
    /// The rules that keep the workload from it.
    missing: &'a [Missing],
}

/// One JSON object.
pub(super) fn json(
    files: &[FileLevels],
    summary: &LevelSummary,
    version: Version,
    out: &mut dyn Write,
) -> io::Result<()> {
    let workloads = files.iter().flat_map(|file| {
        file.standings.iter().map(|standing| JsonWorkload {
            file: &file.path,
            line: standing.line,
            column: standing.column,
            object: &standing.object,
            level: standing.level.word(),
            next: standing.next().map(PodLevel::word),
            missing: &standing.missing,
        })
    });
    let problems = files.iter().flat_map(|file| file.problems.iter().map(String::as_str));
    let shape = JsonReport {
        version: VERSION,
        kubernetes_version: version.to_json(),
        summary,
        workloads: workloads.collect(),
        problems: problems.collect(),
    };
    write_json(out, &shape)
}
