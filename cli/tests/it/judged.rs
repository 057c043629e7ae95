//! Nothing is passed over in silence: what harden does not judge is said, and what an author can make look like nothing to
//! judge is judged all the same. With the real binary; tests bear the names of the holes that they keep closed.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::*;

const GOOD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: good}\nspec: {containers: [{name: c, image: 'i:1'}]}\n";

fn check(folder: &Path, args: &[&str]) -> Run {
    harden(folder, &[&["check", "--no-config", "--profile", "baseline"], args].concat())
}

/// The files that have findings.
fn files(run: &Run) -> Vec<&str> {
    let places = run.out.lines().filter_map(|line| line.trim_start().strip_prefix("--> "));
    places.map(|place| place.split(':').next().unwrap()).collect()
}

/// An index of git that tracks these files, sorted.
fn index(paths: &[&str]) -> Vec<u8> {
    let mut bytes = [&b"DIRC"[..], &2_u32.to_be_bytes(), &(paths.len() as u32).to_be_bytes()].concat();
    for path in paths {
        let start = bytes.len();
        bytes.extend([0; 60]);
        bytes.extend((path.len() as u16).to_be_bytes());
        bytes.extend(path.as_bytes());
        let padding = 8 - (bytes.len() - start) % 8;
        bytes.extend(vec![0; padding]);
    }
    bytes.extend([0; 20]);
    bytes
}

fn track(folder: &Path, paths: &[&str]) {
    fs::create_dir_all(folder.join(".git")).unwrap();
    fs::write(folder.join(".git/index"), index(paths)).unwrap();
}

#[test]
fn S5a_what_git_tracks_is_judged_though_it_ignores_it() {
    let folder = folder(&[
        ("app/.gitignore", "evil.yaml\n/out/\n"),
        ("app/good.yaml", GOOD),
        ("app/evil.yaml", ONE_LINE),
        ("app/out/deep/tracked.yaml", ONE_LINE),
        ("app/out/deep/built.yaml", ONE_LINE),
        ("app/out/other/built.yaml", ONE_LINE),
    ]);
    track(folder.path(), &["app/.gitignore", "app/evil.yaml", "app/good.yaml", "app/out/deep/tracked.yaml"]);
    for (path, prefix) in [(".", "./"), ("app", "")] {
        let run = check(folder.path(), &["--strict", path]);
        let expected = ["app/evil.yaml", "app/out/deep/tracked.yaml"].map(|name| format!("{prefix}{name}"));
        assert_eq!((run.code, files(&run)), (1, expected.iter().map(String::as_str).collect()), "{}", run.out);
        assert!(run.out.contains("; 2 left out because git ignores it"), "{}", run.out);
    }
    // A folder that is named is judged whole.
    assert_eq!(files(&check(folder.path(), &["app/out"])).len(), 3);
}

#[test]
fn S5a_a_work_tree_in_a_work_tree_has_its_own_rules() {
    let folder = folder(&[
        (".gitignore", "*.gen.yaml\n"),
        ("module/.git", "gitdir: ../.git/modules/module\n"),
        ("module/pod.gen.yaml", ONE_LINE),
        ("module/.gitignore", "own.yaml\n"),
        ("module/own.yaml", ONE_LINE),
        ("outer.gen.yaml", ONE_LINE),
    ]);
    track(folder.path(), &[".gitignore", "module"]);
    let module = folder.path().join(".git/modules/module");
    fs::create_dir_all(&module).unwrap();
    fs::write(module.join("index"), index(&["pod.gen.yaml"])).unwrap();
    let run = check(folder.path(), &[]);
    assert_eq!(files(&run), ["./module/pod.gen.yaml"], "{}", run.out);
    assert!(run.out.contains("; 2 left out because git ignores it"), "{}", run.out);
}

#[test]
fn S5a_an_index_that_cannot_be_read_is_an_error() {
    let folder = folder(&[(".gitignore", "evil.yaml\n"), ("evil.yaml", ONE_LINE), ("good.yaml", GOOD)]);
    for (bytes, why) in [(&b"DIRC\0\0\0\x02\0\0\xff\xffrubbish"[..], "is a damaged index"), (b"x", "is not an index")] {
        track(folder.path(), &[]);
        fs::write(folder.path().join(".git/index"), bytes).unwrap();
        let run = check(folder.path(), &[]);
        assert_eq!(run.code, 2, "{}", run.out);
        assert!(run.out.contains(why) && run.out.contains("; --no-ignore judges all"), "{}", run.out);
        assert_eq!(files(&check(folder.path(), &["--no-ignore"])), ["./evil.yaml"]);
    }
    // Nobody asks for it where nothing is ignored.
    fs::remove_file(folder.path().join(".gitignore")).unwrap();
    assert_eq!(check(folder.path(), &[]).code, 1);
}

