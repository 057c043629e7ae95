//! Text for people fits a narrow terminal, whichever command writes it; what is no terminal gets whole lines.

use std::process::Command;

use crate::support::*;

/// Columns of the terminal.
const COLUMNS: usize = 60;

/// Options for plain text.
const PLAIN: &str = "--color never --hyperlinks never";

/// The words of a text, without where they stand.
fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// A project with something for each command to say.
fn shop() -> tempfile::TempDir {
    let twice =
        format!("{PRIVILEGED}    - name: a-container-with-a-rather-long-name\n      image: ghcr.io/org/other\n");
    let suite = "tests:\n  - name: a pod that the policy accepts although its containers are privileged\n    manifests: [pod.yaml]\n    \
        expect: {accepted: true}\n";
    let config = "profile: hardening\nbaseline: known.json\nrules: {run-as-user: {user: {default: 10001, ranges: [{min: 10000, max: 20000}]}}}\n";
    folder(&[
        ("deploy/pod.yaml", &twice),
        (
            "long.yaml",
            &PRIVILEGED
                .replace("org/app:1", "org/app:1   # a comment with more words than a narrow terminal has room for"),
        ),
        ("deploy/broken.yaml", &twice.replace("name: app", "name: 5")),
        ("pod.yaml", &twice),
        ("t.harden-test.yaml", suite),
        ("project/harden.yaml", config),
        ("project/known.json", r#"{"version":1,"findings":[]}"#),
        ("project/pod.yaml", &twice),
    ])
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for args in [
        "check deploy",
        "check --format concise deploy",
        "check --quiet deploy",
        "check --helm nowhere",
        "matrix deploy",
        "fix --unsafe deploy",
        "fix --diff --unsafe deploy/pod.yaml >/dev/null",
        "suppress --reason 'it is the agent of the node and needs all that it has' deploy",
        "level deploy",
        "level --at-least restricted deploy",
        "images deploy",
        "test",
        "config project/pod.yaml",
        "baseline prune project --config project/harden.yaml",
        "rules",
        "explain capabilities",
        "explain unused-suppression",
        "init --ci github new",
        "check --config nowhere/harden.yaml deploy",
    ] {
        let shop = shop();
        std::fs::create_dir(shop.path().join("new")).unwrap();
        let Some(out) = on_a_terminal(shop.path(), COLUMNS, &format!("{args} {PLAIN}")) else { return };
        let lines: Vec<&str> = out.lines().collect();
        assert!(!lines.is_empty(), "{args} says nothing");
        for line in &lines {
            // A single word may be longer.
            let is_one_word = !line.trim_start_matches([' ', '-', '|', '=']).contains(' ');
            assert!(line.chars().count() <= COLUMNS || is_one_word, "{args}: {line}\nin\n{}", out);
        }
    }
}

#[test]
fn folding_changes_no_word_and_touches_nothing_for_programs() {
    for (args, is_prose) in [
        ("check --format concise deploy", true),
        ("fix --unsafe deploy", true),
        ("level deploy", true),
        ("config project/pod.yaml", true),
        ("check --format json deploy", false),
        ("check --format markdown deploy", false),
        ("level --format json deploy", false),
        ("images --format json deploy", false),
        ("test --format json", false),
        ("suppress --diff --reason 'it is the agent of the node and needs all that it has' deploy/pod.yaml", false),
        ("fix --diff --unsafe long.yaml", false),
        ("init --print new", false),
        ("schema", false),
        ("manifests --registry registry://ghcr.io/example/policies --output -", false),
    ] {
        let (narrow, wide) = (shop(), shop());
        for shop in [&narrow, &wide] {
            std::fs::create_dir(shop.path().join("new")).unwrap();
        }
        let line = format!("{} {args} {PLAIN} 2>/dev/null", env!("CARGO_BIN_EXE_harden"));
        let plain = Command::new("sh").args(["-c", &line]).current_dir(wide.path()).output().unwrap();
        let plain = String::from_utf8(plain.stdout).unwrap();
        let arguments = format!("{args} {PLAIN} 2>/dev/null");
        let Some(out) = on_a_terminal(narrow.path(), COLUMNS, &arguments) else { return };
        assert!(plain.lines().any(|line| line.chars().count() > COLUMNS), "{args} proves nothing:\n{plain}");
        match is_prose {
            true => assert_eq!(words(&out), words(&plain), "{args}"),
            false => assert_eq!(out, plain, "{args}"),
        }
    }
}
