//! `kill -9` in the middle of a fix.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

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

/// Fixes the folder and kills that as soon as the file at `moment` has changed.
fn kill_at(folder: &Path, moment: usize) {
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
    // A signal that cannot be caught: SIGKILL.
    child.kill().unwrap();
    child.wait().unwrap();
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
            kill_at(folder.path(), moment);
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
