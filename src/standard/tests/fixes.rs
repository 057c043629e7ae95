//! Repairs: what they offer is accepted, what they cannot offer stays.

use super::*;
use crate::edit;
use crate::violation::Edit;

/// Applies every fix until there is none left; gives the pod and what is still reported.
fn repair(check: CheckFn, pod: &str, exempt: &[bool]) -> (String, Vec<Violation>) {
    let mut pod = pod.to_owned();
    for _ in 0..4 {
        let edits: Vec<Edit> =
            judge(check, &pod, exempt).into_iter().filter_map(|v| v.fix).flat_map(|fix| fix.edits).collect();
        if edits.is_empty() {
            break;
        }
        pod = edit::apply(&pod, &edits).expect("the edits fit");
    }
    let left = judge(check, &pod, exempt);
    (pod, left)
}

#[test]
fn what_a_fix_makes_is_accepted() {
    for (id, cases) in CASES.iter() {
        for (level, version) in LEVELS.into_iter().flat_map(|level| Version::all().map(move |v| (level, v))) {
            let Some(check) = behaviour(id, level, version) else { continue };
            for case in cases {
                let before = judge(check, &case.object, &[]);
                let unfixable = before.iter().filter(|violation| violation.fix.is_none()).count();
                let (pod, left) = repair(check, &case.object, &[]);
                let still_fixable = left.iter().any(|violation| violation.fix.is_some());
                assert!(!still_fixable && left.len() <= unfixable, "{id} {} {version:?}: {pod}", level.word());
            }
        }
    }
}

/// The fix of the only violation: its edits as text, and whether it overwrites.
fn fix(id: &str, level: Level, pod: &str, exempt: &[bool]) -> Option<(String, bool)> {
    let check = behaviour(id, level, Version::LATEST).expect("the level has the check");
    let mut found = judge(check, pod, exempt);
    assert_eq!(found.len(), 1, "{found:?}");
    let fix = found.remove(0).fix?;
    let edits: Vec<String> = fix
        .edits
        .iter()
        .map(|edit| match edit {
            Edit::Set { path, value } => format!("{path}={value}"),
            Edit::Append { path, value } => format!("{path}+={value}"),
            Edit::Remove { path } => format!("-{path}"),
        })
        .collect();
    Some((edits.join(" "), fix.overwrites))
}

