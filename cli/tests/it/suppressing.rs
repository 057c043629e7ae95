//! `harden suppress`, with the real binary.

use std::path::Path;

use crate::support::*;

const REASON: [&str; 2] = ["--reason", "the node agent needs it"];

/// Suppresses in a copy of a text and proves what always holds: every other byte stays, `check` is clean and finds no
/// unused suppression, and a second run changes nothing. Gives the new text.
fn suppressed(name: &str, text: &str, args: &[&str]) -> String {
    let folder = folder(&[(name, text)]);
    let path = folder.path();
    let args = [&["suppress"], &REASON[..], args, &[name]].concat();
    let diff = harden(path, &[&args[..], &["--diff"]].concat());
    assert_eq!(diff.code, 1, "{}{}", diff.out, diff.err);
    assert_eq!(std::fs::read_to_string(path.join(name)).unwrap(), text, "--diff changes nothing");
    let run = harden(path, &args);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let new = std::fs::read_to_string(path.join(name)).unwrap();
    let again = harden(path, &args);
    assert!(again.code == 0 && again.out.starts_with("0 findings suppressed in 0 of 1 file, 0 left"), "{}", again.out);
    assert_eq!(std::fs::read_to_string(path.join(name)).unwrap(), new, "a second run changes nothing");
    let rules: Vec<&str> =
        args.iter().copied().skip_while(|arg| *arg != "--rule").take_while(|arg| *arg != name).collect();
    let check = harden(path, &[&["check", "--fail-on", "warning"], &rules[..], &[name]].concat());
    assert_eq!(check.code, 0, "{new}\n{}{}", check.out, check.err);
    assert!(check.out.contains("suppressed"), "{}", check.out);
    new
}

/// The lines of `new` that are not in `old`, if all lines of `old` are there in their order but for what was put behind.
fn added(old: &str, new: &str) -> Vec<String> {
    let mut old = old.lines().peekable();
    let mut added = Vec::new();
    for line in new.lines() {
        match old.peek().and_then(|old| line.strip_prefix(*old)) {
            Some(behind) => {
                old.next();
                if !behind.is_empty() {
                    added.push(behind.to_owned());
                }
            }
            None => added.push(line.to_owned()),
        }
    }
    assert_eq!(old.next(), None, "{new}");
    added
}

#[test]
fn a_comment_stands_behind_the_line_of_each_finding() {
    let new = suppressed("pod.yaml", PRIVILEGED, &["--rule", "privileged", "--rule", "seccomp-profile"]);
    assert_eq!(
        added(PRIVILEGED, &new),
        [
            " # harden: ignore[seccomp-profile] the node agent needs it",
            " # harden: ignore[privileged] the node agent needs it"
        ]
    );
    assert!(new.contains("    - name: app # harden: ignore[seccomp-profile]"), "{new}");
}

#[test]
fn every_finding_of_the_profile_is_suppressed_and_the_rules_of_a_line_share_a_comment() {
    let new = suppressed("pod.yaml", PRIVILEGED, &[]);
    assert!(new.lines().any(|line| line.contains("[allow-privilege-escalation, capabilities, ")), "{new}");
    added(PRIVILEGED, &new);
}

