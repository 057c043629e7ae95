//! The nearest `harden.yaml` governs each file, with the real binary.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::support::*;

/// A pod that `baseline` refuses for one thing and `hardening` for many.
const POD: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  hostPID: true
  containers: [{name: app, image: 'ghcr.io/org/app:1'}]
";

const TEMPLATED: &str =
    "apiVersion: example.com/v1\nkind: App\nmetadata: {name: a}\nspec: {pod: {spec: {containers: [{name: c}]}}}\n";

/// The files of the findings with their rules, of a report as JSON.
fn found(run: &Run) -> BTreeSet<(String, String)> {
    let report: Value = serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {}", run.err));
    let word = |value: &Value| value.as_str().unwrap().trim_start_matches("./").to_owned();
    report["findings"].as_array().unwrap().iter().map(|one| (word(&one["file"]), word(&one["rule"]))).collect()
}

fn of(found: &BTreeSet<(String, String)>, file: &str) -> Vec<String> {
    found.iter().filter(|(of, _)| of == file).map(|(_, rule)| rule.clone()).collect()
}

/// Two services with a configuration each, and one file that the root's governs.
fn services() -> tempfile::TempDir {
    folder(&[
        ("a/harden.yaml", "profile: baseline\nexclude: [generated/]\n"),
        ("a/pod.yaml", POD),
        ("a/deep/er/pod.yaml", POD),
        ("a/generated/pod.yaml", POD),
        ("b/.harden.yaml", "profile: baseline\nrules: {host-namespaces: warn}\n"),
        ("b/pod.yaml", POD),
        ("pod.yaml", POD),
        ("harden.yaml", "profile: privileged\nrules: {image-tag: {requireDigest: true}}\n"),
    ])
}

#[test]
fn b3_each_file_is_judged_by_its_own_configuration() {
    let folder = services();
    for paths in [&["."][..], &["a", "b", "pod.yaml"], &["b/pod.yaml", "a/deep/er/pod.yaml", "pod.yaml", "a/pod.yaml"]]
    {
        let run = harden(folder.path(), &[&["check", "--format", "json"], paths].concat());
        let found = found(&run);
        assert_eq!(run.code, 1, "{paths:?}: {}", run.err);
        for file in ["a/pod.yaml", "a/deep/er/pod.yaml", "b/pod.yaml"] {
            assert_eq!(of(&found, file), ["host-namespaces"], "{paths:?}");
        }
        assert_eq!(of(&found, "pod.yaml"), ["image-tag"], "{paths:?}");
        assert_eq!(of(&found, "a/generated/pod.yaml"), [""; 0], "{paths:?}");
    }
    assert_eq!(harden(folder.path(), &["check", "b"]).code, 0, "there it is a warning");
    let one = harden(folder.path(), &["check", "--format", "json", "--config", "b/.harden.yaml", "a", "b"]);
    assert_eq!((one.code, of(&found(&one), "a/pod.yaml")), (0, vec!["host-namespaces".to_owned()]));
    let none = found(&harden(folder.path(), &["check", "--format", "json", "--no-config", "a", "b"]));
    assert!(of(&none, "a/pod.yaml").len() > 5 && of(&none, "b/pod.yaml").len() > 5, "{none:?}");
    let stdin = ["check", "--format", "json", "--stdin-filename", "a/new.yaml", "-"];
    assert_eq!(of(&found(&harden_with_stdin(folder.path(), &stdin, POD)), "a/new.yaml"), ["host-namespaces"]);
}

#[test]
fn b3_fix_and_level_take_the_nearest_configuration() {
    let folder = services();
    let run = harden(folder.path(), &["fix", "a/pod.yaml", "b/pod.yaml", "pod.yaml"]);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    assert_eq!(std::fs::read_to_string(folder.path().join("a/pod.yaml")).unwrap(), POD, "baseline fills nothing in");
    std::fs::write(folder.path().join("a/app.yaml"), TEMPLATED).unwrap();
    std::fs::write(folder.path().join("b/app.yaml"), TEMPLATED).unwrap();
    std::fs::write(folder.path().join("a/harden.yaml"), "podTemplates: [/spec/pod]\n").unwrap();
    let run = harden(folder.path(), &["level", "--format", "json", "a/app.yaml", "b/app.yaml"]);
    let report: Value = serde_json::from_str(&run.out).unwrap();
    let files: Vec<&str> =
        report["workloads"].as_array().unwrap().iter().map(|one| one["file"].as_str().unwrap()).collect();
    assert_eq!(files, ["a/app.yaml"], "{}", run.out);
}

