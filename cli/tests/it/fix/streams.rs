//! Something named like a file that is not one: reading it must not wait for ever.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{DEPLOYMENT, FEW};
use crate::support::*;

/// Runs a command that has to end by itself.
fn ends(mut command: Command, folder: &Path) -> Run {
    command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > Duration::from_secs(30) {
            child.kill().unwrap();
            panic!("{command:?} waits for ever");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    run(child.wait_with_output().unwrap())
}

fn harden_ends(folder: &Path, args: &[&str]) -> Run {
    let mut command = harden_command();
    command.args(args);
    ends(command, folder)
}

/// `harden` in a shell that knows process substitution; `None` without one.
fn bash(folder: &Path, script: &str) -> Option<Run> {
    let mut command = Command::new("bash");
    command.args(["-c", script, env!("CARGO_BIN_EXE_harden")]);
    if Command::new("bash").args(["-c", ":"]).status().is_err() {
        eprintln!("skipped: bash is not installed");
        return None;
    }
    Some(ends(command, folder))
}

fn with_streams() -> tempfile::TempDir {
    let folder = folder(&[("all/web.yaml", DEPLOYMENT), ("web.yaml", DEPLOYMENT)]);
    let made = Command::new("mkfifo").arg(folder.path().join("all/pipe.yaml")).status().unwrap();
    assert!(made.success());
    symlink("/dev/zero", folder.path().join("all/zero.yaml")).unwrap();
    drop(UnixListener::bind(folder.path().join("all/socket.json")).unwrap());
    folder
}

const REASONS: [(&str, &str); 3] = [
    ("all/pipe.yaml", "is a named pipe, no file, and was not read"),
    ("all/socket.json", "is a socket, no file, and was not read"),
    ("all/zero.yaml", "is a device, no file, and was not read"),
];

#[test]
fn in_a_folder_they_are_reported_and_the_rest_is_done() {
    let folder = with_streams();
    let checked = harden_ends(folder.path(), &["check", "--format", "json", "all"]);
    let report: serde_json::Value = serde_json::from_str(&checked.out).unwrap();
    assert_eq!(checked.code, 2, "{}", checked.out);
    assert_eq!(report["problems"].as_array().unwrap().len(), 3, "{}", report["problems"]);
    assert!(!report["findings"].as_array().unwrap().is_empty());
    for (file, reason) in REASONS {
        let problems = report["problems"].as_array().unwrap();
        let problem = problems.iter().find(|problem| problem["file"] == file).unwrap();
        assert!(problem["message"].as_str().unwrap().starts_with(reason), "{problem}");
    }

    let fixed = harden_ends(folder.path(), &["fix", "--settings-json", FEW, "all"]);
    assert_eq!(fixed.code, 2, "{}", fixed.out);
    for (file, reason) in REASONS {
        assert!(fixed.out.contains(&format!("error: {file}: {reason}")), "{}", fixed.out);
    }
    assert!(fixed.out.contains("2 fixed in 1 of 4 files, 1 left, 3 could not be judged or written"), "{}", fixed.out);
    assert_ne!(fs::read_to_string(folder.path().join("all/web.yaml")).unwrap(), DEPLOYMENT);
}

#[test]
fn by_name_they_are_errors() {
    let folder = with_streams();
    for (file, reason) in REASONS {
        let checked = harden_ends(folder.path(), &["check", file]);
        assert_eq!(checked.code, 2, "{file}: {}", checked.out);
        assert!(checked.out.contains(reason), "{file}: {}{}", checked.out, checked.err);
        let fixed = harden_ends(folder.path(), &["fix", file]);
        assert_eq!(fixed.code, 2, "{file}: {}", fixed.out);
        assert!(fixed.out.contains(&format!("error: {file}: ")), "{file}: {}", fixed.out);
    }
}

#[test]
fn what_the_caller_opened_is_read() {
    let folder = with_streams();
    let by_name = harden(folder.path(), &["check", "--format", "concise", "web.yaml"]);
    for script in [
        r#""$0" check --format concise <(cat web.yaml)"#,
        r#"cat web.yaml | "$0" check --format concise /dev/stdin"#,
        r#""$0" check --format concise /dev/fd/7 7< web.yaml"#,
        r#""$0" check --format concise - < web.yaml"#,
        // The caller opened it, and somebody writes.
        r#"cat web.yaml > all/pipe.yaml & "$0" check --format concise - < all/pipe.yaml"#,
    ] {
        let Some(run) = bash(folder.path(), script) else { return };
        assert_eq!(run.code, 1, "{script}: {}{}", run.out, run.err);
        assert_eq!(run.out.lines().count(), by_name.out.lines().count(), "{script}: {}", run.out);
    }
}

#[test]
fn a_stream_cannot_be_fixed_in_place() {
    let folder = with_streams();
    let Some(run) = bash(folder.path(), r#""$0" fix <(cat web.yaml)"#) else { return };
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(run.out.contains("is a stream, no file that could be changed; `harden fix -`"), "{}", run.out);
}
