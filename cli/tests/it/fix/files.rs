//! The effects of a fix on files, besides their text.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use super::{DEPLOYMENT, FEW, fix};
use crate::support::*;

/// Somebody without rights of their own.
const NOBODY: u32 = 65_534;

fn is_root() -> bool {
    let folder = tempfile::tempdir().unwrap();
    fs::metadata(folder.path()).unwrap().uid() == 0
}

/// Runs `harden fix` on `folder` as somebody who may not write everywhere; `None`, with a message, if that is
/// not possible here.
fn fix_unprivileged(folder: &Path) -> Option<Run> {
    let mut command = harden_command();
    command.current_dir(folder).args(["fix", "--settings-json", FEW, "."]);
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    match command.output() {
        Ok(output) => Some(run(output)),
        Err(error) => {
            eprintln!("skipped: harden does not run as another user: {error}");
            None
        }
    }
}

fn give_to_nobody(path: &Path) {
    if is_root() {
        chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[test]
fn mode_and_owner_are_kept() {
    let folder = folder(&[("web.yaml", DEPLOYMENT)]);
    let path = folder.path().join("web.yaml");
    for wanted in [0o600, 0o640, 0o755, 0o664] {
        fs::write(&path, DEPLOYMENT).unwrap();
        mode(&path, wanted);
        fix(folder.path(), &["web.yaml"]);
        assert_ne!(text(&path), DEPLOYMENT);
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, wanted);
    }
    if !is_root() {
        eprintln!("skipped in part: only root gives files away");
        return;
    }
    fs::write(&path, DEPLOYMENT).unwrap();
    chown(&path, Some(1234), Some(2345)).unwrap();
    mode(&path, 0o640);
    fix(folder.path(), &["web.yaml"]);
    let metadata = fs::metadata(&path).unwrap();
    assert_ne!(text(&path), DEPLOYMENT);
    assert_eq!((metadata.uid(), metadata.gid(), metadata.mode() & 0o7777), (1234, 2345, 0o640));
}

#[test]
fn other_names_of_a_file_keep_the_old_text() {
    let folder = folder(&[("inside/web.yaml", DEPLOYMENT)]);
    let inside = folder.path().join("inside/web.yaml");
    let (beside, outside) = (folder.path().join("inside/same.yaml"), folder.path().join("outside.yaml"));
    fs::hard_link(&inside, &beside).unwrap();
    fs::hard_link(&inside, &outside).unwrap();
    fix(folder.path(), &["inside"]);
    assert_eq!(text(&outside), DEPLOYMENT, "nothing is written outside the paths");
    assert_ne!(text(&inside), DEPLOYMENT);
    assert_eq!(text(&beside), text(&inside), "each name in the paths is fixed");
}

#[test]
fn links_are_not_followed_out_of_the_paths() {
    let folder = folder(&[("outside/web.yaml", DEPLOYMENT), ("inside/own.yaml", DEPLOYMENT)]);
    let outside = folder.path().join("outside/web.yaml");
    let inode = fs::metadata(&outside).unwrap().ino();
    symlink(&outside, folder.path().join("inside/link.yaml")).unwrap();
    symlink("../outside", folder.path().join("inside/folder")).unwrap();
    symlink("../outside", folder.path().join("inside/folder.yaml")).unwrap();
    symlink("nowhere", folder.path().join("inside/dangling.yaml")).unwrap();
    for (args, said) in [
        (vec!["inside"], "inside/link.yaml: is a symbolic link to "),
        (vec!["inside/link.yaml"], "inside/link.yaml: is a symbolic link to "),
        (vec!["inside/folder"], "inside/folder: is a symbolic link to ../outside"),
        (vec!["inside/folder/"], "inside/folder/: is a symbolic link to ../outside"),
        (vec!["--diff", "inside/link.yaml"], "inside/link.yaml: is a symbolic link to "),
        (vec!["inside/dangling.yaml"], "inside/dangling.yaml: is a symbolic link to nowhere"),
    ] {
        let run = fix(folder.path(), &args);
        let all = [run.out, run.err].concat();
        assert_eq!(run.code, 2, "{args:?}: {all}");
        assert!(all.contains(said), "{args:?}: {said:?} is missing in:\n{all}");
        assert_eq!((text(&outside), fs::metadata(&outside).unwrap().ino()), (DEPLOYMENT.to_owned(), inode), "{args:?}");
    }
    assert_ne!(text(&folder.path().join("inside/own.yaml")), DEPLOYMENT, "files beside a link are fixed");
    assert_eq!(names(&folder.path().join("outside")), ["web.yaml"]);
}

#[test]
fn a_read_only_file_stays_as_it_is() {
    let folder =
        folder(&[("locked.yaml", DEPLOYMENT), ("web.yaml", DEPLOYMENT), ("chart.yaml", "a: {{ .Values.on }}\n")]);
    let locked = folder.path().join("locked.yaml");
    mode(&locked, 0o444);
    let run = fix(folder.path(), &["."]);
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(run.out.contains("error: ./locked.yaml: is read-only and was not changed\n"), "{}", run.out);
    assert!(run.out.contains("./chart.yaml:1:5: is an unrendered Helm template"), "{}", run.out);
    assert_eq!((text(&locked).as_str(), fs::metadata(&locked).unwrap().mode() & 0o777), (DEPLOYMENT, 0o444));
    assert_ne!(text(&folder.path().join("web.yaml")), DEPLOYMENT);
    assert_eq!(names(folder.path()), ["chart.yaml", "locked.yaml", "web.yaml"]);
}

#[test]
fn a_read_only_folder_stays_as_it_is() {
    let folder = folder(&[("locked/web.yaml", DEPLOYMENT), ("web.yaml", DEPLOYMENT)]);
    let locked = folder.path().join("locked");
    for path in ["locked/web.yaml", "locked", "web.yaml", ""] {
        give_to_nobody(&folder.path().join(path));
    }
    mode(&locked, 0o555);
    let run = fix_unprivileged(folder.path());
    mode(&locked, 0o755);
    let Some(run) = run else { return };
    assert_eq!(run.code, 2, "{}", run.out);
    let said = "error: ./locked/web.yaml: was not changed: its folder takes no new file: permission denied\n";
    assert!(run.out.contains(said), "{}", run.out);
    assert_eq!((text(&locked.join("web.yaml")).as_str(), names(&locked)), (DEPLOYMENT, vec!["web.yaml".to_owned()]));
    assert_ne!(text(&folder.path().join("web.yaml")), DEPLOYMENT);
}

#[test]
fn an_owner_that_cannot_be_kept_keeps_the_file() {
    if !is_root() {
        eprintln!("skipped: only root gives files away");
        return;
    }
    // Everybody may write the file and its folder, but not make a file that belongs to root.
    let folder = folder(&[("web.yaml", DEPLOYMENT)]);
    mode(folder.path(), 0o777);
    mode(&folder.path().join("web.yaml"), 0o666);
    let Some(run) = fix_unprivileged(folder.path()) else { return };
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(run.out.contains("error: ./web.yaml: was not changed: its owner and mode cannot be kept"), "{}", run.out);
    assert_eq!(
        (text(&folder.path().join("web.yaml")).as_str(), names(folder.path())),
        (DEPLOYMENT, vec!["web.yaml".to_owned()])
    );
}

#[test]
fn a_full_disk_keeps_the_old_file() {
    let filler = "# filler, so that the new text does not fit on this disk\n";
    let large = [DEPLOYMENT, &filler.repeat((1 << 20) / filler.len())].concat();
    let folder = folder(&[("a.yaml", DEPLOYMENT), ("large.yaml", &large), ("z.yaml", DEPLOYMENT)]);
    // No file may grow beyond 1 MiB; without the trap the process would be killed for it.
    let script = r#"trap '' XFSZ; ulimit -f 1024; exec "$0" "$@""#;
    let mut command = Command::new("bash");
    command.current_dir(folder.path()).args(["-c", script, env!("CARGO_BIN_EXE_harden")]);
    command.args(["fix", "--settings-json", FEW, "."]);
    let Ok(output) = command.output() else {
        eprintln!("skipped: bash is not installed");
        return;
    };
    let run = run(output);
    assert_eq!(run.code, 2, "{}{}", run.out, run.err);
    assert!(run.out.contains("error: ./large.yaml: cannot be written: "), "{}", run.out);
    assert!(run.out.contains("4 fixed in 2 of 3 files"), "{}", run.out);
    assert!(text(&folder.path().join("large.yaml")) == large, "large.yaml has changed");
    assert_eq!(names(folder.path()), ["a.yaml", "large.yaml", "z.yaml"]);
    for name in ["a.yaml", "z.yaml"] {
        assert_ne!(text(&folder.path().join(name)), DEPLOYMENT, "{name}");
    }
}
