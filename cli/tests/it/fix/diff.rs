//! `harden fix --diff`.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{DEPLOYMENT, fix};
use crate::support::*;

/// Everything about the files of a folder that a change of any of them would change.
fn state(folder: &Path) -> Vec<(String, u64, i64, i64, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let of = |path: &std::path::PathBuf| {
        let metadata = fs::metadata(path).unwrap();
        (path.display().to_string(), metadata.ino(), metadata.mtime(), metadata.mtime_nsec(), fs::read(path).unwrap())
    };
    files.iter().map(of).collect()
}

/// Files in several styles: line breaks, no line break at the end, JSON, a blank in the name.
fn styles() -> [(&'static str, String); 5] {
    let pod = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"a","image":"a:1"}]}}"#;
    [
        ("web.yaml", DEPLOYMENT.to_owned()),
        ("crlf.yaml", DEPLOYMENT.replace('\n', "\r\n")),
        ("no end.yaml", DEPLOYMENT.trim_end().to_owned()),
        ("pod.json", pod.to_owned()),
        ("two.yaml", [DEPLOYMENT, DEPLOYMENT].join("---\n")),
    ]
}

fn copy(styles: &[(&str, String)]) -> tempfile::TempDir {
    folder(&styles.iter().map(|(name, text)| (*name, text.as_str())).collect::<Vec<_>>())
}

#[test]
fn a_diff_changes_nothing() {
    let folder = copy(&styles());
    // As old as files are: a write would show.
    for (name, _) in styles() {
        let file = fs::File::options().write(true).open(folder.path().join(name)).unwrap();
        file.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000)).unwrap();
    }
    fs::write(folder.path().join(".harden-fix-aaaaaaaa.tmp"), "of an interrupted fix").unwrap();
    let before = state(folder.path());
    let run = fix(folder.path(), &["--diff", "."]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert_eq!(state(folder.path()), before);
    for part in ["--- a/web.yaml\n", "+++ b/web.yaml\n", "-                securityContext: {}\n"] {
        assert!(run.out.contains(part), "{part:?} is missing in:\n{}", run.out);
    }
    assert!(run.err.contains("12 would be fixed in 5 of 5 files"), "{}", run.err);
}

#[test]
fn it_applies_and_gives_what_a_fix_gives() {
    let fixed = copy(&styles());
    fix(fixed.path(), &["."]);
    let patches: [&[&str]; 2] = [&["patch", "-p1", "--binary", "--no-backup-if-mismatch"], &["git", "apply"]];
    for patch in patches {
        let folder = copy(&styles());
        let diff = fix(folder.path(), &["--diff", "."]).out;
        let mut command = Command::new(patch[0]);
        command.args(&patch[1..]).current_dir(folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
        // Outside any repository, whatever the temporary folder is in.
        command.env("GIT_CEILING_DIRECTORIES", folder.path().parent().unwrap());
        let Ok(mut child) = command.spawn() else {
            eprintln!("skipped: {} is not installed", patch[0]);
            continue;
        };
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), diff.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{patch:?}: {}\n{diff}", String::from_utf8_lossy(&output.stdout));
        for (name, _) in styles() {
            let read = |folder: &Path| fs::read_to_string(folder.join(name)).unwrap();
            assert_eq!(read(folder.path()), read(fixed.path()), "{patch:?}: {name}");
        }
    }
}

#[test]
fn without_anything_to_change_it_is_empty() {
    let folder = folder(&[("web.yaml", DEPLOYMENT)]);
    assert_eq!(fix(folder.path(), &["web.yaml"]).code, 1, "the image needs a person");
    let run = fix(folder.path(), &["--diff", "web.yaml"]);
    assert_eq!((run.code, run.out.as_str()), (0, ""), "although something is left");
}

/// Gives a diff to a program that applies it; false if that is not installed.
fn apply(program: &[&str], folder: &Path, diff: &str) -> bool {
    let mut command = Command::new(program[0]);
    let Ok(mut child) = command.args(&program[1..]).current_dir(folder).stdin(Stdio::piped()).spawn() else {
        eprintln!("skipped: {} is not installed", program[0]);
        return false;
    };
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), diff.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success(), "{program:?}: {diff}");
    true
}

#[test]
fn it_applies_wherever_the_files_are() {
    let git = ["git", "apply"];
    let repository = || {
        let folder = folder(&[("deploy/web.yaml", DEPLOYMENT), ("app/web.yaml", DEPLOYMENT)]);
        let made = Command::new("git").args(["init", "-q"]).current_dir(folder.path()).status();
        made.is_ok_and(|status| status.success()).then_some(folder)
    };
    let Some(fixed) = repository() else {
        eprintln!("skipped: git is not installed");
        return;
    };
    fix(fixed.path(), &["."]);
    let read = |folder: &Path, name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let done = read(fixed.path(), "deploy/web.yaml");

    // A path that leads out of the current folder: from the top of the repository, as the note says.
    let folder = repository().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let app = root.join("app");
    let run = fix(&app, &["--diff", "../deploy", "web.yaml"]);
    assert!(run.out.contains("--- a/deploy/web.yaml\n") && run.out.contains("--- a/app/web.yaml\n"), "{}", run.out);
    let note = format!("apply it with `patch -p1 -d {0}`, or `git apply` there", root.display());
    assert!(run.err.contains(&note), "{}", run.err);
    assert!(apply(&git, &root, &run.out));
    assert_eq!((read(&root, "deploy/web.yaml"), read(&root, "app/web.yaml")), (done.clone(), done.clone()));

    // One that leads back, and an absolute one: from the current folder.
    for path in ["../app/web.yaml", "absolute"] {
        fs::write(app.join("web.yaml"), DEPLOYMENT).unwrap();
        let path = if path == "absolute" { app.join("web.yaml").display().to_string() } else { path.to_owned() };
        let run = fix(&app, &["--diff", &path]);
        assert!(run.out.starts_with("--- a/web.yaml\n+++ b/web.yaml\n"), "{}", run.out);
        assert!(!run.err.contains("note: "), "{}", run.err);
        assert!(apply(&git, &app, &run.out));
        assert_eq!(read(&app, "web.yaml"), done);
    }

    // Elsewhere, without a repository.
    let (here, there) = (crate::support::folder(&[]), crate::support::folder(&[("web.yaml", DEPLOYMENT)]));
    let path = there.path().canonicalize().unwrap();
    let run = fix(here.path(), &["--diff", path.join("web.yaml").to_str().unwrap()]);
    assert!(run.out.starts_with(&format!("--- a{}/web.yaml\n", path.display())), "{}", run.out);
    assert!(run.err.contains("apply it with `patch -p1 -d /`"), "{}", run.err);
    if apply(&["patch", "-p1", "-d", "/"], here.path(), &run.out) {
        assert_eq!(read(&path, "web.yaml"), done);
    }
}