#[test]
fn line_ends_comments_anchors_and_flow_style_stay() {
    let crlf = PRIVILEGED.replace('\n', "\r\n");
    let new = suppressed("pod.yaml", &crlf, &["--rule", "privileged"]);
    assert_eq!(new.replace(" # harden: ignore[privileged] the node agent needs it", ""), crlf);
    let bom = format!("\u{feff}{}", PRIVILEGED.trim_end());
    assert!(suppressed("pod.yaml", &bom, &[]).starts_with('\u{feff}'));
    suppressed("pod.yaml", ONE_LINE, &[]);
    let flow = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {\n  containers: [\n    {name: c, image: \"i\n      :1\", securityContext: {privileged: true}},\n    {name: d,\n     image: 'i:1'}] }\n";
    added(flow, &suppressed("pod.yaml", flow, &[]));
    let commented = PRIVILEGED.replace("privileged: true", "privileged: true   # for the devices");
    let new = suppressed("pod.yaml", &commented, &["--rule", "privileged"]);
    assert!(new.contains("# for the devices # harden: ignore[privileged] "), "{new}");
    let streams = format!("# one\n{PRIVILEGED}---\n# two\n{}", PRIVILEGED.replace("name: web", "name: other"));
    added(&streams, &suppressed("pods.yaml", &streams, &[]));
}

#[test]
fn a_suppression_that_is_there_keeps_its_words() {
    let text = PRIVILEGED.replace("name: app", "name: app # harden: ignore[resources] it is small");
    let new = suppressed("pod.yaml", &text, &["--rule", "seccomp-profile", "--rule", "resources"]);
    assert_eq!(added(&text, &new), ["    # harden: ignore[seccomp-profile] the node agent needs it"]);
}

#[test]
fn json_gets_annotations() {
    let pod = r#"{
  "apiVersion": "v1",
  "kind": "Pod",
  "metadata": {"name": "web"},
  "spec": {"containers": [{"name": "app", "image": "i:1", "securityContext": {"privileged": true}}]}
}
"#;
    let new = suppressed("pod.json", pod, &["--until", "2099-01-31"]);
    let json: serde_json::Value = serde_json::from_str(&new).unwrap();
    assert_eq!(
        json["metadata"]["annotations"]["harden/ignore.privileged.app"],
        "until=2099-01-31 the node agent needs it"
    );
    // Too long with the container: 63 characters are allowed.
    let long = pod.replace("\"app\"", &format!("\"{}\"", "a".repeat(60)));
    let json: serde_json::Value =
        serde_json::from_str(&suppressed("pod.json", &long, &["--rule", "privileged"])).unwrap();
    assert_eq!(json["metadata"]["annotations"]["harden/ignore.privileged"], REASON[1]);
    let list = format!(r#"{{"apiVersion": "v1", "kind": "List", "items": [{pod}, {}]}}"#, pod.replace("web", "other"));
    suppressed("list.json", &list, &[]);
}

#[test]
fn standard_input_is_filtered_and_the_report_stands_beside() {
    let folder = folder(&[]);
    let args = [&["suppress"], &REASON[..], &["--rule", "privileged", "-"]].concat();
    let run = harden_with_stdin(folder.path(), &args, PRIVILEGED);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.starts_with("apiVersion: v1\n") && run.out.contains("# harden: ignore[privileged]"), "{}", run.out);
    assert!(run.err.contains("1 finding suppressed"), "{}", run.err);
}

#[test]
fn what_is_in_the_baseline_is_left_alone() {
    let folder = folder(&[("pod.yaml", PRIVILEGED), ("harden.yaml", "baseline: known.json\n")]);
    assert_eq!(harden(folder.path(), &["check", "--write-baseline"]).code, 0);
    let run = harden(folder.path(), &[&["suppress"], &REASON[..]].concat());
    assert_eq!((run.code, std::fs::read_to_string(folder.path().join("pod.yaml")).unwrap().as_str()), (0, PRIVILEGED));
}

#[test]
fn words_that_do_not_hold_are_refused() {
    for (args, expected) in [
        (&["--reason", " "][..], "--reason: is empty"),
        (&["--reason", "two\nlines"], "--reason: must be one line"),
        (&["--reason", "x until=2099-01-31"], "write the date with --until"),
        (&["--reason", "x", "--until", "2020-01-31"], "--until: 2020-01-31 is over"),
        (&["--reason", "x", "--rule", "privilege"], "did you mean privileged?"),
        (&["--reason", "x", "--no-suppressions"], "cannot be used with"),
        (&[], "--reason <TEXT>"),
    ] {
        let folder = folder(&[("pod.yaml", PRIVILEGED)]);
        let run = harden(folder.path(), &[&["suppress"], args, &["pod.yaml"]].concat());
        assert!(run.code == 2 && run.err.contains(expected), "{args:?}: {}{}", run.out, run.err);
        assert_eq!(std::fs::read_to_string(folder.path().join("pod.yaml")).unwrap(), PRIVILEGED);
    }
}

#[test]
fn the_examples_and_a_file_with_an_error_are_suppressed_as_far_as_they_can_be_read() {
    let broken = format!("{PRIVILEGED}---\na: b: c\n");
    let folder = folder(&[("pod.yaml", &broken)]);
    let run = harden(folder.path(), &[&["suppress"], &REASON[..], &["pod.yaml"]].concat());
    assert_eq!(run.code, 2, "{}", run.out);
    let new = std::fs::read_to_string(folder.path().join("pod.yaml")).unwrap();
    assert!(new.ends_with("---\na: b: c\n") && new.contains("# harden: ignore["), "{new}");
    for entry in std::fs::read_dir(examples().join("insecure")).unwrap() {
        let path = entry.unwrap().path();
        let is_clean =
            harden(Path::new("."), &["check", "-q", "--fail-on", "warning", path.to_str().unwrap()]).code != 1;
        if path.is_file() && !is_clean {
            let text = std::fs::read_to_string(&path).unwrap();
            added(&text, &suppressed("x.yaml", &text, &[]));
        }
    }
}
