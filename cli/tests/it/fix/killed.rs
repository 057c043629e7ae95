//! Signals in the middle of a fix: SIGKILL, which cannot be caught, and those that a terminal sends.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
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
