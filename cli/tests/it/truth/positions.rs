//! A field of the wrong type has its place, says what was found, and hides nothing else.

use crate::support::{folder, harden};

const CRON: &str = "\
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly, namespace: shop}
spec:
  schedule: '@daily'
  jobTemplate:
    spec:
      template:
        spec:
          hostNetwork: 'true'
          containers:
            - {name: n, image: 'x:1', securityContext: {privileged: true}}
            - 7
            - name: second
              image: nginx
              securityContext:
                runAsUser: \"1000\"
                privileged: true
";

#[test]
fn names_that_are_not_text_leave_no_gap() {
    let text = crate::support::PRIVILEGED.replace("name: web", "name: 5").replace("name: app", "name: no");
    let second = "    - image: ghcr.io/org/app:1\n      securityContext: {privileged: true}\n";
    let folder = folder(&[("pod.yaml", &(text + second))]);
    let run = harden(folder.path(), &["check", "--format", "concise", "--rule", "privileged", "pod.yaml"]);
    for expected in [
        "pod.yaml:4:3: error: Pod: metadata.name is the number 5, must be a string: quote it\n",
        "error[privileged] Pod, containers[0]: securityContext.privileged is true, must be false\n",
        "error[privileged] Pod, containers[1]: securityContext.privileged is true, must be false\n",
    ] {
        assert!(run.out.contains(expected), "{expected}\n{}", run.out);
    }
}

#[test]
fn b10_a_wrong_type_is_told_at_its_place_and_the_rest_is_judged() {
    let folder = folder(&[("cron.yaml", CRON)]);
    let run = harden(folder.path(), &["check", "--format", "concise", "cron.yaml"]);
    assert_eq!(run.code, 2, "{}", run.out);
    let base = "spec.jobTemplate.spec.template.spec";
    for expected in [
        format!(
            "cron.yaml:12:16: error: CronJob shop/nightly: {base}.containers[0].name is the boolean false (YAML reads `n` \
             so), must be a string: quote it"
        ),
        format!(
            "cron.yaml:10:11: error: CronJob shop/nightly: {base}.hostNetwork is the string \"true\", must be true or \
             false: write it without quotes"
        ),
        format!(
            "cron.yaml:13:15: error: CronJob shop/nightly: {base}.containers[1] is the number 7, must be an object"
        ),
        format!(
            "cron.yaml:17:17: error: CronJob shop/nightly: {base}.containers[2].securityContext.runAsUser is the string \
             \"1000\", must be a whole number: write it without quotes"
        ),
    ] {
        assert!(run.out.lines().any(|line| line == expected), "{expected}\n{}", run.out);
    }
    // Behind what was left out the others keep their indices and places.
    let cron = "error[privileged] CronJob shop/nightly,";
    let second = format!("cron.yaml:18:17: {cron} container \"second\": securityContext.privileged");
    let first = format!("cron.yaml:12:57: {cron} containers[0]: securityContext.privileged");
    for expected in [second, first] {
        assert!(run.out.lines().any(|line| line.starts_with(&expected)), "{expected}\n{}", run.out);
    }
    // It is unset only because it was left out.
    assert!(!run.out.contains("container \"second\": securityContext.runAsUser is not set"), "{}", run.out);
    let fixed = harden(folder.path(), &["fix", "cron.yaml"]);
    assert_eq!(fixed.code, 2);
    for problem in ["containers[0].name is", "hostNetwork is", "containers[1] is", "securityContext.runAsUser is"] {
        assert!(fixed.out.contains(problem), "{problem}\n{}", fixed.out);
    }
    assert!(fixed.out.contains("cron.yaml:12:16: CronJob shop/nightly: "), "{}", fixed.out);
    // What is written stays, whatever its type, and the rest is fixed.
    let text = std::fs::read_to_string(folder.path().join("cron.yaml")).unwrap();
    assert_eq!(text.matches("readOnlyRootFilesystem: true").count(), 2, "{text}");
    for written in ["hostNetwork: 'true'\n", "{name: n, ", "- 7\n", "runAsUser: \"1000\"\n"] {
        assert!(text.contains(written), "{written}\n{text}");
    }
}

#[test]
fn b10_fields_that_follow_from_each_other_end() {
    let many: String = (0..60).map(|_| "  - {name: y, image: i}\n").collect();
    let pod = format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:\n{many}");
    let folder = folder(&[("many.yaml", &pod)]);
    let run = harden(folder.path(), &["check", "--format", "concise", "many.yaml"]);
    assert_eq!((run.code, run.out.matches("YAML reads `y` so").count()), (2, 20), "{}", run.out);
    assert!(run.out.contains("many.yaml:1:1: error: Pod p: further fields cannot be read"), "{}", run.out);
}

#[test]
fn b11_a_file_that_may_not_be_written_keeps_its_reasons() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers: [{name: c, image: nginx}]\n";
    let folder = folder(&[("pod.yaml", pod)]);
    let path = folder.path().join("pod.yaml");
    let mut permissions = std::fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&path, permissions).unwrap();
    let run = harden(folder.path(), &["fix", "pod.yaml"]);
    assert_eq!(run.code, 2, "{}", run.out);
    let line = |rule: &str| run.out.lines().find(|line| line.contains(rule)).unwrap_or_else(|| panic!("{}", run.out));
    assert!(line("[image-tag]").ends_with("(pick a version)"), "{}", run.out);
    assert!(line("[capabilities]").ends_with("(the file was not changed)"), "{}", run.out);
}
