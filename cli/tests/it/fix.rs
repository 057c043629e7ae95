//! `harden fix`, run as a user runs it.

mod diff;
mod files;
mod foreign;
mod interactive;
mod killed;
mod known;
mod krm;
mod left;
mod promised;
mod quiet;
mod rendered;
mod streams;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::*;

/// A workload in a style of its own, with things to fix and one that needs a person.
const DEPLOYMENT: &str = "\
# The web front end.
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}   # flow style
spec:
    selector: {matchLabels: {app: web}}
    template:
        metadata: {labels: {app: web}}
        spec:
            containers:
            -   name: web   # the only one
                image: 'nginx'

                # as the image wants it
                securityContext: {}
";

/// Settings that leave only `privileged`, `capabilities` and `image-tag` on.
const FEW: &str = r#"{"rules":{"allow-privilege-escalation":false,"apparmor-profile":false,"read-only-root-filesystem":false,"resources":false,"run-as-user":false,"seccomp-profile":false,"selinux-options":false}}"#;

fn fix(folder: &Path, args: &[&str]) -> Run {
    harden(folder, &[&["fix", "--settings-json", FEW], args].concat())
}

#[test]
fn what_is_missing_is_filled_in_and_nothing_else_changes() {
    let folder = folder(&[("web.yaml", DEPLOYMENT)]);
    let path = folder.path().join("web.yaml");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let run = fix(folder.path(), &["web.yaml"]);
    assert_eq!(run.code, 1, "the image needs a person\n{}{}", run.out, run.err);
    let expected = DEPLOYMENT.replace(
        "                securityContext: {}\n",
        "                securityContext:\n                    capabilities:\n                        drop:\n                        -   ALL\n                    privileged: false\n",
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), expected);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(run.out.contains("web.yaml: 2 fixed, 1 left"), "{}", run.out);
    assert!(run.out.contains("[image-tag]") && run.out.contains("(pick a version)"), "{}", run.out);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");

    let again = fix(folder.path(), &["web.yaml"]);
    assert!(again.out.contains("0 fixed, 1 left"), "{}", again.out);
    assert_eq!(fs::read_to_string(&path).unwrap(), expected, "fixing twice changes nothing more");
}

#[test]
fn standard_input_is_filtered() {
    let run = harden_with_stdin(Path::new("."), &["fix", "--settings-json", FEW, "-"], DEPLOYMENT);
    assert!(run.out.starts_with("# The web front end.\n") && run.out.contains("privileged: false\n"), "{}", run.out);
    assert!(!run.out.contains("fixed") && run.err.contains("2 fixed, 1 left"), "{}", run.err);
}

#[test]
fn what_the_author_wrote_is_replaced_only_on_demand() {
    let text = DEPLOYMENT.replace("securityContext: {}", "securityContext: {privileged: true}");
    let folder = folder(&[("web.yaml", &text)]);
    let path = folder.path().join("web.yaml");
    let safe = fix(folder.path(), &["web.yaml"]);
    assert!(fs::read_to_string(&path).unwrap().contains("privileged: true"));
    assert!(safe.out.contains("--unsafe replaces it"), "{}", safe.out);
    fix(folder.path(), &["--unsafe", "web.yaml"]);
    assert!(fs::read_to_string(&path).unwrap().contains("privileged: false"));
}

#[test]
fn any_mutating_policy_fixes() {
    let folder = folder(&[("web.yaml", DEPLOYMENT)]);
    let policy = project("dist/privileged.wasm").display().to_string();
    let settings = r#"{"action":"mutate"}"#;
    let run = harden(folder.path(), &["fix", "--policy", &policy, "--settings-json", settings, "web.yaml"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let text = fs::read_to_string(folder.path().join("web.yaml")).unwrap();
    assert_eq!(
        text,
        DEPLOYMENT.replace("securityContext: {}", "securityContext:\n                    privileged: false")
    );
}

#[test]
fn b12_json_among_yaml_stays_json() {
    let json = r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i:1"}]}}"#;
    let yaml = "apiVersion: v1\nkind: Pod\nmetadata: {name: q}\nspec: {containers: [{name: c, image: 'i:1'}]}\n";
    let stream =
        format!("# made by a program\n{json}\n---\n{yaml}---\n# and again\n{json}\n...\n---\n{json} # the last\n");
    let run = harden_with_stdin(Path::new("."), &["fix", "--no-config", "-"], &stream);
    let lines: Vec<&str> =
        run.out.lines().filter_map(|line| line.trim_end_matches(" # the last").strip_prefix("{")).collect();
    assert_eq!(lines.len(), 3, "{}", run.out);
    for line in lines {
        let pod: serde_json::Value =
            serde_json::from_str(&format!("{{{line}")).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert_eq!(pod["spec"]["containers"][0]["securityContext"]["capabilities"]["drop"][0], "ALL");
    }
    assert!(run.out.contains("{drop: [ALL]}"), "YAML stays YAML: {}", run.out);
}
