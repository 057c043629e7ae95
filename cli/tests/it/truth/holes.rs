//! Counts, ids and baselines, each as it was found wrong.

use serde_json::{Value, json};

use crate::support::{PRIVILEGED, folder, harden};
use guests::{VALID, answering};

/// A policy that refuses every object.
fn refusing() -> Vec<u8> {
    answering(&json!({"accepted": false, "message": "no"}).to_string(), VALID)
}

const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n";

fn report(folder: &std::path::Path, args: &[&str]) -> Value {
    let run = harden(folder, &[&["check", "--format", "json"], args].concat());
    serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}", run.err))
}

#[test]
fn cli_1_a_policy_called_hardening_is_not_the_bundle() {
    let folder = folder(&[("cm.yaml", MAP)]);
    for name in ["policy.wasm", "hardening"] {
        std::fs::write(folder.path().join(name), refusing()).unwrap();
        let run = harden(folder.path(), &["check", "--policy", name, "cm.yaml"]);
        assert_eq!(run.code, 1, "{name}: {}", run.out);
        assert!(run.out.contains("1 violation in 1 of 1 workload"), "{name}: {}", run.out);
    }
    std::fs::write(folder.path().join("harden.yaml"), "policies: [{module: hardening}]\n").unwrap();
    assert_eq!(harden(folder.path(), &["check", "cm.yaml"]).code, 1);
}

#[test]
fn cli_4_what_could_not_be_judged_is_not_gone() {
    let folder = folder(&[("a.yaml", PRIVILEGED), ("b.yaml", PRIVILEGED)]);
    let baseline = ["--baseline", "known.json", "--no-config"];
    let check = |args: &[&str]| harden(folder.path(), &[&["check"], args, &baseline].concat());
    assert_eq!(check(&["a.yaml", "b.yaml", "--write-baseline"]).code, 0);
    std::fs::write(folder.path().join("b.yaml"), format!("{PRIVILEGED}---\na: b: c\n")).unwrap();
    let broken = check(&["a.yaml", "b.yaml"]);
    assert_eq!((broken.code, broken.out.matches("gone-from-baseline").count()), (2, 0), "{}", broken.out);
    std::fs::remove_file(folder.path().join("b.yaml")).unwrap();
    let missing = check(&["a.yaml", "b.yaml"]);
    assert_eq!((missing.code, missing.out.matches("gone-from-baseline").count()), (2, 0), "{}", missing.out);
    // Nobody asked for it, and it is not there.
    let gone = check(&["a.yaml"]);
    assert_eq!((gone.code, gone.out.matches("gone-from-baseline").count()), (0, 1), "{}", gone.out);
    assert!(
        gone.out.contains("11 known findings are gone (11 of b.yaml, which is no longer there): run"),
        "{}",
        gone.out
    );
}

#[test]
fn cli_5_what_is_gone_is_shown_at_the_first_entry() {
    let folder = folder(&[("x-a.yaml", PRIVILEGED), ("a.yaml", PRIVILEGED)]);
    let args = ["--baseline", "known.json", "--no-config", "."];
    harden(folder.path(), &[&["check", "--write-baseline"], &args[..]].concat());
    let text = std::fs::read_to_string(folder.path().join("known.json")).unwrap();
    let gone = |name: &str| {
        let fixed = PRIVILEGED.replace("privileged: true", "privileged: false");
        std::fs::write(folder.path().join(name), &fixed).unwrap();
        let json = report(folder.path(), &args);
        let findings = json["findings"].as_array().unwrap().iter().filter(|f| f["rule"] == "gone-from-baseline");
        let [finding] = findings.collect::<Vec<_>>()[..] else { panic!("one line a run: {json}") };
        let line = finding["line"].as_u64().unwrap() as usize;
        (finding["message"].as_str().unwrap().to_owned(), text.lines().skip(line - 1).collect::<Vec<_>>())
    };
    let is_entry = |lines: &[&str], file: &str, rule: &str| {
        let entry: Vec<&&str> = lines.iter().take_while(|line| !line.contains('}')).collect();
        lines[0].trim().starts_with(&format!("\"file\": \"{file}\""))
            && entry.iter().any(|line| line.contains(&format!("\"rule\": \"{rule}\"")))
    };
    let (message, lines) = gone("x-a.yaml");
    assert!(
        message.starts_with("1 known finding is gone, x-a.yaml: Pod web, container app: [privileged] "),
        "{message}"
    );
    assert!(is_entry(&lines, "x-a.yaml", "privileged"), "{lines:?}");
    let (message, lines) = gone("a.yaml");
    assert!(message.starts_with("2 known findings are gone: run `harden baseline prune`"), "{message}");
    assert!(is_entry(&lines, "a.yaml", "privileged"), "{lines:?}");
}

