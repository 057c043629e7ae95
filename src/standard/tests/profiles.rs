//! Whole pods against whole levels.

use super::*;

/// Returns the violations that the level reports for a pod, as `id path`.
fn report(level: Level, version: Version, pod: &str) -> Vec<String> {
    let mut found: Vec<String> = checks(level, version)
        .flat_map(|(id, check)| judge(check, pod, &[]).into_iter().map(move |v| format!("{id} {}", v.path)))
        .collect();
    found.sort();
    found
}

const RESTRICTED_POD: &str = r#"{"spec":{"securityContext":{"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"}},
    "volumes":[{"name":"c","configMap":{}}],"containers":[{"name":"a","securityContext":{"allowPrivilegeEscalation":false,
    "capabilities":{"drop":["ALL"]}}}]}}"#;

#[test]
fn plain_pods() {
    for version in Version::all() {
        let plain = r#"{"spec":{"containers":[{"name":"a"}]}}"#;
        assert_eq!(report(Level::Baseline, version, plain), [""; 0], "{version:?}");
        assert_eq!(report(Level::Baseline, version, RESTRICTED_POD), [""; 0], "{version:?}");
        assert_eq!(report(Level::Restricted, version, RESTRICTED_POD), [""; 0], "{version:?}");
        let expected = match version.minor() {
            0..8 => 1,
            8..19 => 2,
            19..22 => 3,
            _ => 4,
        };
        assert_eq!(report(Level::Restricted, version, plain).len(), expected, "{version:?}");
    }
}

#[test]
fn restricted_judges_windows_pods_by_what_they_can_say() {
    let pod =
        r#"{"spec":{"os":{"name":"windows"},"securityContext":{"runAsNonRoot":true},"containers":[{"name":"a"}]}}"#;
    for version in Version::all() {
        let is_exempt = version.minor() >= 25 || version.minor() < 8;
        assert_eq!(report(Level::Restricted, version, pod).is_empty(), is_exempt, "{version:?}");
    }
}

#[test]
fn messages_are_one_line() {
    let pod = "{\"spec\":{\"containers\":[{\"name\":\"a\"}],\"volumes\":[{\"name\":\"v\",\"nfs\":{\n  \"server\": \"s\",\n  \"path\": \"/\"\n}}]}}";
    let check = behaviour("volume-types", Level::Restricted, Version::LATEST).expect("restricted has it");
    let message = judge(check, pod, &[]).remove(0).message();
    let start =
        r#"spec.volumes[0].nfs is {"server":"s","path":"/"}, must be a volume of another type: configMap, csi, "#;
    assert!(message.starts_with(start) && message.ends_with(r#" (volume "v")"#), "{message}");
}
