//! Runs cargo and rustc, and reads what they say.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

/// Cargo, in the folder `root`.
pub(crate) fn cargo(root: &Path) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root);
    cargo
}

/// The compiler that cargo uses in the folder `root`.
pub(crate) fn rustc(root: &Path) -> Command {
    let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.current_dir(root);
    rustc
}

/// Writes the workspace's new members to Cargo.lock, which every other command takes as it is (`--locked`).
///
/// # Errors
/// Cargo cannot read the workspace.
pub(crate) fn lock(root: &Path) -> Result<()> {
    output(cargo(root).args(["update", "--workspace", "--offline", "--quiet"])).map(drop)
}

/// Returns the output of a command.
///
/// # Errors
/// A command that cannot be run or fails; with what it said.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("cannot run {name}"))?;
    if !output.status.success() {
        bail!("{name} failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    String::from_utf8(output.stdout).with_context(|| format!("{name} printed no text"))
}

/// The value after `key: ` in what `rustc -vV` prints.
pub(crate) fn field<'a>(version: &'a str, key: &str) -> Option<&'a str> {
    version.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": "))
}