#[test]
fn b3_a_bad_configuration_below_is_named() {
    let folder = services();
    std::fs::write(folder.path().join("b/.harden.yaml"), "failon: high\n").unwrap();
    let run = harden(folder.path(), &["check", "."]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("b/.harden.yaml:1:1: failon: unknown setting, did you mean failOn?"), "{}", run.err);
    assert_eq!(harden(folder.path(), &["check", "a"]).code, 1, "it does not govern what is judged");
}

#[test]
fn a_baseline_holds_for_the_files_of_its_configuration() {
    let folder = services();
    let write = |path: &str, text: &str| std::fs::write(folder.path().join(path), text).unwrap();
    write("a/harden.yaml", "profile: baseline\nbaseline: known.json\n");
    write("b/.harden.yaml", "profile: baseline\nbaseline: known.json\n");
    let written = harden(folder.path(), &["check", "--write-baseline", "a", "b", "pod.yaml"]);
    assert_eq!(written.code, 0, "{}", written.err);
    for line in ["wrote 3 findings to ", "wrote 1 finding to ", "note: 1 finding in other files belong to no baseline"]
    {
        assert!(written.err.contains(line), "{line}: {}", written.err);
    }
    let known = harden(folder.path(), &["check", "a", "b"]);
    assert!(known.code == 0 && known.out.contains("4 known from the baseline"), "{}", known.out);
    assert_eq!(harden(folder.path(), &["check", "b/pod.yaml", "a/pod.yaml"]).code, 0);
    // What one service knows, the other does not.
    write("b/more.yaml", POD);
    assert_eq!(harden(folder.path(), &["check", "a", "b"]).code, 1);
    write("b/more.yaml", "");
    // Gone are those of the files that were judged or are no longer there, in one line a baseline.
    write("a/pod.yaml", &POD.replace("hostPID: true", "hostPID: false"));
    std::fs::remove_dir_all(folder.path().join("a/deep")).unwrap();
    let gone = harden(folder.path(), &["check", "a", "b"]);
    let message =
        "2 known findings are gone (1 of deep/er/pod.yaml, which is no longer there): run `harden baseline prune`";
    assert!(gone.code == 0 && gone.out.contains(message), "{}", gone.out);
    assert_eq!(gone.out.matches("gone-from-baseline").count(), 1, "{}", gone.out);
    let pruned = harden(folder.path(), &["baseline", "prune", "a", "b"]);
    let lines: Vec<&str> = pruned.out.lines().map(|line| line.rsplit('/').next().unwrap()).collect();
    assert_eq!(pruned.code, 0, "{}", pruned.err);
    assert_eq!(lines, ["known.json: 2 known findings removed, 1 left", "known.json: 0 known findings removed, 1 left"]);
    assert!(!harden(folder.path(), &["check", "a", "b"]).out.contains("gone"));
    let none = harden(folder.path(), &["baseline", "prune", "--no-config", "a"]);
    assert!(none.code == 2 && none.err.contains("there is no baseline to prune"), "{}", none.err);
}

#[test]
fn files_of_a_configuration_above_are_named_from_here() {
    let folder = folder(&[("harden.yaml", "profile: baseline\nbaseline: known/all.json\n"), ("a/b/pod.yaml", POD)]);
    let here = folder.path().join("a/b");
    let written = harden(&here, &["check", "--write-baseline"]);
    assert_eq!(
        (written.code, written.err.as_str()),
        (0, "wrote 1 finding to ../../known/all.json\n"),
        "{}",
        written.out
    );
    let pruned = harden(&here, &["baseline", "prune"]);
    assert_eq!(pruned.out, "../../known/all.json: 0 known findings removed, 1 left\n", "{}", pruned.err);
    assert_eq!(harden(&here, &["check"]).code, 0);
    std::fs::write(folder.path().join("known/all.json"), "{\n  \"version\": x\n").unwrap();
    let bad = harden(&here, &["check"]);
    assert!(
        bad.code == 2 && bad.err.starts_with("error: ../../known/all.json:2:14: is not a baseline: "),
        "{}",
        bad.err
    );
    std::fs::write(folder.path().join("harden.yaml"), "profil: baseline\n").unwrap();
    let bad = harden(&here, &["check"]);
    assert!(bad.err.starts_with("error: ../../harden.yaml:1:1: profil: unknown setting"), "{}", bad.err);
}

