//! `harden check`: judges manifests with a policy and reports what it finds.

mod strict;

use std::fs;
use std::io::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;
use hardening::rules::Severity;
use lint::dockerfile::Mapping;
use lint::escape::write_line;
use lint::named::from_here;
use lint::outcome::FileReport;
use lint::search::{Found, Source};
use lint::session::Session;
use lint::summary::Summary;
use lint::suppress::Date;
use lint::{unused, work};

use crate::args::{InputArgs, PolicyArgs, jobs};
use crate::console::{self, Console};
use crate::error::Error;
use crate::known::{self, Known};
use crate::lock::{self, LockOptions};
use crate::policies::{self, Images};
use crate::progress::Bar;
use crate::render::RenderArgs;
use crate::report::{self, About, Destination, OutputArgs, Repairs, Report, ReportStyle};
use crate::since::Since;
use crate::values;

/// Arguments of `harden check`.
#[derive(Debug, Clone, Default, Args)]
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

    /// Count only what the work tree adds to this revision of git, such as origin/main or HEAD^1
    #[arg(long, value_name = "REF", conflicts_with_all = ["write_baseline", "helm", "kustomize"])]
    pub since: Option<String>,

    /// The day by which suppressions expire, such as 2027-01-31; today if left out
    #[arg(long, value_name = "DATE")]
    pub today: Option<Date>,

    /// How many threads judge; as many as there are cores if left out
    #[arg(short, long, value_name = "N", value_parser = jobs)]
    pub jobs: Option<NonZeroUsize>,

    /// Fail if something was not judged that may hold a workload: patches and other parts of objects, containers
    /// where no rule looks, documents that are not Kubernetes objects
    #[arg(long)]
    pub strict: bool,

    /// The lock whose facts are judged.
    #[command(flatten)]
    pub lock: LockOptions,

    /// Fail if there was nothing to judge
    #[arg(long)]
    pub require_objects: bool,

    /// How to report, and where to.
    #[command(flatten)]
    pub outputs: OutputArgs,

    /// Only what fails or could not be judged, one line each; nothing if all is well
    #[arg(short, long)]
    pub quiet: bool,

    /// Report only findings of rules of this severity and above: low, medium, high or critical; what is hidden is counted
    /// and fails the run all the same (see --fail-on)
    #[arg(
        long,
        value_name = "SEVERITY",
        value_parser = values::shown_severities(),
        hide_possible_values = true,
        conflicts_with = "write_baseline"
    )]
    pub severity: Option<Severity>,

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
    let (opened, mut reports) = judge(args, console, err)?;
    let Opened { session, sources, since, ignored, excluded, threads, known, destinations, about } = opened;
    if args.write_baseline {
        return known::write(&known, &reports, err);
    }
    let of_files = reports.len();
    known::mute(&known, &session, &mut reports)?;
    // Before anything of the past is judged, which might use what nothing uses any more.
    let unused = unused_reports(&session, args);
    if let Some((since, gone)) = since {
        since.mute(&session, &sources, &gone, &mut reports[..of_files])?;
    }
    reports.extend(unused);
    let summary = match args.severity {
        Some(least) => Summary::hiding_below(&mut reports, least),
        None => Summary::of(&reports),
    };
    let images_lacking = session.lacking_images();
    let summary = Summary { ignored, excluded, images_lacking, ..summary };
    let style = ReportStyle { quiet: args.quiet, statistics: args.statistics, ..console.style };
    let repairs = Repairs::default();
    let report = Report { about: Some(&about), style, threads, ..Report::new(&reports, &summary, &repairs) };
    report::write_all(&destinations, &report, out)?;
    if args.require_objects && summary.counts.judged == 0 {
        return Err(Error::NothingToJudge);
    }
    Ok(summary.exit_code())
}

/// Writes the new baseline at `path`, which a configuration names, of the files that this governs; gives the exit code.
///
/// # Errors
/// As [`check`], and a baseline that cannot be written.
pub(crate) fn write_new_baseline(args: &CheckArgs, path: &Path, err: &mut dyn Write) -> Result<u8, Error> {
    let (opened, reports) = judge(args, Console::default(), err)?;
    known::write_new(path, opened.known, reports, err)
}

