//! Ctrl-C and SIGTERM end the command while containers run, and leave nothing.

use std::os::unix::process::CommandExt as _;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use testbox::left;

use crate::support::*;

/// A pod with a volume, and another that it needs.
const PODS: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: app}
spec:
  containers:
    - name: app
      image: IMAGE
      command: [sleep, '100']
      env: [{name: DB, value: db}]
      volumeMounts: [{name: data, mountPath: /data}]
  volumes: [{name: data, emptyDir: {}}]
---
apiVersion: v1
kind: Service
metadata: {name: db}
spec: {selector: {app: db}, ports: [{port: 5432}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, labels: {app: db}}
spec:
  containers:
    - name: db
      image: IMAGE
      command: [sleep, '100']
      readinessProbe: {exec: {command: ['true']}}
";

#[test]
fn an_interrupt_ends_the_command_and_leaves_nothing() {
    let Some(image) = testbox::image() else { return };
    let pods = PODS.replace("IMAGE", image);
    // A terminal sends Ctrl-C to everything that was started in it; who stops a job sends SIGTERM to its process.
    for signal in [Signal::INT, Signal::TERM] {
        let folder = folder(&[("pods.yaml", &pods)]);
        let temporary = tempfile::tempdir().unwrap();
        let mut command = harden_command();
        command.current_dir(folder.path()).env("TMPDIR", temporary.path()).process_group(0);
        command.args(["try", "--no-config", "--write", "--for", "60s", "--timeout", "90s", "pods.yaml"]);
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let begun = Instant::now();
        let running = || {
            let there = left(temporary.path()).unwrap();
            there.iter().filter(|what| what.starts_with("container Up ")).count()
        };
        // Two sandboxes and a container of each pod.
        while running() < 4 {
            assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", left(temporary.path()));
            sleep(Duration::from_millis(100));
        }
        let pid = Pid::from_child(&child);
        if signal == Signal::INT { kill_process_group(pid, signal) } else { kill_process(pid, signal) }.unwrap();
        let sent = Instant::now();
        let ended = run(child.wait_with_output().unwrap());
        assert!(sent.elapsed() < Duration::from_secs(30), "removing takes no minute: {:?}", sent.elapsed());
        assert_eq!((ended.code, ended.out.as_str()), (2, ""), "{signal:?}: {}", ended.err);
        assert!(ended.err.ends_with("error: interrupted\n"), "{signal:?}: {}", ended.err);
        assert_eq!(left(temporary.path()).unwrap(), Vec::<String>::new(), "{signal:?}");
        assert_eq!(std::fs::read_to_string(folder.path().join("pods.yaml")).unwrap(), pods, "nothing is written");
    }
}
