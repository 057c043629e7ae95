//! `harden check`: judges manifests with a policy and reports what it finds.

pub(crate) mod input;
pub(crate) mod judge;
mod progress;

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use clap::{Args, ValueEnum};

use crate::embedded;
use crate::finding::{Finding, Level, Problem};
use crate::report;
use crate::sandbox::{Engine, Options, Policy};

pub use judge::{Judge, judge_text};

use input::Source;

/// Arguments of `harden check`.
#[derive(Debug, Clone, Args)]
pub struct CheckArgs {
    /// What to judge.
    #[command(flatten)]
    pub input: InputArgs,

    /// Which policy judges, with which settings.
    #[command(flatten)]
    pub policy: PolicyArgs,

    /// How to report
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// What to judge.
#[derive(Debug, Clone, Args)]
pub struct InputArgs {
    /// Files, folders (searched for .yaml, .yml and .json) or `-` for standard input
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<PathBuf>,
}

/// Which policy judges, with which settings.
#[derive(Debug, Clone, Args)]
pub struct PolicyArgs {
    /// A Kubewarden policy to judge with, instead of the built-in rules
    #[arg(long, value_name = "POLICY.wasm", conflicts_with = "profile")]
    pub policy: Option<PathBuf>,

    /// Rules to judge by: hardening, or a level of the Pod Security Standards (baseline, restricted)
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<String>,

    /// Version of the Pod Security Standards, as v1.33; the newest if left out
    #[arg(long, value_name = "VERSION", requires = "profile")]
    pub kubernetes_version: Option<String>,

    /// The policy's settings as JSON
    #[arg(long, value_name = "JSON", conflicts_with = "settings_path")]
    pub settings_json: Option<String>,

    /// File with the policy's settings, JSON or YAML
    #[arg(short, long, value_name = "FILE")]
    pub settings_path: Option<PathBuf>,
}

/// Formats of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people, with the lines in question
    Text,
    /// For programs
    Json,
}

/// What came of one file.
#[derive(Debug, Default)]
pub struct FileReport {
    /// Path as the user gave it or as it was found.
    pub path: String,
    /// The text; empty if it could not be read.
    pub text: String,
    /// Findings in the order of their places.
    pub findings: Vec<Finding>,
    /// What could not be judged.
    pub problems: Vec<Problem>,
    /// What was counted.
    pub counts: Counts,
}

/// How many documents and objects were seen, and what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Objects that were judged.
    pub judged: usize,
    /// Judged objects with a finding.
    pub with_findings: usize,
    /// Objects without a pod template.
    pub without_template: usize,
    /// Documents that are no Kubernetes object.
    pub not_kubernetes: usize,
    /// Documents without content.
    pub empty: usize,
}

impl Counts {
    fn add(&mut self, other: Counts) {
        self.judged += other.judged;
        self.with_findings += other.with_findings;
        self.without_template += other.without_template;
        self.not_kubernetes += other.not_kubernetes;
        self.empty += other.empty;
    }

    /// Documents and objects that were seen but not judged.
    pub fn not_judged(&self) -> usize {
        self.without_template + self.not_kubernetes + self.empty
    }
}

/// The sum of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Files that were read or tried.
    pub files: usize,
    /// Findings that the cluster would refuse.
    pub errors: usize,
    /// Findings that the cluster would warn of.
    pub warnings: usize,
    /// Things that could not be judged.
    pub problems: usize,
    /// Documents and objects.
    #[serde(flatten)]
    pub counts: Counts,
}

impl Summary {
    /// Sums up the reports of all files.
    pub fn of(reports: &[FileReport]) -> Summary {
        let mut summary = Summary { files: reports.len(), ..Summary::default() };
        for report in reports {
            let errors = report.findings.iter().filter(|finding| finding.level == Level::Error).count();
            summary.errors += errors;
            summary.warnings += report.findings.len() - errors;
            summary.problems += report.problems.len();
            summary.counts.add(report.counts);
        }
        summary
    }

    /// The exit code: 2 if something could not be judged, else 1 if there are violations, else 0.
    pub fn exit_code(&self) -> u8 {
        match (self.problems, self.errors) {
            (0, 0) => 0,
            (0, _) => 1,
            _ => 2,
        }
    }
}

