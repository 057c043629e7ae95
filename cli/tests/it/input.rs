//! Tells what is judged from what is not: folders, git, standard input, kustomize and helm.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::*;

const BASELINE: [&str; 4] = ["check", "--no-config", "--profile", "baseline"];

fn check(folder: &Path, args: &[&str]) -> Run {
    harden(folder, &[&BASELINE, args].concat())
}

/// `check` with programs of `bin` in front of all others, or with no others.
fn check_with(folder: &Path, path: &str, args: &[&str]) -> Run {
    run(harden_command().current_dir(folder).env("PATH", path).args(BASELINE).args(args).output().unwrap())
}

/// The files that have findings, and the last line.
fn files(run: &Run) -> (Vec<String>, String) {
    let lines: Vec<&str> = run.out.lines().collect();
    let places = lines.iter().filter_map(|line| line.trim_start().strip_prefix("--> "));
    let names = places.map(|place| place.split(':').next().unwrap().to_owned()).collect();
    (names, (*lines.last().unwrap()).to_owned())
}

#[test]
fn what_git_ignores_is_left_out_and_counted() {
    let folder = folder(&[
        (".git/info/exclude", "private.yaml\n"),
        (".gitignore", "/build/\n*.gen.yaml\n"),
        ("build/a.yaml", ONE_LINE),
        ("app/a.yaml", ONE_LINE),
        ("app/b.gen.yaml", ONE_LINE),
        ("app/private.yaml", ONE_LINE),
        ("app/deep/.gitignore", "!kept.gen.yaml\nbuild\n"),
        ("app/deep/kept.gen.yaml", ONE_LINE),
        ("app/deep/build", "no manifest, and no folder\n"),
        (".hidden/a.yaml", ONE_LINE),
    ]);
    let (found, last) = files(&check(folder.path(), &[]));
    assert_eq!(found, ["./app/a.yaml", "./app/deep/kept.gen.yaml"]);
    assert!(last.contains("; 3 left out because git ignores it"), "{last}");
    // The rules above a folder hold in it, too.
    assert_eq!(files(&check(folder.path(), &["app/deep"])).0, ["app/deep/kept.gen.yaml"]);
    assert_eq!(files(&check(&folder.path().join("app"), &["."])).0, ["./a.yaml", "./deep/kept.gen.yaml"]);
    // What is named is judged.
    assert_eq!(files(&check(folder.path(), &["app/b.gen.yaml", "build"])).0, ["app/b.gen.yaml", "build/a.yaml"]);
    let (found, last) = files(&check(folder.path(), &["--no-ignore"]));
    assert_eq!(found.len(), 5);
    assert!(!last.contains("git"), "{last}");
    // Outside a work tree the files mean nothing.
    fs::remove_dir_all(folder.path().join(".git")).unwrap();
    assert_eq!(files(&check(folder.path(), &[])).0.len(), 5);
}

#[test]
fn a_folder_of_nothing_but_ignored_files_says_so() {
    let folder = folder(&[(".git/HEAD", ""), (".gitignore", "*.yaml\n"), ("a.yaml", ONE_LINE)]);
    let run = check(folder.path(), &[]);
    assert_eq!(run.code, 2);
    assert!(run.out.contains("holds no .yaml, .yml or .json file that git does not ignore"), "{}", run.out);
}

#[test]
fn standard_input_has_the_name_it_is_given() {
    let folder = folder(&[
        (
            "app/harden.yaml",
            "profile: baseline\noverrides:\n- paths: [vendor]\n  reason: theirs\n  rules: {privileged: false}\n",
        ),
        ("app/vendor/x.yaml", ""),
    ]);
    let run = harden_with_stdin(folder.path(), &["check", "-", "--stdin-filename", "app/x.yaml"], ONE_LINE);
    assert_eq!((run.code, files(&run).0), (1, vec!["app/x.yaml".to_owned()]), "{}{}", run.out, run.err);
    // Whether there is such a file or not.
    for name in ["app/vendor/x.yaml", "app/vendor/new.yaml"] {
        let run = harden_with_stdin(folder.path(), &["check", "-", "--stdin-filename", name], ONE_LINE);
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    }
}

const PATCH: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      containers:\n      - name: web\n        image: other:2\n        securityContext: {privileged: true}\n";

