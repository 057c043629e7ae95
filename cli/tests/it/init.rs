//! `harden init`, with the real binary.

use std::path::Path;

use serde_json::Value;

use crate::support::*;

/// Runs `init` and proves what always holds: `check` accepts the configuration, which is as its schema says. Gives the
/// configuration and the exit code of that check.
fn init(folder: &Path, args: &[&str]) -> (String, i32) {
    let printed = harden(folder, &[&["init", "--print"], args].concat());
    assert_eq!(printed.code, 0, "{}", printed.err);
    assert!(!folder.join("harden.yaml").exists(), "--print writes nothing");
    let run = harden(folder, &[&["init"], args].concat());
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let text = std::fs::read_to_string(folder.join("harden.yaml")).unwrap();
    assert!(printed.out.contains(&text), "{}", printed.out);
    let schema = harden(folder, &["schema"]).out;
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let value: Value = serde_yaml_ng::from_str(&text).unwrap();
    crate::reports::validate(&schema, &schema, &value, "harden.yaml");
    let check = harden(folder, &["check"]);
    assert!(check.code < 2, "{text}\n{}{}", check.out, check.err);
    (text, check.code)
}

fn profile(text: &str) -> &str {
    text.lines().find_map(|line| line.strip_prefix("profile: ")).unwrap()
}

fn pod(fields: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  {fields}\n  containers: [{{name: c, image: 'i:1'}}]\n"
    )
}

#[test]
fn the_profile_is_what_the_workloads_reach() {
    let restricted = "securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}";
    let container =
        "{name: c, image: 'i:1', securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}";
    let restricted = pod(restricted).replace("{name: c, image: 'i:1'}", container);
    for (manifest, expected, code) in
        [(pod(""), "baseline", 0), (restricted, "restricted", 0), (pod("hostPID: true"), "baseline", 1)]
    {
        let folder = folder(&[("deploy/pod.yaml", &manifest)]);
        let (text, exit) = init(folder.path(), &[]);
        assert_eq!((profile(&text), exit), (expected, code), "{text}");
        assert_eq!(text.contains("#   deploy/pod.yaml:1: Pod p"), code == 1, "{text}");
    }
    let folder = folder(&[("values.yaml", "a: b\n")]);
    assert_eq!(profile(&init(folder.path(), &[]).0), "hardening");
}

#[test]
fn a_baseline_accepts_what_is_there() {
    let folder = folder(&[("pod.yaml", PRIVILEGED)]);
    let (text, code) = init(folder.path(), &["--baseline"]);
    assert_eq!((profile(&text), code), ("hardening", 0), "{text}");
    assert!(text.contains("\nbaseline: harden-baseline.json\n"), "{text}");
    // The names are those from here.
    let again = crate::support::folder(&[("pod.yaml", PRIVILEGED), ("app/pod.yaml", PRIVILEGED)]);
    let run = harden(again.path(), &["init", "--baseline"]);
    let said = (run.out.as_str(), run.err.as_str());
    assert_eq!(said, ("wrote harden.yaml\n", "wrote 22 findings to harden-baseline.json\n"));
    let run = harden(again.path(), &["init", "app"]);
    assert_eq!((run.out.as_str(), run.err.as_str()), ("wrote app/harden.yaml\n", ""));
    std::fs::write(folder.path().join("new.yaml"), PRIVILEGED).unwrap();
    assert_eq!(harden(folder.path(), &["check"]).code, 1);
}

#[test]
fn a_baseline_is_of_what_the_new_configuration_governs() {
    let nearer = [("a/harden.yaml", "baseline: known.json\n"), ("a/known.json", "mine"), ("a/pod.yaml", PRIVILEGED)];
    let folder = folder(&nearer);
    let run = harden(folder.path(), &["init", "--baseline"]);
    let why = "every workload in . is governed by a nearer configuration, such as a/harden.yaml: write `baseline: ";
    assert!(run.code == 2 && run.err.contains(why), "{}", run.err);
    assert!(!folder.path().join("harden.yaml").exists(), "all or nothing");
    std::fs::write(folder.path().join("pod.yaml"), PRIVILEGED).unwrap();
    let run = harden(folder.path(), &["init", "--baseline"]);
    assert_eq!((run.code, run.err.as_str()), (0, "wrote 11 findings to harden-baseline.json\n"), "{}", run.out);
    assert_eq!(std::fs::read_to_string(folder.path().join("a/known.json")).unwrap(), "mine");
    assert_eq!(harden(folder.path(), &["check", "pod.yaml"]).code, 0);
    let empty = crate::support::folder(&[("values.yaml", "a: b\n")]);
    let run = harden(empty.path(), &["init", "--baseline"]);
    assert!(run.code == 2 && run.err.contains(". holds no workload whose findings"), "{}", run.err);
    assert!(!empty.path().join("harden.yaml").exists());
}

