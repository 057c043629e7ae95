//! Runs the suites `policies/*/e2e.bats`: with `harden` in the place of kwctl, which its `run` stands in for, and on kwctl
//! itself where that is installed.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use crate::support::project;

/// The suites of every policy.
fn suites() -> Vec<OsString> {
    let root = project("");
    let current = dist::fingerprint(&root).unwrap();
    let mut suites = Vec::new();
    for entry in fs::read_dir(root.join("policies")).unwrap() {
        let folder = entry.unwrap().path();
        let suite = folder.join("e2e.bats");
        if suite.is_file() {
            let id = folder.file_name().unwrap().to_string_lossy().into_owned();
            let module = dist::current_module(&root, &id, &current);
            assert!(module.is_some(), "dist/{id}.wasm is missing or older than the sources: run `make policies`");
            suites.push(suite.into_os_string());
        }
    }
    assert!(suites.len() > 15, "{suites:?}");
    suites
}

/// Runs every suite with this `PATH`, unless one of `programs` is missing there.
fn run(path: &OsStr, programs: &[&str]) {
    for program in programs {
        if !env::split_paths(path).any(|folder| folder.join(program).is_file()) {
            eprintln!("skipped: {program} not installed");
            return;
        }
    }
    let output = Command::new("bats").args(suites()).env("PATH", path).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
}

#[test]
fn suites_pass_on_harden() {
    let folder = tempfile::tempdir().unwrap();
    symlink(env!("CARGO_BIN_EXE_harden"), folder.path().join("kwctl")).unwrap();
    let path = env::var_os("PATH").unwrap();
    let paths = [folder.path().to_owned()].into_iter().chain(env::split_paths(&path));
    run(&env::join_paths(paths).unwrap(), &["bats"]);
}

#[test]
fn suites_pass_on_kwctl() {
    run(&env::var_os("PATH").unwrap(), &["bats", "kwctl"]);
}
