//! Where policies come from: files and registries.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use thiserror::Error;

use lint::config::PolicySource;
use registry::SCHEME;

/// Says how to talk to the registry of a `registry://` policy.
#[derive(Debug, Clone, Default, Args)]
pub struct RegistryArgs {
    /// Talk plain HTTP to the registry instead of HTTPS
    #[arg(long, help_heading = "Registry")]
    pub insecure: bool,

    /// PEM file with certificates to trust for the registry, besides the system's
    #[arg(long, value_name = "FILE", conflicts_with = "insecure", help_heading = "Registry")]
    pub ca_file: Option<PathBuf>,
}

impl RegistryArgs {
    /// Converts to what the registry's client takes.
    pub(crate) fn transport(&self) -> registry::Transport {
        registry::Transport { insecure: self.insecure, ca_file: self.ca_file.clone() }
    }
}

/// A policy that cannot be read.
#[derive(Debug, Error)]
pub(crate) enum SourceError {
    #[error("cannot read policy `{path}`: {1}{hint}", path = .0.display(), hint = hint(.0))]
    File(PathBuf, io::Error),
    #[error(transparent)]
    Registry(#[from] registry::Error),
}

/// Reads the policy at `path`: a file, or the module behind a `registry://` reference.
///
/// # Errors
/// A file that cannot be read, a policy that cannot be pulled or does not have its digest.
pub(crate) fn read_policy(path: &Path, registry: &RegistryArgs) -> Result<Vec<u8>, SourceError> {
    match path.to_str() {
        Some(reference) if reference.starts_with(SCHEME) => pull(reference, true, registry),
        _ => bounded::read(path).map_err(|error| SourceError::File(path.to_owned(), error)),
    }
}

/// Reads a policy that a configuration or a suite names.
///
/// # Errors
/// As [`read_policy`], and a policy that would have to be fetched but must not.
pub(crate) fn read(source: &PolicySource, registry: &RegistryArgs) -> Result<Vec<u8>, SourceError> {
    let unreadable = |path: &Path, error| SourceError::File(path.to_owned(), error);
    match source {
        PolicySource::File(file) => file.read().map_err(|error| unreadable(file.path(), error)),
        PolicySource::Reference { reference, may_fetch } => {
            if !reference.starts_with(SCHEME) {
                let error = io::Error::new(io::ErrorKind::InvalidInput, "is not a file");
                return Err(unreadable(Path::new(reference), error));
            }
            pull(reference, *may_fetch, registry)
        }
    }
}

fn pull(reference: &str, may_fetch: bool, args: &RegistryArgs) -> Result<Vec<u8>, SourceError> {
    let reference = registry::PolicyReference::parse(reference)?;
    let pulled = if may_fetch { registry::pull(&reference, &args.transport()) } else { registry::cached(&reference) };
    Ok(pulled?.wasm)
}

fn hint(path: &Path) -> &'static str {
    if looks_remote(path) { "; a policy in a registry is written `registry://HOST/REPO:TAG`" } else { "" }
}

/// Whether a path without a file was meant as a reference: another scheme, or `host.name/repository:tag`.
fn looks_remote(path: &Path) -> bool {
    let text = path.to_string_lossy();
    let host_and_tag = |(host, rest): (&str, &str)| {
        (host.contains('.') || host.contains(':')) && !host.starts_with('.') && rest.contains([':', '@'])
    };
    text.contains("://") || text.split_once('/').is_some_and(host_and_tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_as_a_reference_gets_a_hint() {
        for (path, hinted) in [
            ("ghcr.io/org/privileged:v1", true),
            ("localhost:5000/privileged@sha256:0", true),
            ("https://example.com/policy.wasm", true),
            ("policy.wasm", false),
            ("./dist/policy.wasm", false),
            ("dist/v1:old.wasm", false),
        ] {
            let error = read_policy(Path::new(path), &RegistryArgs::default()).unwrap_err().to_string();
            assert_eq!(error.contains("registry://HOST"), hinted, "{error}");
            assert!(error.starts_with(&format!("cannot read policy `{path}`: ")), "{error}");
        }
    }
}