#[test]
fn parts_of_objects_are_not_judged() {
    let folder = folder(&[
        (
            "overlay/kustomization.yaml",
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\npatches:\n- path: image.yaml\n  target: {kind: Deployment}\n",
        ),
        ("overlay/image.yaml", PATCH),
        (
            "overlay/replicas.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n",
        ),
        ("overlay/delete.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n$patch: delete\n"),
        ("pod.yaml", ONE_LINE),
    ]);
    let run = check(folder.path(), &[]);
    let (found, last) = files(&run);
    assert_eq!((run.code, found), (1, vec!["./pod.yaml".to_owned()]));
    for note in [
        "note: ./overlay/image.yaml: not judged: is a patch of a kustomization; judge what that makes: `harden check --kustomize DIR`",
        "note: ./overlay/replicas.yaml:1:1: not judged: Deployment web is a part of an object: its pod template lists no containers",
        "note: ./overlay/delete.yaml:1:1: not judged: Pod p is a patch: it has the directive `$patch`",
    ] {
        assert!(run.out.contains(note), "{note}\n{}", run.out);
    }
    assert!(last.contains("4 documents not judged (1 without a pod template, 3 only a part of an object)"), "{last}");
    // Also if the file is named alone, as a hook does.
    assert_eq!(check(folder.path(), &["overlay/image.yaml"]).code, 0);
    let run = check(folder.path(), &["overlay/image.yaml", "--strict"]);
    assert_eq!(run.code, 2);
    assert!(run.out.contains("error: overlay/image.yaml: was not judged: is a patch"), "{}", run.out);
    let json: Value = serde_json::from_str(&check(folder.path(), &["--format", "json"]).out).unwrap();
    assert_eq!((&json["summary"]["partial"], json["notes"].as_array().unwrap().len()), (&3.into(), 3));
    // A fix leaves them alone and says so; a level is not made up.
    let before = fs::read_to_string(folder.path().join("overlay/image.yaml")).unwrap();
    let run = harden(folder.path(), &["fix", "--no-config", "--unsafe", "overlay"]);
    assert_eq!(fs::read_to_string(folder.path().join("overlay/image.yaml")).unwrap(), before);
    assert!(run.out.contains("note: overlay/image.yaml: left alone: is a patch of a kustomization"), "{}", run.out);
    assert!(run.out.contains("note: overlay/replicas.yaml:1:1: left alone: Deployment web is a part"), "{}", run.out);
    let run = harden(folder.path(), &["level", "--no-config", "overlay"]);
    assert!(
        run.out.contains("no workload in") && run.err.contains("note: overlay/image.yaml: is a patch"),
        "{}{}",
        run.out,
        run.err
    );
}

#[test]
fn strict_and_required_objects() {
    let folder = folder(&[
        ("values.yaml", "replicas: 3\n"),
        ("kustomization.yaml", "resources: [service.yaml]\n"),
        ("web/Chart.yaml", "name: web\n"),
        ("service.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: s}\n"),
    ]);
    assert_eq!(check(folder.path(), &[]).code, 0);
    let run = check(folder.path(), &["--require-objects"]);
    assert_eq!((run.code, &*run.err), (2, "error: --require-objects: there was nothing to judge\n"));
    let run = check(folder.path(), &["--strict"]);
    assert_eq!(run.code, 2);
    assert!(
        run.out.contains("error: ./values.yaml: was not judged: 1 document is not a Kubernetes object"),
        "{}",
        run.out
    );
    assert_eq!(run.out.matches("error: ").count(), 1, "what only puts others together is no loss: {}", run.out);
    assert!(!run.out.contains("service.yaml"), "a Service has nothing to judge");
    assert_eq!(check(folder.path(), &["--strict", "service.yaml"]).code, 0);
}

const RENDERED: &str = "---\n# Source: web/templates/service.yaml\napiVersion: v1\nkind: Service\nmetadata: {name: s}\n---\n# Source: web/templates/pod.yaml\n";

#[test]
fn what_helm_rendered_names_its_template() {
    let folder = folder(&[]);
    let text = format!("{RENDERED}{ONE_LINE}");
    let on_stdin =
        |format: &str| harden_with_stdin(folder.path(), &[&BASELINE[..], &["-", "--format", format]].concat(), &text);
    let run = on_stdin("text");
    assert!(
        run.out.contains("--> <stdin>:11:") && run.out.contains("note: rendered from web/templates/pod.yaml"),
        "{}",
        run.out
    );
    assert!(on_stdin("concise").out.contains(" (rendered from web/templates/pod.yaml)"));
    assert!(on_stdin("github").out.starts_with("::error file=web/templates/pod.yaml,line=1,title="));
    let json: Value = serde_json::from_str(&on_stdin("json").out).unwrap();
    assert_eq!(json["findings"][0]["source"], "web/templates/pod.yaml");
    let gitlab: Value = serde_json::from_str(&on_stdin("gitlab").out).unwrap();
    assert_eq!(gitlab[0]["location"]["path"], "web/templates/pod.yaml");
    let sarif: Value = serde_json::from_str(&on_stdin("sarif").out).unwrap();
    let location = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], "web/templates/pod.yaml");
    assert_eq!(location["region"]["startLine"], 1);
}

