//! Nothing is left behind, however a run ends.
//!
//! Runs are made by processes of their own, this program with a word in its environment, so that they can be killed.
//! `HARDEN_TRY_RUNS=50` makes more of them.

use std::env;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use engine::{Engine, EngineError};
use testbox::left;

use crate::support::{Bench, container, how, mount, pod, scratch, sh};

/// What a process of these tests is to do.
const WORD: &str = "HARDEN_TRY_CHILD";

/// Not a test: what a process does that is to be killed or interrupted.
#[test]
fn child() {
    let word = env::var(WORD).unwrap_or_default();
    match word.as_str() {
        "clean" => println!("cleaned {}", Engine::connect(None).unwrap().clean().unwrap()),
        "run" | "wait" => {
            let Some(bench) = Bench::open() else { return };
            let mut app = pod(vec![sh(&bench, "sleep 60")]);
            app.containers[0].mounts = vec![mount("data", "/data", None)];
            app.volumes = vec![scratch("data")];
            let other = pod(vec![container(&bench, "other", "sleep 60")]);
            println!("connected");
            let mut how = how(if word == "run" { 1 } else { 25 });
            // The companion has a third of it.
            how.timeout = Duration::from_secs(9);
            let outcome = bench.engine.run(&app, &[other], &how, &mut |event| println!("{event:?}"));
            match outcome {
                Ok(outcome) => println!("{:?}", outcome.readiness),
                Err(EngineError::Interrupted) => println!("interrupted"),
                Err(error) => panic!("{error}"),
            }
        }
        _ => {}
    }
}

/// Starts a process that makes its folders below `folder`.
fn start(folder: &Path, word: &str) -> Child {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "left::child", "--nocapture"]).env(WORD, word).env("TMPDIR", folder);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn end(child: Child) -> String {
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&stdout).into_owned();
    assert!(status.success(), "{text}{}", String::from_utf8_lossy(&stderr));
    text
}

/// Waits for the service of a killed process to end for want of requests.
fn nothing_left(folder: &Path) {
    let begun = Instant::now();
    while !left(folder).unwrap().is_empty() && begun.elapsed() < Duration::from_secs(40) {
        sleep(Duration::from_millis(500));
    }
    assert_eq!(left(folder).unwrap(), Vec::<String>::new());
}

#[test]
fn killed_runs_leave_nothing_behind_after_the_next() {
    if testbox::image().is_none() {
        return;
    }
    let runs: u32 = env::var("HARDEN_TRY_RUNS").ok().and_then(|text| text.parse().ok()).unwrap_or(5);
    let folder = tempfile::tempdir().unwrap();
    for run in 0..runs {
        let mut child = start(folder.path(), "run");
        // Each at another moment: connecting, making, waiting, removing.
        if run % 5 < 2 && runs < 50 || run % 5 == 0 {
            sleep(Duration::from_millis(700 + u64::from(run) * 2300 / u64::from(runs)));
            child.kill().unwrap();
            child.wait().unwrap();
        } else {
            let text = end(child);
            assert!(text.contains("Ready"), "{text}");
        }
    }
    let text = end(start(folder.path(), "clean"));
    assert!(text.contains("cleaned "), "{text}");
    nothing_left(folder.path());
}

#[test]
fn an_interrupted_run_removes_all_itself() {
    if testbox::image().is_none() {
        return;
    }
    for signal in ["INT", "TERM"] {
        let folder = tempfile::tempdir().unwrap();
        let mut child = start(folder.path(), "wait");
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        let started = output.by_ref().map(Result::unwrap).find(|line| line.contains("Some(\"app\"), step: Started"));
        assert!(started.is_some(), "it ended before");
        let kill = [format!("-{signal}"), child.id().to_string()];
        assert!(Command::new("kill").args(kill).status().unwrap().success());
        let text: Vec<String> = output.map(Result::unwrap).collect();
        assert!(child.wait().unwrap().success(), "{text:?}");
        let text = text.join("\n");
        assert!(text.contains("interrupted") && text.contains("Removing"), "{text}");
        assert_eq!(left(folder.path()).unwrap(), Vec::<String>::new(), "SIG{signal}");
    }
}
