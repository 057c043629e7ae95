//! Whole reports, texts of help and diffs as a user sees them. `INSTA_UPDATE=always cargo test --release -p harden
//! --test it snapshots` writes them anew; what changed is then read in the diff.

use lint::config::Format;

use crate::support::*;

/// Few rules, so that a snapshot can be read: one is fixed in the pod, two in the container, one needs a person, one warns.
const CONFIG: &str = "\
baseline: known.json
rules:
  allow-privilege-escalation: false
  apparmor-profile: warn
  read-only-root-filesystem: false
  resources: false
  seccomp-profile: false
  selinux-options: false
";

const DEPLOYMENT: &str = "\
# The web front end.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  template:
    metadata:
      annotations:
        container.apparmor.security.beta.kubernetes.io/app: unconfined
    spec:
      initContainers:
        - name: prepare   # harden: ignore[run-as-user] it changes owners
          image: ghcr.io/org/prepare:1
          securityContext: {privileged: false, capabilities: {drop: [all]}}
      containers:
        - name: app
          image: nginx
          securityContext:
            privileged: true
            runAsUser: 0
        - name: sidecar
          image: ghcr.io/org/sidecar:1@sha256:0123456789012345678901234567890123456789012345678901234567890123
";

const KNOWN: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: old}
spec:
  containers: [{name: c, image: 'ghcr.io/org/old:latest', securityContext: {runAsUser: 1, runAsGroup: 1, privileged: false, capabilities: {drop: [ALL]}}}]
";

const CLEAN: &str = "\
apiVersion: v1
kind: Service
metadata: {name: web}
---
apiVersion: v1
kind: Pod
metadata: {name: good}
spec:
  containers: [{name: c, image: 'ghcr.io/org/good:1', securityContext: {runAsUser: 1, runAsGroup: 1, privileged: false, capabilities: {drop: [ALL]}}}]
";

const UNREADABLE: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: odd}
spec:
  containers: [{name: c, image: 'ghcr.io/org/odd:1', securityContext: {privileged: 'yes'}}]
---
a: b: c
";

/// Everything that a report tells apart: violations, a warning, suppressed and known findings, errors, a clean file.
fn manifests() -> tempfile::TempDir {
    let folder = folder(&[
        ("harden.yaml", CONFIG),
        ("deploy/clean.yaml", CLEAN),
        ("deploy/known.yaml", KNOWN),
        ("deploy/unreadable.yaml", UNREADABLE),
        ("deploy/web.yaml", DEPLOYMENT),
    ]);
    let run = harden(folder.path(), &["check", "--write-baseline", "deploy/known.yaml"]);
    assert!(run.code == 0 && run.err.starts_with("wrote 1 finding to "), "{}", run.err);
    folder
}

/// A report without what the page always holds, and without the documentation of rules.
fn without_documentation(report: &str) -> String {
    let mut report = report.to_owned();
    for (start, end) in [("<style>", "</style>"), ("<script>", "</script>"), ("<div class=\"doc\">", "</div>")] {
        let parts = report.split(start).enumerate();
        let parts =
            parts.map(|(at, part)| if at == 0 { part } else { part.find(end).map_or(part, |end| &part[end..]) });
        report = parts.collect::<Vec<_>>().join(start);
    }
    let shortened = |line: &str| match line.len() {
        0..500 => format!("{line}\n"),
        _ => format!("{}…\n", line.chars().take(60).collect::<String>()),
    };
    report.lines().map(shortened).collect()
}

#[test]
fn every_format() {
    let folder = manifests();
    for format in Format::WORDS {
        let run = harden(folder.path(), &["check", "--format", format, "deploy"]);
        // The page names the folder.
        let name = folder.path().file_name().unwrap().to_str().unwrap();
        let out = without_documentation(&run.out).replace(name, "FOLDER");
        compare(&format!("check-{format}"), &Run { out, ..run });
    }
    compare("check-quiet", &harden(folder.path(), &["check", "--quiet", "deploy"]));
    compare("check-statistics", &harden(folder.path(), &["check", "--statistics", "--format", "concise", "deploy"]));
}

#[test]
fn fixes() {
    let folder = manifests();
    compare("fix-diff", &harden(folder.path(), &["fix", "--diff", "deploy"]));
    compare("fix", &harden(folder.path(), &["fix", "deploy"]));
    compare("fix-again", &harden(folder.path(), &["fix", "deploy"]));
}

#[test]
fn rules_and_their_explanations() {
    let folder = folder(&[]);
    compare("rules", &harden(folder.path(), &["rules"]));
    for rule in ["capabilities", "run-as-non-root", "priviledged"] {
        compare(&format!("explain-{rule}"), &harden(folder.path(), &["explain", rule]));
    }
}

#[test]
fn the_help_of_every_command() {
    let folder = folder(&[]);
    let help = harden(folder.path(), &["--help"]);
    let commands = help.out.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    // A description that is wrapped goes on further to the right.
    let commands = commands.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let commands = commands.filter(|command| !command.is_empty() && *command != "help");
    for command in commands {
        compare(&format!("help-{command}"), &harden(folder.path(), &[command, "--help"]));
    }
    compare("help", &help);
}
