//! The hooks of pre-commit and the GitHub Action, with the real binary.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use serde_yaml_ng::Value;

use crate::support::*;

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: app
      image: ghcr.io/org/app:1
";

const SUITE: &str = "tests: [{name: t, file: pod.yaml, expect: allowed}]\n";

fn yaml(path: &str) -> Value {
    serde_yaml_ng::from_str(&std::fs::read_to_string(project(path)).unwrap()).unwrap()
}

/// A hook as pre-commit calls it: its entry, with `files` unless it takes none.
fn hook(folder: &Path, id: &str, files: &[&str]) -> Run {
    let hooks = yaml(".pre-commit-hooks.yaml");
    let hook = hooks.as_sequence().unwrap().iter().find(|hook| hook["id"] == id).unwrap();
    let files = if hook["pass_filenames"] == false { &[] } else { files };
    let words: Vec<&str> = hook["entry"].as_str().unwrap().split(' ').collect();
    assert_eq!((words[0], hook["language"].as_str()), ("harden", Some("system")), "{id}");
    harden(folder, &[&words[1..], files].concat())
}

#[test]
fn the_hooks_call_harden_as_it_wants_to_be_called() {
    let folder = folder(&[("pod.yaml", POD), ("web.harden-test.yaml", SUITE)]);
    let read = || std::fs::read_to_string(folder.path().join("pod.yaml")).unwrap();
    for id in ["harden-check", "harden-test"] {
        let run = hook(folder.path(), id, &["pod.yaml"]);
        assert_eq!((run.code, run.err.as_str(), read().as_str()), (1, "", POD), "{id}: {}", run.out);
    }
    // What it changed makes pre-commit fail; what needs a person is harden-check's.
    let run = hook(folder.path(), "harden-fix", &["pod.yaml"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    assert_ne!(read(), POD);
    let again = hook(folder.path(), "harden-fix", &["pod.yaml"]);
    assert_eq!(again.code, 0, "{}", again.out);
}

#[test]
fn f5_the_hooks_pass_in_a_project_with_a_baseline_and_excluded_files() {
    let folder = folder(&[
        ("a/harden.yaml", "baseline: known.json\nexclude: [generated/]\n"),
        ("a/pod.yaml", POD),
        ("a/generated/pod.yaml", POD),
        ("b/harden.yaml", "profile: baseline\n"),
        ("b/pod.yaml", POD),
        ("a/harden-test.yaml", &SUITE.replace("allowed", "denied")),
    ]);
    assert_eq!(harden(folder.path(), &["check", "--write-baseline", "a"]).code, 0);
    let files =
        ["a/harden.yaml", "a/pod.yaml", "a/generated/pod.yaml", "b/harden.yaml", "b/pod.yaml", "a/harden-test.yaml"];
    for id in ["harden-check", "harden-fix", "harden-test"] {
        let run = hook(folder.path(), id, &files);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{id}: {}", run.out);
    }
    assert_eq!(std::fs::read_to_string(folder.path().join("a/generated/pod.yaml")).unwrap(), POD);
}

#[test]
fn the_hooks_pass_where_there_is_nothing_for_them() {
    let files = [(".pre-commit-config.yaml", "repos: []\n"), (".github/dependabot.yml", "version: 2\n")];
    let folder = folder(&files);
    let names = files.map(|(name, _)| name);
    for id in ["harden-check", "harden-fix", "harden-test"] {
        let run = hook(folder.path(), id, &names);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{id}: {}", run.out);
    }
    assert!(hook(folder.path(), "harden-test", &names).out.contains("note: there is no suite in ."));
    assert_eq!(harden(folder.path(), &["test"]).code, 2, "whoever asks for tests wants some");
    let missing = harden(folder.path(), &["test", "--if-present", "nosuch"]);
    assert!(missing.code == 2 && missing.err.contains("cannot read `nosuch`"), "{}", missing.err);
    // What configures tools is no manifest that was forgotten; everything else is.
    let absolute = folder.path().join(names[0]).display().to_string();
    let strict = harden(folder.path(), &[&["check", "--strict", &absolute], &names[..]].concat());
    assert_eq!(strict.code, 0, "{}", strict.out);
    std::fs::write(folder.path().join("values.yaml"), "a: b\n").unwrap();
    assert_eq!(harden(folder.path(), &["check", "--strict", "values.yaml"]).code, 2);
}

#[test]
fn f5_harden_test_runs_when_a_manifest_changes() {
    let hooks = yaml(".pre-commit-hooks.yaml");
    let hook = hooks.as_sequence().unwrap().iter().find(|hook| hook["id"] == "harden-test").unwrap();
    assert_eq!(hook["files"], Value::Null, "every file of these types makes it run");
    assert_eq!(hook["types_or"], serde_yaml_ng::from_str::<Value>("[yaml, json]").unwrap());
}

#[test]
fn make_install_has_a_manual_page_for_every_command() {
    let makefile = std::fs::read_to_string(project("Makefile")).unwrap();
    // The shell's own loop, with the program that is tested.
    let (_, rest) = makefile.split_once("for command in $$(").unwrap();
    let listing = rest.split_once("); do").unwrap().0.replace("$$", "$");
    let listing = listing.replace("dist/harden", harden_command().get_program().to_str().unwrap());
    let listed = std::process::Command::new("sh").args(["-c", &listing]).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let installed: Vec<&str> = listed.split_whitespace().collect();
    let help = harden(Path::new("."), &["--help"]).out;
    let (_, rest) = help.split_once("Commands:\n").unwrap();
    // Behind a wrapped line is no command.
    let is_command = |line: &&str| line.starts_with("  ") && !line.starts_with("   ");
    let commands = rest.lines().take_while(|line| !line.is_empty()).filter(is_command);
    let commands: Vec<&str> = commands.filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(installed, commands.into_iter().filter(|command| *command != "help").collect::<Vec<_>>());
}

#[test]
fn the_action_reads_its_inputs_as_variables_only() {
    let action = yaml("action.yml");
    assert_eq!(action["inputs"]["version"]["default"], format!("v{}", env!("CARGO_PKG_VERSION")));
    assert_eq!(action["runs"]["using"], "composite");
    let steps = action["runs"]["steps"].as_sequence().unwrap();
    let mut used = String::new();
    for step in steps {
        let run = step["run"].as_str().unwrap();
        assert!(!run.contains("${{"), "an input would be read as a program: {run}");
        assert!(step["shell"].is_string() && step.get("uses").is_none());
        for (name, value) in step["env"].as_mapping().unwrap() {
            assert!(name.as_str().unwrap().starts_with("HARDEN_"));
            used += value.as_str().unwrap();
        }
    }
    for (input, about) in action["inputs"].as_mapping().unwrap() {
        let input = input.as_str().unwrap();
        assert!(used.contains(&format!("${{{{ inputs.{input} }}}}")), "{input} is not used");
        assert!(about["description"].is_string() && !about["default"].is_null(), "{input}");
    }
    assert!(!used.contains("token") && !used.contains("secrets"), "{used}");
}

/// Writes a program.
fn program(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Runs the action's script in a folder whose `bin` comes first in the path.
fn action(folder: &Path, inputs: &[(&str, &str)]) -> Run {
    let path = std::env::var("PATH").unwrap();
    let mut command = Command::new("bash");
    command.arg(project("make/action.sh")).current_dir(folder);
    command.env("PATH", format!("{}:{path}", folder.join("bin").display()));
    for (name, default) in [
        ("paths", "."),
        ("command", "check"),
        ("args", ""),
        ("format", "github"),
        ("strict", "true"),
        ("since", ""),
        ("version", "installed"),
        ("sha256", ""),
        ("repository", "org/hardening"),
    ] {
        let value = inputs.iter().find(|(input, _)| *input == name).map_or(default, |(_, value)| *value);
        command.env(format!("HARDEN_{}", name.to_uppercase()), value);
    }
    run(command.output().unwrap())
}

/// A folder with manifests and `harden` in `bin`.
fn workspace() -> tempfile::TempDir {
    let folder = folder(&[("my app/pod.yaml", POD), ("pod.yaml", POD), ("harden-test.yaml", SUITE), ("bin/.keep", "")]);
    symlink(env!("CARGO_BIN_EXE_harden"), folder.path().join("bin/harden")).unwrap();
    folder
}

#[test]
fn the_action_judges_what_its_inputs_name() {
    let workspace = workspace();
    let of = |inputs: &[(&str, &str)]| action(workspace.path(), inputs);
    let both = of(&[("paths", "my app\npod.yaml\n")]);
    assert_eq!(both.code, 1, "{}", both.err);
    assert!(
        both.out.contains("::error file=my app/pod.yaml") && both.out.contains("::error file=pod.yaml"),
        "{}",
        both.out
    );
    let clean = of(&[("paths", "pod.yaml"), ("args", "--profile=baseline\n--fail-on=high"), ("format", "text")]);
    assert_eq!(clean.code, 0, "{}{}", clean.out, clean.err);
    assert!(clean.out.starts_with("no violations in 1 workload"), "{}", clean.out);
    std::fs::write(workspace.path().join("my app/values.yaml"), "replicas: 3\n").unwrap();
    for (strict, code) in [("true", 2), ("false", 0)] {
        let run = of(&[("paths", "my app"), ("args", "--fail-on=never"), ("strict", strict)]);
        assert_eq!(run.code, code, "{strict}: {}{}", run.out, run.err);
    }
    let level = of(&[("paths", "pod.yaml"), ("command", "level"), ("args", "--at-least=restricted")]);
    assert_eq!(level.code, 1, "{}", level.err);
    assert_eq!(of(&[("command", "test")]).code, 1);
}

#[test]
fn no_input_of_the_action_is_a_program_or_an_option() {
    let workspace = workspace();
    let evil = "$(touch pwned)\n`touch pwned`\n; touch pwned\n\"; touch pwned; \"";
    for input in ["paths", "args", "format", "strict", "since", "command", "version", "sha256", "repository"] {
        let others = if input == "repository" { &[("version", "v1.2.3")][..] } else { &[] };
        let run = action(workspace.path(), &[others, &[(input, evil)]].concat());
        assert_eq!(run.code, 2, "{input}: {}{}", run.out, run.err);
        assert!(!workspace.path().join("pwned").exists(), "{input}");
    }
    let help = action(workspace.path(), &[("paths", "--help")]);
    assert!(help.code == 2 && help.out.contains("--help"), "{}{}", help.out, help.err);
    for (input, value) in [
        ("command", "fix"),
        ("strict", "yes"),
        ("since", "HEAD"),
        ("version", "main"),
        ("version", "v1.2"),
        ("sha256", "12ab"),
        ("repository", "a/b/c"),
    ] {
        let version = if input == "repository" { "v1.2.3" } else { "installed" };
        let command = if input == "since" { "level" } else { "check" };
        let run = action(workspace.path(), &[(input, value), ("version", version), ("command", command)]);
        assert_eq!(run.code, 2, "{input}: {}", run.out);
        assert!(run.out.starts_with(&format!("::error::{input} must be ")), "{input}: {}", run.out);
    }
}

/// The archive for the runner that `uname` names.
const ARCHIVE: &str = "harden-v1.2.3-aarch64-unknown-linux-musl.tar.gz";

/// Puts a release in place of GitHub's, and says how to call the action for it. `gh` takes or refuses a provenance.
fn released(workspace: &Path, release: &Path, gh: &str) {
    // Stands in for GitHub: the last argument but the output is the address.
    let curl = format!(
        "#!/bin/bash\nfor arg; do url=$arg; done\necho \"$url\" >> urls\nwhile [[ $1 != --output ]]; do shift; done\nexec cp {}/\"${{url##*/}}\" \"$2\"\n",
        release.display()
    );
    program(&workspace.join("bin/curl"), &curl);
    program(&workspace.join("bin/uname"), "#!/bin/sh\ncase $1 in -s) echo Linux ;; -m) echo aarch64 ;; esac\n");
    program(&workspace.join("bin/gh"), &format!("#!/bin/sh\n{gh}\n"));
    let sums = format!("chmod +x harden && tar -czf {ARCHIVE} harden && sha256sum {ARCHIVE} > SHA256SUMS");
    assert!(Command::new("sh").args(["-c", &sums]).current_dir(release).status().unwrap().success());
}

#[test]
fn s19_the_action_verifies_who_built_harden() {
    let workspace = workspace();
    std::fs::remove_file(workspace.path().join("bin/harden")).unwrap();
    let release = folder(&[("harden", "#!/bin/sh\necho released\n"), ("provenance.json", "{}")]);
    let of = |inputs: &[(&str, &str)]| action(workspace.path(), &[&[("version", "v1.2.3")], inputs].concat());
    let path = |name: &str| workspace.path().join(name);

    released(workspace.path(), release.path(), "echo \"$@\" >> gh-calls");
    let good = of(&[]);
    assert_eq!((good.code, good.out.as_str()), (0, "released\n"), "{}", good.err);
    let calls = std::fs::read_to_string(path("gh-calls")).unwrap();
    let verified = calls.lines().last().unwrap();
    assert!(
        verified.starts_with("attestation verify ") && verified.contains(&format!("/{ARCHIVE} --bundle ")),
        "{calls}"
    );
    assert!(
        verified.ends_with(
            "/provenance.json --repo org/hardening --signer-workflow org/hardening/.github/workflows/release.yml \
             --source-ref refs/tags/v1.2.3"
        ),
        "{calls}"
    );

    released(workspace.path(), release.path(), "case \"$*\" in *--help) ;; *) exit 1 ;; esac");
    let forged = of(&[]);
    assert_eq!((forged.code, forged.out.contains("released")), (2, false), "{}", forged.out);
    assert!(forged.out.contains("::error::harden was not built by the release of org/hardening"), "{}", forged.out);

    // Without gh, or with one that is too old, the input decides.
    released(workspace.path(), release.path(), "exit 1");
    let unknown = of(&[]);
    assert!(unknown.code == 0 && unknown.out.starts_with("::warning::gh is not installed"), "{}", unknown.out);
    let sum = std::fs::read_to_string(release.path().join("SHA256SUMS")).unwrap();
    let pinned = of(&[("sha256", &sum[..64])]);
    assert_eq!((pinned.code, pinned.out.as_str()), (0, "released\n"), "{}", pinned.err);
    let other = of(&[("sha256", &"0".repeat(64))]);
    assert!(other.code == 2 && other.out.contains("::error::harden is not what sha256 says"), "{}", other.out);
    assert!(!other.out.contains("released"));
}

#[test]
fn s19_what_can_write_or_sign_runs_nothing_that_was_built() {
    let workflow = yaml(".github/workflows/release.yml");
    let jobs = workflow["jobs"].as_mapping().unwrap();
    for (name, job) in jobs {
        let name = name.as_str().unwrap();
        let can_write = job["permissions"].as_mapping().unwrap().values().any(|value| value == "write");
        let scripts: String =
            job["steps"].as_sequence().unwrap().iter().filter_map(|step| step["run"].as_str()).collect();
        let builds = scripts.contains("make dist");
        assert!(!(builds && can_write), "{name}");
        if can_write {
            for built in ["chmod +x", "publish.sh", "dist/harden -", "./dist/harden", "cargo", "rustup"] {
                assert!(!scripts.contains(built), "{name}: {built}");
            }
            let mut needs = job["needs"].as_sequence().cloned().unwrap_or_default();
            needs.extend(job["needs"].as_str().map(Value::from));
            assert!(!needs.is_empty(), "{name} waits for nothing");
        }
    }
    assert_eq!(jobs["packages"]["needs"], serde_yaml_ng::from_str::<Value>("[build, again, binaries]").unwrap());
    assert_eq!(jobs["publish"]["needs"], serde_yaml_ng::from_str::<Value>("[build, again, packages]").unwrap());
    let text = std::fs::read_to_string(project(".github/workflows/release.yml")).unwrap();
    assert!(text.contains("git merge-base --is-ancestor \"$GITHUB_SHA\" origin/main"), "the tag is on main");
}

#[test]
fn the_action_runs_only_what_has_the_right_sum() {
    let workspace = workspace();
    std::fs::remove_file(workspace.path().join("bin/harden")).unwrap();
    let release = folder(&[("harden", "#!/bin/sh\necho released \"$@\"\n")]);
    released(workspace.path(), release.path(), "exit 1");
    let sum = Command::new("sha256sum").arg(ARCHIVE).current_dir(release.path()).output().unwrap().stdout;
    let sums = release.path().join("SHA256SUMS");
    let of = || action(workspace.path(), &[("version", "v1.2.3"), ("args", "--quiet")]);

    std::fs::write(&sums, [&sum, format!("{:064}  other.wasm\n", 0).as_bytes()].concat()).unwrap();
    let good = of();
    assert_eq!(good.code, 0, "{}", good.err);
    assert!(good.out.ends_with("released check --format=github --strict --quiet -- .\n"), "{}", good.out);
    let urls = std::fs::read_to_string(workspace.path().join("urls")).unwrap();
    assert!(urls.starts_with("https://github.com/org/hardening/releases/download/v1.2.3/"), "{urls}");
    assert!(urls.lines().next().unwrap().ends_with(&format!("/{ARCHIVE}")), "{urls}");

    let damaged = format!("{:064}  {ARCHIVE}\n", 0);
    for (wrong, why) in [(damaged.as_str(), "is not what SHA256SUMS says"), ("", "SHA256SUMS does not list")] {
        std::fs::write(&sums, wrong).unwrap();
        let bad = of();
        assert_eq!(bad.code, 2, "{}", bad.out);
        assert!(bad.out.contains("::error::") && bad.out.contains(ARCHIVE) && bad.out.contains(why), "{}", bad.out);
        assert!(!bad.out.contains("released"));
    }
    program(&workspace.path().join("bin/uname"), "#!/bin/sh\necho Plan9\n");
    let unknown = of();
    assert!(unknown.code == 2 && unknown.out.contains("::error::there is no release for Plan9"), "{}", unknown.out);
    released(workspace.path(), release.path(), "exit 1");
    std::fs::remove_file(release.path().join(ARCHIVE)).unwrap();
    let missing = of();
    assert!(
        missing.code == 2 && missing.out.contains("::error::cannot download https://github.com/"),
        "{}",
        missing.out
    );
}

#[test]
fn the_problem_matcher_and_the_errorformat_of_the_docs_read_every_finding() {
    let docs = std::fs::read_to_string(project("docs/integrations.md")).unwrap();
    let (_, block) = docs.split_once("```json\n").unwrap();
    let task: serde_json::Value = serde_json::from_str(block.split_once("```").unwrap().0).unwrap();
    let task = &task["tasks"][0];
    let args: Vec<&str> = task["args"].as_array().unwrap().iter().map(|arg| arg.as_str().unwrap()).collect();
    let pattern = regex::Regex::new(task["problemMatcher"]["pattern"]["regexp"].as_str().unwrap()).unwrap();
    let folder = folder(&[("a b/pod.yaml", POD), ("broken.yaml", "a: b: c\n")]);
    let run = harden(folder.path(), &args);
    let lines: Vec<&str> = run.out.lines().collect();
    let (summary, findings) = lines.split_last().unwrap();
    assert!(run.code == 2 && findings.len() > 3 && !pattern.is_match(summary), "{}", run.out);
    for line in findings {
        let found = pattern.captures(line).unwrap_or_else(|| panic!("{line}"));
        let file = found[1].trim_start_matches("./");
        assert!(["a b/pod.yaml", "broken.yaml"].contains(&file) && &found[4] == "error", "{line}");
        assert!(found[2].parse::<usize>().unwrap() > 0 && !found[6].is_empty(), "{line}");
        assert_eq!(found.get(5).is_some(), file == "a b/pod.yaml", "{line}");
    }
    // `:make` of Vim takes the same lines.
    assert!(docs.contains(r"errorformat=%f:%l:%c:\ %trror%m,%f:%l:%c:\ %tarning%m"), "{docs}");
}

#[test]
fn the_action_compares_with_a_revision() {
    let workspace = workspace();
    let git = |args: &[&str]| {
        let mut git = Command::new("git");
        git.current_dir(workspace.path()).args(["-c", "user.name=n", "-c", "user.email=e"]).args(args);
        assert!(git.env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap().status.success(), "{args:?}");
    };
    git(&["init", "--quiet"]);
    git(&["add", "pod.yaml"]);
    git(&["commit", "--quiet", "--message", "x"]);
    assert_eq!(action(workspace.path(), &[("paths", "pod.yaml"), ("since", "HEAD")]).code, 0);
    assert_eq!(action(workspace.path(), &[("paths", "my app"), ("since", "HEAD")]).code, 1);
}
