//! `harden push` and `harden pull`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::source::RegistryArgs;
use lint::escape::write_line;
use registry::{PolicyReference, Pulled, layout, manifest, pull, push};
use sandbox::PolicyMetadata;
use thiserror::Error;

/// A policy that was neither pushed nor pulled.
#[derive(Debug, Error)]
enum Error {
    #[error(transparent)]
    Registry(#[from] registry::Error),
    #[error("cannot read policy `{path}`: {1}", path = .0.display())]
    Read(PathBuf, io::Error),
    /// A file or reference that holds something else than a module.
    #[error("{0} {1}")]
    NoModule(String, String),
    #[error(
        "policy `{}` has no Kubewarden metadata, so policy-server would refuse it: `kwctl annotate` adds it, --force pushes all the same",
        .0.display()
    )]
    NoMetadata(PathBuf),
    #[error("there is another `{}` here; `-o FILE` says where to write", .0.display())]
    OtherFile(PathBuf),
    #[error("cannot write `{path}`: {1}", path = .0.display())]
    Write(PathBuf, io::Error),
}

/// Arguments of `harden push`.
#[derive(Debug, Clone, Args)]
pub struct PushArgs {
    /// The policy, with its Kubewarden metadata
    #[arg(value_name = "POLICY.wasm")]
    pub policy: PathBuf,

    /// Target: registry://HOST/REPO:TAG, or oci:FOLDER:TAG for an OCI image layout on disk
    #[arg(value_name = "REFERENCE")]
    pub reference: String,

    /// Push even a module without Kubewarden metadata; policy-server refuses it
    #[arg(long)]
    pub force: bool,

    /// How to talk to the registry.
    #[command(flatten)]
    pub registry: RegistryArgs,
}

/// Arguments of `harden pull`.
#[derive(Debug, Clone, Args)]
pub struct PullArgs {
    /// Policy: registry://HOST/REPO:TAG or registry://HOST/REPO@sha256:DIGEST
    #[arg(value_name = "REFERENCE")]
    pub reference: String,

    /// File to write, `-` for standard output; by default the last part of REPO with `.wasm`
    #[arg(short, long, value_name = "FILE")]
    pub output_path: Option<PathBuf>,

    /// How to talk to the registry.
    #[command(flatten)]
    pub registry: RegistryArgs,
}

/// Pushes a file; prints the reference with its digest to `out`.
///
/// # Errors
/// A policy that cannot be read or pushed; an output that cannot be written.
pub fn push_file(args: &PushArgs, out: &mut dyn Write, err: &mut dyn Write) -> Result<u8, crate::Error> {
    let Pushed { pinned, left_out, has_metadata } = deliver(args).map_err(crate::Error::of)?;
    if !has_metadata {
        write_line(err, "warning: the policy has no Kubewarden metadata: policy-server refuses it")?;
    }
    for key in left_out {
        write_line(err, format_args!("warning: the manifest cannot hold annotation `{key}`, it has several lines"))?;
    }
    writeln!(out, "{pinned}")?;
    Ok(0)
}

/// A policy that was pushed, or written to a layout.
struct Pushed {
    /// The reference with its digest.
    pinned: String,
    /// The annotations that could not be written.
    left_out: Vec<String>,
    has_metadata: bool,
}

fn deliver(args: &PushArgs) -> Result<Pushed, Error> {
    if let Some(place) = args.reference.strip_prefix(layout::SCHEME) {
        let (wasm, metadata) = read(args)?;
        let (annotations, left_out) = metadata.as_ref().map(manifest::annotations).unwrap_or_default();
        let pinned = layout::write(&wasm, annotations, place)?;
        return Ok(Pushed { pinned, left_out, has_metadata: metadata.is_some() });
    }
    let reference = PolicyReference::parse(&args.reference)?;
    let (wasm, metadata) = read(args)?;
    let (pinned, left_out) = push(wasm, metadata.as_ref(), &reference, &args.registry.transport())?;
    Ok(Pushed { pinned: pinned.to_string(), left_out, has_metadata: metadata.is_some() })
}

fn read(args: &PushArgs) -> Result<(Vec<u8>, Option<PolicyMetadata>), Error> {
    let path = &args.policy;
    let wasm = bounded::read(path).map_err(|error| Error::Read(path.clone(), error))?;
    let metadata = metadata(&wasm, || format!("policy `{}`", path.display()))?;
    if metadata.is_none() && !args.force {
        return Err(Error::NoMetadata(path.clone()));
    }
    Ok((wasm, metadata))
}

fn metadata(wasm: &[u8], what: impl Fn() -> String) -> Result<Option<PolicyMetadata>, Error> {
    PolicyMetadata::from_wasm(wasm).map_err(|error| Error::NoModule(what(), error.to_string()))
}

/// Pulls to a file; prints the reference with its digest to `out`, or to `err` if the module goes there.
///
/// # Errors
/// A policy that cannot be pulled or written; an output that cannot be written.
pub fn pull_to_file(args: &PullArgs, out: &mut dyn Write, err: &mut dyn Write) -> Result<u8, crate::Error> {
    let reference = PolicyReference::parse(&args.reference).map_err(crate::Error::of)?;
    let pulled = pull(&reference, &args.registry.transport()).map_err(crate::Error::of)?;
    if let Some(why) = &pulled.not_kept {
        write_line(err, format_args!("warning: {why}"))?;
    }
    if metadata(&pulled.wasm, || format!("`{}`", pulled.reference)).map_err(crate::Error::of)?.is_none() {
        write_line(err, "warning: the policy has no Kubewarden metadata: policy-server refuses it")?;
    }
    let (size, module) = (pulled.wasm.len(), &pulled.module);
    if args.output_path.as_deref() == Some(Path::new("-")) {
        out.write_all(&pulled.wasm)?;
        write_line(err, &pulled.reference)?;
        return Ok(0);
    }
    let path = write(args, &pulled).map_err(crate::Error::of)?;
    write_line(err, format_args!("wrote {}: {size} bytes, {module}", path.display()))?;
    writeln!(out, "{}", pulled.reference)?;
    Ok(0)
}

fn write(args: &PullArgs, pulled: &Pulled) -> Result<PathBuf, Error> {
    let name = pulled.reference.repository().rsplit('/').next().unwrap_or_default();
    let path = args.output_path.clone().unwrap_or_else(|| PathBuf::from(format!("{name}.wasm")));
    // A file that was not named is not replaced by another one.
    if args.output_path.is_none() && bounded::read(&path).is_ok_and(|old| old != pulled.wasm) {
        return Err(Error::OtherFile(path));
    }
    match bounded::create(&path).and_then(|mut file| file.write_all(&pulled.wasm)) {
        Ok(()) => Ok(path),
        Err(error) => Err(Error::Write(path, error)),
    }
}
