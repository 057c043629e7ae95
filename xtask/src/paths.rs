//! Keeps this machine's folders out of the policies: panics carry the paths of source files.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::cargo::{cargo, field, output, rustc};

/// Compiler flags that give every folder of sources the same name on every machine.
///
/// # Errors
/// A cargo or rustc that cannot be run.
pub(crate) fn remap(root: &Path, env: &[(&str, PathBuf)]) -> Result<Vec<String>> {
    let env = || env.iter().map(|(key, value)| (key, value));
    let mut folders: Vec<(PathBuf, String)> = Vec::new();
    for (name, folder, to) in [("CARGO_HOME", ".cargo", "/cargo"), ("RUSTUP_HOME", ".rustup", "/rustup")] {
        let given = env().find(|(key, _)| **key == name).map(|(_, value)| value.clone());
        let given = given.or_else(|| std::env::var_os(name).map(PathBuf::from));
        let home = given.or_else(|| std::env::home_dir().map(|home| home.join(folder)));
        folders.extend(home.map(|home| (home, to.to_owned())));
    }
    // Where a registry's crates lie depends on the registry's address, and on whether they are vendored.
    let text = output(cargo(root).envs(env()).args(["metadata", "--format-version", "1", "--locked"]))?;
    let metadata: Value = serde_json::from_str(&text).context("cannot read cargo metadata")?;
    for package in metadata["packages"].as_array().into_iter().flatten().filter(|package| package["source"].is_string())
    {
        let text = |key: &str| package[key].as_str().unwrap_or_default();
        if let Some(folder) = Path::new(text("manifest_path")).parent() {
            folders.push((folder.to_owned(), format!("/cargo/{}-{}", text("name"), text("version"))));
        }
    }
    // With the component rust-src, the standard library's paths are this machine's, too.
    let sysroot = output(rustc(root).envs(env()).args(["--print", "sysroot"]))?;
    let version = output(rustc(root).envs(env()).arg("-vV"))?;
    let commit = field(&version, "commit-hash").unwrap_or("unknown");
    folders.push((Path::new(sysroot.trim()).join("lib/rustlib/src/rust"), format!("/rustc/{commit}")));
    // The last that fits counts.
    folders.push((root.to_path_buf(), "/hardening".to_owned()));
    Ok(folders.iter().map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display())).collect())
}