#[test]
fn charts_and_kustomizations_are_rendered_by_the_users_programs() {
    let folder =
        folder(&[("charts/My_Web/templates/pod.yaml", "{{ }}"), ("overlay/kustomization.yaml", ""), ("v.yaml", "")]);
    let folder = folder.path();
    let path = folder.join("bin").display().to_string();
    program(folder, "helm", &format!("/bin/cat <<'E'\n{RENDERED}{ONE_LINE}E"));
    program(folder, "kustomize", &format!("/bin/cat <<'E'\n{ONE_LINE}E"));
    let run = check_with(folder, &path, &["--helm", "charts/My_Web", "--values", "v.yaml", "--kustomize", "overlay"]);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    assert_eq!(files(&run).0, ["<kustomize overlay>", "<helm charts/My_Web>"]);
    assert!(run.out.contains("note: rendered from charts/My_Web/templates/pod.yaml"), "{}", run.out);
    assert!(run.out.contains("2 files read"), "only what was rendered: {}", run.out);
    let calls = fs::read_to_string(folder.join("calls")).unwrap();
    assert_eq!(calls, "kustomize build overlay\nhelm template my-web charts/My_Web --values v.yaml\n");

    // Helm's own options get there as they are.
    fs::write(folder.join("calls"), "").unwrap();
    let options = [
        ["--set", "image.tag=1.4"],
        ["--set", "a=b"],
        ["--set-string", "port=080"],
        ["--namespace", "shop"],
        ["--release-name", "my-shop"],
        ["--kube-version", "1.33"],
        ["--api-versions", "example.com/v1"],
    ];
    let args = [&["--helm", "charts/My_Web", "--include-crds"], options.concat().as_slice()].concat();
    assert_eq!(check_with(folder, &path, &args).code, 1);
    let calls = fs::read_to_string(folder.join("calls")).unwrap();
    assert_eq!(
        calls,
        "helm template my-shop charts/My_Web --set image.tag=1.4 --set a=b --set-string port=080 --api-versions \
         example.com/v1 --namespace shop --kube-version 1.33 --include-crds\n"
    );
    let run = check_with(folder, &path, &["--set", "a=b", "pod.yaml"]);
    assert!(run.code == 2 && run.err.contains("--helm <CHART>") && !run.err.contains("--settings"), "{}", run.err);

    // kubectl comes first; what it says is passed on.
    program(folder, "kubectl", "echo 'error: no such thing' >&2; exit 3");
    let run = check_with(folder, &path, &["--kustomize", "overlay"]);
    assert_eq!(run.code, 2);
    assert!(
        run.out.contains("error: <kustomize overlay>: kubectl could not render it: no such thing\n"),
        "{}",
        run.out
    );

    // Without the programs it says what is missing, and judges the rest.
    fs::write(folder.join("pod.yaml"), ONE_LINE).unwrap();
    let run = check_with(folder, "/nowhere", &["--kustomize", "overlay", "--helm", "charts/My_Web", "pod.yaml"]);
    assert_eq!((run.code, files(&run).0), (2, vec!["pod.yaml".to_owned()]));
    assert!(run.out.contains("--kustomize needs kubectl or kustomize, which is not installed"), "{}", run.out);
    assert!(run.out.contains("--helm needs helm, which is not installed"), "{}", run.out);
}

#[test]
fn a_chart_that_is_not_there_is_not_given_to_helm() {
    let folder = folder(&[]);
    let folder = folder.path();
    let path = folder.join("bin").display().to_string();
    program(folder, "helm", "echo 'Error: repo charts not found' >&2; exit 1");
    for chart in ["nochart", "./charts/deep/nochart", "/nowhere/chart"] {
        let run = check_with(folder, &path, &["--helm", chart]);
        let said = "was not rendered: there is no such file or folder; --helm takes a folder with a Chart.yaml";
        assert!(run.code == 2 && run.out.contains(&format!("error: <helm {chart}>: {said}")), "{}", run.out);
    }
    assert!(!folder.join("calls").exists());
    // The chart of a repository may be called so.
    let run = check_with(folder, &path, &["--helm", "charts/wbe"]);
    assert_eq!(run.code, 2);
    let said = "there is no such folder here, and helm could not render it: repo charts not found";
    assert!(run.out.contains(said), "{}", run.out);
}

/// With the real programs, where they are installed.
#[test]
fn real_helm_and_kustomize() {
    let folder = folder(&[
        ("web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"),
        ("web/values.yaml", "privileged: true\n"),
        (
            "web/templates/pod.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: c\n    image: i:1\n    securityContext: {privileged: {{ .Values.privileged }}}\n",
        ),
        ("off.yaml", "privileged: false\n"),
        ("base/kustomization.yaml", "resources: [pod.yaml]\npatches: [{path: patch.yaml}]\n"),
        (
            "base/pod.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: 'i:1'}]}\n",
        ),
        ("base/patch.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {hostNetwork: true}\n"),
    ]);
    let folder = folder.path();
    if is_installed("helm") {
        let run = check(folder, &["--helm", "web"]);
        assert_eq!(run.code, 1, "{}", run.out);
        assert!(run.out.contains("note: rendered from web/templates/pod.yaml"), "{}", run.out);
        assert_eq!(check(folder, &["--helm", "web", "--values", "off.yaml"]).code, 0);
    }
    if is_installed("kubectl") || is_installed("kustomize") {
        let run = check(folder, &["--kustomize", "base"]);
        assert_eq!(run.code, 1, "{}", run.out);
        assert!(run.out.contains("[host-namespaces]"), "{}", run.out);
    }
}

