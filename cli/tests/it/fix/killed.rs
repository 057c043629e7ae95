//! Signals in the middle of a fix: SIGKILL, which cannot be caught, and those that a terminal sends.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::{DEPLOYMENT, FEW, fix};
use crate::support::*;

/// Enough that a kill finds some of them changed and others not yet.
const FILES: usize = 240;

fn name(index: usize) -> String {
    format!("{index:03}.yaml")
}

fn old(index: usize) -> String {
    format!("{DEPLOYMENT}# file {index}\n")
}

fn unfixed() -> tempfile::TempDir {
    let files: Vec<(String, String)> = (0..FILES).map(|index| (name(index), old(index))).collect();
    folder(&files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect::<Vec<_>>())
}

fn texts(folder: &Path) -> Vec<String> {
    (0..FILES).map(|index| fs::read_to_string(folder.join(name(index))).unwrap()).collect()
}

/// Fixes the folder and sends that a signal as soon as the file at `moment` has changed; gives how it ended.
fn end_at(folder: &Path, moment: usize, signal: Signal) -> ExitStatus {
    let args = ["fix", "--settings-json", FEW, "."];
    let mut command = harden_command();
    command.current_dir(folder).args(args).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let path = folder.join(name(moment));
    let length = old(moment).len() as u64;
    let start = Instant::now();
    while fs::metadata(&path).unwrap().len() == length && child.try_wait().unwrap().is_none() {
        assert!(start.elapsed() < Duration::from_secs(60), "{} does not change", path.display());
    }
    if child.try_wait().unwrap().is_none() {
        kill_process(Pid::from_child(&child), signal).unwrap();
    }
    child.wait().unwrap()
}

#[test]
fn f18_an_interrupted_fix_leaves_nothing_half_done() {
    for signal in [Signal::INT, Signal::TERM] {
        let mut caught = 0;
        for moment in (0..FILES).step_by(FILES / 12) {
            let folder = unfixed();
            let status = end_at(folder.path(), moment, signal);
            if status.signal() == Some(signal.as_raw()) {
                caught += 1;
            }
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), FILES, "a temporary file is left");
            let now = texts(folder.path());
            assert!((0..FILES).all(|index| now[index] == old(index) || now[index].contains("privileged: false")));
        }
        assert!(caught > 0, "no {signal:?} came in the middle");
    }
}

#[test]
fn every_file_is_old_or_new_and_the_next_fix_goes_on() {
    let fixed = unfixed();
    fix(fixed.path(), &["."]);
    let new = texts(fixed.path());
    for moment in [0, FILES / 4, FILES / 2, FILES * 3 / 4] {
        // Whoever is slow to be woken up may come too late.
        let killed = (0..10).find_map(|_| {
            let folder = unfixed();
            end_at(folder.path(), moment, Signal::KILL);
            let now = texts(folder.path());
            let changed = (0..FILES).filter(|index| now[*index] != old(*index)).count();
            (0 < changed && changed < FILES).then_some((folder, now))
        });
        let (folder, now) = killed.expect("no kill came in the middle");
        for (index, now) in now.iter().enumerate() {
            assert!(*now == old(index) || *now == new[index], "{} is neither old nor new:\n{now}", name(index));
        }
        // What had no time to become a file is hidden, and gone with the next fix.
        for entry in fs::read_dir(folder.path()).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(name.ends_with(".yaml") || name.starts_with(".harden-fix-"), "{name}");
        }
        fix(folder.path(), &["."]);
        assert_eq!(texts(folder.path()), new);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), FILES, "a temporary file is left");
    }
}

#[test]
fn what_a_killed_fix_left_goes_with_the_next() {
    let folder =
        folder(&[("web.yaml", DEPLOYMENT), (".harden-fix-k1LLed00.tmp", "apiVersion: v"), ("below/a.yaml", "")]);
    let left = folder.path().join(".harden-fix-k1LLed00.tmp");
    assert_eq!(harden(folder.path(), &["check", "below"]).code, 0);
    assert!(left.exists(), "a check removes nothing");
    fix(folder.path(), &["below"]);
    assert!(left.exists(), "outside the paths nothing is touched");
    fix(folder.path(), &["web.yaml"]);
    assert!(!left.exists());
}

/// The process that strace runs; `None` as long as there is none.
fn traced(strace: &Child) -> Option<Pid> {
    let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", strace.id())).ok()?;
    Pid::from_raw(children.split(' ').next()?.parse().ok()?)
}

#[test]
fn f18_an_interrupt_removes_the_file_that_is_being_written() {
    // Holds the program where the new text is in a file of its own and not yet in the old one's place.
    const HELD: [&str; 6] =
        ["-f", "-qq", "-o", "/dev/null", "-e", "inject=?rename,?renameat,renameat2:delay_enter=20s"];
    let Ok(probe) = Command::new("strace").args(HELD).arg("true").output() else {
        return eprintln!("skipped: strace not installed");
    };
    if !probe.status.success() {
        return eprintln!("skipped: strace {}", String::from_utf8_lossy(&probe.stderr).trim());
    }
    for signal in [Signal::INT, Signal::TERM] {
        let folder = folder(&[("web.yaml", DEPLOYMENT)]);
        let names = || {
            let entries = fs::read_dir(folder.path()).unwrap();
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>()
        };
        let mut strace = Command::new("strace");
        strace.args(HELD).arg(env!("CARGO_BIN_EXE_harden")).args(["fix", "--settings-json", FEW, "web.yaml"]);
        let mut strace = strace.current_dir(folder.path()).stdout(Stdio::null()).spawn().unwrap();
        let start = Instant::now();
        while !names().iter().any(|name| name.starts_with(".harden-fix-")) {
            assert!(start.elapsed() < Duration::from_secs(15), "no new text in a file of its own: {:?}", names());
        }
        kill_process(traced(&strace).unwrap(), signal).unwrap();
        strace.wait().unwrap();
        assert_eq!(names(), ["web.yaml"], "{signal:?}");
        assert_eq!(fs::read_to_string(folder.path().join("web.yaml")).unwrap(), DEPLOYMENT, "{signal:?}");
    }
}
