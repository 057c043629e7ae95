//! Completions of values, the plugin of kubectl, slips of the hand and manual pages, with the real binary.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::*;

/// What a real bash completes of a command line, of which the last word is being written.
fn bash(words: &[&str]) -> Vec<String> {
    let script = "source <(\"$0\" completions bash); COMP_WORDS=(harden \"$@\"); COMP_CWORD=$#; \
        _harden harden \"${@: -1}\" \"${COMP_WORDS[COMP_CWORD-1]}\" && printf '%s\\n' \"${COMPREPLY[@]}\"";
    let mut bash = Command::new("bash");
    let run = run(bash.args(["-c", script, env!("CARGO_BIN_EXE_harden")]).args(words).output().unwrap());
    run.out.lines().map(str::to_owned).collect()
}

/// What `kubectl` is told: the candidates, and what the shell adds.
fn kubectl(words: &[&str]) -> (Vec<String>, String) {
    let folder = folder(&[]);
    let program = folder.path().join("kubectl_complete-harden");
    symlink(env!("CARGO_BIN_EXE_harden"), &program).unwrap();
    let run = run(Command::new(program).args(words).output().unwrap());
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{words:?}");
    let mut lines: Vec<String> = run.out.lines().map(str::to_owned).collect();
    let last = lines.pop().unwrap();
    (lines.into_iter().map(|line| line.split('\t').next().unwrap().to_owned()).collect(), last)
}

#[test]
fn B15_bash_completes_rules_and_profiles() {
    for (words, expected) in [
        (&["explain", "seccomp"][..], &["seccomp-profile"][..]),
        (&["check", "--profile", "base"], &["baseline"]),
        (&["check", "--rule", "dockerfile"], &["dockerfile-user"]),
        (&["fix", "--rule", "seccomp"], &["seccomp-profile"]),
        (&["manifests", "--profile", "restr"], &["restricted"]),
        (&["check", "--fail-on", "crit"], &["critical"]),
        (&["schema", "harden-"], &["harden-test.yaml"]),
    ] {
        assert_eq!(bash(words), expected, "{words:?}");
    }
}

#[test]
fn B15_zsh_and_fish_are_told_rules_and_profiles() {
    for shell in ["zsh", "fish"] {
        let script = harden(Path::new("."), &["completions", shell]).out;
        for word in ["seccomp-profile", "dockerfile-user", "restricted", "critical"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn B15_kubectl_completes_its_plugin() {
    for (words, expected) in [
        (&["che"][..], &["check"][..]),
        (&["explain", "seccomp"], &["seccomp-profile"]),
        (&["check", "--profile", "base"], &["baseline"]),
        (&["check", "--profile=base"], &["--profile=baseline"]),
        (&["check", "--kubernetes-v"], &["--kubernetes-version"]),
        (&["check", "-q", "deploy/", "--no-ign"], &["--no-ignore"]),
        (&["explain", "privileged", ""], &[]),
    ] {
        assert_eq!(kubectl(words), (expected.iter().map(|word| (*word).to_owned()).collect(), ":4".to_owned()));
    }
    for words in [&["check", "dep"][..], &["check", "--config", ""], &["check", "a.yaml", ""], &["fix", "--", "-"]] {
        assert_eq!(kubectl(words), (Vec::new(), ":0".to_owned()), "files: {words:?}");
    }
    let (commands, _) = kubectl(&[""]);
    assert!(commands.iter().any(|command| command == "level"), "{commands:?}");
}

#[test]
fn a_path_in_place_of_a_command_is_guessed() {
    let folder = folder(&[("pod", PRIVILEGED)]);
    for path in ["pod.yaml", "deploy/", "pod"] {
        let run = harden(folder.path(), &[path]);
        assert_eq!(run.code, 2, "{path}");
        assert!(run.err.contains(&format!("did you mean `harden check {path}`?")), "{}", run.err);
    }
    let typo = harden(folder.path(), &["chekc"]);
    assert!(typo.code == 2 && typo.err.contains("'check'") && !typo.err.contains("harden check"), "{}", typo.err);
}

#[test]
fn an_unknown_option_is_not_said_to_be_a_file() {
    let run = harden(Path::new("."), &["check", "--exclud"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("unexpected argument '--exclud'") && !run.err.contains("as a value"), "{}", run.err);
}

#[test]
fn version_is_a_command_too() {
    let (command, option) = (harden(Path::new("."), &["version"]), harden(Path::new("."), &["--version"]));
    assert_eq!((command.code, command.out.as_str()), (0, option.out.as_str()));
    assert_eq!(command.out, format!("harden {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn manual_pages_have_examples_and_exit_status() {
    let page = harden(Path::new("."), &["man"]).out;
    for part in [".SH EXAMPLES\n", "harden check deploy/", ".SH \"EXIT STATUS\"\n", ".SH SUBCOMMANDS"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("EXTRA"), "{page}");
    let check = harden(Path::new("."), &["man", "check"]).out;
    let (_, status) = check.split_once(".SH \"EXIT STATUS\"\n").unwrap();
    assert!(status.contains("there are violations that fail the run"), "{status}");
}

#[test]
fn a_person_is_told_that_standard_input_is_awaited() {
    let folder = folder(&[]);
    // `script` gives a terminal; what is typed is the end of the input.
    let mut script = Command::new("script");
    let line = format!("{} check -", env!("CARGO_BIN_EXE_harden"));
    script.args(["-qec", &line, "/dev/null"]).current_dir(folder.path());
    let Ok(mut child) = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn() else {
        println!("skipped: script is not installed");
        return;
    };
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"\x04").unwrap();
    let out = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    assert!(out.contains("reading manifests from standard input; Ctrl-D ends it"), "{out}");
    let piped = harden_with_stdin(folder.path(), &["check", "-"], PRIVILEGED);
    assert_eq!((piped.code, piped.err.as_str()), (1, ""));
}
