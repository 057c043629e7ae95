//! `harden check`: judges manifests with a policy and reports what it finds.

pub(crate) mod args;
mod console;
pub(crate) mod input;
pub(crate) mod judge;
mod outcome;
mod progress;
mod scan;
mod session;
mod work;

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::baseline::Baseline;
use crate::dockerfile::{self, Mapping};
use crate::report::{self, OutputArgs, Report, Style};
use crate::suppress::Date;

pub use args::{InputArgs, PolicyArgs};
pub use console::{Console, When};
pub use judge::{Judge, judge_text};
pub use outcome::{Counts, FileReport, Summary, Workload};
pub use session::Session;

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

    /// Dockerfile of an image, whose USER must agree with the manifests; IMAGE is a glob on its name
    #[arg(long = "dockerfile", value_name = "IMAGE=PATH")]
    pub dockerfiles: Vec<Mapping>,

    /// Known findings, which do not fail: only new ones do
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,

    /// Write what is found as the new baseline, to the file of --baseline or of the configuration
    #[arg(long)]
    pub write_baseline: bool,

    /// The day by which suppressions expire, as 2027-01-31; today if left out
    #[arg(long, value_name = "DATE")]
    pub today: Option<Date>,

    /// How many threads judge; as many as there are cores if left out
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,

    /// How to report, and where to.
    #[command(flatten)]
    pub outputs: OutputArgs,

    /// Only what fails or could not be judged, one line each; nothing if all is well
    #[arg(short, long)]
    pub quiet: bool,

    /// Count the findings of each rule
    #[arg(long)]
    pub statistics: bool,
}

/// Judges what `args` name, writes the report to `out`, gives the exit code.
///
/// 0: every object was judged and accepted; 1: there are violations; 2: something could not be read or
/// judged, or the policy or its settings cannot be used.
///
/// # Errors
/// A report that cannot be written.
pub fn check(args: &CheckArgs, console: Console, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<u8> {
    let (session, sources, threads, baseline) = match open(args) {
        Ok(opened) => opened,
        Err(message) => {
            writeln!(err, "error: {message}")?;
            return Ok(2);
        }
    };
    let mut reports = work::judge_all(&session, &sources, threads, console.progress);
    reports.extend(session.judge_dockerfiles());
    match baseline {
        None => {}
        Some(path) if args.write_baseline => return write_baseline(&path, &reports, err),
        Some(path) => match Baseline::read(&path) {
            Ok(baseline) => {
                let gone = baseline.apply(&mut reports);
                reports.extend(gone);
            }
            Err(message) => {
                writeln!(err, "error: {message}")?;
                return Ok(2);
            }
        },
    }
    let summary = Summary::of(&reports);
    let style = Style { quiet: args.quiet, statistics: args.statistics, ..console.style };
    let report = Report { files: &reports, summary: &summary, style, threads };
    let destinations = args.outputs.destinations(session.config());
    let written = report::write_all(&destinations, &report, out)?;
    out.flush()?;
    if let Err(message) = written {
        writeln!(err, "error: {message}")?;
        return Ok(2);
    }
    Ok(summary.exit_code())
}

/// Writes the baseline; what could not be judged is reported and leaves the old one.
fn write_baseline(path: &Path, reports: &[FileReport], err: &mut dyn Write) -> io::Result<u8> {
    let unjudged: Vec<&FileReport> = reports.iter().filter(|report| !report.problems.is_empty()).collect();
    for report in &unjudged {
        for problem in &report.problems {
            writeln!(err, "error: {}: {}", report.path, problem.message)?;
        }
    }
    if !unjudged.is_empty() {
        writeln!(err, "error: the baseline was not written: not everything could be judged")?;
        return Ok(2);
    }
    match Baseline::write(path, reports) {
        Ok(count) => {
            writeln!(err, "wrote {count} findings to {}", path.display())?;
            Ok(0)
        }
        Err(message) => {
            writeln!(err, "error: {message}")?;
            Ok(2)
        }
    }
}

/// Reads the configuration, finds the sources and loads what judges them; with the number of threads and the
/// baseline's path.
fn open(args: &CheckArgs) -> Result<(Session, Vec<Source>, usize, Option<PathBuf>), String> {
    let config = args.policy.config(&args.input.paths)?;
    let configured = config.as_ref().and_then(|file| Some(file.resolve(file.config.baseline.as_deref()?)));
    let baseline = args.baseline.clone().or(configured);
    if args.write_baseline && baseline.is_none() {
        return Err(
            "--write-baseline needs a file: name it with --baseline, or as `baseline` in harden.yaml".to_owned()
        );
    }
    let sources = input::find(&args.input.paths, config.as_ref());
    let threads = work::threads(args.jobs, &sources);
    let today = args.today.unwrap_or_else(Date::today);
    let session = Session::load(&args.policy, config, &sources, threads, today)?;
    let images = dockerfile::load(&args.dockerfiles, session.config())?;
    Ok((session.with_images(images), sources, threads, baseline))
}
