//! `harden check`: judges manifests with a policy and reports what it finds.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;
use lint::baseline::Baseline;
use lint::config::{self, ConfigFile};
use lint::dockerfile::{self, Mapping};
use lint::escape::{write_error, write_line};
use lint::named::NamedPath;
use lint::outcome::{FileReport, Summary};
use lint::search::{Found, KUSTOMIZATIONS, Source};
use lint::session::Session;
use lint::suppress::Date;
use lint::{unused, work};

use crate::args::{InputArgs, PolicyArgs};
use crate::console::Console;
use crate::error::Error;
use crate::policies;
use crate::progress::Bar;
use crate::render::RenderArgs;
use crate::report::{self, Destination, OutputArgs, Report, ReportStyle};
use crate::suite;

/// Arguments of `harden check`.
#[derive(Debug, Clone, Args)]
pub struct CheckArgs {
    /// The input to judge.
    #[command(flatten)]
    pub input: InputArgs,

    /// The folders to render before judging.
    #[command(flatten)]
    pub render: RenderArgs,

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
    #[arg(long, conflicts_with = "rules")]
    pub write_baseline: bool,

    /// The day by which suppressions expire, such as 2027-01-31; today if left out
    #[arg(long, value_name = "DATE")]
    pub today: Option<Date>,

    /// How many threads judge; as many as there are cores if left out
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,

    /// Fail if something was not judged that may hold a workload: patches and other parts of objects, containers
    /// where no rule looks, documents that are not Kubernetes objects
    #[arg(long)]
    pub strict: bool,

    /// Fail if there was nothing to judge
    #[arg(long)]
    pub require_objects: bool,

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
/// Arguments, a configuration or policies that cannot be used; a report that cannot be written.
pub fn check(args: &CheckArgs, console: Console, out: &mut dyn Write, err: &mut dyn Write) -> Result<u8, Error> {
    let Opened { session, sources, ignored, threads, baseline, destinations } = open(args)?;
    let bar = Bar::new(sources.len(), console.progress);
    let mut reports = work::judge_all(&session, &sources, threads, &|| bar.step());
    drop(bar);
    if args.strict {
        let own = own_files(args, session.config(), baseline.as_ref(), &destinations);
        let is_own = |path: &str| !own.is_empty() && fs::canonicalize(path).is_ok_and(|path| own.contains(&path));
        reports.iter_mut().for_each(|report| report.be_strict(|path| belongs_to_a_tool(path) || is_own(path)));
    }
    reports.extend(session.judge_dockerfiles());
    match baseline {
        None => {}
        Some(path) if args.write_baseline => return write_baseline(&path, &reports, err),
        Some(path) => {
            let gone = Baseline::read(&path)?.apply(&mut reports, |rule| session.judges_rule(rule));
            reports.extend(gone);
        }
    }
    reports.extend(unused_report(&session, args));
    let summary = Summary { ignored, ..Summary::of(&reports) };
    let style = ReportStyle { quiet: args.quiet, statistics: args.statistics, ..console.style };
    let report = Report { files: &reports, summary: &summary, style, threads };
    report::write_all(&destinations, &report, out)?;
    if args.require_objects && summary.counts.judged == 0 {
        return Err(Error::NothingToJudge);
    }
    Ok(summary.exit_code())
}

/// Writes the baseline; what could not be judged is reported and leaves the old one.
fn write_baseline(path: &NamedPath, reports: &[FileReport], err: &mut dyn Write) -> Result<u8, Error> {
    let problems = reports.iter().flat_map(|report| report.problems.iter().map(|problem| (&report.path, problem)));
    let mut is_whole = true;
    for (path, problem) in problems {
        is_whole = false;
        write_error(err, format_args!("{path}: {}", problem.message))?;
    }
    if !is_whole {
        return Err(Error::Unjudged);
    }
    let count = Baseline::write(path, reports)?;
    write_line(err, format_args!("wrote {} to {path}", report::plural(count, "finding")))?;
    Ok(0)
}

/// Reports what the configuration names in vain, if a folder was searched.
fn unused_report(session: &Session, args: &CheckArgs) -> Option<FileReport> {
    let only_renders = !args.render.is_empty() && args.input.paths.is_empty();
    let paths = if only_renders { Vec::new() } else { args.input.paths() };
    let path = args.policy.settings_path.as_ref().map(|path| path.display().to_string());
    let settings = args.policy.has_settings().then(|| path.unwrap_or_else(|| "--settings-json".to_owned()));
    unused::report(session, &paths, settings.as_deref())
}

/// Whether a file says how others are put together or judged, so that nobody expects a workload in it.
fn belongs_to_a_tool(path: &str) -> bool {
    let name = Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name == "Chart.yaml" || KUSTOMIZATIONS.contains(&name) || config::NAMES.contains(&name) || suite::is_suite(name)
}

/// Files that harden reads or writes itself, from the root.
fn own_files(
    args: &CheckArgs,
    config: Option<&ConfigFile>,
    baseline: Option<&NamedPath>,
    destinations: &[Destination],
) -> BTreeSet<PathBuf> {
    let config = config.map(|file| file.path.as_path());
    let named = [baseline.map(NamedPath::path), args.policy.settings_path.as_deref(), config];
    let written = destinations.iter().filter_map(|destination| Some(destination.path.as_ref()?.path()));
    named.into_iter().flatten().chain(written).filter_map(|path| fs::canonicalize(path).ok()).collect()
}

/// Everything that a run works with.
struct Opened {
    session: Session,
    sources: Vec<Source>,
    /// Files and folders that git ignores.
    ignored: usize,
    threads: usize,
    baseline: Option<NamedPath>,
    /// Reports that are written, and where to.
    destinations: Vec<Destination>,
}

/// Reads the configuration, finds the sources and loads what judges them.
fn open(args: &CheckArgs) -> Result<Opened, Error> {
    let renders = !args.render.is_empty();
    let only_renders = renders && args.input.paths.is_empty();
    let places = if only_renders { args.render.folders() } else { args.input.places() };
    let config = args.policy.config(&places)?;
    let configured = config.as_ref().map(ConfigFile::baseline).transpose()?.flatten();
    let baseline = args.baseline.clone().map(NamedPath::given).or(configured);
    if args.write_baseline && baseline.is_none() {
        return Err(Error::NoBaseline);
    }
    let paths = if only_renders { Vec::new() } else { args.input.paths() };
    let Found { mut sources, ignored } = args.input.search(config.as_ref()).find(&paths);
    sources.extend(args.render.render(sources.len()));
    let threads = work::threads(args.jobs, &sources);
    let today = args.today.unwrap_or_else(Date::today);
    let session = policies::session(&args.policy, config, &sources, threads, today)?;
    let images = dockerfile::load(&args.dockerfiles, session.config());
    let destinations = args.outputs.destinations(session.config()).map_err(Error::of)?;
    Ok(Opened { session: session.with_images(images), sources, ignored, threads, baseline, destinations })
}