#[test]
fn what_the_bundle_refuses_as_a_whole_can_be_suppressed() {
    let folder = folder(&[("cm.yaml", &format!("# harden: ignore[hardening] it is not a workload\n{MAP}"))]);
    let settings = ["check", "--settings-json", r#"{"unknownKinds": "reject"}"#, "cm.yaml"];
    let run = harden(folder.path(), &settings);
    assert!(run.code == 0 && run.out.contains("; 1 suppressed"), "{}", run.out);
}

#[test]
fn cli_6_ids_are_the_same_wherever_the_project_lies() {
    let ids = || {
        let folder = folder(&[
            ("harden.yaml", "profile: privileged\npolicies: [{module: policies/no.wasm}]\n"),
            ("deploy/cm.yaml", MAP),
        ]);
        std::fs::create_dir(folder.path().join("policies")).unwrap();
        std::fs::write(folder.path().join("policies/no.wasm"), refusing()).unwrap();
        let rules = |args: &[&str], from: &str| -> Vec<String> {
            let json = report(&folder.path().join(from), args);
            json["findings"].as_array().unwrap().iter().map(|f| f["rule"].as_str().unwrap().to_owned()).collect()
        };
        let all = [rules(&["."], ""), rules(&["cm.yaml"], "deploy")].concat();
        // The same module on the command line has the same id.
        [all, rules(&["--policy", "../policies/no.wasm", "cm.yaml"], "deploy")].concat()
    };
    assert_eq!(ids(), vec!["policies/no.wasm"; 4]);
    assert_eq!(ids(), ids());
}

#[test]
fn cli_7a_an_object_that_a_further_policy_judged_was_judged() {
    let folder =
        folder(&[("harden.yaml", "policies: [{module: no.wasm}]\n"), ("cm.yaml", &format!("{MAP}---\n{MAP}"))]);
    std::fs::write(folder.path().join("no.wasm"), refusing()).unwrap();
    let run = harden(folder.path(), &["check", "--require-objects", "cm.yaml"]);
    assert_eq!((run.code, run.err.as_str()), (1, ""));
    assert!(run.out.contains("2 violations in 2 of 2 workloads; 1 file read, 0 documents not judged"), "{}", run.out);
}

#[test]
fn cli_7b_twins_are_two_objects() {
    let suppressed =
        PRIVILEGED.replace("privileged: true", "privileged: true # harden: ignore[privileged] it loads drivers");
    let folder = folder(&[("pods.yaml", &format!("{PRIVILEGED}---\n{suppressed}"))]);
    let run = harden(folder.path(), &["check", "pods.yaml"]);
    assert!(run.out.contains(" in 2 of 2 workloads") && run.out.contains("; 1 suppressed"), "{}", run.out);
}

#[test]
fn cli_7c_only_files_that_were_read_are_counted_so() {
    let folder = folder(&[("pod.yaml", PRIVILEGED)]);
    let missing = harden(folder.path(), &["check", "nope.yaml"]);
    assert!(missing.out.contains("nothing was judged: 1 input could not be read"), "{}", missing.out);
    let args = ["check", "--baseline", "known.json", "pod.yaml"];
    harden(folder.path(), &[&args[..], &["--write-baseline"]].concat());
    std::fs::write(folder.path().join("pod.yaml"), PRIVILEGED.replace("privileged: true", "privileged: false"))
        .unwrap();
    let run = harden(folder.path(), &args);
    assert!(run.out.contains("gone-from-baseline") && run.out.contains("; 1 file read"), "{}", run.out);
}

#[test]
fn cli_7d_a_file_named_twice_is_judged_once() {
    let folder = folder(&[("deploy/a.yaml", PRIVILEGED), ("deploy/b.yaml", MAP)]);
    std::os::unix::fs::symlink("a.yaml", folder.path().join("deploy/c.yaml")).unwrap();
    let once = report(folder.path(), &["deploy"]);
    for args in [&["deploy", "deploy/a.yaml"][..], &["./deploy/", "deploy", "deploy/c.yaml"]] {
        assert_eq!(report(folder.path(), args)["summary"], once["summary"], "{args:?}");
    }
    assert_eq!(once["summary"]["files"], 2);
}

#[test]
fn cli_8_an_init_container_is_called_so() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  initContainers:\n  - name: i\n    image: app:1\n    \
               securityContext: {runAsUser: 5}\n  containers: [{name: c, image: other:1}]\n";
    let folder = folder(&[("pod.yaml", pod), ("Dockerfile", "FROM scratch\nUSER 7:7\n")]);
    let json = report(folder.path(), &["--dockerfile", "*app=Dockerfile", "pod.yaml"]);
    let all = json["findings"].as_array().unwrap();
    let finding = all.iter().find(|f| f["rule"] == "dockerfile-user").unwrap();
    assert_eq!(finding["containerType"], "initContainer");
    assert!(finding["message"].as_str().unwrap().starts_with("init container \"i\": "), "{finding}");
}

