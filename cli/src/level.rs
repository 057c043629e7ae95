//! `harden level`: for each workload the strictest level that admits it, and what stands between it and the
//! next.
//!
//! A level is a property of the manifest, not of the project: exemptions, suppressions and rules of
//! `harden.yaml` do not count, just as Pod Security Admission does not know them.

mod report;
mod standing;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use hardening::standard::Version;

use crate::args::{InputArgs, TrustArgs, version};
use crate::console;
use crate::error::Error;
use crate::render::RenderArgs;
use lint::config::ConfigFile;
use lint::escape::write_line;
use lint::parallel;
use lint::search::Source;
pub(crate) use standing::LevelJudges;
pub use standing::{Missing, PodLevel, Standing};

/// Arguments of `harden level`.
#[derive(Debug, Clone, Args)]
pub struct LevelArgs {
    /// The input to judge.
    #[command(flatten)]
    pub input: InputArgs,

    /// The folders to render before judging.
    #[command(flatten)]
    pub render: RenderArgs,

    /// Fail if a workload is below this level
    #[arg(long, value_name = "LEVEL")]
    pub at_least: Option<PodLevel>,

    /// Version of the Pod Security Standards, such as v1.33; that of harden.yaml if left out, else the newest
    #[arg(long, value_name = "VERSION", value_parser = version)]
    pub kubernetes_version: Option<Version>,

    /// How to report
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub format: LevelFormat,

    /// The configuration, instead of the harden.yaml found upwards from the paths; of it count
    /// kubernetesVersion, podTemplates and exclude
    #[arg(short, long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Look for no configuration
    #[arg(long, conflicts_with = "config")]
    pub no_config: bool,

    /// How far the configuration is trusted.
    #[command(flatten)]
    pub trust: TrustArgs,
}

/// Formats of the report of `harden level`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LevelFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

/// The levels of the workloads of one file.
pub(crate) struct FileLevels {
    path: String,
    pub(crate) standings: Vec<Standing>,
    /// Errors, each with its place.
    pub(crate) problems: Vec<String>,
    /// Parts of objects, which are not judged.
    notes: Vec<String>,
}

impl FileLevels {
    fn failed(path: String, why: impl Display) -> FileLevels {
        FileLevels { problems: vec![format!("{path}: {why}")], path, standings: Vec::new(), notes: Vec::new() }
    }
}

/// Judges what `args` name, writes the report to `out`, gives the exit code.
///
/// 0: every workload reaches `--at-least`, if that is given; 1: one does not; 2: something could not be read
/// or judged.
///
/// # Errors
/// A configuration that cannot be used; a report that cannot be written.
pub fn level(args: &LevelArgs, out: &mut dyn Write, err: &mut dyn Write) -> Result<u8, Error> {
    let mut configs = args.trust.configs(args.config.as_deref(), args.no_config)?;
    let main = configs.of_all(&args.render.places(&args.input))?;
    let mut sources = args.input.search().find(&args.render.paths(&args.input), &mut configs)?.sources;
    sources.extend(args.render.render(sources.len(), &mut configs)?);
    let of_config = |config| Ok::<_, Error>((config, judges(args, configs.get(config))?));
    let governing: BTreeSet<_> = sources.iter().map(Source::config).chain([main]).collect();
    let judges: BTreeMap<_, _> = governing.into_iter().map(of_config).collect::<Result<_, _>>()?;
    console::announce_stdin(&sources, err)?;
    let mut files = Vec::with_capacity(sources.len());
    parallel::in_order(
        parallel::threads(sources.len()),
        &sources,
        |source| {
            let path = || source.name.clone();
            let judged = parallel::caught(|| match source.read() {
                Ok(text) => judges[&source.config()].judge(path(), source, &text),
                Err(why) => FileLevels::failed(path(), why),
            });
            judged.unwrap_or_else(|panic| FileLevels::failed(path(), panic))
        },
        |file| {
            files.push(file);
            Ok::<(), io::Error>(())
        },
    )?;
    for note in files.iter().flat_map(|file| &file.notes) {
        write_line(err, format_args!("note: {note}"))?;
    }
    let summary = report::LevelSummary::of(&files, args.at_least);
    match args.format {
        LevelFormat::Text => report::text(&files, &summary, args.at_least, out)?,
        LevelFormat::Json => report::json(&files, &summary, judges[&main].version, out)?,
    }
    Ok(summary.exit_code())
}

/// The judges of the files that a configuration governs.
fn judges(args: &LevelArgs, config: Option<&ConfigFile>) -> Result<LevelJudges, Error> {
    let configured = config.and_then(|file| file.config.kubernetes_version).map(|version| version.0);
    let version = args.kubernetes_version.or(configured).unwrap_or(Version::LATEST);
    let pointers = config.map(|file| file.config.pod_templates.as_slice()).unwrap_or_default();
    LevelJudges::new(version, pointers)
}
