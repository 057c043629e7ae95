//! Files that are none, cannot be read, or never end.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::process::Command;

use super::bounded::{POD, check_folder, harden};

#[test]
fn links_that_lead_round() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::create_dir(path("below")).unwrap();
    symlink("..", path("below/round")).unwrap();
    symlink(".", path("self")).unwrap();
    symlink("b.yaml", path("a.yaml")).unwrap();
    symlink("a.yaml", path("b.yaml")).unwrap();
    symlink("nowhere", path("dangling.yaml")).unwrap();
    let run = check_folder(folder.path(), 128);
    assert_eq!(run.code, 2);
    for name in ["a.yaml", "b.yaml", "dangling.yaml"] {
        let error = run.out.lines().find(|line| line.contains(name));
        assert!(error.is_some_and(|line| line.contains("cannot be read: ")), "{name}: {}", run.out);
    }
    assert_eq!(run.out.matches("good.yaml:7:5").count(), run.out.matches("/good.yaml").count(), "read once");
}

#[test]
fn what_is_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    assert!(Command::new("mkfifo").arg(path("pipe.yaml")).status().unwrap().success());
    let _socket = UnixListener::bind(path("socket.yaml")).unwrap();
    symlink("/dev/zero", path("zero.yaml")).unwrap();
    symlink("pipe.yaml", path("link.yaml")).unwrap();
    fs::create_dir(path("folder.yaml")).unwrap();
    fs::write(path("folder.yaml/in.yaml"), "a: b\n").unwrap();
    let run = check_folder(folder.path(), 128);
    assert_eq!(run.code, 2);
    for error in [
        "pipe.yaml: is a named pipe, no file",
        "socket.yaml: is a socket, no file",
        "zero.yaml: is a device, no file",
        "link.yaml: is a named pipe, no file",
    ] {
        assert!(run.out.contains(error), "{error}\n{}", run.out);
    }
    let run = harden(folder.path(), 128, &["check", "--no-config", "/dev/zero", "pipe.yaml"]);
    assert_eq!(run.code, 2);
    assert!(run.out.contains("/dev/zero: is a device, no file"), "{}", run.out);
}

#[test]
fn what_never_ends() {
    let folder = tempfile::tempdir().unwrap();
    for stream in ["-", "/dev/stdin"] {
        let run = harden(folder.path(), 700, &["check", "--no-config", stream]);
        assert_eq!(run.code, 2);
        assert!(run.out.contains("is longer than 256 MiB, the most that is read: split it"), "{}", run.out);
    }
    // A hole of a terabyte takes no room, and is not read.
    let hole = fs::File::create(folder.path().join("hole.yaml")).unwrap();
    hole.set_len(1 << 40).unwrap();
    let run = check_folder(folder.path(), 128);
    assert_eq!(run.code, 2);
    assert!(run.out.contains("hole.yaml: is longer than 256 MiB"), "{}", run.out);
}

#[test]
fn what_may_not_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("secret.yaml"), "a: b\n").unwrap();
    fs::create_dir(path("closed")).unwrap();
    let close = |name: &str, mode| fs::set_permissions(path(name), Permissions::from_mode(mode)).unwrap();
    close("secret.yaml", 0o000);
    close("closed", 0o000);
    // The administrator may read everything.
    let may = fs::File::open(path("secret.yaml")).is_ok();
    let run = check_folder(folder.path(), 128);
    close("closed", 0o700);
    if may {
        println!("skipped: this user may read everything");
        return;
    }
    assert_eq!(run.code, 2);
    assert!(run.out.contains("secret.yaml: cannot be read: Permission denied"), "{}", run.out);
    assert!(run.out.contains("closed: cannot be listed: Permission denied"), "{}", run.out);
}

/// A repository's own files may lead to such things too, and checking a proposal reads them.
#[test]
fn what_else_never_ends() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("pod.yaml"), POD).unwrap();
    symlink("/dev/zero", path("zero")).unwrap();
    fs::File::create(path("harden.yaml")).unwrap().set_len(1 << 40).unwrap();
    for args in [
        &["check", "pod.yaml"][..],
        &["check", "--config", "zero", "pod.yaml"],
        &["check", "--no-config", "--baseline", "zero", "pod.yaml"],
        &["check", "--no-config", "--dockerfile", "a=zero", "pod.yaml"],
        &["check", "--no-config", "--settings-path", "zero", "pod.yaml"],
        &["check", "--no-config", "--policy", "zero", "pod.yaml"],
    ] {
        let run = harden(folder.path(), 700, args);
        assert_eq!(run.code, 2, "{args:?}: {}", run.err);
        // A Dockerfile does not stop the run, so that it is a line of the report.
        let said = [run.out, run.err].concat();
        assert!(said.contains("is longer than 256 MiB, the most that is read"), "{args:?}: {said}");
    }
}
