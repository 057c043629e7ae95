//! The suites `policies/*/e2e.bats`: with a stand-in for kwctl where bats is installed, and on kwctl where that is
//! installed, too. Those that cannot run count as ignored.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::LazyLock;
use std::{env, fs};

use e2e_tests::policies::{ids, modules, root};
use libtest_mimic::{Arguments, Trial};

/// Where `kwctl` comes from.
#[derive(Clone, Copy, PartialEq)]
enum Kwctl {
    StandIn,
    Installed,
}

fn main() -> ExitCode {
    let mut trials = Vec::new();
    for (kwctl, on) in [(Kwctl::StandIn, "stand-in"), (Kwctl::Installed, "kwctl")] {
        let missing = ["bats", "kwctl"].into_iter().find(|program| {
            let is_needed = *program == "bats" || kwctl == Kwctl::Installed;
            is_needed && !is_installed(program)
        });
        if let Some(missing) = missing {
            println!("skipped: {missing} not installed");
        }
        let trial = |id| Trial::test(format!("{id} on {on}"), move || run(kwctl, id).map_err(Into::into));
        trials.extend(ids().into_iter().map(|id| trial(id).with_ignored_flag(missing.is_some())));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn is_installed(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Runs one suite.
///
/// # Errors
/// A policy that is not built, or the output of a suite that failed.
fn run(kwctl: Kwctl, id: &str) -> Result<(), String> {
    modules(&[id])?;
    let mut bats = Command::new("bats");
    if kwctl == Kwctl::StandIn {
        static STAND_IN: LazyLock<Result<PathBuf, String>> = LazyLock::new(stand_in_folder);
        let path = env::var_os("PATH").unwrap_or_default();
        let paths = [STAND_IN.clone()?].into_iter().chain(env::split_paths(&path));
        bats.env("PATH", env::join_paths(paths).map_err(|error| error.to_string())?);
    }
    let suite = root().join(format!("policies/{id}/e2e.bats"));
    let output = bats.arg(suite).output().map_err(|error| error.to_string())?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(()) } else { Err(text(&output.stdout) + &text(&output.stderr)) }
}

/// A folder with a `kwctl` that calls the stand-in.
fn stand_in_folder() -> Result<PathBuf, String> {
    use std::os::unix::fs::PermissionsExt;

    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("stand-in");
    let program = folder.join("kwctl");
    let script = format!("#!/bin/sh\nexec '{}' \"$@\"\n", env!("CARGO_BIN_EXE_kwctl-stand-in"));
    let write = || {
        fs::create_dir_all(&folder)?;
        fs::write(&program, script)?;
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755))
    };
    write().map_err(|error: std::io::Error| format!("cannot write {}: {error}", program.display()))?;
    Ok(folder)
}
