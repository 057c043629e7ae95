//! Runs the suites `policies/*/e2e.bats`: with a stand-in for kwctl where bats is installed, and on kwctl where that is installed
//! too. Has its own short harness, because a suite that cannot run counts as ignored.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, thread};

use e2e_tests::policies::{ids, modules, root};

/// Where `kwctl` comes from.
#[derive(Clone, Copy, PartialEq)]
enum Kwctl {
    StandIn,
    Installed,
}

/// What came of the suites.
#[derive(Default)]
struct Summary {
    passed: usize,
    failed: usize,
    ignored: usize,
}

fn main() -> ExitCode {
    let filters: Vec<String> = env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    let suites: Vec<(Kwctl, &str)> = [Kwctl::StandIn, Kwctl::Installed]
        .into_iter()
        .flat_map(|kwctl| ids().into_iter().map(move |id| (kwctl, id)))
        .collect();
    let wanted =
        |(kwctl, id): &&(Kwctl, &str)| filters.is_empty() || filters.iter().any(|f| name(*kwctl, id).contains(f));
    let chosen: Vec<&(Kwctl, &str)> = suites.iter().filter(wanted).collect();
    if env::args().any(|arg| arg == "--list") {
        chosen.iter().for_each(|(kwctl, id)| println!("{}: test", name(*kwctl, id)));
        return ExitCode::SUCCESS;
    }
    println!("\nrunning {} tests", chosen.len());
    let summary = match run_all(&chosen) {
        Ok(summary) => summary,
        Err(problem) => {
            println!("error: {problem}");
            Summary { failed: 1, ..Summary::default() }
        }
    };
    let word = if summary.failed == 0 { "ok" } else { "FAILED" };
    println!(
        "\ntest result: {word}. {} passed; {} failed; {} ignored; 0 measured; {} filtered out",
        summary.passed,
        summary.failed,
        summary.ignored,
        suites.len() - chosen.len(),
    );
    ExitCode::from(u8::from(summary.failed > 0))
}

fn name(kwctl: Kwctl, id: &str) -> String {
    let on = if kwctl == Kwctl::StandIn { "stand-in" } else { "kwctl" };
    format!("{id}.bats on {on}")
}

fn run_all(chosen: &[&(Kwctl, &str)]) -> Result<Summary, String> {
    modules(&ids())?;
    let stand_in = stand_in_folder()?;
    let next = AtomicUsize::new(0);
    let summary = Mutex::new(Summary::default());
    let work = || {
        while let Some((kwctl, id)) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
            let result = run(*kwctl, id, &stand_in);
            let mut summary = summary.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            match result {
                Ok(None) => summary.passed += 1,
                Ok(Some(missing)) => {
                    summary.ignored += 1;
                    println!("test {} ... ignored, skipped: {missing} not installed", name(*kwctl, id));
                }
                Err(output) => {
                    summary.failed += 1;
                    println!("---- {} ----\n{output}", name(*kwctl, id));
                }
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, Into::into) {
            scope.spawn(work);
        }
    });
    Ok(summary.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner))
}

/// Runs one suite; gives what is not installed, or the output of a suite that failed.
fn run(kwctl: Kwctl, id: &str, stand_in: &Path) -> Result<Option<&'static str>, String> {
    let path = env::var_os("PATH").unwrap_or_default();
    let installed = |program: &str| env::split_paths(&path).any(|folder| folder.join(program).is_file());
    if !installed("bats") {
        return Ok(Some("bats"));
    }
    let mut bats = Command::new("bats");
    match kwctl {
        Kwctl::Installed if !installed("kwctl") => return Ok(Some("kwctl")),
        Kwctl::Installed => {}
        Kwctl::StandIn => {
            let paths = [stand_in.to_owned()].into_iter().chain(env::split_paths(&path));
            bats.env("PATH", env::join_paths(paths).map_err(|error| error.to_string())?);
        }
    }
    let output =
        bats.arg(root().join(format!("policies/{id}/e2e.bats"))).output().map_err(|error| error.to_string())?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(None) } else { Err(text(&output.stdout) + &text(&output.stderr)) }
}

/// A folder with a `kwctl` that calls the stand-in.
fn stand_in_folder() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("stand-in");
    let program = folder.join("kwctl");
    let script = format!("#!/bin/sh\nexec '{}' \"$@\"\n", env!("CARGO_BIN_EXE_kwctl-stand-in"));
    let failed = |error| format!("cannot write {}: {error}", program.display());
    fs::create_dir_all(&folder).map_err(failed)?;
    fs::write(&program, script).map_err(failed)?;
    make_executable(&program).map_err(failed)?;
    Ok(folder)
}

fn make_executable(program: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(program, fs::Permissions::from_mode(0o755))
}
