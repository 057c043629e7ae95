//! Installs what `packaging/` packs, and checks the examples with it. The packages hold the program that cargo has built
//! for the tests; `make wheel`, `make npm` and `make image` pack the one of the profile `dist`.

use std::env;
use std::env::consts::{ARCH, OS};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::*;

const TARGETS: [&str; 4] =
    ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl", "x86_64-apple-darwin", "aarch64-apple-darwin"];

/// Whether the program is installed. If it is not, says that the test was skipped.
fn installed(program: &str) -> bool {
    let found = env::split_paths(&env::var_os("PATH").unwrap()).any(|folder| folder.join(program).is_file());
    if !found {
        eprintln!("skipped: {program} not installed");
    }
    found
}

/// Runs a command that must succeed.
fn succeed(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{command:?}: {}{}", text(&output.stdout), text(&output.stderr));
    output
}

/// Packs, and returns the folder of the packages.
fn pack(folder: &Path, target: &str, binary: &Path, packages: &[&str]) -> PathBuf {
    let out = folder.join("packages");
    let mut command = Command::new("python3");
    command.arg(project("packaging/pack.py")).args(packages).arg("--out").arg(&out).arg("--binary").arg(binary);
    command.args(["--target", target, "--version", env!("CARGO_PKG_VERSION")]);
    succeed(command.args(["--repository", "https://github.com/our-org/hardening"]));
    out
}

/// Copies the program to the folder, without its symbols where they can be removed.
fn program(folder: &Path) -> PathBuf {
    let copy = folder.join("harden");
    fs::copy(env!("CARGO_BIN_EXE_harden"), &copy).unwrap();
    let _ = Command::new("strip").arg(&copy).status();
    copy
}

/// The target whose packages this machine installs.
fn here() -> String {
    format!("{ARCH}-{}", if OS == "macos" { "apple-darwin" } else { "unknown-linux-musl" })
}

/// The packages with this ending.
fn packed(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = entries.filter(|path| path.to_string_lossy().ends_with(ending)).collect();
    paths.sort();
    paths
}

/// Checks the examples with the command, to which the name of one of them is added.
fn check_examples(command: impl Fn() -> Command) {
    for (example, code) in [("hardened", 0), ("insecure", 1)] {
        let run = run(command().args(["check", example]).output().unwrap());
        assert_eq!((run.code, run.err.as_str()), (code, ""), "{example}: {}", run.out);
        let expected = if code == 0 { "no violations in " } else { "error[" };
        assert!(run.out.starts_with(expected), "{example}: {}", run.out);
    }
}

#[test]
fn the_wheel_installs_harden() {
    let folder = tempfile::tempdir().unwrap();
    let venv = folder.path().join("venv");
    if !installed("python3") {
        return;
    }
    // Debian has the module that puts pip into a new environment in a package of its own.
    if !Command::new("python3").args(["-c", "import ensurepip, venv"]).output().unwrap().status.success() {
        eprintln!("skipped: python3-venv not installed");
        return;
    }
    let packages = pack(folder.path(), &here(), &program(folder.path()), &["wheel"]);
    succeed(Command::new("python3").args(["-m", "venv"]).arg(&venv));
    let mut pip = Command::new(venv.join("bin/pip"));
    pip.env("PIP_DISABLE_PIP_VERSION_CHECK", "1").args(["install", "--no-index", "--no-cache-dir", "--find-links"]);
    succeed(pip.arg(&packages).arg("harden-k8s"));
    for name in ["harden", "harden-k8s"] {
        let program = venv.join("bin").join(name);
        let version = succeed(Command::new(&program).arg("--version")).stdout;
        assert_eq!(String::from_utf8(version).unwrap(), format!("harden {}\n", env!("CARGO_PKG_VERSION")));
    }
    check_examples(|| {
        let mut command = Command::new(venv.join("bin/harden"));
        command.current_dir(examples());
        command
    });
    is_a_plugin(&venv.join("bin"));
}

/// Asserts that a package has installed the plugin of kubectl and what completes it.
fn is_a_plugin(bin: &Path) {
    let said =
        |name: &str, args: &[&str]| String::from_utf8(succeed(Command::new(bin.join(name)).args(args)).stdout).unwrap();
    assert!(said("kubectl-harden", &["check", "--help"]).contains("Usage: kubectl harden check "));
    assert_eq!(said("kubectl_complete-harden", &["check", "--profile", "base"]), "baseline\n:4\n");
    assert!(said("harden-k8s", &["check", "--help"]).contains("Usage: harden check "));
}

#[test]
fn the_npm_package_installs_harden() {
    let folder = tempfile::tempdir().unwrap();
    if !installed("python3") || !installed("npm") {
        return;
    }
    let packages = pack(folder.path(), &here(), &program(folder.path()), &["npm"]);
    let mut npm = Command::new("npm");
    npm.args(["install", "--offline", "--no-audit", "--no-fund"]).args(packed(&packages, ".tgz"));
    succeed(npm.current_dir(folder.path()).env("npm_config_cache", folder.path().join("cache")));
    let launcher = folder.path().join("node_modules/.bin/harden");
    check_examples(|| {
        let mut command = Command::new(&launcher);
        command.current_dir(examples());
        command
    });

    is_a_plugin(&folder.path().join("node_modules/.bin"));
    let names = packed(&folder.path().join("node_modules"), "64");
    assert_eq!(names.len(), 1, "{names:?}");
    fs::remove_dir_all(&names[0]).unwrap();
    let missing = run(Command::new(&launcher).arg("--version").output().unwrap());
    assert_eq!((missing.code, missing.out.as_str()), (2, ""));
    let name = names[0].file_name().unwrap().to_str().unwrap();
    assert!(missing.err.starts_with(&format!("error: the package {name} is not installed: ")), "{}", missing.err);
}

