//! `harden level`, with the real binary.

use serde_json::Value;

use crate::support::*;

/// A pod that every level admits, and what of it has to go for the levels below.
fn pod(name: &str, without: &[&str]) -> String {
    let full = "\
apiVersion: v1
kind: Pod
metadata:
  name: NAME
spec:
  containers:
    - name: app
      image: ghcr.io/org/app:1
      resources: {limits: {cpu: 1, memory: 1Gi}}
      securityContext:
        privileged: false
        readOnlyRootFilesystem: true
        allowPrivilegeEscalation: false
        runAsNonRoot: true
        runAsUser: 1000
        runAsGroup: 1000
        capabilities: {drop: [ALL]}
        seccompProfile: {type: RuntimeDefault}
";
    let keeps = |line: &&str| !without.iter().any(|word| line.contains(word));
    full.lines().filter(keeps).map(|line| line.replace("NAME", name) + "\n").collect()
}

/// One workload of each level.
fn ladder() -> String {
    let all = [
        pod("best", &[]),
        pod("good", &["readOnlyRootFilesystem", "resources"]),
        pod("fair", &["drop", "runAsNonRoot"]),
        pod("bad", &["drop"]).replace("privileged: false", "privileged: true"),
    ];
    all.join("---\n")
}

#[test]
fn every_workload_has_its_level_and_what_is_missing() {
    let folder = folder(&[("pods.yaml", &ladder()), ("service.yaml", "apiVersion: v1\nkind: Service\n")]);
    let run = harden(folder.path(), &["level", "."]);
    compare("level", &run);
}

#[test]
fn a_level_can_be_demanded() {
    let folder = folder(&[("pods.yaml", &ladder()), ("best.yaml", &pod("best", &[]))]);
    for (level, code, marks) in [("privileged", 0, 0), ("baseline", 1, 1), ("restricted", 1, 2), ("hardening", 1, 3)] {
        let run = harden(folder.path(), &["level", "--at-least", level, "pods.yaml"]);
        assert_eq!(run.code, code, "{level}: {}", run.out);
        assert_eq!(run.out.lines().filter(|line| line.starts_with("! ")).count(), marks, "{}", run.out);
        assert_eq!(run.out.contains(&format!("; {marks} below {level}")), marks > 0, "{}", run.out);
    }
    assert_eq!(harden(folder.path(), &["level", "--at-least", "hardening", "best.yaml"]).code, 0);
    let unknown = harden(folder.path(), &["level", "--at-least", "strict", "best.yaml"]);
    assert_eq!(unknown.code, 2);
}

#[test]
fn the_level_is_that_of_a_version() {
    let config = "kubernetesVersion: v1.21\n";
    let folder = folder(&[("pod.yaml", &pod("old", &["drop"])), ("old/harden.yaml", config)]);
    std::fs::copy(folder.path().join("pod.yaml"), folder.path().join("old/pod.yaml")).unwrap();
    let level = |args: &[&str]| {
        let run = harden(folder.path(), &[&["level", "--format", "json"], args].concat());
        let report: Value = serde_json::from_str(&run.out).unwrap();
        report["workloads"][0]["level"].as_str().unwrap().to_owned()
    };
    // Restricted demands dropped capabilities since 1.22.
    assert_eq!(level(&["pod.yaml"]), "baseline");
    assert_eq!(level(&["--kubernetes-version", "v1.21", "pod.yaml"]), "restricted");
    assert_eq!(level(&["old/pod.yaml"]), "restricted");
    assert_eq!(level(&["--no-config", "old/pod.yaml"]), "baseline");
    assert_eq!(level(&["--kubernetes-version", "v1.22", "old/pod.yaml"]), "baseline");
}

#[test]
fn what_a_project_lets_pass_does_not_count() {
    let config = "exemptions: [{containers: ['*']}]\nrules: {privileged: false}\n";
    let bad = pod("bad", &[]).replace("privileged: false", "privileged: true # harden: ignore[privileged] drivers");
    let folder = folder(&[("pod.yaml", &bad), ("harden.yaml", config)]);
    assert_eq!(harden(folder.path(), &["check", "pod.yaml"]).code, 0);
    let run = harden(folder.path(), &["level", "--at-least", "baseline", "pod.yaml"]);
    assert_eq!(run.code, 1, "{}", run.out);
}

#[test]
fn json_has_everything() {
    let folder = folder(&[("pods.yaml", &ladder()), ("broken.yaml", "a: b: c\n")]);
    let run = harden(folder.path(), &["level", "--format", "json", "--at-least", "restricted", "."]);
    compare("level-json", &run);
}

#[test]
fn nothing_to_judge_is_said() {
    let run = harden_with_stdin(&project("."), &["level", "-"], "apiVersion: v1\nkind: Service\n");
    assert_eq!((run.code, run.out.as_str()), (0, "no workload in 1 file\n"));
}
