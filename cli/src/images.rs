//! `harden images`: lists the images that manifests name, locks what they stand for, and pins them.

mod built;
mod list;
mod lock;
mod news;
mod pin;
mod refresh;
mod survey;

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use lint::config::Configs;
use lint::search::Source;

use self::list::ListArgs;
use self::lock::LockArgs;
use self::pin::PinArgs;
use crate::args::{InputArgs, TrustArgs};
use crate::console::Console;
use crate::error::Error;
use crate::lock::LockFile;
use crate::render::RenderArgs;

/// Arguments of `harden images`.
#[derive(Debug, Clone, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct ImagesArgs {
    #[command(subcommand)]
    command: Option<ImagesCommand>,

    #[command(flatten)]
    list: ListArgs,
}

impl ImagesArgs {
    /// Whether standard output gets text for people only.
    pub fn is_prose(&self) -> bool {
        match &self.command {
            None => self.list.is_prose(),
            Some(ImagesCommand::Lock(_)) => true,
            Some(ImagesCommand::Pin(args)) => !args.puts_text_out(),
        }
    }
}

#[derive(Debug, Clone, Subcommand)]
enum ImagesCommand {
    /// Ask the registries what the references stand for, and keep the answers in harden.lock
    #[command(after_help = lock::CODES)]
    Lock(Box<LockArgs>),
    /// Write the digests of harden.lock into the manifests, leave every other byte as it is
    #[command(after_help = pin::CODES)]
    Pin(PinArgs),
}

/// The texts whose images are meant, and the lock.
#[derive(Debug, Clone, Args)]
struct ProjectArgs {
    /// The texts.
    #[command(flatten)]
    input: InputArgs,

    /// The lock, instead of the harden.lock beside harden.yaml, or in the current folder where there is no harden.yaml
    #[arg(long, value_name = "FILE")]
    lock: Option<PathBuf>,

    /// The configuration, instead of the harden.yaml found upwards from the paths
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Look for no configuration
    #[arg(long, conflicts_with = "config")]
    no_config: bool,

    /// How far what is found is trusted.
    #[command(flatten)]
    trust: TrustArgs,
}

/// The texts that the arguments name, and the configuration whose lock holds for them.
struct Project {
    sources: Vec<Source>,
    configs: Configs,
    /// The number of the configuration.
    main: Option<usize>,
}

impl ProjectArgs {
    /// Finds the texts, and renders what is named beside them.
    ///
    /// # Errors
    /// A configuration that cannot be used.
    fn open(&self, paths: &[PathBuf], render: &RenderArgs) -> Result<Project, Error> {
        let mut configs = self.trust.configs(self.config.as_deref(), self.no_config)?;
        let main = configs.of_all(&render.places(&self.input))?;
        let mut sources = self.input.search().find(paths, &mut configs)?.sources;
        sources.extend(render.render(sources.len(), &mut configs)?);
        Ok(Project { sources, configs, main })
    }

    /// The lock that holds for a project.
    ///
    /// # Errors
    /// A lock that cannot be read.
    fn lock_of(&self, project: &Project) -> Result<LockFile, Error> {
        LockFile::open(self.lock.as_deref(), project.configs.get(project.main), &self.trust)
    }
}

/// Lists, locks or pins images; gives the exit code.
///
/// # Errors
/// A configuration or a lock that cannot be used; an output that cannot be written.
pub fn images(args: &ImagesArgs, console: Console, out: &mut dyn Write, err: &mut dyn Write) -> Result<u8, Error> {
    match &args.command {
        None => list::list(&args.list, out, err),
        Some(ImagesCommand::Lock(args)) => lock::lock(args, console, out, err),
        Some(ImagesCommand::Pin(args)) => pin::pin(args, out, err),
    }
}
