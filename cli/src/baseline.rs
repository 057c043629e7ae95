//! `harden baseline`: keeps the files of known findings in order.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use lint::dockerfile::Mapping;
use lint::suppress::Date;

use crate::args::{InputArgs, PolicyArgs};
use crate::check::{self, CheckArgs};
use crate::console::Console;
use crate::error::Error;
use crate::render::RenderArgs;

/// Commands about baselines.
#[derive(Debug, Clone, Subcommand)]
pub enum BaselineCommand {
    /// Remove known findings that are gone; those in files that are not judged stay
    Prune(Box<PruneArgs>),
}

/// Arguments of `harden baseline prune`.
#[derive(Debug, Clone, Args)]
pub struct PruneArgs {
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

    /// The baseline, instead of those of the configurations
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,

    /// The day by which suppressions expire, such as 2027-01-31; today if left out
    #[arg(long, value_name = "DATE")]
    pub today: Option<Date>,
}

/// Runs a command about baselines; gives the exit code.
///
/// 0: what is gone was removed, if anything was; 2: something could not be read or judged. Known findings in that stay.
///
/// # Errors
/// As [`check::check`], and a baseline that cannot be written.
pub fn baseline(
    command: BaselineCommand,
    console: Console,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, Error> {
    let BaselineCommand::Prune(args) = command;
    let PruneArgs { input, render, policy, dockerfiles, baseline, today } = *args;
    let args = CheckArgs { input, render, policy, dockerfiles, baseline, today, ..CheckArgs::default() };
    check::prune(&args, console, out, err)
}
