//! `harden init`: writes a configuration that fits what is there, and on demand the hook and the CI job.
//!
//! Nothing that is there is written over.

mod config;
mod found;
mod jobs;

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use lint::config::NAMES;
use lint::escape::write_line;
use thiserror::Error;

use crate::args::InputArgs;
use crate::check::{self, CheckArgs};
use crate::error::Error;
use found::Found;

/// Arguments of `harden init`.
#[derive(Debug, Clone, Args)]
pub struct InitArgs {
    /// The folder; the current one if left out
    #[arg(value_name = "DIR", default_value = ".", hide_default_value = true)]
    pub folder: PathBuf,

    /// Demand the profile hardening, and accept what is found now in a baseline: only new findings fail
    #[arg(long)]
    pub baseline: bool,

    /// Also write .pre-commit-config.yaml; if it is there, print what to add to it
    #[arg(long)]
    pub hook: bool,

    /// Also write the job of a CI system; if its file is there, print what to add to it
    #[arg(long, value_enum, value_name = "SYSTEM")]
    pub ci: Option<Ci>,

    /// Print what would be written, and write nothing
    #[arg(long)]
    pub print: bool,
}

/// A CI system that `init` writes a job for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Ci {
    /// GitHub Actions: .github/workflows/harden.yaml
    Github,
    /// GitLab: .gitlab-ci.yml
    Gitlab,
}

impl Ci {
    /// The file of the job, from the root of the repository.
    fn path(self) -> &'static str {
        match self {
            Ci::Github => ".github/workflows/harden.yaml",
            Ci::Gitlab => ".gitlab-ci.yml",
        }
    }
}

/// Why there is nothing to write, or why it was not written.
#[derive(Debug, Error)]
enum NotWritten {
    #[error("{} is there and is not written over; `harden config` shows what is in force", .0.display())]
    Exists(PathBuf),
    #[error("{} is not a folder", .0.display())]
    NoFolder(PathBuf),
    #[error(
        "every workload in {folder} is governed by a nearer configuration, such as {nearer}: write `baseline: {BASELINE}` \
         there and run `harden check --write-baseline`, or leave out --baseline",
        folder = .folder.display(), nearer = .nearer.display()
    )]
    Nearer { folder: PathBuf, nearer: PathBuf },
    #[error("{} holds no workload whose findings a baseline could accept: leave out --baseline", .0.display())]
    NoWorkload(PathBuf),
    #[error("{path} cannot be written: {1}", path = .0.display())]
    Io(PathBuf, io::Error),
}

/// A file that `init` writes.
struct Draft {
    /// From the folder.
    path: &'static str,
    text: String,
    /// The part to add to the file if it is there.
    part: Option<String>,
}

/// The name of the configuration that is written.
const CONFIG: &str = NAMES[0];
/// The name of the baseline that is written.
const BASELINE: &str = "harden-baseline.json";
/// The name of pre-commit's configuration.
const HOOKS: &str = ".pre-commit-config.yaml";

/// Writes what `args` ask for, gives the exit code.
///
/// # Errors
/// A folder that is not there, files that are there already, and what cannot be written.
pub fn init(args: &InitArgs, out: &mut dyn Write, err: &mut dyn Write) -> Result<u8, Error> {
    let folder = &args.folder;
    if !folder.is_dir() {
        return Err(Error::of(NotWritten::NoFolder(folder.clone())));
    }
    let there = NAMES.iter().map(|name| inside(folder, name)).find(|path| is_there(path));
    let more = args.hook || args.ci.is_some();
    if let Some(path) = there.as_ref().filter(|_| !more || args.baseline) {
        return Err(Error::of(NotWritten::Exists(path.clone())));
    }
    if args.baseline && is_there(&inside(folder, BASELINE)) {
        return Err(Error::of(NotWritten::Exists(inside(folder, BASELINE))));
    }
    let mut drafts = Vec::new();
    if there.is_none() {
        let found = Found::in_folder(folder)?;
        if args.baseline && found.lowest().is_none() {
            let folder = folder.clone();
            return Err(Error::of(match found.nearer {
                Some(nearer) => NotWritten::Nearer { folder, nearer },
                None => NotWritten::NoWorkload(folder),
            }));
        }
        drafts.push(Draft { path: CONFIG, text: config::text(&found, args.baseline), part: None });
    }
    if args.hook {
        drafts.push(Draft { path: HOOKS, text: jobs::hooks(), part: Some(jobs::HOOK.to_owned()) });
    }
    if let Some(ci) = args.ci {
        drafts.push(jobs::job(ci));
    }
    for draft in &drafts {
        deliver(draft, args, out)?;
    }
    if there.is_some() {
        return Ok(0);
    }
    if args.baseline && !args.print {
        write_baseline(folder, err)?;
    }
    for hint in hints(args) {
        write_line(err, hint)?;
    }
    Ok(0)
}

/// A file in the folder, without the `./` of the current one.
fn inside(folder: &Path, name: &str) -> PathBuf {
    if folder == Path::new(".") { PathBuf::from(name) } else { folder.join(name) }
}

fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Writes or prints a file; of one that is there, what to add to it.
fn deliver(draft: &Draft, args: &InitArgs, out: &mut dyn Write) -> Result<(), Error> {
    let path = inside(&args.folder, draft.path);
    if is_there(&path) {
        let part = draft.part.as_ref().ok_or_else(|| Error::of(NotWritten::Exists(path.clone())))?;
        write_line(out, format_args!("# {} is there; add to it:", path.display()))?;
        return Ok(out.write_all(part.as_bytes())?);
    }
    if args.print {
        write_line(out, format_args!("# {}", path.display()))?;
        return Ok(out.write_all(draft.text.as_bytes())?);
    }
    let write = || {
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        OpenOptions::new().write(true).create_new(true).open(&path)?.write_all(draft.text.as_bytes())
    };
    write().map_err(|error| Error::of(NotWritten::Io(path.clone(), error)))?;
    Ok(write_line(out, format_args!("wrote {}", path.display()))?)
}

/// Writes the baseline that the new configuration names, of the files that this governs.
fn write_baseline(folder: &Path, err: &mut dyn Write) -> Result<(), Error> {
    let input = InputArgs { paths: vec![folder.to_owned()], ..InputArgs::default() };
    let args = CheckArgs { input, ..CheckArgs::default() };
    check::write_new_baseline(&args, &inside(folder, BASELINE), err).map(drop)
}

/// Lists what else `init` could write, by what is there.
fn hints(args: &InitArgs) -> Vec<String> {
    let has = |path: &str| is_there(&args.folder.join(path));
    let mut hints = Vec::new();
    let mut hint = |is_wanted: bool, option: &str, what: &str| {
        if is_wanted {
            hints.push(format!("hint: `harden init {option}` {what}"));
        }
    };
    hint(!args.hook && has(HOOKS), "--hook", "prints the hook for pre-commit");
    hint(args.ci.is_none() && has(".github"), "--ci github", "writes the job for GitHub Actions");
    hint(args.ci.is_none() && has(".gitlab-ci.yml"), "--ci gitlab", "prints the job for GitLab");
    hints
}