/// Takes what is gone out of the baselines of `args`; gives the exit code.
///
/// # Errors
/// As [`check`], and a baseline that cannot be written.
pub(crate) fn prune(args: &CheckArgs, console: Console, out: &mut dyn Write, err: &mut dyn Write) -> Result<u8, Error> {
    let (opened, mut reports) = judge(args, console, err)?;
    known::prune(&opened.known, &opened.session, &mut reports, out, err)
}

/// Opens a run and judges everything that `args` name; gives both, before baselines.
fn judge(args: &CheckArgs, console: Console, err: &mut dyn Write) -> Result<(Opened, Vec<FileReport>), Error> {
    let opened = open(args, err)?;
    let Opened { session, sources, .. } = &opened;
    console::announce_stdin(sources, err)?;
    let bar = Bar::new(sources.len(), console.progress);
    let mut reports = work::judge_all(session, sources, opened.threads, &|| bar.step());
    drop(bar);
    if args.strict {
        let own = strict::own_files(args, session, &opened.known, &opened.destinations);
        let is_own = |path: &str| !own.is_empty() && fs::canonicalize(path).is_ok_and(|path| own.contains(&path));
        reports.iter_mut().for_each(|report| report.be_strict(|path| strict::belongs_to_a_tool(path) || is_own(path)));
    }
    let streams = reports.iter_mut().zip(sources).filter(|(_, source)| source.is_nameless());
    streams.for_each(|(report, _)| report.demand_object());
    reports.extend(session.judge_dockerfiles());
    Ok((opened, reports))
}

/// Reports what the configurations name in vain, if a folder was searched.
fn unused_reports(session: &Session, args: &CheckArgs) -> Vec<FileReport> {
    let paths = args.render.paths(&args.input);
    let named = || args.policy.settings_name().unwrap_or_else(|| "--settings-json".to_owned());
    let settings = args.policy.has_settings().then(named);
    unused::reports(session, &paths, settings.as_deref())
}

/// Everything that a run works with.
struct Opened {
    session: Session,
    sources: Vec<Source>,
    /// The revision to compare with, and the manifests that it has and the work tree does not.
    since: Option<(Since, Vec<Source>)>,
    /// Files and folders that git ignores.
    ignored: usize,
    /// Files and folders that are excluded.
    excluded: usize,
    threads: usize,
    known: Vec<Known>,
    /// Reports that are written, and where to.
    destinations: Vec<Destination>,
    /// The subject of the report.
    about: About,
}

/// Reads the configurations, finds the sources and loads what judges them.
fn open(args: &CheckArgs, err: &mut dyn Write) -> Result<Opened, Error> {
    let paths = args.render.paths(&args.input);
    let mut configs = args.policy.configs()?;
    let main = configs.of_all(&args.render.places(&args.input))?;
    let destinations = args.outputs.destinations(configs.get(main)).map_err(Error::of)?;
    let Found { mut sources, ignored, excluded } = args.input.search().find(&paths, &mut configs)?;
    sources.extend(args.render.render(sources.len(), &mut configs)?);
    let threads = work::threads(args.jobs, &sources);
    let today = args.today.unwrap_or_else(Date::today);
    let since = args.since.as_deref().map(|name| Since::open(name, &args.input.places())).transpose()?;
    let count = sources.len();
    if let Some(since) = &since {
        let gone = since.gone(&sources, &mut configs)?;
        sources.extend(gone);
    }
    let lock = lock::index(&args.lock, &args.policy, configs.get(main))?;
    let images = Images { lock, dockerfiles: &args.dockerfiles };
    let session = policies::session(&args.policy, configs, main, &sources, threads, today, images)?;
    let session = session.demanding_lock(args.lock.locked);
    let gone = sources.split_off(count);
    let since = since.map(|since| (since, gone));
    let known = known::all(args.baseline.as_deref(), &session)?;
    if args.write_baseline && known.is_empty() {
        return Err(Error::NoBaseline);
    }
    if args.outputs.takes_configured() {
        let others =
            session.configs().filter(|(config, file)| Some(*config) != main && !file.config.outputs.is_empty());
        for (_, file) in others {
            let path = from_here(&file.path);
            let path = path.display();
            let why = "only those of the configuration for all given paths together count";
            write_line(err, format_args!("note: {path}: `outputs` are not written: {why}"))?;
        }
    }
    let about = About::here(args.policy.project_settings(session.config(main)).as_ref());
    Ok(Opened { session, sources, since, ignored, excluded, threads, known, destinations, about })
}
