//! `harden fix --interactive`: the answers come through a pipe.

use std::fs;
use std::path::Path;

use super::{DEPLOYMENT, FEW, fix};
use crate::support::*;

fn ask(folder: &Path, answers: &str, args: &[&str]) -> Run {
    harden_with_stdin(folder, &[&["fix", "--settings-json", FEW, "--interactive"], args].concat(), answers)
}

fn text(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

/// What `fix` makes of the file with some rules only.
fn fixed_by(rules: &[&str]) -> String {
    let folder = folder(&[("web.yaml", DEPLOYMENT)]);
    let args = rules.iter().flat_map(|rule| ["--rule", rule]);
    fix(folder.path(), &args.chain(["web.yaml"]).collect::<Vec<_>>());
    text(folder.path(), "web.yaml")
}

#[test]
fn what_is_chosen_is_fixed_and_nothing_else() {
    for (answers, rules) in [
        ("y\nn\n", &["capabilities"][..]),
        ("n\ny\n", &["privileged"]),
        ("y\ny\n", &["capabilities", "privileged"]),
        ("a\n", &["capabilities", "privileged"]),
    ] {
        let folder = folder(&[("web.yaml", DEPLOYMENT)]);
        let run = ask(folder.path(), answers, &["web.yaml"]);
        assert_eq!(text(folder.path(), "web.yaml"), fixed_by(rules), "{answers:?}\n{}", run.out);
        assert_eq!(run.code, 1, "the image is left\n{}", run.out);
        let left = 3 - rules.len();
        assert!(run.out.contains(&format!("{} fixed in 1 of 1 file, {left} left", rules.len())), "{}", run.out);
    }
}

#[test]
fn nothing_is_written_that_was_not_answered() {
    for answers in ["", "n\n", "d\n", "q\n", "?\nwhat\n"] {
        let folder = folder(&[("web.yaml", DEPLOYMENT)]);
        let run = ask(folder.path(), answers, &["web.yaml"]);
        assert_eq!(text(folder.path(), "web.yaml"), DEPLOYMENT, "{answers:?}");
        assert_eq!(run.code, 1, "{answers:?}: {}", run.out);
        assert!(run.out.contains("0 fixed in 0 of 1 file, 3 left"), "{answers:?}: {}", run.out);
    }
}

#[test]
fn quitting_keeps_what_was_chosen_and_names_what_was_not_looked_at() {
    let folder = folder(&[("a.yaml", DEPLOYMENT), ("b.yaml", DEPLOYMENT), ("c.yaml", DEPLOYMENT)]);
    let run = ask(folder.path(), "y\nq\n", &["."]);
    assert_eq!(text(folder.path(), "a.yaml"), fixed_by(&["capabilities"]));
    assert_eq!((text(folder.path(), "b.yaml"), text(folder.path(), "c.yaml")), (DEPLOYMENT.into(), DEPLOYMENT.into()));
    assert!(run.code == 1 && run.out.contains("; 2 files were not looked at\n"), "{}", run.out);
    // Leaving the rest of a file is not leaving the next one.
    let run = ask(folder.path(), "d\nd\nn\ny\n", &["."]);
    assert_eq!(text(folder.path(), "a.yaml"), fixed_by(&["capabilities"]), "{}", run.out);
    assert_eq!(text(folder.path(), "b.yaml"), DEPLOYMENT, "{}", run.out);
    assert_eq!(text(folder.path(), "c.yaml"), fixed_by(&["privileged"]), "{}", run.out);
}

#[test]
fn what_a_repair_makes_possible_is_asked_about_next() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: c\n    image: i:1\n    \
               securityContext:\n      privileged: true\n";
    let rules = ["--rule", "privileged", "--rule", "allow-privilege-escalation"];
    let args = [&["fix", "--no-config", "-i", "--unsafe"], &rules[..], &["pod.yaml"]].concat();
    let both = folder(&[("pod.yaml", pod)]);
    let run = harden_with_stdin(both.path(), &args, "y\ny\n");
    let expected = pod.replace("privileged: true", "privileged: false\n      allowPrivilegeEscalation: false");
    assert_eq!((run.code, text(both.path(), "pod.yaml")), (0, expected), "{}", run.out);
    let neither = folder(&[("pod.yaml", pod)]);
    let run = harden_with_stdin(neither.path(), &args, "n\ny\n");
    assert_eq!(text(neither.path(), "pod.yaml"), pod, "nobody is asked about what the API server refuses: {}", run.out);
}

#[test]
fn the_questions() {
    let folder = folder(&[("web.yaml", DEPLOYMENT)]);
    compare("fix-interactive", &ask(folder.path(), "?\ny\nn\n", &["web.yaml"]));
}

#[test]
fn only_files_can_be_asked_about() {
    let folder = folder(&[("web.yaml", DEPLOYMENT)]);
    let run = ask(folder.path(), DEPLOYMENT, &["-"]);
    assert!(run.code == 2 && run.err.contains("`-` cannot be fixed; name a file"), "{}", run.err);
    for other in ["--diff", "--quiet"] {
        assert_eq!(ask(folder.path(), "y\n", &[other, "web.yaml"]).code, 2, "{other}");
    }
    assert_eq!(text(folder.path(), "web.yaml"), DEPLOYMENT);
}