fn is_installed(program: &str) -> bool {
    let there = std::process::Command::new(program).arg("version").output().is_ok();
    if !there {
        eprintln!("skipped: {program} not installed");
    }
    there
}

/// S4: whatever `kubectl` creates from a text is judged, or the text is refused.
#[test]
fn s4_objects_in_lists_and_behind_odd_separators_are_not_overlooked() {
    let item =
        "metadata: {name: p}\n  spec: {containers: [{name: c, image: 'i:1', securityContext: {privileged: true}}]}\n";
    let config_map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n";
    for (text, code, expected) in [
        (format!("{config_map}items:\n- apiVersion: v1\n  kind: Pod\n  {item}"), 1, "1 violation in 1 of 1 workload"),
        (format!("apiVersion: v1\nkind: PodList\nitems:\n- {item}"), 1, "1 violation in 1 of 1 workload"),
        (format!("kind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  {item}"), 2, "List has no apiVersion"),
        (ONE_LINE.replace("apiVersion: v1\n", ""), 2, "Pod p has no apiVersion"),
        (
            format!("{config_map}---#: |\n apiVersion: v1\n kind: Pod\n"),
            2,
            "starts a document at this line, YAML does not",
        ),
        (format!("{config_map}---b\n"), 2, "refuses a line that begins with `---`"),
        (format!("\u{a0}{{apiVersion: v1,\nkind: Pod,\n{}}}\n", "metadata: {}"), 2, "odd white space"),
    ] {
        let folder = folder(&[("a.yaml", &text)]);
        let run = check(folder.path(), &["a.yaml"]);
        assert_eq!(run.code, code, "{text}{}", run.out);
        assert!(run.out.contains(expected), "{text}{}", run.out);
        let level = harden(folder.path(), &["level", "--no-config", "--at-least", "baseline", "a.yaml"]);
        assert_eq!(level.code, code, "{text}{}{}", level.out, level.err);
        let fix = harden(folder.path(), &["fix", "--no-config", "--profile", "baseline", "--unsafe", "a.yaml"]);
        assert_eq!(fix.code == 2, code == 2, "{text}{}{}", fix.out, fix.err);
        let fixed = fs::read_to_string(folder.path().join("a.yaml")).unwrap();
        assert!(code == 2 || fixed.contains("privileged: false"), "{fixed}");
    }
}

#[test]
fn a_stream_without_an_object_was_not_judged() {
    let folder = folder(&[("pod.yaml", ONE_LINE)]);
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {}\n";
    for (text, args, code) in [
        ("", &["-"][..], 2),
        ("# nothing\n", &["-"], 2),
        ("replicas: 3\n", &["-"], 2),
        ("replicas: 3\n", &["pod.yaml", "-", "--fail-on", "never"], 2),
        (service, &["-"], 0),
        ("kind: Kustomization\napiVersion: kustomize.config.k8s.io/v1beta1\n", &["-"], 0),
        // An editor shows what any file holds.
        ("replicas: 3\n", &["--stdin-filename", "values.yaml", "-"], 0),
    ] {
        for format in ["text", "json"] {
            let run = harden_with_stdin(folder.path(), &[&["check", "--format", format], args].concat(), text);
            assert_eq!(run.code, code, "{args:?} {text:?}: {}{}", run.out, run.err);
            let why = "holds no Kubernetes object, so nothing was judged; did the program before the pipe fail?";
            assert_eq!(run.out.contains(why), code == 2, "{args:?} {text:?}: {}", run.out);
        }
    }
    let level = harden_with_stdin(folder.path(), &["level", "--at-least", "baseline", "-"], "");
    assert!(
        level.code == 2 && (level.out.clone() + &level.err).contains("holds no Kubernetes object"),
        "{}{}",
        level.out,
        level.err
    );
    let level = harden_with_stdin(folder.path(), &["level", "--at-least", "baseline", "-"], service);
    assert_eq!(level.code, 0, "{}{}", level.out, level.err);
    let strict = harden_with_stdin(folder.path(), &["check", "--strict", "-"], "replicas: 3\n");
    assert!(strict.code == 2 && strict.out.matches("was not judged: 1 document").count() == 1, "{}", strict.out);
}
