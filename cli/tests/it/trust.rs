//! Limits of what a stranger's files may do, with the real binary. A test is named after the hole that it keeps
//! closed.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{chown, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::*;

const REPORT: &str =
    "profile: privileged\nrules: {image-tag: true}\nfailOn: never\noutputs:\n  - {format: concise, path: PATH}\n";

/// Runs `harden` in `folder`, with a home of its own; it must end soon.
fn run_in(folder: &Path, home: &Path, args: &[&str], variables: &[(&str, &str)]) -> Run {
    let mut command = harden_command();
    command.current_dir(folder).args(args).env("HOME", home).env_remove("HARDEN_TRUST_CONFIG").env_remove("SUDO_UID");
    command.env_remove("XDG_CONFIG_HOME").env_remove("XDG_CACHE_HOME").envs(variables.iter().copied());
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let end = Instant::now() + Duration::from_secs(30);
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > end {
            child.kill().unwrap();
            assert!(Instant::now() <= end, "harden {args:?} hangs");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    run(child.wait_with_output().unwrap())
}

fn check(folder: &Path, args: &[&str]) -> Run {
    run_in(folder, folder, &[&["check"], args].concat(), &[])
}

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// A repository with this configuration, and a file beside it that is nobody's business.
fn repository(config: &str) -> tempfile::TempDir {
    folder(&[
        ("repo/harden.yaml", config),
        ("repo/pod.yaml", PRIVILEGED),
        ("victim", "untouched"),
        ("repo/.git/config", "[core]\n"),
    ])
}

/// The configuration is refused at this place, and the victim is as it was.
fn assert_refused(folder: &Path, run: &Run, message: &str) {
    assert_eq!(run.code, 2, "{}{}", run.out, run.err);
    assert!((run.err.clone() + &run.out).contains(message), "{}{}", run.err, run.out);
    assert_eq!(fs::read_to_string(folder.join("victim")).unwrap(), "untouched");
}

#[test]
fn s2_outputs_absolute() {
    let folder = repository("");
    let victim = folder.path().join("victim").display().to_string();
    fs::write(folder.path().join("repo/harden.yaml"), REPORT.replace("PATH", &victim)).unwrap();
    let run = check(&folder.path().join("repo"), &[]);
    assert_refused(folder.path(), &run, "harden.yaml:5:");
    assert!(run.err.contains("outputs[0].path: ") && run.err.contains("is absolute"), "{}", run.err);
    assert!(run.err.contains("--trust-config or --config FILE"), "{}", run.err);
    // Whoever names it means it.
    let named = check(&folder.path().join("repo"), &["--config", "harden.yaml"]);
    assert_eq!(named.code, 0, "{}", named.err);
    assert_ne!(fs::read_to_string(folder.path().join("victim")).unwrap(), "untouched");
}

#[test]
fn s2_outputs_dotdot() {
    for path in ["../victim", "a/../../victim", "./../victim"] {
        let folder = repository(&REPORT.replace("PATH", path));
        for args in [&[][..], &["--quiet"], &["pod.yaml"]] {
            let run = check(&folder.path().join("repo"), args);
            assert_refused(folder.path(), &run, "holds `..`, and only files below this one's folder count");
        }
    }
}

#[test]
fn s2_outputs_symlink() {
    let folder = repository(&REPORT.replace("PATH", "report.txt"));
    let repo = folder.path().join("repo");
    symlink("../victim", repo.join("report.txt")).unwrap();
    assert_refused(folder.path(), &check(&repo, &[]), "`report.txt` is a symbolic link, which is not followed");
    // A dangling link makes no file, and a folder's link is no way out.
    fs::remove_file(repo.join("report.txt")).unwrap();
    symlink("../made", repo.join("report.txt")).unwrap();
    assert_refused(folder.path(), &check(&repo, &[]), "`report.txt` is a symbolic link");
    assert!(!folder.path().join("made").exists());
    symlink("..", repo.join("out")).unwrap();
    fs::write(repo.join("harden.yaml"), REPORT.replace("PATH", "out/victim")).unwrap();
    assert_refused(folder.path(), &check(&repo, &[]), "`out` is a symbolic link");
    // A hard link is the victim itself.
    fs::write(repo.join("harden.yaml"), REPORT.replace("PATH", "hard")).unwrap();
    fs::hard_link(folder.path().join("victim"), repo.join("hard")).unwrap();
    assert_refused(folder.path(), &check(&repo, &[]), "`hard` has another name");
}

#[test]
fn s2_outputs_in_gits_folder() {
    for path in [".git/config", "sub/.git/hooks/pre-commit", ".GIT/config"] {
        let folder = repository(&REPORT.replace("PATH", path));
        assert_refused(folder.path(), &check(&folder.path().join("repo"), &[]), "lies in git's own folder");
        assert_eq!(fs::read_to_string(folder.path().join("repo/.git/config")).unwrap(), "[core]\n");
    }
}

#[test]
fn s2_outputs_below_the_folder_are_written() {
    let folder = repository(&REPORT.replace("PATH", "out/report.txt"));
    let repo = folder.path().join("repo");
    for _ in 0..2 {
        let run = check(&repo, &[]);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
        let written = fs::read_to_string(repo.join("out/report.txt")).unwrap();
        assert_eq!(written, "");
        fs::write(repo.join("pod.yaml"), PRIVILEGED.replace("app:1", "app:latest")).unwrap();
        fs::write(repo.join("out/report.txt"), "old and long\n".repeat(100)).unwrap();
        assert_eq!(check(&repo, &[]).code, 0);
        let written = fs::read_to_string(repo.join("out/report.txt")).unwrap();
        assert!(written.contains("warning[image-tag]") && !written.contains("old"), "{written}");
        fs::write(repo.join("pod.yaml"), PRIVILEGED).unwrap();
    }
}

#[test]
fn s2_owner() {
    if !rustix::process::geteuid().is_root() {
        println!("skipped: only root can give files away");
        return;
    }
    const NOBODY: u32 = 65534;
    let shared = folder(&[("harden.yaml", "profile: privileged\n"), ("alice/pod.yaml", PRIVILEGED), ("home/x", "")]);
    let home = shared.path().join("home");
    let of = |args: &[&str], variables: &[(&str, &str)]| {
        run_in(&shared.path().join("alice"), &home, &[&["check", "."], args].concat(), variables)
    };
    assert_eq!(of(&[], &[]).code, 0, "our own is taken");
    let config = shared.path().join("harden.yaml");
    for path in ["harden.yaml", "alice"] {
        chown(&config, Some(0), None).unwrap();
        chown(shared.path().join(path), Some(NOBODY), None).unwrap();
        let run = of(&[], &[]);
        assert_eq!(run.code, 2, "{}", run.out);
        let said = format!(
            "{} belongs to another user (65534)",
            fs::canonicalize(shared.path().join(path)).unwrap().display()
        );
        assert!(run.err.contains(&said) && run.err.contains("--no-config"), "{}", run.err);
        assert_eq!(of(&["--no-config"], &[]).code, 1);
        assert_eq!(of(&["--config", "../harden.yaml"], &[]).code, 0);
        assert_eq!(of(&["--trust-config"], &[]).code, 0);
        assert_eq!(of(&[], &[("SUDO_UID", "65534")]).code, 0, "whose checks root makes for them");
    }
}

#[test]
fn b3_each_configuration_of_a_run_is_trusted_on_its_own() {
    let folder = repository("profile: baseline\n");
    let repo = folder.path().join("repo");
    fs::create_dir_all(repo.join("vendor/x")).unwrap();
    fs::write(repo.join("vendor/x/pod.yaml"), PRIVILEGED).unwrap();
    let own = repo.join("vendor/x/harden.yaml");
    fs::write(&own, "profile: baseline\nbaseline: ../../known.json\n").unwrap();
    for path in [".", "vendor", "vendor/x/pod.yaml"] {
        let run = check(&repo, &[path]);
        assert!(run.code == 2 && run.err.contains("vendor/x/harden.yaml:2:1: baseline: "), "{path}: {}", run.err);
        let without = check(&repo, &["--config", "harden.yaml", path]);
        assert!(!without.err.contains("vendor"), "{path}: {}", without.err);
    }
    // What is excluded is not entered, and what is there not read.
    assert!(!check(&repo, &["--exclude", "vendor", "."]).err.contains("vendor"));
    if rustix::process::geteuid().is_root() {
        fs::write(&own, "profile: privileged\n").unwrap();
        assert_eq!(check(&repo, &["vendor/x/pod.yaml"]).code, 0);
        chown(&own, Some(65534), None).unwrap();
        for path in [".", "vendor/x/pod.yaml"] {
            let run = check(&repo, &[path]);
            assert!(run.code == 2 && run.err.contains("belongs to another user (65534)"), "{path}: {}", run.err);
            assert_eq!(check(&repo, &["--no-config", path]).code, 1, "{path}");
        }
    }
}

#[test]
fn b3_a_work_tree_within_is_governed_from_around_if_it_was_searched_from_there() {
    let folder = repository("profile: privileged\n");
    let repo = folder.path().join("repo");
    fs::create_dir_all(repo.join("sub/.git")).unwrap();
    fs::write(repo.join("sub/pod.yaml"), PRIVILEGED).unwrap();
    assert_eq!(check(&repo, &["."]).code, 0);
    assert_eq!(check(&repo, &["sub"]).code, 1, "the search upwards ends at its root");
}

#[test]
fn s2_baseline() {
    let folder = repository("baseline: ../victim\n");
    let repo = folder.path().join("repo");
    for args in [&[][..], &["--write-baseline"]] {
        assert_refused(
            folder.path(),
            &check(&repo, &[args, &["pod.yaml"]].concat()),
            "baseline: \"../victim\" holds `..`",
        );
    }
    fs::write(repo.join("harden.yaml"), "baseline: known.json\n").unwrap();
    symlink("../victim", repo.join("known.json")).unwrap();
    for args in [&[][..], &["--write-baseline"]] {
        assert_refused(
            folder.path(),
            &check(&repo, &[args, &["pod.yaml"]].concat()),
            "`known.json` is a symbolic link",
        );
    }
    fs::remove_file(repo.join("known.json")).unwrap();
    let run = check(&repo, &["--write-baseline", "pod.yaml"]);
    assert!(run.code == 0 && check(&repo, &["pod.yaml"]).code == 0, "{}", run.err);
}

#[test]
fn s2_search_ends_at_the_work_tree_and_at_home() {
    let folder = folder(&[
        ("harden.yaml", "profile: privileged\n"),
        ("tree/.git/HEAD", ""),
        ("tree/deploy/pod.yaml", PRIVILEGED),
        ("home/deploy/pod.yaml", PRIVILEGED),
        ("other/pod.yaml", PRIVILEGED),
    ]);
    let path = |name: &str| folder.path().join(name);
    let code = |within: &str| run_in(&path(within), &path("home"), &["check", "."], &[]).code;
    assert_eq!((code("tree/deploy"), code("home/deploy"), code("home")), (1, 1, 1));
    assert_eq!(code("other"), 0, "neither in a work tree nor at home");
    // Both ends are looked at.
    fs::copy(path("harden.yaml"), path("tree/harden.yaml")).unwrap();
    fs::copy(path("harden.yaml"), path("home/harden.yaml")).unwrap();
    assert_eq!((code("tree/deploy"), code("home/deploy")), (0, 0));
}

#[test]
fn s15_reads_below_the_folder_only() {
    for (config, message) in [
        ("dockerfiles: [{image: ghcr.io/org/app, path: ../victim}]\n", "dockerfiles[0].path: \"../victim\" holds `..`"),
        (
            "dockerfiles: [{image: ghcr.io/org/app, path: /etc/passwd}]\n",
            "dockerfiles[0].path: \"/etc/passwd\" is absolute",
        ),
        ("dockerfiles: [{image: ghcr.io/org/app, path: .git/config}]\n", "lies in git's own folder"),
        ("dockerfiles: [{image: ghcr.io/org/app, path: link}]\n", "`link` is a symbolic link"),
        ("policies: [{module: ../victim}]\n", "policies[0].module: \"../victim\" holds `..`"),
        ("policies: [{module: link}]\n", "`link` is a symbolic link"),
        ("baseline: /etc/passwd\n", "baseline: \"/etc/passwd\" is absolute"),
        ("baseline: /dev/stdin\n", "baseline: \"/dev/stdin\" is absolute"),
    ] {
        let folder = repository(config);
        let repo = folder.path().join("repo");
        symlink("../victim", repo.join("link")).unwrap();
        let run = check(&repo, &[]);
        assert_refused(folder.path(), &run, message);
        assert!(!run.err.contains("untouched") && !run.out.contains("untouched"), "{}{}", run.out, run.err);
    }
    // The configuration itself is no way to another file either.
    let folder = repository("");
    let repo = folder.path().join("repo");
    fs::remove_file(repo.join("harden.yaml")).unwrap();
    symlink("../victim", repo.join("harden.yaml")).unwrap();
    assert_refused(folder.path(), &check(&repo, &[]), "`harden.yaml` is a symbolic link");
}

#[test]
fn s15_fifo_of_a_found_configuration() {
    for config in [
        "dockerfiles: [{image: ghcr.io/org/app, path: pipe}]\n",
        "baseline: pipe\n",
        "policies: [{module: pipe}]\n",
        &REPORT.replace("PATH", "pipe"),
    ] {
        let folder = repository(config);
        let repo = folder.path().join("repo");
        pipe(&repo.join("pipe"));
        assert_refused(folder.path(), &check(&repo, &["pod.yaml"]), "is a named pipe, no file");
    }
    let folder = repository("baseline: pipe\n");
    let repo = folder.path().join("repo");
    pipe(&repo.join("pipe"));
    assert_refused(folder.path(), &check(&repo, &["--write-baseline", "pod.yaml"]), "is a named pipe, no file");
    fs::remove_file(repo.join("harden.yaml")).unwrap();
    pipe(&repo.join("harden.yaml"));
    assert_refused(folder.path(), &check(&repo, &["pod.yaml"]), "is a named pipe, no file");
}

#[test]
fn s15_fifo_that_is_named() {
    let folder = folder(&[("pod.yaml", PRIVILEGED), ("ok.json", "{}")]);
    pipe(&folder.path().join("pipe"));
    for args in [
        &["check", "--config", "pipe", "pod.yaml"][..],
        &["check", "--no-config", "--baseline", "pipe", "pod.yaml"],
        &["check", "--no-config", "--baseline", "pipe", "--write-baseline", "pod.yaml"],
        &["check", "--no-config", "--dockerfile", "a=pipe", "pod.yaml"],
        &["check", "--no-config", "--settings-path", "pipe", "pod.yaml"],
        &["check", "--no-config", "--policy", "pipe", "pod.yaml"],
        &["check", "--no-config", "--output", "pipe", "pod.yaml"],
        &["level", "--config", "pipe", "pod.yaml"],
        &["test", "pipe"],
        &["run", "pipe", "--request-path", "ok.json"],
        &["manifests", "--no-config", "--digests", "pipe", "--registry", "registry://localhost/a"],
        &["push", "pipe", "registry://localhost:1/a:v1"],
        &["pull", "registry://localhost:1/a:v1", "--ca-file", "pipe"],
        &["check", "--no-config", "pipe"],
        &["fix", "pipe"],
    ] {
        let run = run_in(folder.path(), folder.path(), args, &[]);
        assert!(run.code == 2 || args[0] == "run", "{args:?}: {}{}", run.out, run.err);
        let said = run.err + &run.out;
        assert!(said.contains("is a named pipe, no file"), "{args:?}: {said}");
    }
}

#[test]
fn streams_of_the_caller_are_read_and_written() {
    let folder = folder(&[("pod.yaml", PRIVILEGED)]);
    let shell = "\"$0\" check --no-config --settings-path <(echo 'profile: privileged') --format json --output >(cat) pod.yaml && \
                 \"$0\" check --no-config --settings-path /dev/stdin --output /dev/stdout pod.yaml <<< 'profile: privileged' | cat && \
                 \"$0\" check --no-config --settings-path /dev/null --fail-on never --output /dev/null pod.yaml";
    let output =
        Command::new("bash").current_dir(folder.path()).args(["-c", shell, env!("CARGO_BIN_EXE_harden")]).output();
    let run = run(output.unwrap());
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    assert!(run.out.contains("no violations in 1 workload"), "{}", run.out);
}

/// A port on which somebody listens, and whether anybody came.
struct Port(TcpListener);

impl Port {
    fn open() -> Port {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        Port(listener)
    }

    fn reference(&self, rest: &str) -> String {
        format!("registry://{}/{rest}", self.0.local_addr().unwrap())
    }

    /// Hangs up on whoever waits; says whether there was somebody.
    fn was_called(&self) -> bool {
        self.0.accept().is_ok()
    }
}

#[test]
fn s15_registry() {
    let port = Port::open();
    let digest = format!("a@sha256:{:064}", 1);
    for (rest, why) in
        [("a:v1", "only the registry knows what its tag stands for"), (&digest, "it is not in the cache")]
    {
        let config = format!("policies: [{{module: '{}'}}]\n", port.reference(rest));
        let suite = format!(
            "policies: [{{policy: '{}'}}]\ntests: [{{name: t, file: pod.yaml, expect: allowed}}]\n",
            port.reference(rest)
        );
        let folder = repository(&config);
        let repo = folder.path().join("repo");
        fs::write(repo.join("harden-test.yaml"), suite).unwrap();
        for command in ["check", "fix", "test"] {
            let run = run_in(&repo, folder.path(), &[command, "."], &[("HARDEN_TRUST_CONFIG", "0")]);
            let said = run.err.clone() + &run.out;
            assert!(run.code == 2 && said.contains(why), "{command}: {said}");
            assert!(said.contains("--trust-config or HARDEN_TRUST_CONFIG=1") && said.contains("harden pull"), "{said}");
            assert!(!port.was_called(), "{command}");
        }
    }
}

#[test]
fn s15_registry_is_asked_for_what_is_trusted() {
    let port = Port::open();
    // Nobody speaks TLS here: that it is asked is enough.
    let config = format!("policies: [{{module: '{}'}}]\n", port.reference("a:v1"));
    let folder = repository(&config);
    let repo = fs::canonicalize(folder.path().join("repo")).unwrap();
    let call = |args: &[&str], variables: &[(&str, &str)]| {
        let mut command = harden_command();
        command.current_dir(&repo).arg("check").args(args).env("HOME", folder.path()).env_remove("XDG_CONFIG_HOME");
        let mut child =
            command.envs(variables.iter().copied()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let end = Instant::now() + Duration::from_secs(20);
        let mut called = false;
        while child.try_wait().unwrap().is_none() && Instant::now() < end {
            called |= port.was_called();
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = child.kill();
        (called, run_text(child))
    };
    assert!(!call(&[], &[]).0);
    assert!(call(&["--trust-config"], &[]).0);
    assert!(call(&[], &[("HARDEN_TRUST_CONFIG", "1")]).0);
    assert!(call(&["--config", "harden.yaml"], &[]).0);
    let own = |text: &str| {
        fs::create_dir_all(folder.path().join(".config/harden")).unwrap();
        fs::write(folder.path().join(".config/harden/config.yaml"), text).unwrap();
    };
    own(&format!("trust: [{}]\n", repo.display()));
    assert!(call(&[], &[]).0, "trusted by the user");
    own("trust: [~/repo]\n");
    assert!(call(&[], &[]).0, "trusted by the user");
    own("trust: [~/other, /nowhere]\n");
    assert!(!call(&[], &[]).0);
    own("trust: [repo]\n");
    let (called, said) = call(&[], &[]);
    assert!(!called && said.contains("config.yaml:1:") && said.contains("trust[0]: must start with / or ~/"), "{said}");
}

fn run_text(child: std::process::Child) -> String {
    String::from_utf8(child.wait_with_output().unwrap().stderr).unwrap()
}

#[test]
fn s15_a_suite_that_is_found_stays_in_the_work_tree() {
    let suite = |path: &str| format!("tests: [{{name: t, file: '{path}', expect: denied}}]\n");
    let folder = repository("");
    let path = |name: &str| folder.path().join(name);
    fs::write(path("secret.yaml"), PRIVILEGED).unwrap();
    fs::create_dir(path("repo/tests")).unwrap();
    symlink("../../secret.yaml", path("repo/tests/link.yaml")).unwrap();
    let of = |text: &str, args: &[&str]| {
        fs::write(path("repo/tests/harden-test.yaml"), text).unwrap();
        let run = run_in(&path("repo"), folder.path(), &[&["test"], args].concat(), &[]);
        (run.code, run.out + &run.err)
    };
    assert_eq!(of(&suite("../pod.yaml"), &[]).0, 0);
    for (named, message) in [
        ("../../secret.yaml", "leads out, and a suite that was found reaches no further than"),
        ("/etc/passwd", "is absolute"),
        ("../.git/config", "lies in git's own folder"),
        ("link.yaml", "`link.yaml` is a symbolic link"),
    ] {
        for text in [
            suite(named),
            format!("policies: [{{policy: '{named}'}}]\n{}", suite("../pod.yaml")),
            format!("policies: [{{config: '{named}'}}]\n{}", suite("../pod.yaml")),
        ] {
            let (code, said) = of(&text, &[]);
            assert!(code == 2 && said.contains(message), "{text}: {said}");
        }
    }
    for args in [&["tests/harden-test.yaml"][..], &["--trust-config"]] {
        assert_eq!(of(&suite("../../secret.yaml"), args).0, 0, "{args:?}");
    }
}

#[test]
fn s15_a_module_below_the_folder_runs() {
    let folder = repository("profile: privileged\npolicies: [{module: rules/privileged.wasm}]\n");
    let repo = folder.path().join("repo");
    fs::create_dir(repo.join("rules")).unwrap();
    fs::copy(project("dist/privileged.wasm"), repo.join("rules/privileged.wasm")).unwrap();
    let run = check(&repo, &["pod.yaml"]);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
}

#[test]
fn s15_links_that_lead_out_are_not_read() {
    let folder = repository("");
    let path = |name: &str| folder.path().join(name);
    fs::write(path("secret.yaml"), PRIVILEGED.replace("name: web", "name: secret")).unwrap();
    fs::create_dir(path("repo/deploy")).unwrap();
    fs::write(path("repo/base.yaml"), PRIVILEGED.replace("name: web", "name: base")).unwrap();
    symlink("../../secret.yaml", path("repo/deploy/out.yaml")).unwrap();
    symlink("../.git/config", path("repo/deploy/git.yaml")).unwrap();
    symlink("../base.yaml", path("repo/deploy/in.yaml")).unwrap();
    let run = check(&path("repo"), &["deploy"]);
    assert_eq!(run.code, 2, "{}", run.out);
    for name in ["out.yaml", "git.yaml"] {
        let line = run.out.lines().find(|line| line.contains(name)).unwrap();
        assert!(line.contains("out of the folder and its work tree, and was not followed"), "{line}");
    }
    assert!(run.out.contains("Pod base") && !run.out.contains("Pod secret"), "{}", run.out);
    // Without a work tree the folder that was named is the limit.
    fs::remove_dir_all(path("repo/.git")).unwrap();
    let run = check(&path("repo"), &["deploy"]);
    assert!(run.code == 2 && !run.out.contains("Pod base"), "{}", run.out);
    let named = check(&path("repo"), &["deploy/out.yaml"]);
    assert!(named.code == 1 && named.out.contains("Pod secret"), "{}", named.out);
}

#[test]
fn s15_a_kustomization_lists_nothing_of_gits_own() {
    let folder = repository("");
    let repo = folder.path().join("repo");
    fs::write(repo.join(".git/config"), "token: [hunter2\n").unwrap();
    fs::write(repo.join("kustomization.yaml"), "resources: [pod.yaml, .git/config]\n").unwrap();
    let run = check(&repo, &["."]);
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(run.out.contains("lies in git's own folder and was not read"), "{}", run.out);
    assert!(!run.out.contains("hunter2") && !run.err.contains("hunter2"), "{}{}", run.out, run.err);
}

#[test]
fn s18_source_of_a_committed_file_is_a_comment() {
    let text = format!("# Source: README.md\n{PRIVILEGED}");
    let folder = folder(&[("pod.yaml", text.as_str()), ("README.md", "# Read me\n")]);
    let of_file = check(folder.path(), &["--format", "github", "pod.yaml"]);
    assert!(
        of_file.out.contains("file=pod.yaml,line=11") && !of_file.out.contains("file=README.md"),
        "{}",
        of_file.out
    );
    let rendered = harden_with_stdin(folder.path(), &["check", "--format", "github", "-"], &text);
    assert!(rendered.out.contains("file=README.md,line=1"), "{}", rendered.out);
}

#[test]
fn s18_no_suppressions() {
    let text = PRIVILEGED.replace("privileged: true", "privileged: true # harden: ignore[privileged] trust me");
    let annotated = PRIVILEGED.replace("name: web", "name: web\n  annotations: {harden/ignore.privileged: trust me}");
    let folder = folder(&[("comment.yaml", text.as_str()), ("annotation.yaml", &annotated)]);
    let settings = ["--settings-json", r#"{"profile":"privileged","rules":{"privileged":true}}"#];
    for file in ["comment.yaml", "annotation.yaml"] {
        let of = |args: &[&str]| check(folder.path(), &[&settings[..], args, &[file]].concat());
        let muted = of(&[]);
        assert!(muted.code == 0 && muted.out.contains("1 suppressed"), "{}", muted.out);
        let all = of(&["--no-suppressions"]);
        assert!(all.code == 1 && all.out.contains("error[privileged]") && !all.out.contains("suppress"), "{}", all.out);
    }
    let fix = |args: &[&str]| {
        let fixed = [&["fix", "--diff", "--unsafe"], &settings[..], args, &["comment.yaml"]].concat();
        run_in(folder.path(), folder.path(), &fixed, &[]).out
    };
    assert!(!fix(&[]).contains("+") && fix(&["--no-suppressions"]).contains("privileged: false"));
}
