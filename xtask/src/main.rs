//! Project tasks: `cargo xtask COMMAND`.

mod cargo;
mod checksums;
mod corpus;
mod generate;
mod metadata;
mod new_rule;
mod origin;
mod paths;
mod policies;
mod reproduce;
mod sbom;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The result of every task: nothing, or the problem and what to do.
type Outcome = anyhow::Result<()>;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Tasks of this project")]
struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build policies to dist/: wasm with its metadata, and the ahead-of-time modules that harden embeds.
    Policies {
        /// Rule ids, or `hardening` for the bundle; all if none is given.
        ids: Vec<String>,
    },
    /// Build policies a second time in another place and compare them, byte for byte, with dist/.
    Reproduce {
        /// Rule ids, or `hardening` for the bundle; a sample if none is given.
        ids: Vec<String>,
        /// All policies.
        #[arg(long, conflicts_with = "ids")]
        all: bool,
    },
    /// Write bills of materials (CycloneDX) to dist/sbom/.
    Sbom {
        /// Target that dist/harden was compiled for; this machine by default.
        #[arg(long)]
        target: Option<String>,
    },
    /// Write dist/SHA256SUMS.
    Checksums,
    /// Write everything that follows from the rules: metadata, forms, schemas, READMEs, tables.
    Generate {
        /// Write nothing; fail if a file is stale.
        #[arg(long)]
        check: bool,
    },
    /// Generate manifests as repositories hold them, for measurements.
    Corpus(corpus::CorpusArgs),
    /// Add a rule: its source file, its line in the table, its policy crate and its first e2e cases.
    NewRule {
        /// Id, in kebab case.
        id: String,
    },
}

fn main() -> ExitCode {
    let outcome = match Args::parse().task {
        Task::Policies { ids } => policies::build(&root(), &ids).and_then(|()| checksums::write(&root())),
        Task::Reproduce { ids, all } => reproduce::check(&root(), &ids, all),
        Task::Sbom { target } => sbom::write(&root(), target.as_deref()),
        Task::Checksums => checksums::write(&root()),
        Task::Generate { check } => generate::run(&root(), check),
        Task::Corpus(args) => corpus::write(&args),
        Task::NewRule { id } => new_rule::add(&root(), &id).and_then(|()| cargo::lock(&root())),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message:#}");
            ExitCode::FAILURE
        }
    }
}

/// The workspace's folder. Asked at run time: clones that share a target folder share this program.
fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    here.as_deref().and_then(Path::parent).map_or_else(|| PathBuf::from("."), PathBuf::from)
}