#[test]
fn reports_are_those_of_the_common_folder() {
    let folder = services();
    let write = |path: &str, text: &str| std::fs::write(folder.path().join(path), text).unwrap();
    write("a/harden.yaml", "outputs: [{format: json, path: out.json}]\n");
    write("harden.yaml", "outputs: [{format: json, path: all.json}]\n");
    let run = harden(folder.path(), &["check", "a/pod.yaml", "b/pod.yaml"]);
    assert!(run.err.contains("a/harden.yaml: `outputs` are not written"), "{}", run.err);
    let exists = |path: &str| folder.path().join(path).exists();
    assert!(exists("all.json") && !exists("a/out.json"));
    let run = harden(folder.path(), &["check", "a"]);
    assert!(exists("a/out.json") && run.err.is_empty(), "{}", run.err);
    assert_eq!(harden(folder.path(), &["check", "--format", "json", "a", "b"]).err, "");
}

#[test]
fn what_a_configuration_names_in_vain_is_its_own() {
    let folder = services();
    let write = |path: &str, text: &str| std::fs::write(folder.path().join(path), text).unwrap();
    write("a/harden.yaml", "podTemplates: [/spec/pod]\n");
    write("b/.harden.yaml", "podTemplates: [/spec/pod]\n");
    write("a/app.yaml", TEMPLATED);
    let run = harden(folder.path(), &["check", "--format", "json", "."]);
    let unused: Vec<String> =
        found(&run).into_iter().filter(|(_, rule)| rule == "unused-pod-template").map(|(file, _)| file).collect();
    assert!(unused.len() == 1 && unused[0].ends_with("b/.harden.yaml"), "{unused:?}");
}

#[test]
fn b4_exclude_holds_for_named_files_if_asked() {
    let folder = services();
    let named = ["check", "a/generated/pod.yaml", "a/pod.yaml", "a/harden.yaml"];
    let judged = harden(folder.path(), &named);
    assert!(judged.code == 1 && judged.out.contains("a/generated/pod.yaml"), "{}", judged.out);
    let forced = harden(folder.path(), &[&named[..], &["--force-exclude"]].concat());
    assert!(forced.code == 1 && !forced.out.contains("a/generated/pod.yaml"), "{}", forced.out);
    assert!(forced.out.contains("; 1 excluded"), "{}", forced.out);
    let only = harden(folder.path(), &["check", "-q", "--force-exclude", "a/generated/pod.yaml"]);
    assert_eq!((only.code, only.out.as_str()), (0, ""), "{}", only.err);
    // A configuration further up excludes, too: a search from there would not come to the file.
    std::fs::write(folder.path().join("harden.yaml"), "exclude: [a/deep]\n").unwrap();
    let above = harden(folder.path(), &["check", "-q", "--force-exclude", "a/deep/er/pod.yaml"]);
    assert_eq!((above.code, above.out.as_str()), (0, ""), "{}", above.err);
    for command in ["fix", "level", "matrix"] {
        let run = harden(folder.path(), &[command, "--force-exclude", "--exclude", "b", "b/pod.yaml"]);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{command}: {}", run.out);
    }
}

#[test]
fn b4_exclude_of_the_command_line_adds_to_the_files() {
    let folder = services();
    let run = harden(folder.path(), &["check", "--format", "json", "--exclude", "er", "--exclude", "b/*.yaml", "."]);
    let found = found(&run);
    let files: BTreeSet<&str> = found.iter().map(|(file, _)| file.as_str()).collect();
    assert_eq!(files, BTreeSet::from(["a/pod.yaml", "pod.yaml"]));
    let report: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(report["summary"]["excluded"], 3, "{}", run.out);
    let bad = harden(folder.path(), &["check", "--exclude", "a[", "."]);
    assert!(bad.code == 2 && bad.err.contains("--exclude"), "{}", bad.err);
    let everything = harden(&folder.path().join("b"), &["check", "--exclude", "*", Path::new(".").to_str().unwrap()]);
    assert!(
        everything.code == 2 && everything.out.contains("holds no .yaml, .yml or .json file"),
        "{}",
        everything.out
    );
}

