//! `cargo xtask corpus`: writes generated manifests to a folder.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use corpus::{Census, Shape};

use crate::Outcome;

/// The corpus to generate, and its folder.
#[derive(Args)]
pub(crate) struct CorpusArgs {
    /// Folder to write to; it must be new or empty
    folder: PathBuf,

    /// How many documents
    #[arg(long, value_name = "N", default_value = "10000", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    documents: u32,

    /// The shape of real repositories: 2,068 files, 52 MB, 5,466 documents, 786 workloads
    #[arg(long, conflicts_with = "documents")]
    repositories: bool,

    /// Another seed gives other manifests of the same shape
    #[arg(long, value_name = "N", default_value = "1")]
    seed: u64,
}

/// Writes the corpus and says what is in it.
pub(crate) fn write(args: &CorpusArgs) -> Outcome {
    let folder = &args.folder;
    let failed = || format!("cannot write {}", folder.display());
    fs::create_dir_all(folder).with_context(failed)?;
    // What is there already would count as part of the corpus.
    if fs::read_dir(folder).with_context(failed)?.next().is_some() {
        bail!("{} is not empty: name a new folder", folder.display());
    }
    let shape = if args.repositories { Shape::REPOSITORIES } else { Shape::of(args.documents as usize) };
    let files = corpus::files(&shape, args.seed);
    for file in &files {
        let path = folder.join(&file.path);
        let parent = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(parent).and_then(|()| fs::write(&path, &file.text)).with_context(failed)?;
    }
    let Census { files, bytes, documents, workloads, .. } = Census::of(&files);
    println!("{files} files, {bytes} bytes, {documents} documents, {workloads} workloads in {}", folder.display());
    Ok(())
}