#[test]
fn cli_13_an_annotation_that_no_cluster_takes_is_named() {
    let name = "a-container-with-quite-a-long-name";
    let pod = |key: &str| {
        PRIVILEGED
            .replace("name: app", &format!("name: {name}"))
            .replace("name: web", &format!("name: web\n  annotations: {{{key}: because}}"))
    };
    let folder = folder(&[
        ("long.yaml", &pod(&format!("harden/ignore.read-only-root-filesystem.{name}"))),
        ("short.yaml", &pod("harden/ignore.read-only-root-filesystem")),
    ]);
    let long = harden(folder.path(), &["check", "long.yaml"]).out;
    assert!(long.contains("error[invalid-suppression]: Pod web: the annotation's name has 67 characters"), "{long}");
    let short = harden(folder.path(), &["check", "short.yaml"]).out;
    assert!(!short.contains("invalid-suppression") && short.contains("1 suppressed"), "{short}");
}

#[test]
fn cli_14_a_message_cannot_take_the_link_of_a_rule() {
    // The title's message holds what a later rule's id looks like in the frame.
    let pod = PRIVILEGED.replace("name: app", "name: 'x[capabilities]'");
    let folder = folder(&[("pod.yaml", &pod)]);
    let run = harden(folder.path(), &["check", "--hyperlinks", "always", "pod.yaml"]);
    let link = "[\u{1b}]8;;https://";
    for line in run.out.lines().filter(|line| line.contains("error[") || line.contains("= error: [")) {
        let (before, _) = line.split_once(link).unwrap_or_else(|| panic!("no link in {line:?}"));
        assert!(before.ends_with("error") || before.ends_with("error: "), "{line:?}");
    }
    assert!(!run.out.contains("x[\u{1b}"), "{}", run.out);
}

#[test]
fn cli_15_separators_and_plurals() {
    let folder = folder(&[("harden.yaml", "profile: privileged\npolicies: [{module: no.wasm}]\n"), ("cm.yaml", MAP)]);
    std::fs::write(folder.path().join("no.wasm"), refusing()).unwrap();
    let run = harden(folder.path(), &["check", "--format", "sarif", "cm.yaml"]);
    let sarif: Value = serde_json::from_str(&run.out).unwrap();
    let place = &sarif["runs"][0]["results"][0]["locations"][0]["logicalLocations"][0];
    assert_eq!(place["fullyQualifiedName"], "ConfigMap c");
    let run = harden(folder.path(), &["check", "--baseline", "known.json", "--write-baseline", "cm.yaml"]);
    assert_eq!(run.err, "wrote 1 finding to known.json\n");
}