#[test]
fn S5b_a_resource_is_judged_though_it_is_a_patch_in_the_same_folder() {
    let folder = folder(&[
        ("kus/kustomization.yaml", "resources: [good.yaml, evil.yaml]\npatches: [{path: evil.yaml}]\n"),
        ("kus/good.yaml", GOOD),
        ("kus/evil.yaml", ONE_LINE),
    ]);
    for args in [&["kus"][..], &["--strict", "kus/evil.yaml"], &["kus/good.yaml", "kus/evil.yaml"]] {
        let run = check(folder.path(), args);
        assert_eq!(files(&run), ["kus/evil.yaml"], "{}", run.out);
    }
}

#[test]
fn S5b_a_resource_of_the_kustomization_above_is_judged() {
    // Not whole, so that only the list of resources tells: a container has no image.
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {selector: {}, template: {spec: {containers: [{name: c, securityContext: {privileged: true}}]}}}\n";
    let folder = folder(&[
        ("kustomization.yaml", "resources: [kus/evil.yaml]\n"),
        ("kus/kustomization.yaml", "patchesStrategicMerge: [evil.yaml]\n"),
        ("kus/evil.yaml", deployment),
    ]);
    for path in [".", "kus", "kus/evil.yaml"] {
        let run = check(folder.path(), &[path]);
        assert_eq!((run.code, files(&run).len()), (1, 1), "{path}: {}", run.out);
    }
    fs::remove_file(folder.path().join("kustomization.yaml")).unwrap();
    let run = check(folder.path(), &["kus"]);
    assert!(run.out.contains("note: kus/evil.yaml: not judged: is a patch of a kustomization"), "{}", run.out);
}

#[test]
fn S5b_a_whole_workload_is_judged_though_it_is_named_as_a_patch() {
    let part = "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {replicas: 3}\n";
    let folder = folder(&[
        ("kus/kustomization.yaml", "resources: [good.yaml]\npatches: [{path: evil.yaml}]\n"),
        ("kus/good.yaml", GOOD),
        ("kus/evil.yaml", &format!("{ONE_LINE}{part}")),
    ]);
    for path in ["kus", "kus/evil.yaml"] {
        let run = check(folder.path(), &[path]);
        assert_eq!((run.code, files(&run)), (1, vec!["kus/evil.yaml"]), "{}", run.out);
        assert!(run.out.contains("note: kus/evil.yaml: not judged: is a patch of a kustomization"), "{}", run.out);
        assert!(run.out.contains("1 only a part of an object"), "{}", run.out);
    }
    let run = harden(folder.path(), &["level", "--no-config", "kus/evil.yaml"]);
    assert!(run.out.contains("Pod p") && run.out.contains("privileged"), "{}{}", run.out, run.err);
    let run = harden(folder.path(), &["fix", "--no-config", "--unsafe", "kus/evil.yaml"]);
    let text = fs::read_to_string(folder.path().join("kus/evil.yaml")).unwrap();
    assert!(text.contains("privileged: false") && text.ends_with(part), "{text}{}", run.out);
    assert!(run.out.contains("note: kus/evil.yaml: left alone: is a patch of a kustomization"), "{}", run.out);
    // A patch that cannot be read is not passed over either.
    fs::write(folder.path().join("kus/evil.yaml"), "a: b: c\n").unwrap();
    assert_eq!(check(folder.path(), &["kus"]).code, 2);
}

