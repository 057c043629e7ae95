//! Fixtures and helpers of the tests of the real binary.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A pod with much to find.
pub(crate) const PRIVILEGED: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: app
      image: ghcr.io/org/app:1
      securityContext:
        privileged: true
";

/// The same in few bytes.
pub(crate) const ONE_LINE: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: 'i:1', securityContext: {privileged: true}}]}\n";

/// The result of a run.
pub(crate) struct Run {
    /// Exit code.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

/// `harden`, to be run.
pub(crate) fn harden_command() -> Command {
    Command::new(env!("CARGO_BIN_EXE_harden"))
}

/// Runs `harden` in `folder`.
pub(crate) fn harden(folder: &Path, args: &[&str]) -> Run {
    run(harden_command().current_dir(folder).args(args).output().unwrap())
}

/// Runs `harden` with text on its standard input.
pub(crate) fn harden_with_stdin(folder: &Path, args: &[&str], stdin: &str) -> Run {
    let mut command = harden_command();
    command.current_dir(folder).args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Whoever refuses its arguments may be gone before it reads.
    match child.stdin.take().unwrap().write_all(stdin.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => panic!("{error}"),
        _ => {}
    }
    run(child.wait_with_output().unwrap())
}

/// Reads the output of a run as text.
pub(crate) fn run(output: Output) -> Run {
    Run {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A folder with files of these names and texts.
pub(crate) fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

/// What harden prints on a terminal of this width; nothing where there is no script(1) to make one.
pub(crate) fn on_a_terminal(folder: &Path, columns: usize, arguments: &str) -> Option<String> {
    let line = format!("stty cols {columns} rows 40 && exec \"$HARDEN\" {arguments}");
    let mut command = Command::new("script");
    command.args(["-qec", &line, "/dev/null"]).current_dir(folder).env("TERM", "xterm");
    let Ok(run) = command.env("HARDEN", env!("CARGO_BIN_EXE_harden")).output() else {
        println!("skipped: no script(1)");
        return None;
    };
    Some(String::from_utf8(run.stdout).unwrap().replace('\r', ""))
}

/// A program in `folder`/bin that writes what it was called with to `calls` and does what `body` says.
pub(crate) fn program(folder: &Path, name: &str, body: &str) {
    let path = folder.join("bin").join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    script(&path, &format!("#!/bin/sh\necho \"{name} $*\" >> calls\n{body}\n"));
}

/// Writes a script that can be run. Another process writes it: a child that another test starts meanwhile would hold the
/// file open, and what is open for writing cannot be run.
pub(crate) fn script(path: &Path, text: &str) {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "printf '%s' \"$1\" > \"$0\" && chmod 755 \"$0\""]).arg(path).arg(text);
    assert!(shell.status().unwrap().success());
}

/// A path of the project. Asked at run time: clones may share a target folder.
pub(crate) fn project(path: &str) -> std::path::PathBuf {
    Path::new(&std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("..").join(path)
}

/// The examples that the repository ships.
pub(crate) fn examples() -> std::path::PathBuf {
    project("examples")
}

/// Compares everything that a run wrote, and its exit code, with the snapshot of that name.
pub(crate) fn compare(name: &str, run: &Run) {
    let text = format!("{}{}[exit code {}]\n", run.out, run.err, run.code);
    let text = text.replace(env!("CARGO_PKG_VERSION"), "[version]");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(project("cli/tests/it/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}
