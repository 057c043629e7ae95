//! Runs with bounds.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::Run;

/// The longest that a run may take. It is many times what each takes on a busy machine; what is quadratic in
/// the size of these inputs takes minutes.
const LONGEST: Duration = Duration::from_secs(60);

/// A pod with violations, to lie beside what is hostile.
pub(crate) const POD: &str = "apiVersion: v1
kind: Pod
metadata:
  name: good
spec:
  containers:
  - name: c
    image: i:1
";

/// Runs `harden` in `folder` with at most `mib` MiB of memory to write to, and a standard input that never ends.
pub(crate) fn harden(folder: &Path, mib: u64, args: &[&str]) -> Run {
    // Addresses without memory behind them, which wasm reserves, do not count (RLIMIT_DATA, not RLIMIT_AS).
    let limited = format!("ulimit -d {} && exec \"$@\"", mib << 10);
    let output = |name: &str| File::create(folder.join(name)).unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", &limited, "sh", env!("CARGO_BIN_EXE_harden")]).args(args).current_dir(folder);
    // Whoever reads it without need will notice.
    command.stdin(File::open("/dev/zero").unwrap());
    // The cache of compiled policies is not what is tested here.
    command.env("HARDEN_CACHE", "off").stdout(output(".out")).stderr(output(".err"));
    let code = wait(command.spawn().unwrap(), args);
    let text = |name: &str| String::from_utf8(std::fs::read(folder.join(name)).unwrap()).unwrap();
    let (out, err) = (text(".out"), text(".err"));
    // A signal: out of memory, or a crash.
    let code = code.unwrap_or_else(|| panic!("{args:?} ended by a signal: {err}"));
    Run { code, out, err }
}

fn wait(mut child: Child, args: &[&str]) -> Option<i32> {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        if started.elapsed() > LONGEST {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("{args:?} takes longer than {LONGEST:?}");
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Checks a folder that holds `hostile` files, and one that is good: that one is judged. Gives the report.
pub(crate) fn check_beside_good(mib: u64, files: &[(&str, &[u8])]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    check_folder(folder.path(), mib)
}

/// Checks a folder, to which it adds the good file.
pub(crate) fn check_folder(folder: &Path, mib: u64) -> Run {
    std::fs::write(folder.join("good.yaml"), POD).unwrap();
    let run = harden(folder, mib, &["check", "--no-config", "--jobs", "2", "."]);
    assert!(run.out.contains("good.yaml:7:5"), "the good file is judged: {}", head(&run.out));
    run
}

/// Enough of a text for the message of a failed test.
pub(crate) fn head(text: &str) -> &str {
    &text[..text.floor_char_boundary(1_000)]
}
