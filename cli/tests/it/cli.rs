//! The real binary, as a user runs it.

use std::path::Path;

use crate::support::*;

const ONLY_PRIVILEGED: &str = r#"{"rules":{"allow-privilege-escalation":false,"apparmor-profile":false,"capabilities":false,"image-tag":false,"read-only-root-filesystem":false,"resources":false,"run-as-user":false,"seccomp-profile":false,"selinux-options":false}}"#;

fn check(folder: &Path, args: &[&str]) -> Run {
    harden(folder, &[&["check", "--settings-json", ONLY_PRIVILEGED], args].concat())
}

#[test]
fn everything_that_is_not_judged_is_counted_or_an_error() {
    let files = [
        ("a/service.yaml", "apiVersion: v1\nkind: Service\nmetadata:\n  name: s\n"),
        ("a/values.yaml", "replicas: 2\n"),
        ("a/empty.yaml", "# nothing here\n"),
        ("a/list.json", r#"{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Namespace"}]}"#),
        ("a/notes.txt", "not a manifest"),
    ];
    let folder = folder(&files);
    let run = check(folder.path(), &["a"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let expected = "nothing to judge; 4 files read, 4 documents not judged (2 without a pod template, 1 not Kubernetes, 1 empty)\n";
    assert_eq!(run.out, expected);
}

#[test]
fn what_cannot_be_read_is_exit_code_2_and_names_file_and_line() {
    let cases: [(&str, &[u8], &str); 4] = [
        ("broken.yaml", b"a: b\nc: [1, 2\nd: e\n", "broken.yaml:"),
        (
            "chart.yaml",
            b"kind: Pod\nspec:\n  {{- toYaml .Values.spec | nindent 2 }}\n",
            "is an unrendered Helm template",
        ),
        ("latin.yaml", b"a: b\nc: \xe9\n", "latin.yaml: is not text: line 2 is not UTF-8"),
        ("twice.yaml", b"apiVersion: v1\nkind: Pod\nkind: Pod\n", "twice.yaml:3:1"),
    ];
    for (name, bytes, expected) in cases {
        let folder = folder(&[("good.yaml", PRIVILEGED)]);
        std::fs::write(folder.path().join(name), bytes).unwrap();
        let run = check(folder.path(), &["."]);
        assert_eq!(run.code, 2, "{name}: {}", run.out);
        assert!(run.out.contains(expected), "{name}: {}", run.out);
        assert!(run.out.contains("error[privileged]"), "the other file is judged all the same: {}", run.out);
    }
}

#[test]
fn a_missing_file_and_an_empty_folder_are_errors() {
    let folder = folder(&[("empty/notes.txt", "")]);
    for (path, expected) in
        [("nowhere.yaml", "nowhere.yaml: cannot be read"), ("empty", "empty: holds no .yaml, .yml or .json file")]
    {
        let run = check(folder.path(), &[path]);
        assert_eq!(run.code, 2);
        assert!(run.out.contains(expected), "{}", run.out);
    }
}

#[test]
fn an_object_that_the_policy_cannot_read_is_an_error_that_names_the_field() {
    let folder = folder(&[("pod.yaml", &PRIVILEGED.replace("privileged: true", "privileged: \"topsecret\""))]);
    let run = check(folder.path(), &["pod.yaml"]);
    assert_eq!(run.code, 2, "{}", run.out);
    let expected =
        "pod.yaml:10:9: Pod web: spec.containers[0].securityContext.privileged is a string, must be true or false";
    assert!(run.out.contains(expected) && !run.out.contains("topsecret"), "{}", run.out);
}

#[test]
fn several_documents_and_lists_have_places_of_their_own() {
    let indented: String = PRIVILEGED.lines().map(|line| format!("    {line}\n")).collect();
    let list = format!("apiVersion: v1\nkind: List\nitems:\n  - {}", indented.trim_start());
    let text = format!("# first\n{PRIVILEGED}---\n{list}");
    let run = harden_with_stdin(
        Path::new("."),
        &["check", "--settings-json", ONLY_PRIVILEGED, "--format", "json", "-"],
        &text,
    );
    assert_eq!(run.code, 1, "{}", run.err);
    let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let places: Vec<_> =
        report["findings"].as_array().unwrap().iter().map(|f| (f["line"].as_u64(), f["column"].as_u64())).collect();
    assert_eq!(places, [(Some(11), Some(9)), (Some(25), Some(13))]);
    let first = &report["findings"][0];
    assert_eq!((first["file"].as_str(), first["rule"].as_str()), (Some("<stdin>"), Some("privileged")));
    assert_eq!((first["object"]["kind"].as_str(), first["found"].as_bool()), (Some("Pod"), Some(true)));
    assert_eq!((report["summary"]["errors"].as_u64(), report["summary"]["judged"].as_u64()), (Some(2), Some(2)));
}

#[test]
fn settings_that_are_wrong_stop_the_run() {
    let folder =
        folder(&[("pod.yaml", PRIVILEGED), ("settings.yaml", "rules:\n  privileged:\n    requireExplicit: maybe\n")]);
    let run = harden(folder.path(), &["check", "--settings-path", "settings.yaml", "pod.yaml"]);
    assert_eq!(run.code, 2);
    let expected = "error: settings.yaml: rules.privileged.requireExplicit: must be true or false";
    assert!(run.err.contains(expected), "{}", run.err);
}

#[test]
fn warnings_do_not_fail() {
    let folder = folder(&[("pod.yaml", PRIVILEGED)]);
    let settings = ONLY_PRIVILEGED.replacen('{', r#"{"action":"warn","#, 1);
    let run = harden(folder.path(), &["check", "--settings-json", &settings, "pod.yaml"]);
    assert_eq!(run.code, 0, "{}", run.out);
    assert!(run.out.contains("warning[privileged]") && run.out.contains("0 violations, 1 warning"), "{}", run.out);
}

#[test]
fn unknown_kinds_are_judged_by_their_structure() {
    let rollout = "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata:\n  name: r\nspec:\n  template:\n    spec:\n      containers:\n        - name: app\n";
    let folder = folder(&[("rollout.yaml", rollout)]);
    let run = check(folder.path(), &["rollout.yaml"]);
    assert_eq!(run.code, 1);
    assert!(run.out.contains("Rollout r, container \"app\": securityContext.privileged is not set"), "{}", run.out);
}

#[test]
fn the_examples_are_what_they_say() {
    let run = harden(&examples(), &["check", "--format", "json", "insecure"]);
    assert_eq!(run.code, 1, "{}", run.err);
    let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let rules: std::collections::BTreeSet<&str> =
        report["findings"].as_array().unwrap().iter().filter_map(|f| f["rule"].as_str()).collect();
    for rule in [
        "allow-privilege-escalation",
        "apparmor-profile",
        "capabilities",
        "image-tag",
        "privileged",
        "read-only-root-filesystem",
        "resources",
        "run-as-user",
        "seccomp-profile",
        "selinux-options",
    ] {
        assert!(rules.contains(rule), "nothing in examples/insecure breaks {rule}");
    }
    let run = harden(&examples(), &["check", "hardened"]);
    assert_eq!((run.code, run.out.lines().count()), (0, 1), "{}", run.out);
}

#[test]
fn the_order_of_files_does_not_depend_on_threads() {
    let first = harden(&examples(), &["check", "insecure"]).out;
    for _ in 0..5 {
        assert_eq!(harden(&examples(), &["check", "insecure"]).out, first);
    }
}

#[test]
fn rules_are_listed_and_explained() {
    let list = harden(Path::new("."), &["rules"]);
    assert_eq!(list.code, 0);
    for doc in hardening::catalogue::all() {
        assert!(list.out.contains(doc.id), "{}", doc.id);
        let explained = harden(Path::new("."), &["explain", doc.id]);
        assert_eq!(explained.code, 0);
        for part in [doc.title, "**Restricted fields:**", "**Allowed values:**", "**Kubernetes:**", "`exemptions`"] {
            assert!(explained.out.contains(part), "{}: {part}", doc.id);
        }
        for field in &doc.settings {
            assert!(explained.out.contains(&format!("`{}`", field.key)), "{}: {}", doc.id, field.key);
        }
    }
    assert!(!harden(Path::new("."), &["explain", "image-tag"]).out.contains("Pod Security Standards\n\nProfile"));
}

#[test]
fn the_version_is_that_of_the_package() {
    let version = harden(Path::new("."), &["--version"]);
    assert_eq!(version.out, format!("harden {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn run_answers_as_kwctl_does() {
    let policy = project("dist/privileged.wasm").display().to_string();
    let folder = folder(&[("pod.yaml", PRIVILEGED), ("settings.yaml", "requireExplicit: 3\n")]);
    let run = harden(folder.path(), &["run", &policy, "--request-path", "pod.yaml"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let answer: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(answer["allowed"], false);
    assert!(answer["status"]["message"].as_str().unwrap().contains("must be false"), "{answer}");
    assert!(answer["auditAnnotations"]["violations"].as_str().unwrap().starts_with("[{"), "{answer}");

    let bad = harden(folder.path(), &["run", &policy, "-r", "pod.yaml", "-s", "settings.yaml"]);
    assert_eq!(bad.code, 1);
    assert!(bad.err.contains("Provided settings are not valid"), "{}", bad.err);

    let settings = r#"{"action":"mutate","overwrite":true}"#;
    let mutated = harden(folder.path(), &["run", &policy, "-r", "pod.yaml", "--settings-json", settings]);
    let answer: serde_json::Value = serde_json::from_str(&mutated.out).unwrap();
    assert_eq!(
        (answer["allowed"].as_bool(), answer["patchType"].as_str()),
        (Some(true), Some("JSONPatch")),
        "{answer}"
    );
    assert!(answer["patch"].is_string());
}

#[test]
fn profiles_judge_as_pod_security_admission_does() {
    let folder = folder(&[("pod.yaml", &PRIVILEGED.replace("privileged: true", "runAsUser: 1"))]);
    let check = |args: &[&str]| harden(folder.path(), &[&["check", "pod.yaml"], args].concat());
    assert_eq!(check(&["--profile", "baseline"]).code, 0);
    let restricted = check(&["--profile", "restricted"]);
    assert!(restricted.code == 1 && restricted.out.contains("[allow-privilege-escalation]"), "{}", restricted.out);
    assert!(!restricted.out.contains("[resources]"), "{}", restricted.out);
    // The restricted standard had no demand on capabilities before 1.22.
    assert!(restricted.out.contains("[capabilities]"));
    let old = check(&["--profile", "restricted", "--kubernetes-version", "v1.21"]);
    assert!(old.code == 1 && !old.out.contains("[capabilities]"), "{}", old.out);
    for (args, expected) in [
        (["--profile", "strict"].as_slice(), "--profile <PROFILE>': must be one of"),
        (&["--profile", "baseline", "--kubernetes-version", "1.99"], "--kubernetes-version <VERSION>': must be latest"),
    ] {
        let run = check(args);
        assert!(run.code == 2 && run.err.contains(expected), "{}", run.err);
    }
}

#[test]
fn arguments_may_be_any_bytes() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let odd = OsStr::from_bytes(b"\xff.yaml");
    let run = |args: &[&OsStr]| std::process::Command::new(env!("CARGO_BIN_EXE_harden")).args(args).output().unwrap();
    // No command is called that.
    let output = run(&[odd]);
    assert_eq!(output.status.code(), Some(2));
    assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"));
    // A file may be.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(odd);
    std::fs::write(&path, PRIVILEGED).unwrap();
    let output = run(&["check".as_ref(), "--no-config".as_ref(), path.as_os_str()]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
}