#[test]
fn S5b_a_resource_is_judged_whatever_it_is_called() {
    let folder = folder(&[
        (".gitignore", "/kus/built.yaml\n"),
        (
            "kus/kustomization.yaml",
            "resources: [good.yaml, evil.conf, built.yaml, .deep, sub/.x/y.yaml, ../out.conf]\n",
        ),
        ("kus/good.yaml", GOOD),
        ("kus/evil.conf", ONE_LINE),
        ("kus/built.yaml", ONE_LINE),
        ("kus/.deep/kustomization.yaml", "resources: [pod.yaml, more.txt]\n"),
        ("kus/.deep/pod.yaml", ONE_LINE),
        ("kus/.deep/more.txt", ONE_LINE),
        ("kus/sub/.x/y.yaml", ONE_LINE),
        ("kus/sub/.x/other.yaml", ONE_LINE),
        ("out.conf", ONE_LINE),
    ]);
    track(folder.path(), &[]);
    let run = check(folder.path(), &["kus"]);
    let mut found = files(&run);
    found.sort_unstable();
    let below = ["kus/.deep/more.txt", "kus/.deep/pod.yaml", "kus/built.yaml", "kus/evil.conf", "kus/sub/.x/y.yaml"];
    assert_eq!(found, below, "{}", run.out);
    let found = check(folder.path(), &["."]);
    assert!(found.out.contains("--> ./out.conf:"), "{}", found.out);
    let both = check(folder.path(), &["kus/sub", "kus"]);
    assert_eq!(both.out.matches("--> ").count(), 5, "once each: {}", both.out);
    // What the configuration excludes stays out.
    fs::write(folder.path().join("harden.yaml"), "profile: baseline\nexclude: ['*.conf']\n").unwrap();
    assert!(!harden(folder.path(), &["check", "kus"]).out.contains("evil.conf"));
}

#[test]
fn S5_a_hidden_file_that_would_be_applied_is_judged() {
    let folder = folder(&[
        ("app/good.yaml", GOOD),
        ("app/.evil.yaml", ONE_LINE),
        ("app/.ci.yml", "stages: [a]\n"),
        ("app/.cut.yaml", "apiVersion: v1\nkind: [\n"),
        ("app/.not.yaml", "{{ a\n"),
        ("app/.tool/pod.yaml", ONE_LINE),
    ]);
    let run = check(folder.path(), &["--strict", "app"]);
    assert_eq!((run.code, files(&run)), (2, vec!["app/.evil.yaml"]), "{}", run.out);
    assert!(run.out.contains("error: app/.cut.yaml:") && !run.out.contains(".not.yaml"), "{}", run.out);
    assert!(run.out.contains("; 3 files read"), "{}", run.out);
}

#[test]
fn S5c_a_directive_hides_no_workload() {
    let attributes = "volumes: [{name: v, csi: {driver: x, volumeAttributes: {\"$patch\": merge}}}]";
    let hidden = ONE_LINE.replace("spec: {", &format!("spec: {{{attributes}, "));
    for text in
        [hidden, format!("$patch: merge\n{ONE_LINE}"), ONE_LINE.replace("{name: c,", "{name: c, $patch: replace,")]
    {
        let folder = folder(&[("pod.yaml", &text)]);
        let run = check(folder.path(), &["pod.yaml"]);
        assert_eq!((run.code, files(&run)), (1, vec!["pod.yaml"]), "{text}{}", run.out);
    }
}

#[test]
fn B13_a_workload_without_containers_is_an_error() {
    for (text, expected) in [
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  container:\n  - {name: c, image: i}\n",
            "pod.yaml:5:3: Pod p has no `spec.containers`: there is no field `container` in a pod, did you mean `containers`?",
        ),
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers: {name: c, image: i}\n",
            "pod.yaml:5:3: Pod p: `spec.containers` must be a list of containers",
        ),
        (
            "apiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\nspec:\n  backoffLimit: 3\n",
            "pod.yaml:4:1: Job j has no containers at `spec.template.spec.containers`; if it is a patch, name it in a kustomization.yaml",
        ),
    ] {
        let folder = folder(&[("pod.yaml", text)]);
        let run = check(folder.path(), &["pod.yaml"]);
        assert_eq!(run.code, 2, "{}", run.out);
        assert!(run.out.contains(&format!("error: {expected}")), "{}", run.out);
        let run = harden(folder.path(), &["fix", "--no-config", "pod.yaml"]);
        assert_eq!(run.code, 2, "{}", run.out);
        assert!(run.out.contains(expected), "{}", run.out);
        assert_eq!(harden(folder.path(), &["level", "--no-config", "pod.yaml"]).code, 2);
        // A kustomization that names it says that it is a patch.
        fs::write(folder.path().join("kustomization.yaml"), "patches: [{path: pod.yaml}]\n").unwrap();
        let run = check(folder.path(), &["pod.yaml"]);
        assert_eq!(run.code, 0, "{}", run.out);
        assert!(run.out.contains("is a patch of a kustomization"), "{}", run.out);
    }
}

const SANDBOX: &str = "apiVersion: agents.example/v1\nkind: Agent\nmetadata: {name: a}\nspec:\n  workload:\n    spec:\n      containers:\n      - {name: c, image: 'i:1', securityContext: {privileged: true}}\n";

