//! `harden push` and `harden pull`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::source::RegistryArgs;
use lint::escape::{write_error, write_line};
use registry::{PolicyReference, Pulled, layout, manifest, pull, push};
use sandbox::PolicyMetadata;

/// Arguments of `harden push`.
#[derive(Debug, Clone, Args)]
pub struct PushArgs {
    /// The policy, with its Kubewarden metadata
    #[arg(value_name = "POLICY.wasm")]
    pub policy: PathBuf,

    /// Where to: registry://HOST/REPO:TAG, or oci:FOLDER:TAG for an OCI image layout on disk
    #[arg(value_name = "REFERENCE")]
    pub reference: String,

    /// Push a module without Kubewarden metadata, too; policy-server refuses it
    #[arg(long)]
    pub force: bool,

    /// How to talk to the registry.
    #[command(flatten)]
    pub registry: RegistryArgs,
}

/// Arguments of `harden pull`.
#[derive(Debug, Clone, Args)]
pub struct PullArgs {
    /// What: registry://HOST/REPO:TAG or registry://HOST/REPO@sha256:DIGEST
    #[arg(value_name = "REFERENCE")]
    pub reference: String,

    /// File to write, `-` for standard output; by default the last part of REPO with `.wasm`
    #[arg(short, long, value_name = "FILE")]
    pub output_path: Option<PathBuf>,

    /// How to talk to the registry.
    #[command(flatten)]
    pub registry: RegistryArgs,
}

/// Pushes a file; prints the reference with its digest to `out`. Exit code 0, or 2 if it could not be pushed.
///
/// # Errors
/// An output that cannot be written.
pub fn push_file(args: &PushArgs, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<u8> {
    match deliver(args) {
        Ok(Pushed { pinned, left_out, has_metadata }) => {
            if !has_metadata {
                write_line(err, "warning: the policy has no Kubewarden metadata: policy-server refuses it")?;
            }
            for key in left_out {
                write_line(
                    err,
                    format_args!("warning: the manifest cannot hold annotation `{key}`, it has several lines"),
                )?;
            }
            writeln!(out, "{pinned}")?;
            Ok(0)
        }
        Err(message) => failed(err, &message),
    }
}

/// What was pushed, or written to a layout.
struct Pushed {
    /// The reference with its digest.
    pinned: String,
    /// The annotations that could not be written.
    left_out: Vec<String>,
    has_metadata: bool,
}

fn deliver(args: &PushArgs) -> Result<Pushed, String> {
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

fn failed(err: &mut dyn Write, message: &str) -> io::Result<u8> {
    write_error(err, message)?;
    Ok(2)
}

fn read(args: &PushArgs) -> Result<(Vec<u8>, Option<PolicyMetadata>), String> {
    let name = args.policy.display();
    let wasm = bounded::read(&args.policy).map_err(|error| format!("cannot read policy `{name}`: {error}"))?;
    let metadata = PolicyMetadata::from_wasm(&wasm).map_err(|error| format!("policy `{name}` {error}"))?;
    if metadata.is_none() && !args.force {
        return Err(format!(
            "policy `{name}` has no Kubewarden metadata, so policy-server would refuse it: \
             `kwctl annotate` adds it, --force pushes all the same"
        ));
    }
    Ok((wasm, metadata))
}

/// Pulls to a file; prints the reference with its digest to `out`, or to `err` if the module goes there. Exit
/// code 0, or 2 if it could not be pulled or written.
///
/// # Errors
/// An output that cannot be written.
pub fn pull_to_file(args: &PullArgs, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<u8> {
    let pulled =
        PolicyReference::parse(&args.reference).and_then(|reference| pull(&reference, &args.registry.transport()));
    let pulled = match pulled {
        Ok(pulled) => pulled,
        Err(message) => return failed(err, &message),
    };
    if let Some(why) = &pulled.not_kept {
        write_line(err, format_args!("warning: {why}"))?;
    }
    match PolicyMetadata::from_wasm(&pulled.wasm) {
        Ok(Some(_)) => {}
        Ok(None) => write_line(err, "warning: the policy has no Kubewarden metadata: policy-server refuses it")?,
        Err(error) => return failed(err, &format!("`{}` {error}", pulled.reference)),
    }
    let (size, module) = (pulled.wasm.len(), &pulled.module);
    if args.output_path.as_deref() == Some(Path::new("-")) {
        out.write_all(&pulled.wasm)?;
        write_line(err, &pulled.reference)?;
        return Ok(0);
    }
    match write(args, &pulled) {
        Ok(path) => {
            write_line(err, format_args!("wrote {}: {size} bytes, {module}", path.display()))?;
            writeln!(out, "{}", pulled.reference)?;
            Ok(0)
        }
        Err(message) => failed(err, &message),
    }
}

fn write(args: &PullArgs, pulled: &Pulled) -> Result<PathBuf, String> {
    let name = pulled.reference.repository().rsplit('/').next().unwrap_or_default();
    let path = args.output_path.clone().unwrap_or_else(|| PathBuf::from(format!("{name}.wasm")));
    let shown = path.display();
    // A file that was not named is not replaced by another one.
    if args.output_path.is_none() && bounded::read(&path).is_ok_and(|old| old != pulled.wasm) {
        return Err(format!("there is another `{shown}` here; `-o FILE` says where to write"));
    }
    bounded::create(&path)
        .and_then(|mut file| file.write_all(&pulled.wasm))
        .map_err(|error| format!("cannot write `{shown}`: {error}"))?;
    Ok(path)
}