#[test]
fn the_image_runs_harden() {
    let folder = tempfile::tempdir().unwrap();
    if !installed("podman") {
        return;
    }
    if !Command::new("podman").arg("info").output().unwrap().status.success() {
        eprintln!("skipped: podman cannot run here");
        return;
    }
    program(folder.path());
    let image = format!("localhost/harden-test:{}", std::process::id());
    let mut build = Command::new("podman");
    build.args(["build", "--quiet", "--tag", &image, "--file"]).arg(project("packaging/image/Containerfile"));
    succeed(build.arg(folder.path()));
    check_examples(|| {
        let mut podman = Command::new("podman");
        podman.args(["run", "--rm", "--read-only", "--cap-drop=all", "--security-opt=no-new-privileges"]);
        podman.arg("--network=none");
        // Some machines let no container raise its limits; crun does not start there.
        if Command::new("runc").arg("--version").output().is_ok() {
            podman.args(["--runtime=runc", "--ulimit=nofile=1024:1024", "--ulimit=nproc=1000:1000"]);
        }
        // What is shipped is static; this one borrows the libraries of the machine.
        for library in ["/lib64", "/lib", "/usr/lib"].into_iter().filter(|path| Path::new(path).is_dir()) {
            podman.arg(format!("--volume={library}:{library}:ro"));
        }
        podman.arg(format!("--volume={}:/work:ro", examples().canonicalize().unwrap().display())).arg(&image);
        podman
    });
    succeed(Command::new("podman").args(["rmi", "--force", &image]));
}

#[test]
fn packages_are_the_same_bytes_each_time_and_krew_knows_their_sums() {
    if !installed("python3") {
        return;
    }
    let folders = [folder(&[("harden", "#!/bin/sh\n")]), folder(&[("harden", "#!/bin/sh\n")])];
    let [first, second] = folders.each_ref().map(|folder| {
        for target in TARGETS {
            pack(folder.path(), target, &folder.path().join("harden"), &["wheel", "npm", "archive"]);
        }
        pack(folder.path(), TARGETS[0], &folder.path().join("harden"), &["krew"])
    });
    let packages = packed(&first, "");
    assert_eq!(packages.len(), 4 + 4 + 1 + 4 + 1, "{packages:?}");
    for package in packages {
        assert_eq!(fs::read(&package).unwrap(), fs::read(second.join(package.file_name().unwrap())).unwrap());
    }

    let manifest = fs::read_to_string(first.join("harden.yaml")).unwrap();
    let manifest: serde_yaml_ng::Value = serde_yaml_ng::from_str(&manifest).unwrap();
    let version = manifest["spec"]["version"].as_str().unwrap();
    assert_eq!(version, format!("v{}", env!("CARGO_PKG_VERSION")));
    let platforms = manifest["spec"]["platforms"].as_sequence().unwrap();
    let mut archives: Vec<String> = platforms
        .iter()
        .map(|platform| {
            let (folder, name) = platform["uri"].as_str().unwrap().rsplit_once('/').unwrap();
            assert_eq!(folder, format!("https://github.com/our-org/hardening/releases/download/{version}"));
            let sum = succeed(Command::new("sha256sum").arg(first.join(name))).stdout;
            assert!(sum.starts_with(platform["sha256"].as_str().unwrap().as_bytes()), "{name}");
            name.to_owned()
        })
        .collect();
    archives.sort();
    archives.dedup();
    assert_eq!(archives.len(), TARGETS.len());
}

#[test]
fn what_installing_says_is_of_this_version_and_of_our_own_rules() {
    let text = fs::read_to_string(project("docs/installing.md")).unwrap();
    let versions = regex::Regex::new(r"\d+\.\d+\.\d+").unwrap();
    let found: Vec<&str> = versions.find_iter(&text).map(|found| found.as_str()).collect();
    assert!(found.len() > 5 && found.iter().all(|version| *version == env!("CARGO_PKG_VERSION")), "{found:?}");

    let job = text.split_once("```yaml\n").unwrap().1.split_once("```").unwrap().0;
    let run = harden_with_stdin(Path::new("."), &["check", "--no-config", "-"], job);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    assert!(run.out.starts_with("no violations in 1 workload;"), "{}", run.out);
}

#[test]
fn the_hook_that_installs_the_wheel_is_ours_but_for_how_it_is_installed() {
    let read = |path: &str| fs::read_to_string(project(path)).unwrap();
    let text = read("docs/integrations.md");
    let written = text.split_once("```yaml\n").unwrap().1.split_once("```").unwrap().0;
    let written: serde_yaml_ng::Value = serde_yaml_ng::from_str(written).unwrap();
    let mut written = written["repos"][0]["hooks"][0].as_mapping().unwrap().clone();
    let wheel: Vec<String> = serde_yaml_ng::from_value(written.remove("additional_dependencies").unwrap()).unwrap();
    assert_eq!(wheel, [format!("harden-k8s=={}", env!("CARGO_PKG_VERSION"))]);
    assert_eq!(written.remove("language").unwrap(), "python");

    let hooks: serde_yaml_ng::Value = serde_yaml_ng::from_str(&read(".pre-commit-hooks.yaml")).unwrap();
    let mut ours = hooks[0].as_mapping().unwrap().clone();
    ours.remove("language");
    ours.remove("description");
    assert_eq!(written, ours);
}
