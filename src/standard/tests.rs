//! Every check × level × version, exercised both ways by the fixtures beside the checks.

mod fixes;
mod profiles;

use std::sync::LazyLock;

use serde_json::value::RawValue;

use super::*;
use crate::rules::check::cases::Case;
use crate::rules::*;
use crate::view::View;
use crate::violation::{Report, Violation};

/// The fixtures of every check, by id.
static CASES: LazyLock<Vec<(&str, Vec<Case>)>> = LazyLock::new(|| {
    vec![
        ("allow-privilege-escalation", allow_privilege_escalation::standard_cases()),
        ("apparmor-profile", apparmor_profile::standard_cases()),
        ("capabilities", capabilities::standard_cases()),
        ("host-namespaces", host_namespaces::standard_cases()),
        ("host-path-volumes", host_path_volumes::standard_cases()),
        ("host-ports", host_ports::standard_cases()),
        ("host-probes", host_probes::standard_cases()),
        ("privileged", privileged::standard_cases()),
        ("proc-mount", proc_mount::standard_cases()),
        ("run-as-non-root", run_as_user::standard::non_root_cases()),
        ("run-as-user", run_as_user::standard::user_cases()),
        ("seccomp-profile", seccomp_profile::standard_cases()),
        ("selinux-options", selinux_options::standard_cases()),
        ("sysctls", sysctls::standard_cases()),
        ("volume-types", volume_types::standard_cases()),
        ("windows-host-process", windows_host_process::standard_cases()),
    ]
});

const LEVELS: [Level; 2] = [Level::Baseline, Level::Restricted];

/// Returns the violations that `check` reports for a pod, the containers of `exempt` left out.
fn judge(check: CheckFn, pod: &str, exempt: &[bool]) -> Vec<Violation> {
    let object = RawValue::from_string(pod.to_owned()).expect("the pod is JSON");
    let templates = crate::workload::templates("", "Pod", &object, &[]).expect("the pod is readable");
    let mut report = Report::default();
    check(&View::new("", &templates[0].template, exempt), &mut report);
    report.violations
}

/// The behaviour of the check `id`, if the level has it.
fn behaviour(id: &str, level: Level, version: Version) -> Option<CheckFn> {
    checks(level, version).find(|(known, _)| *known == id).map(|(_, function)| function)
}

fn cases(id: &str) -> &'static [Case] {
    &CASES.iter().find(|(known, _)| *known == id).expect("every check has fixtures").1
}

#[test]
fn every_fixture_in_every_cell() {
    for (id, cases) in CASES.iter() {
        for case in cases {
            let pod = &case.object;
            for (level, version) in LEVELS.into_iter().flat_map(|level| Version::all().map(move |v| (level, v))) {
                let expected = case.expected(level, version.minor());
                let Some(check) = behaviour(id, level, version) else {
                    assert!(expected.is_empty(), "{id} {} {version:?}: there is no such check: {pod}", level.word());
                    continue;
                };
                let mut found: Vec<String> = judge(check, pod, &[]).into_iter().map(|v| v.path).collect();
                found.sort_unstable();
                assert_eq!(found, expected, "{id} {} {version:?}: {pod}", level.word());
            }
        }
    }
}

#[test]
fn every_cell_is_exercised_both_ways() {
    let mut cells = 0;
    for level in LEVELS {
        for version in Version::all() {
            for (id, _) in checks(level, version) {
                let fails = |case: &&Case| !case.expected(level, version.minor()).is_empty();
                let failing = cases(id).iter().filter(fails).count();
                assert!(failing > 0, "{id} {} {version:?}: no failing fixture", level.word());
                assert!(failing < cases(id).len(), "{id} {} {version:?}: no passing fixture", level.word());
                cells += 1;
            }
        }
    }
    // So that an empty table does not pass: eleven checks of the baseline level and twelve of the restricted level or
    // in their place have been there since 1.0.
    assert!(cells >= Version::all().count() * (11 + 12), "{cells}");
}

#[test]
fn every_change_is_seen_by_a_fixture() {
    let mut changes = 0;
    for level in LEVELS {
        for (before, after) in Version::all().zip(Version::all().skip(1)) {
            for (check, (since, _)) in active(level, after) {
                let was = active(level, before).find(|(old, _)| old.id == check.id);
                if was.is_some_and(|(old, (old_since, _))| (old.level, old_since) == (check.level, since)) {
                    continue;
                }
                // Restricted `proc-mount` takes over from the baseline check as it was.
                if (check.id, level, after.minor()) == ("proc-mount", Level::Restricted, 35) {
                    continue;
                }
                let differs = |case: &Case| case.expected(level, before.minor()) != case.expected(level, after.minor());
                assert!(cases(check.id).iter().any(differs), "{} {} {after:?}", check.id, level.word());
                changes += 1;
            }
        }
    }
    // Eight of the baseline level, fifteen of the restricted, until 1.37.
    assert!(changes >= 8 + 15, "{changes}");
}

#[test]
fn the_table_is_in_order() {
    for check in CHECKS {
        assert!(check.versions.is_sorted_by(|(a, _), (b, _)| a < b), "{}", check.id);
        assert!(check.overrides.is_none() || check.level == Level::Restricted, "{}", check.id);
        if let Some(overridden) = check.overrides {
            assert!(
                CHECKS.iter().any(|other| other.id == overridden && other.level == Level::Baseline),
                "{}",
                check.id
            );
        }
    }
    assert!(CHECKS.is_sorted_by(|a, b| (a.level, a.id) < (b.level, b.id)));
    for (level, version) in LEVELS.into_iter().flat_map(|level| Version::all().map(move |v| (level, v))) {
        let mut ids: Vec<&str> = checks(level, version).map(|(id, _)| id).collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count, "{} {version:?}", level.word());
    }
    assert_eq!(checks(Level::Privileged, Version::LATEST).count(), 0);
}

#[test]
fn exempt_containers_are_left_alone() {
    let pod = |fields: &str| {
        format!(
            r#"{{"spec":{{{fields},"volumes":[{{"name":"v","hostPath":{{"path":"/"}}}}],
        "containers":[{{"name":"good","securityContext":{{"runAsNonRoot":true,"allowPrivilegeEscalation":false,
        "capabilities":{{"drop":["ALL"]}},"seccompProfile":{{"type":"Localhost"}}}}}},
        {{"name":"bad","volumeMounts":[{{"name":"v"}}],"ports":[{{"hostPort":1}}],"livenessProbe":{{"httpGet":{{"host":"x"}}}},
        "securityContext":{{"privileged":true,"procMount":"Unmasked","runAsUser":0,"seLinuxOptions":{{"user":"u"}},
        "appArmorProfile":{{"type":"Unconfined"}},"windowsOptions":{{"hostProcess":true}}}}}}]}},
        "metadata":{{"annotations":{{"container.apparmor.security.beta.kubernetes.io/bad":"unconfined",
        "container.seccomp.security.alpha.kubernetes.io/bad":"unconfined"}}}}}}"#
        )
    };
    for (level, version) in LEVELS.into_iter().flat_map(|level| Version::all().map(move |v| (level, v))) {
        for (id, check) in checks(level, version) {
            let pod = pod(r#""x":0"#);
            assert_eq!(judge(check, &pod, &[false, true]), [], "{id} {} {version:?}", level.word());
        }
        let found: usize = checks(level, version).map(|(_, check)| judge(check, &pod(r#""x":0"#), &[]).len()).sum();
        assert!(found >= 8, "{} {version:?}", level.word());
    }
}
