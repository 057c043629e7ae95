//! What `harden fix` says, and how little it can say.

use std::fs;
use std::path::Path;

use super::{DEPLOYMENT, FEW, fix};
use crate::support::*;

#[test]
fn f4_quiet_is_silent_but_for_errors() {
    let folder = folder(&[("web.yaml", DEPLOYMENT), ("odd.yaml", "a: b: c\n")]);
    let run = fix(folder.path(), &["-q", "web.yaml"]);
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (1, "", ""));
    assert!(fs::read_to_string(folder.path().join("web.yaml")).unwrap().contains("privileged: false"));
    let run = fix(folder.path(), &["-q", "--fail-on", "never", "web.yaml"]);
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (0, "", ""));
    let run = fix(folder.path(), &["-q", "."]);
    assert_eq!(run.code, 2);
    assert!(run.out.lines().count() == 1 && run.out.starts_with("error: ./odd.yaml:1:5: "), "{}", run.out);
    // As a filter.
    let run = harden_with_stdin(Path::new("."), &["fix", "-q", "--settings-json", FEW, "-"], DEPLOYMENT);
    assert!(run.out.starts_with("# The web front end.\n") && run.err.is_empty(), "{}", run.err);
}

#[test]
fn f4_a_diff_is_not_buried_in_what_needs_a_person() {
    let folder = folder(&[("web.yaml", DEPLOYMENT)]);
    let run = fix(folder.path(), &["--diff", "web.yaml"]);
    assert_eq!(run.err, "2 would be fixed in 1 of 1 file, 1 left\n");
    assert!(run.out.starts_with("--- a/web.yaml\n+++ b/web.yaml\n@@ "), "{}", run.out);
    let coloured = fix(folder.path(), &["--diff", "--color", "always", "web.yaml"]).out;
    assert!(coloured.contains("\u{1b}[32m+") && coloured.contains("\u{1b}[31m-"), "{coloured}");
    let mut plain = coloured;
    for code in ["0", "1", "31", "32", "36"] {
        plain = plain.replace(&format!("\u{1b}[{code}m"), "");
    }
    assert_eq!(plain, run.out, "the colours are all that differs");
}

#[test]
fn f7_what_is_left_says_what_a_person_is_to_do() {
    let pod = "\
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
  - name: c # harden: ignore[privileged] it loads modules
    image: nginx
    securityContext: {privileged: true, capabilities: {drop: [NET_RWA]}}
    ports: [{hostPort: 80, containerPort: 80}]
  volumes: [{name: v, hostPath: {path: /etc}}]
";
    let folder = folder(&[("pod.yaml", pod)]);
    let run = harden(folder.path(), &["fix", "--no-config", "pod.yaml"]);
    for (rule, why) in [
        ("allow-privilege-escalation", "the API server refuses it beside privileged: true or SYS_ADMIN"),
        ("image-tag", "pick a version"),
        ("resources", "choose an amount"),
        ("run-as-user", "choose an id"),
        ("host-path-volumes", "choose where the data should live"),
        ("capabilities", "correct the name"),
        ("host-ports", "it was written so; --unsafe replaces it"),
    ] {
        let mut lines = run.out.lines().filter(|line| line.contains(&format!("[{rule}]")));
        assert!(lines.any(|line| line.ends_with(&format!("({why})"))), "{rule}: {}", run.out);
    }
    assert!(!run.out.contains("needs a person") && !run.out.contains("[privileged]"), "{}", run.out);
    // An exemption in place of the suppression.
    let exempt = r#"{"rules": {"privileged": {"exemptions": [{"containers": ["c"]}]}}}"#;
    fs::write(folder.path().join("pod.yaml"), pod.replace(" # harden: ignore[privileged] it loads modules", ""))
        .unwrap();
    let run = harden(folder.path(), &["fix", "--no-config", "--settings-json", exempt, "pod.yaml"]);
    let why = "(the API server refuses it beside privileged: true or SYS_ADMIN)";
    assert!(
        run.out.lines().any(|line| line.contains("[allow-privilege-escalation]") && line.ends_with(why)),
        "{}",
        run.out
    );
    assert!(!run.out.contains("[privileged]"), "{}", run.out);
}

#[test]
fn amounts_to_choose_share_a_line() {
    let container = "\n      - name: NAME\n        image: ghcr.io/org/app:1";
    let containers: String = ["a", "b", "c"].iter().map(|name| container.replace("NAME", name)).collect();
    let web = format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  selector: {{}}\n  template:\n    spec:\n      \
         containers:{containers}\n"
    );
    let folder = folder(&[("web.yaml", &web)]);
    let run = harden(folder.path(), &["fix", "web.yaml"]);
    let left: Vec<&str> = run.out.lines().filter(|line| line.contains("(choose a")).collect();
    assert_eq!(left.len(), 6, "{}", run.out);
    for name in ["a", "b", "c"] {
        let amounts = format!(
            "[resources] Deployment web, container \"{name}\": resources: limits.cpu, limits.memory, requests.cpu, \
             requests.memory must be set (choose an amount)"
        );
        assert!(left.iter().any(|line| line.ends_with(&amounts)), "{}", run.out);
        let ids =
            format!("\"{name}\": securityContext: runAsGroup must be a group id other than 0, runAsUser a user id");
        assert!(left.iter().any(|line| line.contains(&ids)), "{}", run.out);
    }
    // The count is of findings.
    assert!(run.out.ends_with("15 fixed in 1 of 1 file, 18 left\n"), "{}", run.out);
}
