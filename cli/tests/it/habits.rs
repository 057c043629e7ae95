//! Completions, manual pages, links, colours and guesses, with the real binary.

use std::os::unix::process::CommandExt;
use std::path::Path;

use crate::support::*;

#[test]
fn shells_complete_commands_and_options() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = harden(Path::new("."), &["completions", shell]);
        assert_eq!(run.code, 0, "{shell}: {}", run.err);
        for word in ["check", "level", "kubernetes-version", "completions"] {
            assert!(run.out.contains(word), "{shell}: {word}");
        }
    }
    let unknown = harden(Path::new("."), &["completions", "csh"]);
    assert!(unknown.code == 2 && unknown.err.contains("possible values: bash"), "{}", unknown.err);
}

#[test]
fn bash_takes_the_completions() {
    let script = "source <(\"$0\" completions bash) && COMP_WORDS=(harden che) COMP_CWORD=1 && \
        _harden harden che harden && echo \"${COMPREPLY[@]}\"";
    let mut bash = std::process::Command::new("bash");
    let run = run(bash.args(["-c", script, env!("CARGO_BIN_EXE_harden")]).output().unwrap());
    assert_eq!((run.code, run.out.as_str()), (0, "check\n"), "{}", run.err);
}

#[test]
fn there_is_a_manual_page_of_every_command() {
    let page = harden(Path::new("."), &["man"]);
    assert_eq!(page.code, 0);
    for part in [".TH harden 1", ".SH SYNOPSIS", "EXIT STATUS", "harden\\-check(1)"] {
        assert!(page.out.contains(part), "{part} is missing in:\n{}", page.out);
    }
    for command in ["check", "fix", "level", "test", "run", "explain"] {
        let page = harden(Path::new("."), &["man", command]);
        assert!(page.out.contains(&format!(".TH harden-{command} 1")), "{}", page.out);
        assert!(page.out.contains(&format!("\\fBharden {command}\\fR")), "{}", page.out);
    }
    let unknown = harden(Path::new("."), &["man", "chek"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.err.contains("there is no command chek, did you mean check?"), "{}", unknown.err);
}

#[test]
fn called_as_a_plugin_it_says_so() {
    let run = run(harden_command().arg0("/usr/local/bin/kubectl-harden").arg("--help").output().unwrap());
    assert!(run.out.contains("Usage: kubectl harden [OPTIONS] <COMMAND>"), "{}", run.out);
    assert!(run.out.contains("  kubectl harden check deploy/ "), "{}", run.out);
    assert!(run.out.contains("helm template chart | kubectl harden check -"), "{}", run.out);
    let check =
        crate::support::run(harden_command().arg0("kubectl-harden").args(["check", "--help"]).output().unwrap());
    assert!(check.out.contains("Usage: kubectl harden check [OPTIONS] [PATH]..."), "{}", check.out);
    let plain = harden(Path::new("."), &["check", "--help"]);
    assert!(plain.out.contains("Usage: harden check [OPTIONS] [PATH]..."), "{}", plain.out);
}

#[test]
fn slips_are_guessed() {
    let folder = folder(&[("pod.yaml", PRIVILEGED)]);
    for (config, guess) in [
        ("failon: high\n", "harden.yaml:1:1: failon: unknown setting, did you mean failOn?"),
        ("rules: {privilege: false}\n", "harden.yaml:1:9: rules.privilege: unknown rule, did you mean privileged?"),
        (
            "rules:\n  image-tag:\n    requiredDigest: true\n",
            "harden.yaml:3:5: rules.image-tag.requiredDigest: unknown setting, did you mean requireDigest?",
        ),
        ("exemptions:\n  - image: [a]\n", "exemptions[0].image: unknown setting, did you mean images?"),
    ] {
        std::fs::write(folder.path().join("harden.yaml"), config).unwrap();
        let run = harden(folder.path(), &["check", "pod.yaml"]);
        assert_eq!(run.code, 2, "{config}");
        assert!(run.err.contains(guess), "{config}: {}", run.err);
    }
    std::fs::remove_file(folder.path().join("harden.yaml")).unwrap();
    let settings = r#"{"rules": {"capabilites": {}}}"#;
    let run = harden(folder.path(), &["check", "--settings-json", settings, "pod.yaml"]);
    assert!(run.err.contains("rules.capabilites: unknown rule, did you mean capabilities?"), "{}", run.err);
}

/// Words of other tools, for which clap knows only what is spelt alike.
#[test]
fn words_of_other_tools_get_the_tip_that_helps() {
    for (args, tip) in [
        (&["check", "--select", "privileged"][..], "tip: --rule RULE judges and fixes by that rule only"),
        (&["fix", "--only=privileged", "."], "tip: --rule RULE judges and fixes by that rule only"),
        (&["check", "--ignore", "resources"], "tip: --exclude GLOB skips files; `rules: {RULE: false}` in harden.yaml"),
        (&["lint", "."], "tip: did you mean `harden check`?"),
    ] {
        let run = harden(Path::new("."), args);
        assert_eq!((run.code, run.err.matches("tip: ").count()), (2, 1), "{}", run.err);
        assert!(run.err.contains(tip), "{args:?}: {}", run.err);
    }
}

/// What stands behind `--since` is asked of git when the key is pressed.
#[test]
fn revisions_are_completed() {
    let folder = folder(&[("pod.yaml", PRIVILEGED)]);
    for args in [
        &["init", "--quiet", "--initial-branch", "trunk"][..],
        &["add", "."],
        &["-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "--message", "x"],
        &["tag", "v1"],
    ] {
        let mut git = std::process::Command::new("git");
        assert!(git.current_dir(folder.path()).args(args).status().unwrap().success(), "{args:?}");
    }
    let script = "source <(\"$0\" completions bash) && COMP_WORDS=(harden check --since '') COMP_CWORD=3 && \
        _harden harden '' --since && echo \"${COMPREPLY[@]}\"";
    let mut bash = std::process::Command::new("bash");
    let run_bash = bash.current_dir(folder.path()).args(["-c", script, env!("CARGO_BIN_EXE_harden")]).output();
    assert_eq!(run(run_bash.unwrap()).out, "trunk v1\n");
    let mut plugin = harden_command();
    plugin.current_dir(folder.path()).arg0("kubectl_complete-harden").args(["check", "--since", "t"]);
    assert_eq!(run(plugin.output().unwrap()).out, "trunk\n:4\n");
    for (shell, asks) in [("zsh", ":REF:{compadd -- $(git rev-parse"), ("fish", "-l since -d 'Count only")] {
        let scripted = harden(Path::new("."), &["completions", shell]).out;
        let line = scripted.lines().find(|line| line.contains(asks)).unwrap_or_else(|| panic!("{shell}"));
        assert!(line.contains("git rev-parse --abbrev-ref --branches --tags --remotes 2>/dev/null"), "{line}");
    }
}

#[test]
fn colours_and_links_can_be_asked_for() {
    let folder = folder(&[("pod.yaml", PRIVILEGED)]);
    let check = |args: &[&str], variables: &[(&str, &str)]| {
        let mut command = harden_command();
        command.current_dir(folder.path()).env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
        command.envs(variables.iter().copied()).arg("check").args(args).arg("pod.yaml");
        run(command.output().unwrap()).out
    };
    let coloured = |out: &str| out.contains("\u{1b}[");
    assert!(!coloured(&check(&[], &[])));
    assert!(coloured(&check(&[], &[("CLICOLOR_FORCE", "1")])));
    assert!(!coloured(&check(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")])));
    assert!(coloured(&check(&["--color", "always"], &[("NO_COLOR", "1")])));
    assert!(!coloured(&check(&["--color", "never"], &[("CLICOLOR_FORCE", "1")])));

    let linked = check(&["--hyperlinks", "always"], &[]);
    let file = folder.path().join("pod.yaml").display().to_string();
    let place = format!("\u{1b}]8;;file://{file}\u{1b}\\pod.yaml:10:9\u{1b}]8;;\u{1b}\\");
    assert!(linked.contains(&place), "{linked}");
    let standard = "https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline";
    let rule = format!("error[\u{1b}]8;;{standard}\u{1b}\\privileged\u{1b}]8;;\u{1b}\\]: ");
    assert!(linked.contains(&rule), "{linked}");
    let plain = check(&[], &[]);
    assert!(!plain.contains('\u{1b}'), "no links into a pipe unless asked for");
    assert_eq!(linked, check(&[], &[("FORCE_HYPERLINK", "1")]), "as the variable does");
    assert_eq!(plain, check(&[], &[("FORCE_HYPERLINK", "0")]));
    assert_eq!(plain, check(&["--hyperlinks", "never"], &[("FORCE_HYPERLINK", "1")]));
    for format in [&["--quiet"][..], &["--format", "concise"]] {
        let coloured = check(&[&["--color", "always"], format].concat(), &[]);
        assert!(coloured.contains("\u{1b}[1;31merror\u{1b}[0m[privileged] Pod web"), "{coloured}");
    }
    // Without the links it is the same text.
    let mut bare = String::new();
    for part in linked.split("\u{1b}]8;;") {
        bare += part.split_once("\u{1b}\\").map_or(part, |(_, text)| text);
    }
    assert_eq!(bare, plain);
}