/// How `harden check` writes to its terminal.
#[derive(Debug, Clone, Copy, Default)]
pub struct Console {
    /// Whether standard output takes colours.
    pub colours: bool,
    /// Whether standard error is a terminal, for the progress bar.
    pub progress: bool,
}

/// Judges what `args` name, writes the report to `out`, gives the exit code.
///
/// 0: every object was judged and accepted; 1: there are violations; 2: something could not be read or
/// judged, or the policy or its settings cannot be used.
///
/// # Errors
/// A report that cannot be written.
pub fn check(args: &CheckArgs, console: Console, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<u8> {
    let sources = input::find(&args.input.paths);
    let threads = thread::available_parallelism().map_or(1, usize::from).min(sources.len());
    let pool = if threads > 1 { u32::try_from(threads).unwrap_or(0) } else { 0 };
    let judge = match Judge::load(&args.policy, pool) {
        Ok(judge) => judge,
        Err(message) => {
            writeln!(err, "error: {message}")?;
            return Ok(2);
        }
    };
    let reports = judge_all(&judge, &sources, threads, console.progress);
    let summary = Summary::of(&reports);
    match args.format {
        Format::Text => report::text::write(&reports, &summary, console.colours, out)?,
        Format::Json => report::json::write(&reports, &summary, out)?,
    }
    out.flush()?;
    Ok(summary.exit_code())
}

/// Judges every source on `threads` threads; the reports come in the order of the sources.
fn judge_all(judge: &Judge, sources: &[Source], threads: usize, progress: bool) -> Vec<FileReport> {
    if threads <= 1 {
        return sources.iter().map(|source| source.judge(judge)).collect();
    }
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    let mut reports: Vec<FileReport> = Vec::new();
    reports.resize_with(sources.len(), FileReport::default);
    thread::scope(|scope| {
        for _ in 0..threads {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                while let Some(source) = sources.get(next.fetch_add(1, Ordering::Relaxed)) {
                    // The receiver lives as long as this scope.
                    let _ = sender.send((source.index, source.judge(judge)));
                }
            });
        }
        drop(sender);
        let mut bar = progress::Bar::new(sources.len(), progress);
        for (index, report) in receiver {
            reports[index] = report;
            bar.step();
        }
    });
    reports
}

impl Judge {
    /// Loads the policy that `args` name and checks its settings; `pool` is how many threads will call it
    /// at once, 0 for one.
    ///
    /// # Errors
    /// A policy or settings that cannot be read or are not valid; the message names them.
    pub fn load(args: &PolicyArgs, pool: u32) -> Result<Judge, String> {
        let settings = crate::run::settings(args.settings_json.as_deref(), args.settings_path.as_deref())?;
        let settings = args.with_profile(settings)?;
        // Threads that map and unmap instances of their own get into each other's way; a pool does not.
        let engine = Engine::new(Options { pool, ..Options::default() }).map_err(|e| e.to_string())?;
        let policy = match &args.policy {
            None => embedded::bundle(&engine).map_err(|e| e.to_string())?,
            Some(path) => load_policy(&engine, path)?,
        };
        Judge::new(policy, settings)
    }
}

impl PolicyArgs {
    /// `settings` with the profile and version of the command line, which win over those of the file.
    fn with_profile(&self, settings: String) -> Result<String, String> {
        if self.profile.is_none() {
            return Ok(settings);
        }
        let mut settings: serde_json::Value = serde_json::from_str(&settings).map_err(|e| e.to_string())?;
        for (key, value) in [("profile", &self.profile), ("version", &self.kubernetes_version)] {
            if let (Some(settings), Some(value)) = (settings.as_object_mut(), value) {
                settings.insert(key.to_owned(), value.as_str().into());
            }
        }
        Ok(settings.to_string())
    }
}

fn load_policy(engine: &Engine, path: &std::path::Path) -> Result<Policy, String> {
    let name = path.display().to_string();
    let wasm = std::fs::read(path).map_err(|e| format!("cannot read policy `{name}`: {e}"))?;
    engine.policy_from_wasm(&name, &wasm).map_err(|e| e.to_string())
}