#[test]
fn fixes() {
    const WINDOWS: &str = r#""os":{"name":"windows"}"#;
    let context = |context: &str| format!(r#"{{"spec":{{"containers":[{{"securityContext":{context}}}]}}}}"#);
    let spec = |spec: &str| format!(r#"{{"spec":{{"containers":[{{}}],{spec}}}}}"#);
    let at = |field: &str| format!("spec.containers[0].securityContext.{field}");
    let fill = |edit: &str| Some((edit.to_owned(), false));
    let overwrite = |edit: &str| Some((edit.to_owned(), true));
    let (baseline, restricted) = (Level::Baseline, Level::Restricted);
    for (id, level, pod, expected) in [
        // What is unset is filled in, for the pod where that is possible.
        ("allow-privilege-escalation", restricted, context("null"), fill(&at("allowPrivilegeEscalation=false"))),
        ("capabilities", restricted, context("null"), fill(&at(r#"capabilities.drop=["ALL"]"#))),
        (
            "capabilities",
            restricted,
            context(r#"{"capabilities":{"drop":["CHOWN"]}}"#),
            fill(&at(r#"capabilities.drop+="ALL""#)),
        ),
        (
            "capabilities",
            restricted,
            context(r#"{"capabilities":{"drop":["CHOWN","all"]}}"#),
            fill(&at(r#"capabilities.drop[1]="ALL""#)),
        ),
        (
            "seccomp-profile",
            restricted,
            context("{}"),
            fill(r#"spec.securityContext.seccompProfile.type="RuntimeDefault""#),
        ),
        ("run-as-non-root", restricted, context("{}"), fill("spec.securityContext.runAsNonRoot=true")),
        // What is written is overwritten.
        (
            "allow-privilege-escalation",
            restricted,
            context(r#"{"allowPrivilegeEscalation":true}"#),
            overwrite(&at("allowPrivilegeEscalation=false")),
        ),
        (
            "capabilities",
            baseline,
            context(r#"{"capabilities":{"add":["CHOWN","SYS_ADMIN"]}}"#),
            overwrite(&format!("-{}", at("capabilities.add[1]"))),
        ),
        (
            "capabilities",
            baseline,
            context(r#"{"capabilities":{"add":["cap_chown"]}}"#),
            // It could grant what was without effect.
            overwrite(&at(r#"capabilities.add[0]="CHOWN""#)),
        ),
        (
            "seccomp-profile",
            baseline,
            context(r#"{"seccompProfile":{"type":"Unconfined"}}"#),
            overwrite(&at(r#"seccompProfile.type="RuntimeDefault""#)),
        ),
        (
            "seccomp-profile",
            baseline,
            context(r#"{"seccompProfile":{"localhostProfile":"x"}}"#),
            overwrite(&format!(
                r#"{}="RuntimeDefault" -{}"#,
                at("seccompProfile.type"),
                at("seccompProfile.localhostProfile")
            )),
        ),
        (
            "seccomp-profile",
            baseline,
            context(r#"{"seccompProfile":{}}"#),
            fill(&at(r#"seccompProfile.type="RuntimeDefault""#)),
        ),
        ("run-as-user", restricted, context(r#"{"runAsUser":0}"#), overwrite(&format!("-{}", at("runAsUser")))),
        ("run-as-non-root", restricted, context(r#"{"runAsNonRoot":false}"#), overwrite(&at("runAsNonRoot=true"))),
        ("privileged", baseline, context(r#"{"privileged":true}"#), overwrite(&at("privileged=false"))),
        ("proc-mount", baseline, context(r#"{"procMount":"Unmasked"}"#), overwrite(&at(r#"procMount="Default""#))),
        (
            "selinux-options",
            baseline,
            context(r#"{"seLinuxOptions":{"user":"u","level":"s0"}}"#),
            overwrite(&format!("-{}", at("seLinuxOptions.user"))),
        ),
        ("host-namespaces", baseline, spec(r#""hostPID":true"#), overwrite("spec.hostPID=false")),
        (
            "sysctls",
            baseline,
            spec(r#""securityContext":{"sysctls":[{"name":"kernel.msgmax","value":"1"}]}"#),
            overwrite("-spec.securityContext.sysctls[0]"),
        ),
        (
            "windows-host-process",
            baseline,
            spec(r#""securityContext":{"windowsOptions":{"hostProcess":true}}"#),
            overwrite("spec.securityContext.windowsOptions.hostProcess=false"),
        ),
        // What nobody but a person can decide.
        ("host-path-volumes", baseline, spec(r#""volumes":[{"name":"v","hostPath":{"path":"/"}}]"#), None),
        ("volume-types", restricted, spec(r#""volumes":[{"name":"v","nfs":{}}]"#), None),
        // What the API server or the kubelet would refuse.
        ("allow-privilege-escalation", restricted, context(r#"{"privileged":true}"#), None),
        ("allow-privilege-escalation", restricted, context(r#"{"capabilities":{"add":["SYS_ADMIN"]}}"#), None),
        ("run-as-non-root", restricted, context(r#"{"runAsUser":0}"#), None),
        ("run-as-non-root", restricted, context(r#"{"runAsUser":0,"runAsNonRoot":false}"#), None),
        ("run-as-non-root", restricted, spec(r#""securityContext":{"runAsUser":0,"runAsNonRoot":false}"#), None),
        ("run-as-non-root", restricted, spec(WINDOWS), fill("spec.securityContext.runAsNonRoot=true")),
        (
            "seccomp-profile",
            baseline,
            spec(&format!(r#"{WINDOWS},"securityContext":{{"seccompProfile":{{"type":"Unconfined"}}}}"#)),
            None,
        ),
        (
            "host-namespaces",
            baseline,
            spec(r#""hostNetwork":true,"securityContext":{"windowsOptions":{"hostProcess":true}}"#),
            None,
        ),
        (
            "host-ports",
            baseline,
            r#"{"spec":{"hostNetwork":true,"containers":[{"ports":[{"containerPort":80}]}]}}"#.to_owned(),
            None,
        ),
    ] {
        assert_eq!(fix(id, level, &pod, &[]), expected, "{id}: {pod}");
    }
}

#[test]
fn a_fix_does_not_reach_exempt_containers() {
    let pod = |context: &str| {
        format!(r#"{{"spec":{{"securityContext":{context},"containers":[{{"name":"a"}},{{"name":"b"}}]}}}}"#)
    };
    for (id, context, expected) in [
        ("seccomp-profile", "{}", Some(r#"spec.containers[0].securityContext.seccompProfile.type="RuntimeDefault""#)),
        ("run-as-non-root", "{}", Some("spec.containers[0].securityContext.runAsNonRoot=true")),
        ("seccomp-profile", r#"{"seccompProfile":{"type":"Unconfined"}}"#, None),
        ("run-as-non-root", r#"{"runAsNonRoot":false}"#, None),
        ("run-as-user", r#"{"runAsUser":0}"#, None),
        ("apparmor-profile", r#"{"appArmorProfile":{"type":"Unconfined"}}"#, None),
        ("selinux-options", r#"{"seLinuxOptions":{"user":"u"}}"#, None),
        ("windows-host-process", r#"{"windowsOptions":{"hostProcess":true}}"#, None),
    ] {
        let found = fix(id, Level::Restricted, &pod(context), &[false, true]);
        assert_eq!(found.as_ref().map(|(edits, _)| edits.as_str()), expected, "{id}");
    }
}

#[test]
fn a_container_that_runs_as_root_is_told_nothing_by_the_pod() {
    let check = behaviour("run-as-non-root", Level::Restricted, Version::LATEST).expect("restricted has it");
    let pod = r#"{"spec":{"containers":[{"name":"a","securityContext":{"runAsUser":0}},{"name":"b"}]}}"#;
    let (pod, left) = repair(check, pod, &[]);
    assert_eq!(left.len(), 1);
    assert!(pod.contains(r#"{"name":"b","securityContext":{"runAsNonRoot":true}}"#), "{pod}");
}