#[test]
fn charts_kustomizations_dockerfiles_and_what_cannot_be_read_are_found() {
    let template = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}\n{{- with .Values.x }}\nspec: {}\n{{- end }}\n";
    let folder = folder(&[
        ("charts/shop/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n"),
        ("charts/shop/templates/pod.yaml", template),
        ("charts/shop/charts/redis/Chart.yaml", "apiVersion: v2\nname: redis\nversion: 1.0.0\n"),
        ("charts/shop/charts/redis/templates/pod.yaml", template),
        ("deploy/prod/kustomization.yaml", "resources: [pod.yaml]\n"),
        ("deploy/prod/pod.yaml", PRIVILEGED),
        ("od d/[x].yaml", "a: b: c\n"),
        ("app/Dockerfile", "FROM scratch\n"),
        ("node_modules/x/Dockerfile", "FROM scratch\n"),
    ]);
    let (text, code) = init(folder.path(), &[]);
    assert_eq!(code, 1, "{text}");
    for part in [
        "harden check --helm charts/shop\n  - /charts/shop/templates/\n",
        "  - /charts/shop/charts/\n",
        "#   harden check --kustomize deploy/prod\n",
        "#   - {image: ghcr.io/org/app, path: app/Dockerfile}\n",
        "is not valid YAML",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(!text.contains("node_modules") && !text.contains("redis"), "{text}");
}

#[test]
fn files_with_a_configuration_of_their_own_are_not_described() {
    let folder = folder(&[
        ("app/pod.yaml", PRIVILEGED),
        ("app/harden.yaml", "exclude: [generated/]\n"),
        ("app/generated/pod.yaml", PRIVILEGED),
        ("deploy/pod.yaml", &pod("hostPID: true")),
    ]);
    let (text, _) = init(folder.path(), &[]);
    assert!(text.contains("# 1 workload by `harden level`") && text.contains("#   deploy/pod.yaml:1: Pod p"), "{text}");
    assert!(!text.contains("app/"), "{text}");
}

#[test]
fn nothing_is_written_over() {
    for name in ["harden.yaml", "harden.yml", ".harden.yaml"] {
        let folder = folder(&[(name, "profile: baseline\n")]);
        let run = harden(folder.path(), &["init"]);
        assert_eq!(run.code, 2);
        assert!(run.err.contains(&format!("{name} is there and is not written over")), "{}", run.err);
        assert_eq!(std::fs::read_to_string(folder.path().join(name)).unwrap(), "profile: baseline\n");
    }
    let folder = folder(&[("pod.yaml", PRIVILEGED), ("harden-baseline.json", "mine")]);
    let run = harden(folder.path(), &["init", "--baseline"]);
    assert!(run.code == 2 && run.err.contains("harden-baseline.json is there"), "{}", run.err);
    assert!(!folder.path().join("harden.yaml").exists(), "all or nothing");
    let nowhere = harden(folder.path(), &["init", "nowhere"]);
    assert!(nowhere.code == 2 && nowhere.err.contains("nowhere is not a folder"), "{}", nowhere.err);
}

#[test]
fn hooks_and_jobs_are_written_or_printed() {
    let folder = folder(&[("pod.yaml", PRIVILEGED), (".github/keep", "")]);
    let run = harden(folder.path(), &["init", "--hook"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.err.contains("hint: `harden init --ci github` writes the job"), "{}", run.err);
    let hooks = std::fs::read_to_string(folder.path().join(".pre-commit-config.yaml")).unwrap();
    let hooks: serde_yaml_ng::Value = serde_yaml_ng::from_str(&hooks).unwrap();
    let entry = hooks["repos"][0]["hooks"][0]["entry"].as_str().unwrap();
    let args: Vec<&str> = entry.split(' ').skip(1).chain(["pod.yaml"]).collect();
    assert_eq!(harden(folder.path(), &args).code, 1, "{entry}");
    // The configuration stays, the job comes.
    let before = std::fs::read_to_string(folder.path().join("harden.yaml")).unwrap();
    let run = harden(folder.path(), &["init", "--ci", "github", "--hook"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.contains(".pre-commit-config.yaml is there; add to it:\n  - repo: local\n"), "{}", run.out);
    assert_eq!(std::fs::read_to_string(folder.path().join("harden.yaml")).unwrap(), before);
    let job = std::fs::read_to_string(folder.path().join(".github/workflows/harden.yaml")).unwrap();
    let job: serde_yaml_ng::Value = serde_yaml_ng::from_str(&job).unwrap();
    let steps = job["jobs"]["harden"]["steps"].as_sequence().unwrap();
    let (_, command) = steps[1]["run"].as_str().unwrap().split_once(" harden ").unwrap();
    let args: Vec<&str> = command.split(' ').collect();
    let check = harden(folder.path(), &args);
    assert!(check.code == 1 && check.out.starts_with("::error file="), "{command}: {}{}", check.out, check.err);
    let again = harden(folder.path(), &["init", "--ci", "github"]);
    assert!(again.code == 2 && again.err.contains("harden.yaml is there and is not written over"), "{}", again.err);

    let run = harden(folder.path(), &["init", "--ci", "gitlab"]);
    assert_eq!(run.code, 0, "{}", run.err);
    // What `init` wrote passes the hook, which names every file.
    let written = [".pre-commit-config.yaml", ".github/workflows/harden.yaml", ".gitlab-ci.yml", "harden.yaml"];
    let hook: Vec<&str> = entry.split(' ').skip(1).chain(written).collect();
    let run = harden(folder.path(), &hook);
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (0, "", ""));
    let job = std::fs::read_to_string(folder.path().join(".gitlab-ci.yml")).unwrap();
    let job: serde_yaml_ng::Value = serde_yaml_ng::from_str(&job).unwrap();
    let args: Vec<&str> = job["harden"]["script"].as_str().unwrap().split(' ').skip(1).collect();
    assert_eq!(harden(folder.path(), &args).code, 1);
    let again = harden(folder.path(), &["init", "--ci", "gitlab"]);
    assert!(again.code == 0 && again.out.contains(".gitlab-ci.yml is there; add to it:\nharden:\n"), "{}", again.out);
}
