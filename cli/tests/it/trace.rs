//! Watches the system calls of the real binary: a check reads the files it is given, and talks to nobody.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::*;

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: 'i:1'}]}\n";

/// The system calls of `harden` in `folder`; `None`, said aloud, where strace is missing or may not trace.
fn trace(folder: &Path, args: &[&str]) -> Option<String> {
    let log = folder.join("trace.log");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-s", "4096", "-o"]).arg(&log).arg("--").arg(env!("CARGO_BIN_EXE_harden")).args(args);
    strace.current_dir(folder).env("HOME", folder).env_remove("XDG_CACHE_HOME").env_remove("HARDEN_CACHE");
    match strace.output() {
        Ok(output) if [Some(0), Some(1)].contains(&output.status.code()) => Some(std::fs::read_to_string(log).unwrap()),
        Ok(output) => skip(&String::from_utf8_lossy(&output.stderr)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => skip("not installed"),
        Err(error) => skip(&error.to_string()),
    }
}

fn skip(why: &str) -> Option<String> {
    eprintln!("skipped: strace {}", why.trim());
    None
}

/// The paths that were opened, without what every program opens.
fn opened(trace: &str) -> Vec<PathBuf> {
    let opens =
        trace.lines().filter(|line| line.contains("open(") || line.contains("openat(") || line.contains("openat2("));
    let mut paths: Vec<PathBuf> = opens.map(|line| line.split('"').nth(1).unwrap().into()).collect();
    // The dynamic linker's libraries, wasmtime's look at which pages of an instance were used, and Rust's look at its own stack and at how many cores it may use.
    const OURS: [&str; 6] = [
        "/etc/ld.so",
        "/proc/self/maps",
        "/proc/self/pagemap",
        "/proc/self/cgroup",
        "/proc/self/mountinfo",
        "/sys/fs/cgroup",
    ];
    paths.retain(|path| {
        let text = path.to_string_lossy();
        let library = path.file_name().is_some_and(|name| name.to_string_lossy().contains(".so"));
        !library && !OURS.iter().any(|start| text.starts_with(start))
    });
    paths.sort();
    paths.dedup();
    paths
}

/// No socket, no other program, and no file but standard output written to.
fn assert_quiet(trace: &str) {
    for call in [
        "socket(",
        "connect(",
        "bind(",
        "sendto(",
        "recvfrom(",
        "fork(",
        "unlink",
        "rename",
        "mkdir",
        "O_WRONLY",
        "O_RDWR",
        "O_CREAT",
    ] {
        let found = trace.lines().find(|line| line.contains(call) && !line.contains(" write("));
        assert!(found.is_none(), "{found:?}");
    }
    assert_eq!(trace.lines().filter(|line| line.contains("execve(")).count(), 1, "only harden itself");
}

#[test]
fn a_check_of_one_file_opens_that_file_alone_and_starts_no_thread() {
    let folder = folder(&[("pod.yaml", POD), ("other.yaml", POD)]);
    let Some(trace) = trace(folder.path(), &["check", "--no-config", "pod.yaml"]) else { return };
    assert_eq!(opened(&trace), [Path::new("pod.yaml")]);
    assert_quiet(&trace);
    assert!(!trace.contains("clone(") && !trace.contains("clone3("), "one small file needs no thread");
}

#[test]
fn a_check_of_a_folder_opens_its_manifests_alone() {
    let files = [("a/one.yaml", POD), ("a/b/two.yaml", POD), ("a/notes.txt", "x"), ("c.yaml", POD)];
    let folder = folder(&files);
    let Some(trace) = trace(folder.path(), &["check", "--no-config", "--jobs", "2", "a"]) else { return };
    assert_eq!(opened(&trace), ["a", "a/b", "a/b/two.yaml", "a/one.yaml"].map(PathBuf::from));
    assert_quiet(&trace);
}

/// A lock names registries, and a check asks none of them.
#[test]
fn a_check_with_a_lock_opens_no_socket() {
    let digest = format!("sha256:{}", "a".repeat(64));
    let lock = serde_json::json!({ "version": 1, "images": { "docker.io/library/i:1": { "digest": digest, "platforms": {
        "linux/amd64": { "digest": digest, "facts": { "image": { "user": "", "os": "linux" } } },
    }}}});
    let folder = folder(&[("pod.yaml", POD), ("harden.yaml", "{}\n"), ("harden.lock", &lock.to_string())]);
    for args in [&["check", "pod.yaml"][..], &["check", "--locked", "pod.yaml"], &["level", "pod.yaml"]] {
        let Some(trace) = trace(folder.path(), args) else { return };
        assert_quiet(&trace);
        let opened = opened(&trace);
        assert!(opened.iter().any(|path| path.ends_with("pod.yaml")), "{args:?}: {opened:?}");
    }
}

#[test]
fn a_foreign_policy_is_cached_below_the_users_folder_alone() {
    let policy = project("dist/privileged.wasm");
    let folder = folder(&[("pod.yaml", POD)]);
    std::fs::copy(policy, folder.path().join("policy.wasm")).unwrap();
    let args = ["check", "--no-config", "--policy", "policy.wasm", "pod.yaml"];
    let Some(first) = trace(folder.path(), &args) else { return };
    // It is compiled by harden itself, in a process with nothing of the user's environment.
    let started: Vec<_> = first.lines().filter(|line| line.contains("execve(")).skip(1).collect();
    assert_eq!(started.len(), 1, "{started:?}");
    assert!(started[0].contains(r#"execve("/proc/self/exe", ["/proc/self/exe", "compile-policy","#), "{started:?}");
    assert!(started[0].contains("/* 1 var */"), "{started:?}");
    assert!(!first.contains("socket(") && !first.contains("connect("), "nobody is talked to");
    let cache = folder.path().join(".cache/harden/compiled");
    let entry = std::fs::read_dir(&cache).unwrap().next().unwrap().unwrap().path();
    // The second run compiles nothing, so that it needs nothing but the entry.
    let trace = trace(folder.path(), &args).unwrap();
    let mut expected = vec![entry, "pod.yaml".into(), "policy.wasm".into()];
    expected.sort();
    assert_eq!(opened(&trace), expected);
    assert_quiet(&trace);

    let mut off = Command::new(env!("CARGO_BIN_EXE_harden"));
    off.current_dir(folder.path()).args(args).env("HARDEN_CACHE", "off").env("HOME", folder.path().join("h"));
    assert_eq!(off.output().unwrap().status.code(), Some(1));
    assert!(!folder.path().join("h").exists());
}