#[test]
fn peers_3_containers_where_no_rule_looks_are_named() {
    let set = "apiVersion: jobset.x-k8s.io/v1alpha2\nkind: JobSet\nmetadata: {name: j}\nspec:\n  replicatedJobs:\n  - template: {spec: {template: {spec: {containers: [{name: c, image: i}]}}}}\n  - template: {spec: {template: {spec: {initContainers: [{name: c, image: i}]}}}}\n";
    let step = "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {name: w}\nspec:\n  templates:\n  - {name: t, container: {image: i}}\n";
    let schema = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: c}\nspec: {containers: [{image: i}]}\n";
    for (text, place, expected) in [
        (
            SANDBOX,
            "6:5",
            "Agent a holds containers where no rule looks, at `spec.workload.spec`; name `/spec/workload` in `podTemplates`",
        ),
        (
            set,
            "6:34",
            "JobSet j holds containers where no rule looks, at `spec.replicatedJobs[0].template.spec.template.spec`, `spec.replicatedJobs[1].template.spec.template.spec`; name `/spec/replicatedJobs/*/template/spec/template` in `podTemplates`",
        ),
        (
            step,
            "6:5",
            "Workflow w holds containers where no rule looks, at `spec.templates[0]`; no pointer in `podTemplates` leads there",
        ),
        (
            "apiVersion: serving.knative.dev/v1\nkind: Revision\nmetadata: {name: r}\nspec:\n  containers: [{image: i}]\n",
            "4:1",
            "Revision r holds containers where no rule looks, at `spec`; name `\"\"` in `podTemplates`",
        ),
    ] {
        let folder = folder(&[("a.yaml", text)]);
        let run = check(folder.path(), &["a.yaml"]);
        assert_eq!(run.code, 0, "{}", run.out);
        assert!(run.out.contains(&format!("note: a.yaml:{place}: not judged: {expected}")), "{}", run.out);
        assert!(run.out.contains("1 document not judged (1 with containers where no rule looks)"), "{}", run.out);
        let json: Value = serde_json::from_str(&check(folder.path(), &["--format", "json", "a.yaml"]).out).unwrap();
        assert_eq!(
            (&json["summary"]["containersElsewhere"], &json["summary"]["withoutTemplate"]),
            (&1.into(), &0.into())
        );
        let run = check(folder.path(), &["--strict", "a.yaml"]);
        assert_eq!(run.code, 2, "{}", run.out);
        assert!(run.out.contains(&format!("error: a.yaml:{place}: was not judged: {expected}")), "{}", run.out);
    }
    let folder = folder(&[("a.yaml", schema)]);
    assert_eq!(check(folder.path(), &["--strict", "a.yaml"]).code, 0, "a schema runs nothing");
    // What is judged is not named, and beside it the rest still is.
    let settings = r#"{"profile":"baseline","podTemplates":["/spec/workload"]}"#;
    let args = |file| ["check", "--no-config", "--strict", "--settings-json", settings, file];
    let two = format!("{SANDBOX}  other: {{spec: {{containers: [{{name: c, image: i}}]}}}}\n");
    fs::write(folder.path().join("one.yaml"), SANDBOX).unwrap();
    fs::write(folder.path().join("two.yaml"), two).unwrap();
    assert_eq!(harden(folder.path(), &args("one.yaml")).code, 1);
    let run = harden(folder.path(), &args("two.yaml"));
    assert!(run.out.contains("error[privileged]") && run.out.contains("at `spec.other.spec`; name"), "{}", run.out);
}

#[test]
fn B14_a_pointer_to_a_pod_without_a_template_is_an_error() {
    let config = "profile: baseline\npodTemplates: [/spec/workload/spec, /spec/nowhere]\n";
    let folder = folder(&[("harden.yaml", config), ("a.yaml", SANDBOX)]);
    let run = harden(folder.path(), &["check", "a.yaml"]);
    assert_eq!(run.code, 2, "{}", run.out);
    let expected = "error: a.yaml:6:5: Agent a: `podTemplates` names `/spec/workload/spec`, but `spec.workload.spec` is a pod spec, not a pod template";
    assert!(run.out.contains(expected), "{}", run.out);
    assert!(!run.out.contains("/spec/nowhere"), "one file says nothing about the others: {}", run.out);
    // What leads nowhere is said once the whole project was searched.
    let run = harden(folder.path(), &["check", "."]);
    let warning = "warning[unused-pod-template]: `/spec/nowhere` leads to no pod template in what was judged";
    assert!(run.out.contains(warning) && run.out.contains("harden.yaml:2:37"), "{}", run.out);
    let fine = "profile: baseline\npodTemplates: [/spec/workload]\n";
    fs::write(folder.path().join("harden.yaml"), fine).unwrap();
    let run = harden(folder.path(), &["check", "."]);
    assert!(run.code == 1 && !run.out.contains("unused"), "{}", run.out);
}

