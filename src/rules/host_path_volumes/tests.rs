use super::super::testing::*;
use super::*;

/// Whether a pod may mount `path`.
fn is_allowed(settings: &str, path: &str) -> bool {
    let spec = serde_json::json!({ "containers": [{}], "volumes": [{ "name": "data", "hostPath": { "path": path } }] })
        .to_string();
    paths::<HostPathVolumes>(settings, &spec).is_empty()
}

#[test]
fn nothing_is_allowed_by_default() {
    for path in ["/", "/var/log", "/dev/null", "C:\\logs", "", "relative"] {
        assert!(!is_allowed("{}", path), "{path}");
    }
}

#[test]
fn volumes() {
    let spec = r#"{"containers":[{}],"volumes":[
        {"name":"tmp","emptyDir":{}},{"name":"off","hostPath":null},{"name":"log","hostPath":{"path":"/var/log","type":"Directory"}},
        {"name":"claim","persistentVolumeClaim":{"claimName":"hostPath"}},{"name":"empty","hostPath":{}},
        {"hostPath":{"path":"/etc"}}
    ]}"#;
    let expected = ["spec.volumes[2].hostPath.path", "spec.volumes[4].hostPath.path", "spec.volumes[5].hostPath.path"];
    assert_eq!(paths::<HostPathVolumes>("{}", spec), expected);
    let allowed = r#"{"allowedPaths":[{"pathPrefix":"/var/log"}]}"#;
    assert_eq!(paths::<HostPathVolumes>(allowed, spec), expected[1..]);
    assert!(paths::<HostPathVolumes>("{}", r#"{"containers":[{}],"volumes":null}"#).is_empty());
    assert!(paths::<HostPathVolumes>("{}", r#"{"containers":[{}]}"#).is_empty());
}

#[test]
fn prefixes_cover_whole_parts() {
    for (prefix, path, expected) in [
        ("/var/log", "/var/log", true),
        ("/var/log", "/var/log/", true),
        ("/var/log", "/var/log/pods/a", true),
        ("/var/log", "//var///log//pods", true),
        ("/var/log", "/./var/./log/.", true),
        ("/var//log/./", "/var/log/pods", true),
        ("/var/log", "/var/logs", false),
        ("/var/log", "/var", false),
        ("/var/log", "/", false),
        ("/var/log", "/VAR/LOG", false),
        ("/var/log", "/x/var/log", false),
        ("/var/log", "var/log", false),
        ("/var/log", "./var/log", false),
        ("/var/log", "", false),
        // Never up again, wherever that leads.
        ("/var/log", "/var/log/..", false),
        ("/var/log", "/var/log/../../etc", false),
        ("/var/log", "/var/log/pods/../pods", false),
        ("/var/log", "/etc/../var/log", false),
        ("/var/log", "/var/log/..pods", true),
        ("/var/log", "/var/log/...", true),
        // On a Windows node a backslash goes up too.
        ("/var/log", "/var/log\\..\\..\\etc", false),
        ("/var/log", "/var/log/a\\b", false),
        ("/", "/", true),
        ("/", "/any/path", true),
        ("/", "C:/logs", false),
        ("/", "C:\\logs", false),
        ("/", "any", false),
        ("/", "/..", false),
    ] {
        let settings = serde_json::json!({ "allowedPaths": [{ "pathPrefix": prefix }] }).to_string();
        assert_eq!(is_allowed(&settings, path), expected, "{prefix} {path}");
    }
}

#[test]
fn windows_paths() {
    for (prefix, path, expected) in [
        ("C:\\logs", "C:\\logs", true),
        ("C:\\logs", "c:\\logs", false),
        ("C:\\logs", "C:\\Logs", false),
        ("C:\\logs", "C:\\logs\\pods", false),
        ("C:\\logs", "C:\\logs\\", false),
        ("C:\\logs", "C:/logs", false),
        ("C:\\logs", "C:\\logs\\..\\Windows", false),
        ("C:/logs", "C:/logs/pods", true),
        ("C:/logs", "C:/logs\\pods", false),
        ("C:/logs", "C:/logs/../Windows", false),
        ("C:/logs", "D:/logs", false),
        ("C:/logs", "C:logs", false),
        ("C:/logs", "/C:/logs", false),
        ("C:/", "C:/logs", true),
        ("C:/", "/logs", false),
        ("\\\\.\\pipe\\containerd", "\\\\.\\pipe\\containerd", true),
        ("\\\\.\\pipe\\containerd", "\\\\.\\pipe\\other", false),
    ] {
        let settings = serde_json::json!({ "allowedPaths": [{ "pathPrefix": prefix }] }).to_string();
        assert_eq!(is_allowed(&settings, path), expected, "{prefix} {path}");
        let windows = serde_json::json!({
            "os": { "name": "windows" },
            "containers": [{}],
            "volumes": [{ "hostPath": { "path": path } }],
        });
        assert_eq!(paths::<HostPathVolumes>(&settings, &windows.to_string()).is_empty(), expected, "{prefix} {path}");
    }
}

/// A pod that mounts `log` in every list of containers: unset, `false`, `true`, and other volumes.
const MOUNTS: &str = r#"{
    "volumes":[{"name":"log","hostPath":{"path":"/var/log/pods"}},{"name":"tmp","emptyDir":{}},{"hostPath":{"path":"/var/log"}}],
    "containers":[
        {"name":"a","volumeMounts":[{"name":"tmp","mountPath":"/tmp"},{"name":"log","mountPath":"/log"}]},
        {"name":"b","volumeMounts":[{"name":"log","mountPath":"/log","readOnly":true},{"mountPath":"/nameless"}]}
    ],
    "initContainers":[{"name":"c","volumeMounts":[{"name":"log","mountPath":"/log","subPath":"x","readOnly":false}]}],
    "ephemeralContainers":[{"name":"d","volumeMounts":[{"name":"log","mountPath":"/log","readOnly":null}]}]}"#;

#[test]
fn every_mount_of_a_read_only_path_is_judged() {
    let [a, c, d] = [
        "spec.containers[0].volumeMounts[1].readOnly",
        "spec.initContainers[0].volumeMounts[0].readOnly",
        "spec.ephemeralContainers[0].volumeMounts[0].readOnly",
    ];
    for (settings, expected) in [
        (r#"{"allowedPaths":[{"pathPrefix":"/var/log","readOnly":true}]}"#, vec![a, c, d]),
        (r#"{"allowedPaths":[{"pathPrefix":"/var/log","readOnly":false}]}"#, vec![]),
        (r#"{"allowedPaths":[{"pathPrefix":"/var/log"}]}"#, vec![]),
        // The longest prefix decides, in whatever order they stand.
        (
            r#"{"allowedPaths":[{"pathPrefix":"/var/log"},{"pathPrefix":"/var/log/pods","readOnly":true}]}"#,
            vec![a, c, d],
        ),
        (r#"{"allowedPaths":[{"pathPrefix":"/var/log/pods"},{"pathPrefix":"/","readOnly":true}]}"#, vec![]),
        (r#"{"allowedPaths":[{"pathPrefix":"/","readOnly":true},{"pathPrefix":"/var/log/pods"}]}"#, vec![]),
        (r#"{"allowedPaths":[{"pathPrefix":"/opt","readOnly":true},{"pathPrefix":"/var"}]}"#, vec![]),
    ] {
        assert_eq!(paths::<HostPathVolumes>(settings, MOUNTS), expected, "{settings}");
    }
    // A volume that is refused says nothing of its mounts.
    let refused = ["spec.volumes[0].hostPath.path", "spec.volumes[2].hostPath.path"];
    assert_eq!(paths::<HostPathVolumes>("{}", MOUNTS), refused);
}

/// The paths of the violations of `MOUNTS` when the containers `exempt`, by place, are exempt.
fn exempting(settings: &str, exempt: [bool; 4]) -> Vec<String> {
    let settings = serde_json::value::RawValue::from_string(settings.to_owned()).expect("the settings are JSON");
    let rule: HostPathVolumes = crate::settings::read_group(&settings).expect("the settings are valid");
    let text = format!(r#"{{"spec":{MOUNTS}}}"#);
    let template = json::read_object(&text).expect("the pod is readable");
    let mut report = Report::default();
    rule.check(&View::new("", &template, &exempt), &mut report);
    report.violations.into_iter().map(|violation| violation.path).collect()
}

#[test]
fn exempt_containers_are_not_asked() {
    let read_only = r#"{"allowedPaths":[{"pathPrefix":"/var","readOnly":true}]}"#;
    let [log, nameless] = ["spec.volumes[0].hostPath.path", "spec.volumes[2].hostPath.path"];
    let init = "spec.initContainers[0].volumeMounts[0].readOnly";
    for (settings, exempt, expected) in [
        (read_only, [true, false, false, true], vec![init]),
        (read_only, [true, false, true, true], vec![]),
        ("{}", [true, false, true, true], vec![log, nameless]),
        // What only exempt containers mount is theirs; what nobody mounts is nobody's.
        ("{}", [true, true, true, true], vec![nameless]),
    ] {
        assert_eq!(exempting(settings, exempt), expected, "{settings} {exempt:?}");
    }
}

#[test]
fn the_message_says_who_where_what() {
    let etc = r#"{"containers":[{}],"volumes":[{"name":"conf","hostPath":{"path":"/etc"}}]}"#;
    let up = r#"{"containers":[{}],"volumes":[{"name":"conf","hostPath":{"path":"/var/log/../../etc"}}]}"#;
    let none = r#"{"containers":[{}],"volumes":[{"name":"conf","hostPath":{}}]}"#;
    let mount = r#"{"containers":[{}],"volumes":[{"name":"log","hostPath":{"path":"/var/log"}}],
        "initContainers":[{"name":"setup","volumeMounts":[{"name":"log","readOnly":false}]}]}"#;
    let one = r#"{"allowedPaths":[{"pathPrefix":"/var/log"}]}"#;
    let two = r#"{"allowedPaths":[{"pathPrefix":"/opt"},{"pathPrefix":"/var/log","readOnly":true}]}"#;
    for (settings, spec, expected) in [
        ("{}", etc, r#"spec.volumes[0].hostPath.path is "/etc", must not be mounted from the node (volume "conf")"#),
        ("{}", none, r#"spec.volumes[0].hostPath.path is not set, must not be mounted from the node (volume "conf")"#),
        (one, etc, r#"spec.volumes[0].hostPath.path is "/etc", must be under /var/log (volume "conf")"#),
        (two, etc, r#"spec.volumes[0].hostPath.path is "/etc", must be under /opt or /var/log (volume "conf")"#),
        (
            one,
            up,
            r#"spec.volumes[0].hostPath.path is "/var/log/../../etc", must be under /var/log and without `..` (volume "conf")"#,
        ),
        (
            two,
            mount,
            r#"init container "setup": spec.initContainers[0].volumeMounts[0].readOnly is false, must be true: volume "log" is a path of the node"#,
        ),
    ] {
        let found = violations::<HostPathVolumes>(settings, spec);
        assert_eq!(found[0].message(), expected);
        assert!(found.len() == 1 && found[0].fix.is_none(), "{settings} {spec}");
    }
}

#[test]
fn bad_settings() {
    let absolute = "must be an absolute path without `..`, as /var/log or C:\\logs";
    for (settings, key, expected) in [
        (r#"{"allowedPaths":"/var/log"}"#, "allowedPaths", "must be a list"),
        (r#"{"allowedPaths":["/var/log"]}"#, "allowedPaths[0]", "must be an object"),
        (r#"{"allowedPaths":[{}]}"#, "allowedPaths[0].pathPrefix", absolute),
        (r#"{"allowedPaths":[{"pathPrefix":""}]}"#, "allowedPaths[0].pathPrefix", absolute),
        (r#"{"allowedPaths":[{"pathPrefix":"var/log"}]}"#, "allowedPaths[0].pathPrefix", absolute),
        (r#"{"allowedPaths":[{"pathPrefix":"C:logs"}]}"#, "allowedPaths[0].pathPrefix", absolute),
        (r#"{"allowedPaths":[{"pathPrefix":"/a"},{"pathPrefix":"/a/../b"}]}"#, "allowedPaths[1].pathPrefix", absolute),
        (r#"{"allowedPaths":[{"pathPrefix":"C:\\a\\..\\b"}]}"#, "allowedPaths[0].pathPrefix", absolute),
        (r#"{"allowedPaths":[{"pathPrefix":7}]}"#, "allowedPaths[0].pathPrefix", "must be a string"),
        (
            r#"{"allowedPaths":[{"pathPrefix":"/a","readOnly":"yes"}]}"#,
            "allowedPaths[0].readOnly",
            "must be true or false",
        ),
        (
            r#"{"allowedPaths":[{"pathPrefix":"/a"},{"pathPrefix":"/b"},{"pathPrefix":"//a/","readOnly":true}]}"#,
            "allowedPaths[2].pathPrefix",
            "is given twice; keep one",
        ),
        (
            r#"{"allowedPaths":[{"path":"/a"}]}"#,
            "allowedPaths[0].path",
            "unknown setting, expected one of: pathPrefix, readOnly",
        ),
        (r#"{"allowedHostPaths":[]}"#, "allowedHostPaths", "unknown setting, expected one of: allowedPaths, action"),
    ] {
        let error = settings_error::<HostPathVolumes>(settings).unwrap_or_default();
        assert!(error.starts_with(&format!("{key}: {expected}")), "{settings}: {error}");
    }
    let fine =
        r#"{"allowedPaths":[{"pathPrefix":"/a"},{"pathPrefix":"/a/b"},{"pathPrefix":"C:\\a"},{"pathPrefix":"C:/a"}]}"#;
    assert_eq!(settings_error::<HostPathVolumes>(fine), None);
}
