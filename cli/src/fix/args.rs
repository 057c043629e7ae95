//! The arguments of `harden fix`.

use std::path::PathBuf;

use clap::Args;

use crate::args::{InputArgs, PolicyArgs};
use crate::render::RenderArgs;
use lint::dockerfile::Mapping;
use lint::suppress::Date;

/// Arguments of `harden fix`.
#[derive(Debug, Clone, Args)]
pub struct FixArgs {
    /// The input to fix.
    #[command(flatten)]
    pub input: InputArgs,

    /// The folders to render before fixing.
    #[command(flatten)]
    pub render: RenderArgs,

    /// Which policy fixes, with which settings.
    #[command(flatten)]
    pub policy: PolicyArgs,

    /// Print what would change as a unified diff and change nothing; exit 1 if there is something
    #[arg(long)]
    pub diff: bool,

    /// Ask about each change before it is made, as `git add -p` does; files only
    #[arg(short, long, conflicts_with_all = ["diff", "quiet", "kustomize", "helm"])]
    pub interactive: bool,

    /// Be a KRM function: fix the items of the ResourceList on standard input by its functionConfig, and write it with the
    /// results
    #[arg(long, conflicts_with_all = ["paths", "diff", "interactive", "kustomize", "helm"])]
    pub krm: bool,

    /// Known findings, which do not fail if they are left
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,

    /// Say nothing but what could not be read, judged or written
    #[arg(short, long)]
    pub quiet: bool,

    /// Also replace values that the author wrote, as `privileged: true`
    #[arg(long = "unsafe")]
    pub overwrite: bool,

    /// Dockerfile of an image, whose USER gives the ids that its containers lack; IMAGE is a glob on its name
    #[arg(long = "dockerfile", value_name = "IMAGE=PATH")]
    pub dockerfiles: Vec<Mapping>,

    /// The lock, whose images' users give the ids that their containers lack, instead of the harden.lock beside
    /// harden.yaml, or in the current folder where there is no harden.yaml
    #[arg(long, value_name = "FILE")]
    pub lock: Option<PathBuf>,

    /// The day by which suppressions expire, such as 2027-01-31; today if left out
    #[arg(long, value_name = "DATE")]
    pub today: Option<Date>,
}

impl FixArgs {
    /// Whether standard output gets a diff or fixed text, and the report goes to standard error.
    pub fn puts_text_out(&self) -> bool {
        self.diff || self.krm || !self.render.is_empty() || self.input.names_stdin()
    }
}