#[test]
fn b6_strict_knows_harden_s_own_files() {
    let folder = folder(&[
        ("harden.yaml", "profile: baseline\nbaseline: known.json\n"),
        ("pod.yaml", POD),
        ("svc/harden.yaml", "profile: baseline\nbaseline: own.json\n"),
        ("svc/pod.yaml", POD),
        ("harden-test.yaml", "tests: [{name: t, file: pod.yaml, expect: denied}]\n"),
    ]);
    assert_eq!(harden(folder.path(), &["check", "--write-baseline", "."]).code, 0);
    let run = harden(folder.path(), &["check", "--strict", "."]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let other = harden(
        folder.path(),
        &["check", "--strict", "--no-config", "--baseline", "known.json", "pod.yaml", "known.json"],
    );
    assert!(!other.out.contains("was not judged"), "{}", other.out);
}

#[test]
fn b7_a_profile_is_that_profile() {
    let pod =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: v}\nspec: {containers: [{name: c, image: 'ghcr.io/o/i:1'}]}\n";
    let config = "rules: {image-tag: {requireDigest: true}, resources: warn}\noverrides:\n  - {paths: [vendor/], profile: baseline}\n";
    let folder = folder(&[("harden.yaml", config), ("vendor/pod.yaml", pod), ("pod.yaml", pod)]);
    let rules = |args: &[&str]| {
        let run = harden(folder.path(), &[&["check", "--format", "json"], args].concat());
        found(&run).into_iter().map(|(_, rule)| rule).collect::<BTreeSet<_>>()
    };
    assert_eq!(rules(&["vendor"]), BTreeSet::new());
    assert!(rules(&["pod.yaml"]).contains("image-tag"));
    assert_eq!(rules(&["--profile", "baseline", "pod.yaml"]), BTreeSet::new());
    let one = rules(&["--profile", "baseline", "--rule", "image-tag", "pod.yaml"]);
    assert!(one.is_empty(), "by its defaults: {one:?}");
    let own = config.replace("profile: baseline", "profile: baseline, rules: {service-account-token: true}");
    std::fs::write(folder.path().join("harden.yaml"), own).unwrap();
    assert_eq!(rules(&["vendor"]), BTreeSet::from(["service-account-token".to_owned()]));
}

/// The first example of docs/configuration.md, as it stands there.
#[test]
fn b7_the_example_of_the_documentation_does_what_it_says() {
    let page = std::fs::read_to_string(project("docs/configuration.md")).unwrap();
    let blocks = page.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let example = blocks.into_iter().find(|block| block.contains("overrides:")).unwrap();
    let pod =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: v}\nspec: {containers: [{name: c, image: 'ghcr.io/o/i:1'}]}\n";
    let folder = folder(&[
        ("harden.yaml", example),
        ("charts/vendor/pod.yaml", pod),
        ("generated/pod.yaml", pod),
        ("web/pod.yaml", pod),
        ("system/pod.yaml", &pod.replace("name: v}", "name: v, namespace: kube-system}")),
    ]);
    let run = harden(folder.path(), &["check", "--format", "json", "."]);
    let found = found(&run);
    assert_eq!(run.code, 1, "{}", run.err);
    let files: BTreeSet<&str> =
        found.iter().map(|(file, _)| file.as_str()).filter(|file| file.ends_with("pod.yaml")).collect();
    assert_eq!(files, BTreeSet::from(["system/pod.yaml", "web/pod.yaml"]));
    let report: Value = serde_json::from_str(&run.out).unwrap();
    let open = |file: &str, level: &str| {
        let all = report["findings"].as_array().unwrap().iter();
        let all = all.filter(|one| one["file"].as_str().unwrap().ends_with(file) && one["level"] == level);
        all.filter(|one| one["muted"].is_null()).map(|one| one["rule"].as_str().unwrap()).collect::<BTreeSet<_>>()
    };
    assert!(
        open("web/pod.yaml", "error").contains("image-tag") && open("web/pod.yaml", "warning").contains("resources")
    );
    assert_eq!(open("system/pod.yaml", "error"), BTreeSet::new());
}

#[test]
fn arguments_are_refused_with_their_names() {
    let folder = services();
    for (args, message) in [
        (&["-j", "0"][..], "must be at least 1"),
        (
            &["--settings-json", r#"{"rulez": {}}"#],
            "error: --settings-json: rulez: unknown setting, did you mean rules?",
        ),
        (&["--settings-json", r#"{"kubernetesVersion": "v1.30"}"#], "did you mean version?"),
        (&["--rule", "zzz"], "there is no rule zzz, expected one of: allow-privilege-escalation"),
    ] {
        let run = harden(folder.path(), &[&["check"], args, &["pod.yaml"]].concat());
        assert!(run.code == 2 && run.err.contains(message), "{args:?}: {}", run.err);
        assert!(!run.err.contains(" hardening,"), "the bundle is no rule: {}", run.err);
    }
    let text = format!("# harden: ignore[nosuch] x\n{POD}");
    std::fs::write(folder.path().join("b/pod.yaml"), text).unwrap();
    let run = harden(folder.path(), &["check", "b/pod.yaml"]);
    assert!(run.out.contains("there is no rule nosuch, expected") && !run.out.contains(" hardening,"), "{}", run.out);
    std::fs::write(folder.path().join("harden.yaml"), "version: v1.30\n").unwrap();
    let run = harden(folder.path(), &["check", "pod.yaml"]);
    assert!(run.err.contains("version: unknown setting, did you mean kubernetesVersion?"), "{}", run.err);
}