const DOCKERFILE: &str = "FROM alpine:3\nUSER 1000:1000\n";

#[test]
fn cli_9_a_dockerfile_without_a_match_is_said() {
    let config = "profile: privileged\ndockerfiles: [{image: nothing, path: Dockerfile}]\n";
    let folder = folder(&[("harden.yaml", config), ("pod.yaml", ONE_LINE), ("Dockerfile", DOCKERFILE)]);
    for image in ["app", "i:1"] {
        for command in ["check", "fix"] {
            let mapping = format!("{image}=Dockerfile");
            let run = harden(folder.path(), &[command, "--no-config", "--dockerfile", &mapping, "pod.yaml"]);
            assert_eq!(run.code, 2, "{}", run.out);
            let expected =
                format!("error: Dockerfile: no container has the image `{image}`, which is built from Dockerfile");
            assert!(run.out.contains(&expected), "{}", run.out);
        }
    }
    let matched = ["check", "--no-config", "--profile", "privileged", "--dockerfile", "i=Dockerfile", "pod.yaml"];
    assert_eq!(harden(folder.path(), &matched).code, 0);
    // The configuration names what other files may hold.
    assert_eq!(harden(folder.path(), &["check", "pod.yaml"]).code, 0);
    let run = harden(folder.path(), &["check"]);
    assert_eq!(run.code, 0, "{}", run.out);
    assert!(run.out.contains("warning[unused-dockerfile]: no container has the image `nothing`"), "{}", run.out);
    assert!(run.out.contains("harden.yaml:2:16"), "{}", run.out);
}

#[test]
fn B16_a_broken_dockerfile_stops_only_its_workloads() {
    let other = GOOD.replace("i:1", "other:1");
    let folder =
        folder(&[("pod.yaml", ONE_LINE), ("other.yaml", &other), ("bad", "FROM a\nUSER $FOO\n"), ("good", DOCKERFILE)]);
    let mappings = ["--dockerfile", "i=bad", "--dockerfile", "other=good"];
    let run = check(folder.path(), &[&mappings[..], &["pod.yaml", "other.yaml"]].concat());
    assert_eq!((run.code, files(&run)), (2, vec!["pod.yaml"]), "{}", run.out);
    for error in [
        "error: bad:2:1: Dockerfile of i: USER is empty",
        "error: pod.yaml:4:38: Pod p: container \"c\": its Dockerfile bad cannot be read, so its user is not known",
    ] {
        assert!(run.out.contains(error), "{error}\n{}", run.out);
    }
    assert!(run.out.contains("in 1 of 2 workloads"), "{}", run.out);
    let args = [&["fix", "--no-config"], &mappings[..], &["pod.yaml", "other.yaml"]].concat();
    let run = harden(folder.path(), &args);
    assert_eq!(run.code, 2, "{}", run.out);
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(read("pod.yaml"), ONE_LINE, "a default would not be the image's");
    assert!(read("other.yaml").contains("runAsUser: 1000"), "{}", read("other.yaml"));
}

#[test]
fn B6_hardens_own_files_are_no_loss() {
    let config =
        "profile: baseline\nbaseline: known.json\noutputs: [{format: text}, {format: json, path: report.json}]\n";
    let suite = "tests: [{name: t, file: good.yaml, expect: allowed}]\n";
    let folder = folder(&[
        ("harden.yaml", config),
        ("good.yaml", GOOD),
        ("old.yaml", ONE_LINE),
        ("tests/web.harden-test.yaml", suite),
        ("deeper/harden.yaml", "profile: baseline\n"),
    ]);
    assert_eq!(harden(folder.path(), &["check", "--write-baseline", "."]).code, 0);
    for _ in 0..2 {
        // The second run finds the report of the first.
        let run = harden(folder.path(), &["check", "--strict", "."]);
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    }
    assert_eq!(check(folder.path(), &["--strict", "--baseline", "known.json", "."]).code, 2, "report.json is nobody's");
    // What is an object is judged, whatever its file is called.
    fs::write(folder.path().join("evil.harden-test.yaml"), ONE_LINE).unwrap();
    let run = harden(folder.path(), &["check", "--strict", "evil.harden-test.yaml"]);
    assert_eq!(run.code, 1, "{}", run.out);
}
