//! `--since`: what a work tree adds to a revision, with the real git.

use std::path::Path;
use std::process::Command;

use crate::support::*;

/// Runs git in a folder, with a name and without the user's settings.
fn git(folder: &Path, args: &[&str]) {
    let mut git = Command::new("git");
    git.current_dir(folder).args(["-c", "user.name=n", "-c", "user.email=e", "-c", "init.defaultBranch=main"]);
    let done = git.args(args).env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap();
    assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
}

fn commit(folder: &Path) {
    git(folder, &["add", "--all"]);
    git(folder, &["commit", "--quiet", "--message", "x"]);
}

/// A repository with these files committed.
fn repository(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = folder(files);
    git(folder.path(), &["init", "--quiet"]);
    commit(folder.path());
    folder
}

fn pod(name: &str, fields: &str) -> String {
    format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n  {fields}\n  containers: [{{name: c}}]\n")
}

fn check(folder: &Path, args: &[&str]) -> Run {
    harden(folder, &[&["check", "--format", "concise", "--profile", "baseline"], args].concat())
}

#[test]
fn only_what_the_work_tree_adds_fails() {
    let bad = pod("web", "hostPID: true");
    let repository = repository(&[("deploy/web.yaml", &bad), ("deploy/old.yaml", &pod("old", "hostIPC: true"))]);
    let path = repository.path();
    let same = check(path, &["--since", "HEAD"]);
    assert_eq!(same.code, 0, "{}{}", same.out, same.err);
    let text = harden(path, &["check", "--profile", "baseline", "--since", "HEAD"]);
    assert!(text.code == 0 && text.out.contains("; 2 known from the revision\n"), "{}", text.out);
    for (format, said) in [
        ("json", r#""muted":{"by":"revision","revision":"HEAD"}"#),
        ("junit", "HEAD has it, too"),
        ("sarif", "known before: the revision has it, too"),
        ("html", "Known: HEAD has it, too."),
    ] {
        let out = harden(path, &["check", "--profile", "baseline", "--since", "HEAD", "--format", format]).out;
        let compact = out.replace(['\n', ' '], "");
        assert!(compact.contains(&said.replace(' ', "")) && !compact.contains("baseline\"}"), "{format}: {out}");
    }
    // Lines move, and a finding comes.
    let worse = bad.replace("  hostPID", "  # more\n  hostNetwork: true\n  hostPID");
    std::fs::write(path.join("deploy/web.yaml"), worse).unwrap();
    std::fs::write(path.join("deploy/new.yaml"), pod("new", "hostPID: true")).unwrap();
    for folder in [path.to_owned(), path.join("deploy")] {
        let run = check(&folder, &["--since", "HEAD"]);
        assert_eq!(run.code, 1, "{}{}", run.out, run.err);
        let lines: Vec<&str> = run.out.lines().filter(|line| line.contains("error[")).collect();
        assert_eq!(lines.len(), 2, "{}", run.out);
        assert!(lines[0].contains("new.yaml:5:3") && lines[1].contains("web.yaml:6:3"), "{}", run.out);
    }
    commit(path);
    assert_eq!(check(path, &["--since", "HEAD"]).code, 0);
    assert_eq!(check(path, &["--since", "HEAD^1"]).code, 1);
}

#[test]
fn a_renamed_file_keeps_its_findings() {
    let bad = pod("web", "hostPID: true");
    let repository = repository(&[("a/web.yaml", &bad), ("b/web.yaml", "# nothing\n")]);
    let path = repository.path();
    std::fs::create_dir(path.join("c")).unwrap();
    std::fs::rename(path.join("a/web.yaml"), path.join("c/app.yaml")).unwrap();
    assert_eq!(check(path, &["--since", "HEAD"]).code, 0);
    // Once only: what was there once is not there twice.
    std::fs::copy(path.join("c/app.yaml"), path.join("c/copy.yaml")).unwrap();
    assert_eq!(check(path, &["--since", "HEAD"]).code, 1);
    std::fs::remove_file(path.join("c/copy.yaml")).unwrap();
    // A file that was there is no file that was renamed, even if the objects have one name.
    std::fs::rename(path.join("c/app.yaml"), path.join("b/web.yaml")).unwrap();
    assert_eq!(check(path, &["--since", "HEAD"]).code, 1);
}

#[test]
fn what_was_suppressed_is_new_without_its_suppression() {
    let suppressed = pod("web", "hostPID: true # harden: ignore[host-namespaces] the debugger");
    let repository = repository(&[("web.yaml", &suppressed)]);
    assert_eq!(check(repository.path(), &["--since", "HEAD"]).code, 0);
    std::fs::write(repository.path().join("web.yaml"), pod("web", "hostPID: true")).unwrap();
    assert_eq!(check(repository.path(), &["--since", "HEAD"]).code, 1);
}

#[test]
fn standard_input_is_compared_with_the_file_that_it_is_called() {
    let bad = pod("web", "hostPID: true");
    let repository = repository(&[("web.yaml", &bad)]);
    let check = |args: &[&str], text: &str| {
        let args = [&["check", "--profile", "baseline", "--since", "HEAD"], args, &["-"]].concat();
        harden_with_stdin(repository.path(), &args, text)
    };
    assert_eq!(check(&["--stdin-filename", "web.yaml"], &bad).code, 0);
    let worse = bad.replace("  hostPID", "  hostIPC: true\n  hostPID");
    assert_eq!(check(&["--stdin-filename", "web.yaml"], &worse).code, 1);
    let nameless = check(&[], &bad);
    assert!(nameless.code == 2 && nameless.err.contains("name it with --stdin-filename"), "{}", nameless.err);
}

#[test]
fn a_dockerfile_that_changes_makes_its_findings_new() {
    let of = |id: u32| {
        pod("web", "").replace("name: c", &format!("name: c, image: app:1, securityContext: {{runAsUser: {id}}}"))
    };
    let repository = repository(&[("web.yaml", &of(1000)), ("Dockerfile", "FROM scratch\nUSER 2000\n")]);
    let check = || check(repository.path(), &["--since", "HEAD", "--dockerfile", "app=Dockerfile"]);
    let known = check();
    assert_eq!(known.code, 0, "{}{}", known.out, known.err);
    std::fs::write(repository.path().join("Dockerfile"), "FROM scratch\nUSER 3000\n").unwrap();
    let new = check();
    assert!(new.code == 1 && new.out.contains("error[dockerfile-user]"), "{}", new.out);
}

#[test]
fn what_git_cannot_say_is_exit_code_2_with_what_to_do() {
    let bad = pod("web", "hostPID: true");
    let outside = folder(&[("web.yaml", &bad)]);
    let mut nowhere = harden_command();
    nowhere.current_dir(outside.path()).env("GIT_CEILING_DIRECTORIES", outside.path().parent().unwrap());
    let nowhere = run(nowhere.args(["check", "--since", "HEAD"]).output().unwrap());
    assert_eq!(nowhere.code, 2);
    assert!(nowhere.err.contains("--since: . is not in a work tree of git"), "{}", nowhere.err);

    let repository = repository(&[("web.yaml", &bad)]);
    for name in ["nosuch", "--help", "HEAD:web.yaml"] {
        let unknown = check(repository.path(), &[&format!("--since={name}")]);
        assert_eq!(unknown.code, 2, "{name}: {}", unknown.out);
        assert!(unknown.err.contains(&format!("--since: {name} is not a revision")), "{}", unknown.err);
    }
    commit_again(repository.path());
    let clone = tempfile::tempdir().unwrap();
    let url = format!("file://{}", repository.path().display());
    git(clone.path(), &["clone", "--quiet", "--depth=1", &url, "."]);
    let shallow = check(clone.path(), &["--since", "HEAD^1"]);
    assert_eq!(shallow.code, 2);
    assert!(shallow.err.contains("which is shallow; `git fetch --deepen=1` brings"), "{}", shallow.err);

    let elsewhere = outside.path().join("web.yaml");
    let two = check(repository.path(), &["--no-config", "--since", "HEAD", "web.yaml", elsewhere.to_str().unwrap()]);
    assert!(two.code == 2 && two.err.contains("is not in the work tree"), "{}", two.err);
    let both = check(repository.path(), &["--since", "HEAD", "--write-baseline"]);
    assert!(both.code == 2 && both.err.contains("cannot be used with"), "{}", both.err);
}

fn commit_again(folder: &Path) {
    std::fs::write(folder.join("more.yaml"), "# more\n").unwrap();
    commit(folder);
}
